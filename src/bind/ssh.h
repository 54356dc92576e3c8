// What ssh.c, ssh_exec.c, ssh_sftp.c and ssh_dial.c share.
#ifndef QD_BIND_SSH_H
#define QD_BIND_SSH_H

#include "bind/bind.h"
#include "ssh/sftp.h"
#include "ssh/ssh.h"

typedef struct qd__ssh_box {
  qd_ssh *ssh;        // NULL: closed
  qd_ssh_sftp *sftp;  // made by the first use
} qd__ssh_box;

// The session at argument 1; raises when it was closed.                                  [-0, +0, e]
qd__ssh_box *qd__ssh_check(lua_State *L);

// Methods of a session.
int qd__ssh_l_run(lua_State *L);
int qd__ssh_l_exec(lua_State *L);
extern const luaL_Reg qd__ssh_sftp_methods[];
// Functions of core.ssh: the dialers of this machine.
extern const luaL_Reg qd__ssh_dial_functions[];
void qd__ssh_exec_class(lua_State *L);

#endif
