// Reading ssh_config files and their includes. Contract in config.h.
#include <errno.h>
#include <stdlib.h>

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ssh/config.h"

#define FILE_CAP (4u << 20)

// Reads the file, unless others could have written it: as ssh, a config must be root's or ours, and not group or world writable.
static bool read_file(qd_ssh_config *c, const char *path, qd_buf *out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno != ENOENT && errno != ENOTDIR) qd__ssh_config_note(c, "%s: %s", path, strerror(errno));
    return false;
  }
  struct stat st;
  bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  if (!ok) {
    qd__ssh_config_note(c, "%s: no regular file", path);
  } else if ((st.st_uid != 0 && st.st_uid != getuid()) || (st.st_mode & 022) != 0) {
    qd__ssh_config_note(c, "%s: ignored, others may write to it (chmod 600 %s)", path, path);
    ok = false;
  }
  char block[8192];
  while (ok) {
    ssize_t n = read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    ok = qd_buf_add(out, block, (size_t)n);
    if (!ok) qd__ssh_config_note(c, "%s: ignored, too large", path);
  }
  (void)close(fd);
  return ok;
}

static void include(void *ctx, const char *pattern, qd_ssh_include *parser) {
  qd_ssh_config *c = ctx;
  glob_t found;
  if (glob(pattern, 0, NULL, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; i++) {
      qd_buf text;
      qd_buf_init(&text, FILE_CAP);
      if (read_file(c, found.gl_pathv[i], &text)) qd_ssh_include_text(parser, found.gl_pathv[i], qd_buf_slice(&text));
      qd_buf_deinit(&text);
    }
  }
  globfree(&found);
}

void qd_ssh_config_load(qd_ssh_config *c, const qd_ssh_config_env *env, const char *const *files) {
  qd_ssh_config_env own = *env;
  own.include = include;
  own.ctx = c;
  for (size_t i = 0; files[i]; i++) {
    qd_buf text;
    qd_buf_init(&text, FILE_CAP);
    if (read_file(c, files[i], &text)) qd_ssh_config_parse(c, &own, qd_buf_slice(&text), files[i], strncmp(files[i], "/etc/", 5) == 0);
    qd_buf_deinit(&text);
  }
  qd_ssh_config_finish(c, env);
}
