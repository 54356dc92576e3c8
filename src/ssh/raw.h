// The seam between the login (worker thread, blocking) and the session (loop, callbacks). Inside ssh/ only.
#ifndef QD_SSH_RAW_H
#define QD_SSH_RAW_H

#include "ssh/lib.h"
#include "ssh/ssh.h"

// An authenticated libssh2 session whose socket nobody reads at the moment. Owned; the session takes both over.
// The session was made with a `void **abstract` slot that the new owner may overwrite (libssh2_session_abstract).
typedef struct qd__ssh_raw {
  LIBSSH2_SESSION *session;
  int fd;  // connected, non-blocking, TCP_NODELAY set
  qd_ssh_info info;
  char name[256];  // "admin@nas1.local" for messages
} qd__ssh_raw;

// Takes raw over: replaces the RECV/SEND callbacks by queue based ones and starts reading on the loop.
qd_ssh *qd__ssh_adopt(qd_loop *loop, qd__ssh_raw *raw);
// Probe after alive_ms of silence (default 15 s), give the connection up after dead_ms (45 s).
void qd__ssh_set_alive(qd_ssh *s, uint64_t alive_ms, uint64_t dead_ms);

#endif
