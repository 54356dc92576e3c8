// The table of core.* modules; the list is in modules.h.
#include "bind/modules.h"

#define QD_ROW(name) {#name, luaopen_qd_##name},
const luaL_Reg qd_bind_modules[] = {QD_MODULES(QD_ROW){NULL, NULL}};
