// What the bindings hand to each other.
#ifndef QD_BIND_BIND_H
#define QD_BIND_BIND_H

#include "net/stream.h"
#include "script/script.h"
#include "ssh/ssh.h"

// A userdata of class "qd.dialer" that owns `dialer` and frees it when collected.        [-0, +1, m]
void qd_bind_push_dialer(lua_State *L, qd_dialer *dialer);
// The dialer at `arg`, borrowed while its userdata lives; raises on anything else.       [-0, +0, e]
qd_dialer *qd_bind_check_dialer(lua_State *L, int arg);
// A userdata of class "qd.ssh" that owns the reference `s`.                             [-0, +1, m]
void qd_bind_push_ssh(lua_State *L, qd_ssh *s);

#endif
