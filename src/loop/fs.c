// Files and folders. Contract in fs.h.
#include "loop/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/context.h"
#include "base/mem.h"

#define DEPTH_MAX 200  // folders in folders that are removed

qd_status qd_fs_fail(qd_error *err, int number, const char *what, const char *path) {
  static const struct {
    int number;
    qd_status category;
    const char *code;
  } known[] = {{ENOENT, QD_NOT_FOUND, "no_file"},  {ENOTDIR, QD_NOT_FOUND, "no_file"}, {EACCES, QD_FAIL, "no_permission"},
               {EPERM, QD_FAIL, "no_permission"},  {EROFS, QD_FAIL, "no_permission"},  {EEXIST, QD_CONFLICT, "exists"},
               {ENOTEMPTY, QD_CONFLICT, "exists"}, {ENOSPC, QD_FAIL, "disk_full"},     {EDQUOT, QD_FAIL, "disk_full"},
               {EFBIG, QD_FAIL, "too_large"}};
  qd_status category = QD_FAIL;
  const char *code = "io_error";
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (known[i].number == number) {
      category = known[i].category;
      code = known[i].code;
    }
  (void)qd_fail(err, category, code, "cannot %s %s", what, path);
  return qd_why(err, "%s", strerror(number));
}

qd_status qd_fs_read(const char *path, qd_buf *out, qd_error *err) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return qd_fs_fail(err, errno, "read", path);
  char part[16 << 10];
  int number = 0;
  for (;;) {
    ssize_t n = read(fd, part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) number = errno;
    if (n <= 0) break;
    if (qd_buf_add(out, part, (size_t)n)) continue;
    (void)close(fd);
    (void)qd_fail(err, QD_FAIL, "too_large", "cannot read %s", path);
    return qd_why(err, "it has more than %zu bytes", out->cap);
  }
  (void)close(fd);
  return number ? qd_fs_fail(err, number, "read", path) : QD_OK;
}

// 0 or an errno. Closes fd.
static int fill(int fd, qd_slice data, bool sync) {
  int number = 0;
  for (size_t at = 0; at < data.n && !number;) {
    ssize_t n = write(fd, data.p + at, data.n - at);
    if (n >= 0)
      at += (size_t)n;
    else if (errno != EINTR)
      number = errno;
  }
  if (!number && sync && fsync(fd) != 0 && errno != EINVAL && errno != EROFS) number = errno;
  if (close(fd) != 0 && !number) number = errno;
  return number;
}

static int write_in_place(const char *path, qd_slice data, const qd_fs_write_options *o) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, o->mode);
  if (fd < 0) return errno;
  if (o->set_mode && fchmod(fd, o->mode) != 0) {
    int number = errno;
    (void)close(fd);
    return number;
  }
  return fill(fd, data, o->sync);
}

static void sync_folder(const char *file) {
  char *folder = qd_xstrdup(file);
  char *slash = strrchr(folder, '/');
  if (slash) slash[slash == folder] = '\0';
  int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)fsync(fd);
    (void)close(fd);
  }
  free(folder);
}

// A name for mkstemp and mkdtemp. Caller frees.
static char *unique(const char *before) {
  char *name = qd_xasprintf("%s......", before);
  memset(name + strlen(name) - 6, 'X', 6);
  return name;
}

static int write_beside(const char *path, qd_slice data, const qd_fs_write_options *o) {
  struct stat st;
  unsigned mode = o->mode;
  if (!o->set_mode && stat(path, &st) == 0) mode = st.st_mode & 07777;
  char *before = qd_xasprintf("%s.new-", path);
  char *beside = unique(before);
  free(before);
  int fd = mkostemp(beside, O_CLOEXEC);
  int number = fd < 0 ? errno : 0;
  if (!number && fchmod(fd, mode) != 0) {
    number = errno;
    (void)close(fd);
  } else if (!number) {
    number = fill(fd, data, o->sync);
  }
  if (!number && rename(beside, path) != 0) number = errno;
  if (fd >= 0 && number) (void)unlink(beside);
  if (!number && o->sync) sync_folder(path);
  free(beside);
  return number;
}

qd_status qd_fs_write(const char *path, qd_slice data, const qd_fs_write_options *options, qd_error *err) {
  char *target = realpath(path, NULL);
  const char *to = target ? target : path;
  int number = options->atomic ? write_beside(to, data, options) : write_in_place(to, data, options);
  free(target);
  return number ? qd_fs_fail(err, number, "write", path) : QD_OK;
}

static bool is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

qd_status qd_fs_mkdir(const char *path, unsigned mode, bool parents, qd_error *err) {
  char *part = qd_xstrdup(path);
  int number = 0;
  for (char *slash = part; parents && !number && (slash = strchr(slash + 1, '/')) != NULL;) {
    *slash = '\0';
    if (mkdir(part, mode) != 0 && !is_folder(part)) number = errno == EEXIST ? ENOTDIR : errno;
    *slash = '/';
  }
  if (!number && mkdir(path, mode) != 0 && !(parents && is_folder(path))) number = errno;
  free(part);
  return number ? qd_fs_fail(err, number, "make the folder", path) : QD_OK;
}

// Empties the folder behind `fd` (closed here). 0 or an errno.
static int empty(int fd, unsigned depth) {
  DIR *dir = fdopendir(fd);
  if (!dir) {
    int number = errno;
    (void)close(fd);
    return number;
  }
  int number = depth ? 0 : ELOOP;
  for (struct dirent *e; !number && (e = readdir(dir)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    if (unlinkat(dirfd(dir), e->d_name, 0) == 0) continue;
    if (errno != EISDIR && errno != EPERM) {
      number = errno;
      break;
    }
    int inner = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    number = inner < 0 ? errno : empty(inner, depth - 1);
    if (!number && unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR) != 0) number = errno;
  }
  (void)closedir(dir);
  return number;
}

qd_status qd_fs_remove(const char *path, bool recursive, qd_error *err) {
  int number = 0;
  int fd = recursive ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  if (fd >= 0) number = empty(fd, DEPTH_MAX);
  if (!number && remove(path) != 0) number = errno;
  return number ? qd_fs_fail(err, number, "remove", path) : QD_OK;
}

qd_status qd_fs_temp_dir(const char *parent, char **out, qd_error *err) {
  const char *set = qd_getenv("TMPDIR");
  const char *under = parent ? parent : set && set[0] == '/' ? set : "/tmp";
  char *before = qd_xasprintf("%s/qnap-docker-", under);
  char *path = unique(before);
  free(before);
  if (!mkdtemp(path)) {
    qd_status st = qd_fs_fail(err, errno, "make a folder under", under);
    free(path);
    return st;
  }
  *out = path;
  return QD_OK;
}
