// What packing and unpacking share. Contract in tar.h.
#include "data/tar.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void qd_tar_notes_init(qd_tar_notes *n) {
  n->n = 0;
  qd_buf_init(&n->text, 1 << 20);
}

void qd_tar_notes_deinit(qd_tar_notes *n) { qd_buf_deinit(&n->text); }

void qd__tar_note(qd_tar_notes *n, const char *fmt, ...) {
  if (n->n++ >= QD_TAR_NOTES) return;
  char line[1024];
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(line, sizeof line, fmt, args);
  va_end(args);
  for (char *c = line; *c; c++)
    if (*c == '\n') *c = '?';
  (void)qd_buf_addf(&n->text, "%s\n", line);
}

qd_status qd__tar_errno(qd_error *err, int number, const char *what, const char *path) {
  qd_status category = QD_FAIL;
  const char *code = "io_error";
  if (number == ENOENT || number == ENOTDIR) {
    category = QD_NOT_FOUND;
    code = "no_file";
  } else if (number == EACCES || number == EPERM || number == EROFS) {
    code = "no_permission";
  } else if (number == ENOSPC || number == EDQUOT) {
    code = "disk_full";
  }
  (void)qd_fail(err, category, code, "cannot %s %s", what, path);
  return qd_why(err, "%s", strerror(number));
}
