// The core.* modules, one per file in bind/.
#ifndef QD_BIND_MODULES_H
#define QD_BIND_MODULES_H

#include <lauxlib.h>

// A new module is a luaopen_qd_<name> in bind/ and one line here.
#define QD_MODULES(X) \
  X(agent)            \
  X(compose)          \
  X(docker)           \
  X(edit)             \
  X(fs)               \
  X(json)             \
  X(known_hosts)      \
  X(proc)             \
  X(profile)          \
  X(seal)             \
  X(signals)          \
  X(ssh)              \
  X(ssh_config)       \
  X(sshlogin)         \
  X(sys)              \
  X(tar)              \
  X(template)         \
  X(tty)              \
  X(units)            \
  X(version)          \
  X(web)              \
  X(yaml)

#define QD_DECLARE(name) int luaopen_qd_##name(lua_State *L);
QD_MODULES(QD_DECLARE)
#undef QD_DECLARE

// NULL-terminated; names without "core.".
extern const luaL_Reg qd_bind_modules[];

#endif
