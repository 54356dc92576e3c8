// SFTP packets: making and reading them. Everything read comes from a hostile peer. Inside ssh/ only.
#ifndef QD_SSH_SFTP_WIRE_H
#define QD_SSH_SFTP_WIRE_H

#include "base/buf.h"
#include "ssh/sftp.h"

enum {
  FXP_INIT = 1,
  FXP_VERSION = 2,
  FXP_OPEN = 3,
  FXP_CLOSE = 4,
  FXP_READ = 5,
  FXP_WRITE = 6,
  FXP_OPENDIR = 11,
  FXP_READDIR = 12,
  FXP_REMOVE = 13,
  FXP_MKDIR = 14,
  FXP_RMDIR = 15,
  FXP_STAT = 17,
  FXP_RENAME = 18,
  FXP_STATUS = 101,
  FXP_HANDLE = 102,
  FXP_DATA = 103,
  FXP_NAME = 104,
  FXP_ATTRS = 105,
  FXP_EXTENDED = 200
};
enum { FX_OK, FX_EOF, FX_NO_SUCH_FILE, FX_PERMISSION_DENIED, FX_FAILURE, FX_BAD_MESSAGE, FX_OP_UNSUPPORTED = 8 };

// Writing: begin, fields, end (which fills in the length).
void qd__sftp_begin(qd_buf *b, int type, uint32_t id);
void qd__sftp_u32(qd_buf *b, uint32_t v);
void qd__sftp_u64(qd_buf *b, uint64_t v);
void qd__sftp_string(qd_buf *b, qd_slice s);
void qd__sftp_mode(qd_buf *b, uint32_t mode);  // ATTRS with the permission bits alone
void qd__sftp_end(qd_buf *b);

// Reading: a cursor over one packet's content. A field that is not there sets bad and gives 0 or "".
typedef struct qd__sftp_cursor {
  qd_slice rest;
  bool bad;
} qd__sftp_cursor;
uint32_t qd__sftp_get_u32(qd__sftp_cursor *c);
uint64_t qd__sftp_get_u64(qd__sftp_cursor *c);
qd_slice qd__sftp_get_string(qd__sftp_cursor *c);
qd_ssh_stat qd__sftp_get_attrs(qd__sftp_cursor *c);

#endif
