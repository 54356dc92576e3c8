// The list of core.* modules. A new module is a luaopen_qd_<name> in bind/ and one line here.
#include "bind/modules.h"

#define QD_MODULES(X)

#define QD_DECLARE(name) int luaopen_qd_##name(lua_State *L);
QD_MODULES(QD_DECLARE)

#define QD_ROW(name) {#name, luaopen_qd_##name},
const luaL_Reg qd_bind_modules[] = {QD_MODULES(QD_ROW){NULL, NULL}};
