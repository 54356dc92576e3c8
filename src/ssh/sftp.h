// Small files on the server by SFTP (version 3, draft-ietf-secsh-filexfer-02), where the server offers it. Bulk data goes
// through a command and tar instead.
//
// The protocol is spoken here and not by libssh2: its libssh2_sftp_init spins without end when a server refuses the
// subsystem, and the rest of it asserts on what the server sends.
#ifndef QD_SSH_SFTP_H
#define QD_SSH_SFTP_H

#include "ssh/ssh.h"

typedef struct qd_ssh_sftp qd_ssh_sftp;
typedef struct qd_ssh_sftp_op qd_ssh_sftp_op;

typedef struct qd_ssh_stat {
  uint64_t size;
  uint64_t mtime;  // seconds since 1970
  uint32_t mode;   // type and permission bits as in st_mode; 0: not told
  uint32_t uid, gid;
} qd_ssh_stat;

typedef struct qd_ssh_sftp_entry {
  char *name;
  qd_ssh_stat stat;
} qd_ssh_sftp_entry;

typedef enum qd_ssh_sftp_verb {
  QD_SFTP_READ,     // a whole file of at most `max` bytes
  QD_SFTP_WRITE,    // a whole file: created with `mode`, or its content replaced
  QD_SFTP_STAT,     // follows links
  QD_SFTP_READDIR,  // without "." and ".."
  QD_SFTP_MKDIR,    // with `mode`
  QD_SFTP_RENAME,   // to `to`, replacing it where the server can
  QD_SFTP_REMOVE,   // a file
  QD_SFTP_RMDIR     // an empty directory
} qd_ssh_sftp_verb;

typedef struct qd_ssh_sftp_request {
  qd_ssh_sftp_verb verb;
  const char *path;
  const char *to;  // RENAME
  qd_slice data;   // WRITE
  uint32_t mode;   // WRITE, MKDIR; permission bits
  size_t max;      // READ
} qd_ssh_sftp_request;

typedef struct qd_ssh_sftp_result {
  qd_slice data;     // READ
  qd_ssh_stat stat;  // STAT
  const qd_ssh_sftp_entry *entries;
  size_t count;  // READDIR
} qd_ssh_sftp_result;

// `result` is borrowed during the call. Errors: sftp_unavailable (unsupported), no_such_file (not_found), permission_denied
// (auth), file_too_large, sftp_failed, connection_lost ...
typedef void qd_ssh_sftp_done(void *ctx, const qd_ssh_sftp_result *result, const qd_error *err);

// A client; the channel is opened by the first request. Holds a reference to the session.
qd_ssh_sftp *qd_ssh_sftp_new(qd_ssh *s);
// Requests under way are dropped without an answer. NULL ok.
void qd_ssh_sftp_free(qd_ssh_sftp *f);
// Requests run in order, one at a time; `request` is copied. `done` is called once, later from the loop.
qd_ssh_sftp_op *qd_ssh_sftp_start(qd_ssh_sftp *f, const qd_ssh_sftp_request *request, qd_ssh_sftp_done *done, void *ctx);
// `done` is not called any more; what the server was asked for already still happens.
void qd_ssh_sftp_cancel(qd_ssh_sftp_op *op);

#endif
