// The core.* modules, one per file in bind/.
#ifndef QD_BIND_MODULES_H
#define QD_BIND_MODULES_H

#include <lauxlib.h>

// NULL-terminated; names without "core.".
extern const luaL_Reg qd_bind_modules[];

#endif
