// Argument helpers, registry references and userdata classes for bind/. Contract in script.h.
#include <math.h>

#include "script/script.h"

#define LONGEST_S (10.0 * 365 * 24 * 3600)

static uint64_t to_ms(lua_State *L, int arg, lua_Number seconds) {
  if (!(seconds >= 0 && seconds <= LONGEST_S)) luaL_argerror(L, arg, "seconds from 0 to ten years expected");
  return (uint64_t)ceil(seconds * 1000.0);
}

uint64_t qd_check_ms(lua_State *L, int arg) { return to_ms(L, arg, luaL_checknumber(L, arg)); }

uint64_t qd_opt_ms(lua_State *L, int arg, uint64_t otherwise) { return lua_isnoneornil(L, arg) ? otherwise : qd_check_ms(L, arg); }

qd_slice qd_check_slice(lua_State *L, int arg) {
  qd_slice s;
  s.p = luaL_checklstring(L, arg, &s.n);
  return s;
}

// Pushes the field; false (and nothing pushed) when it is absent.                     [-0, +1, e]
static bool field(lua_State *L, int arg, const char *name) {
  if (lua_isnoneornil(L, arg)) return false;
  luaL_checktype(L, arg, LUA_TTABLE);
  if (lua_getfield(L, arg, name) != LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

static void wrong(lua_State *L, const char *name, const char *want) {
  luaL_error(L, "option '%s': %s expected, got %s", name, want, luaL_typename(L, -1));
}

const char *qd_field_string(lua_State *L, int arg, const char *name, const char *otherwise) {
  if (!field(L, arg, name)) return otherwise;
  if (lua_type(L, -1) != LUA_TSTRING) wrong(L, name, "string");
  const char *s = lua_tostring(L, -1);
  lua_pop(L, 1);  // the table keeps it
  return s;
}

lua_Integer qd_field_integer(lua_State *L, int arg, const char *name, lua_Integer otherwise) {
  if (!field(L, arg, name)) return otherwise;
  int is_integer;
  lua_Integer v = lua_tointegerx(L, -1, &is_integer);
  if (!is_integer) wrong(L, name, "integer");
  lua_pop(L, 1);
  return v;
}

bool qd_field_boolean(lua_State *L, int arg, const char *name, bool otherwise) {
  if (!field(L, arg, name)) return otherwise;
  if (!lua_isboolean(L, -1)) wrong(L, name, "boolean");
  bool v = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return v;
}

uint64_t qd_field_ms(lua_State *L, int arg, const char *name, uint64_t otherwise) {
  if (!field(L, arg, name)) return otherwise;
  if (!lua_isnumber(L, -1)) wrong(L, name, "seconds");
  uint64_t ms = to_ms(L, arg, lua_tonumber(L, -1));
  lua_pop(L, 1);
  return ms;
}

int qd_ref(lua_State *L) { return luaL_ref(L, LUA_REGISTRYINDEX); }

void qd_unref(lua_State *L, int *ref) {
  luaL_unref(L, LUA_REGISTRYINDEX, *ref);
  *ref = QD_NOREF;
}

void qd_class(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *meta) {
  if (luaL_newmetatable(L, name)) {  // mt
    if (meta) luaL_setfuncs(L, meta, 0);
    lua_newtable(L);  // mt methods
    if (methods) luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
  }
  lua_pop(L, 1);
}
