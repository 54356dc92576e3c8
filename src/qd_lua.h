// For hosts whose functions speak Lua's own C API (Lua 5.4, the one that the library is linked with). Optional beside qd.h; the same
// promise, as far as Lua 5.4 keeps it.
#ifndef QD_LUA_H
#define QD_LUA_H

#include <lua.h>

#include "qd.h"

#ifdef __cplusplus
extern "C" {
#endif

// Scripts get the module by require(name); `open` is called at the first of them, as any luaopen_ function is. Its functions run on the
// host's thread, may raise and may not block; they yield only with lua_yieldk inside a coroutine that they resume themselves.
QD_EXPORT void qd_host_open(qd_host *host, const char *name, lua_CFunction open);
// The host's main state, for lua_pcall and the like between runs; balance its stack. No task runs on it: nothing there can wait.
QD_EXPORT lua_State *qd_host_lua(qd_host *host);

#ifdef __cplusplus
}
#endif
#endif
