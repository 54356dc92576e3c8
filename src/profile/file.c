// Reading, replacing and locking private files. Contract in file.h.
#include "profile/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "profile/paths.h"

static char *parent_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return qd_xstrdup(".");
  return slash == path ? qd_xstrdup("/") : qd_xstrndup(path, (size_t)(slash - path));
}

static bool ours(const struct stat *st) { return st->st_uid == geteuid(); }

// Takes the rights of group and others away where we may, and says so.
static void make_private(const char *path, mode_t now, mode_t want, qd_file_note *note, void *ctx) {
  bool fixed = chmod(path, want) == 0;
  if (!note) return;
  char *text = fixed ? qd_xasprintf("%s could be read by others (mode %04o); it is %04o now", path, (unsigned)now, (unsigned)want)
                     : qd_xasprintf("%s can be read by others (mode %04o): chmod %04o '%s'", path, (unsigned)now, (unsigned)want, path);
  note(ctx, text);
  free(text);
}

// Not /tmp, not the user's home itself, not /etc: a directory that somebody chose by mistake keeps its mode.
static bool is_own_place(const char *dir, const struct stat *st) {
  if ((st->st_mode & S_ISVTX) != 0 || strrchr(dir, '/') == dir) return false;
  char *home = qd_user_home();
  bool own = !home || strcmp(home, dir) != 0;
  free(home);
  return own;
}

static void check_private(const char *path, const struct stat *file, qd_file_note *note, void *ctx) {
  if ((file->st_mode & 077) != 0) make_private(path, file->st_mode & 07777, 0600, note, ctx);
  char *dir = parent_of(path);
  struct stat st;
  if (stat(dir, &st) == 0 && (st.st_mode & 077) != 0 && ours(&st) && is_own_place(dir, &st)) {
    make_private(dir, st.st_mode & 07777, 0700, note, ctx);
  }
  free(dir);
}

static qd_status unreadable(qd_error *err, const char *path, const char *why) {
  (void)qd_fail(err, QD_CONFIG, "unreadable_file", "cannot read %s", path);
  return qd_why(err, "%s", why);
}

static qd_status read_all(int fd, const char *path, qd_buf *out, qd_error *err) {
  char chunk[16384];
  for (;;) {
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(err, path, strerror(errno));
    if (n == 0) return QD_OK;
    if (!qd_buf_add(out, chunk, (size_t)n)) return unreadable(err, path, "it is larger than such a file can sensibly be");
  }
}

// Opens a regular file; *out_fd is -1 when it is absent.
static qd_status open_file(const char *path, int *out_fd, struct stat *st, qd_error *err) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  *out_fd = -1;
  if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? QD_OK : unreadable(err, path, strerror(errno));
  const char *why = NULL;
  if (fstat(fd, st) != 0)
    why = strerror(errno);
  else if (S_ISDIR(st->st_mode))
    why = "it is a directory";
  else if (!S_ISREG(st->st_mode))
    why = "it is no regular file";
  if (why) {
    (void)close(fd);
    return unreadable(err, path, why);
  }
  *out_fd = fd;
  return QD_OK;
}

qd_status qd_file_read(const char *path, qd_buf *out, bool *out_found, qd_error *err) {
  struct stat st;
  int fd = -1;
  qd_status status = open_file(path, &fd, &st, err);
  if (status != QD_OK) return status;
  if (fd >= 0) {
    status = read_all(fd, path, out, err);
    (void)close(fd);
  }
  if (status == QD_OK) *out_found = fd >= 0;
  return status;
}

qd_status qd_file_read_private(const char *path, qd_file_note *note, void *ctx, qd_buf *out, bool *out_found, qd_error *err) {
  struct stat st;
  int fd = -1;
  qd_status status = open_file(path, &fd, &st, err);
  if (status != QD_OK) return status;
  if (fd >= 0 && !ours(&st) && st.st_uid != 0 && geteuid() != 0) {
    (void)unreadable(err, path, "it belongs to another user, who could change where commands go");
    status = qd_hint(err, "sudo chown \"$(id -un)\" '%s'", path);
  } else if (fd >= 0) {
    check_private(path, &st, note, ctx);
    status = read_all(fd, path, out, err);
  }
  if (fd >= 0) (void)close(fd);
  if (status == QD_OK) *out_found = fd >= 0;
  return status;
}

static const char *why_not_own(const struct stat *st) {
  if (!S_ISREG(st->st_mode)) return "it is no regular file";
  if (!ours(st) && st->st_uid != 0) return "it belongs to another user";
  return (st->st_mode & S_IWOTH) != 0 ? "anybody may change it" : NULL;
}

qd_status qd_file_read_own(const char *path, qd_buf *out, bool *out_found, const char **out_why, qd_error *err) {
  *out_found = false;
  *out_why = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0) {
    if (errno != ENOENT && errno != ENOTDIR) *out_why = errno == ELOOP ? "it is a symbolic link" : "it cannot be read";
    return QD_OK;
  }
  struct stat st;
  qd_status status = QD_OK;
  *out_why = fstat(fd, &st) == 0 ? why_not_own(&st) : "it cannot be read";
  if (!*out_why) {
    status = read_all(fd, path, out, err);
    *out_found = status == QD_OK;
  }
  (void)close(fd);
  return status;
}

static qd_status unwritable(qd_error *err, const char *path, int error) {
  (void)qd_fail(err, QD_CONFIG, "unwritable_file", "cannot write %s", path);
  (void)qd_why(err, "%s", strerror(error));
  return qd_hint(err, "make the directory writable, or point QNAP_DOCKER_HOME to one that is");
}

qd_status qd_dir_make_private(const char *path, qd_error *err) {
  struct stat st;
  if (stat(path, &st) == 0) return S_ISDIR(st.st_mode) ? QD_OK : unwritable(err, path, ENOTDIR);
  char *parent = parent_of(path);
  qd_status status = strcmp(parent, path) == 0 ? QD_OK : qd_dir_make_private(parent, err);
  free(parent);
  if (status != QD_OK) return status;
  if (mkdir(path, 0700) != 0 && errno != EEXIST) return unwritable(err, path, errno);
  return QD_OK;
}

static int write_all(int fd, qd_slice content) {
  while (content.n > 0) {
    ssize_t n = write(fd, content.p, content.n);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    content.p += n;
    content.n -= (size_t)n;
  }
  return 0;
}

// The temporary file's content and owner, on disk. Returns an errno, 0 when done.
static int fill(int fd, const char *target, qd_slice content) {
  struct stat old;
  if (fchmod(fd, 0600) != 0) return errno;
  // Under sudo the file stays its owner's; a failure here only means that we are not root.
  if (stat(target, &old) == 0 && !ours(&old) && fchown(fd, old.st_uid, old.st_gid) != 0 && geteuid() == 0) return errno;
  int error = write_all(fd, content);
  if (error == 0 && fsync(fd) != 0) error = errno;
  return error;
}

static int sync_dir(const char *dir) {
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  int error = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;  // EINVAL: a file system that cannot sync directories
  (void)close(fd);
  return error;
}

// Where `path` leads when it is a symbolic link; itself otherwise.
static char *target_of(const char *path) {
  struct stat st;
  if (lstat(path, &st) != 0 || !S_ISLNK(st.st_mode)) return qd_xstrdup(path);
  char *real = realpath(path, NULL);
  return real ? real : qd_xstrdup(path);
}

qd_status qd_file_replace(const char *path, qd_slice content, qd_error *err) {
  char *target = target_of(path);
  char *dir = parent_of(target);
  char *temp = qd_xasprintf("%s.XXXXXX", target);
  qd_status status = qd_dir_make_private(dir, err);
  if (status == QD_OK) {
    int fd = mkostemp(temp, O_CLOEXEC);
    int error = fd < 0 ? errno : fill(fd, target, content);
    if (fd >= 0 && close(fd) != 0 && error == 0) error = errno;
    if (error == 0 && rename(temp, target) != 0) error = errno;
    if (error != 0 && fd >= 0) (void)unlink(temp);
    if (error == 0) error = sync_dir(dir);
    if (error != 0) status = unwritable(err, path, error);
  }
  free(temp);
  free(dir);
  free(target);
  return status;
}

static qd_status locked(qd_error *err, const char *path, int fd) {
  char holder[64] = "";
  ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
  long pid = n > 0 ? strtol(holder, NULL, 10) : 0;
  (void)qd_fail(err, QD_CONFLICT, "locked", "%s is being changed by another command", path);
  if (pid > 0) return qd_why(err, "process %ld holds %s.lock", pid, path);
  return qd_why(err, "another process holds %s.lock", path);
}

qd_status qd_file_lock_take(const char *path, uint64_t timeout_ms, qd_file_lock *out, qd_error *err) {
  char *dir = parent_of(path);
  qd_status status = qd_dir_make_private(dir, err);
  free(dir);
  if (status != QD_OK) return status;
  char *name = qd_xasprintf("%s.lock", path);
  int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  int error = errno;
  if (fd < 0) status = unwritable(err, name, error);
  free(name);
  if (fd < 0) return status;
  for (uint64_t waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += 10) {
    error = errno;
    if (error != EWOULDBLOCK && error != EINTR)
      status = unwritable(err, path, error);
    else if (waited >= timeout_ms)
      status = locked(err, path, fd);
    if (status != QD_OK) {
      (void)close(fd);
      return status;
    }
    (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
  }
  char pid[32];
  int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) QD_DEBUG("profile", "cannot note the holder of %s.lock", path);
  out->fd = fd;
  return QD_OK;
}

void qd_file_lock_release(qd_file_lock *lock) {
  if (lock->fd < 0) return;
  if (ftruncate(lock->fd, 0) != 0) QD_DEBUG("profile", "cannot empty a lock file: %s", strerror(errno));
  (void)close(lock->fd);
  lock->fd = -1;
}
