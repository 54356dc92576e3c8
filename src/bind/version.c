// core.version: who we are and what we run with.
#include "bind/modules.h"
#include "data/version.h"
#include "http/version.h"
#include "loop/version.h"
#include "ssh/version.h"

// version.libraries() -> list of {name=, version=}
static int l_libraries(lua_State *L) {
  const char *const rows[][2] = {
      {"Lua", LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE},
      {"libuv", qd_loop_uv_version()},
      {"libssh2", qd_ssh_libssh2_version()},
      {"llhttp", qd_http_llhttp_version()},
      {"cJSON", qd_data_cjson_version()},
      {"libyaml", qd_data_yaml_version()},
  };
  lua_newtable(L);  // list
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    lua_createtable(L, 0, 2);  // list row
    lua_pushstring(L, rows[i][0]);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, rows[i][1]);
    lua_setfield(L, -2, "version");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

int luaopen_qd_version(lua_State *L) {
  static const luaL_Reg functions[] = {{"libraries", l_libraries}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushliteral(L, QD_VERSION);
  lua_setfield(L, -2, "program");
  return 1;
}
