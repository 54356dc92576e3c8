// core.version: who we are and what we run with.
#include "bind/modules.h"

// version.libraries() -> list of {name=, version=}
static int l_libraries(lua_State *L) {
  lua_newtable(L);                                                         // list
  lua_createtable(L, 0, 2);                                                // list row
  lua_pushliteral(L, "Lua");
  lua_setfield(L, -2, "name");
  lua_pushliteral(L, LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE);
  lua_setfield(L, -2, "version");
  lua_rawseti(L, -2, 1);
  return 1;
}

int luaopen_qd_version(lua_State *L) {
  static const luaL_Reg functions[] = {{"libraries", l_libraries}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushliteral(L, QD_VERSION);
  lua_setfield(L, -2, "program");
  return 1;
}
