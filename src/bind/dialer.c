// The userdata class "qd.dialer": how one core module hands another a way to open streams.
#include "bind/bind.h"

static const char CLASS[] = "qd.dialer";

static int l_gc(lua_State *L) {
  qd_dialer **box = luaL_checkudata(L, 1, CLASS);
  qd_dialer_free(*box);
  *box = NULL;
  return 0;
}

static int l_tostring(lua_State *L) {
  qd_dialer **box = luaL_checkudata(L, 1, CLASS);
  lua_pushfstring(L, "dialer (%s)", *box ? (*box)->kind->name : "freed");
  return 1;
}

void qd_bind_push_dialer(lua_State *L, qd_dialer *dialer) {
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {"__tostring", l_tostring}, {NULL, NULL}};
  qd_dialer **box = lua_newuserdatauv(L, sizeof *box, 1);  // box
  *box = dialer;
  qd_class(L, CLASS, NULL, meta);
  luaL_setmetatable(L, CLASS);
}

qd_dialer *qd_bind_check_dialer(lua_State *L, int arg) {
  qd_dialer **box = luaL_checkudata(L, arg, CLASS);
  luaL_argcheck(L, *box, arg, "this dialer was freed");
  return *box;
}
