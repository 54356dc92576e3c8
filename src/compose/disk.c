// The file system as the loader sees it.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/compose.h"

static qd_compose_kind kind(void *ctx, const char *path) {
  struct stat st;
  (void)ctx;
  if (stat(path, &st) != 0) return QD_COMPOSE_ABSENT;
  return S_ISDIR(st.st_mode) ? QD_COMPOSE_DIRECTORY : QD_COMPOSE_FILE;
}

static qd_status failed(const char *path, qd_error *err) {
  int why = errno;
  (void)qd_fail(err, why == ENOENT ? QD_NOT_FOUND : QD_CONFIG, "cannot_read", "cannot read %s", path);
  return qd_why(err, "%s", strerror(why));
}

static qd_status read_file(void *ctx, const char *path, qd_buf *out, qd_error *err) {
  char part[65536];
  (void)ctx;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(path, err);
  qd_status st = QD_OK;
  for (;;) {
    ssize_t n = read(fd, part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) st = failed(path, err);
    if (n <= 0) break;
    if (qd_buf_add(out, part, (size_t)n)) continue;
    (void)qd_fail(err, QD_CONFIG, "cannot_read", "%s is too large", path);
    st = qd_why(err, "at most %zu bytes are read", out->cap);
    break;
  }
  (void)close(fd);
  return st;
}

const qd_compose_reader qd_compose_disk = {kind, read_file, NULL};
