// known_hosts on disk: load, append, replace. Contract in known_hosts.h.
// A writer locks the file itself; replace renames over it, so a lock only counts while the path still leads to the locked inode.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ssh/known_hosts.h"

#define FILE_CAP (16u << 20)
#define LINE_CAP (256u << 10)

static qd_status read_all(int fd, const char *path, qd_buf *out, qd_error *err) {
  char block[16384];
  for (;;) {
    ssize_t n = read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      (void)qd_fail(err, QD_CONFIG, "known_hosts_unreadable", "cannot read %s", path);
      return qd_why(err, "%s", strerror(errno));
    }
    if (n == 0) return QD_OK;
    if (!qd_buf_add(out, block, (size_t)n)) {
      (void)qd_fail(err, QD_CONFIG, "known_hosts_unreadable", "cannot read %s", path);
      return qd_why(err, "it is larger than %u MiB", FILE_CAP >> 20);
    }
  }
}

qd_status qd_known_hosts_load(qd_known_hosts *kh, const char *path, qd_error *err) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return QD_OK;
  struct stat st;
  if (fd < 0 || fstat(fd, &st) != 0) {
    (void)qd_fail(err, QD_CONFIG, "known_hosts_unreadable", "cannot read %s", path);
    return qd_why(err, "%s", strerror(errno));
  }
  if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
    (void)close(fd);
    (void)qd_fail(err, QD_CONFIG, "known_hosts_unreadable", "cannot read %s", path);
    return qd_why(err, "it is no regular file");
  }
  qd_buf text;
  qd_buf_init(&text, FILE_CAP);
  qd_status rc = read_all(fd, path, &text, err);
  if (rc == QD_OK) qd_known_hosts_add(kh, qd_buf_slice(&text), path);
  qd_buf_deinit(&text);
  (void)close(fd);
  return rc;
}

static qd_status unwritable(qd_error *err, const char *path) {
  int e = errno;
  (void)qd_fail(err, QD_CONFIG, "known_hosts_unwritable", "cannot write %s", path);
  return qd_why(err, "%s", strerror(e));
}

// Makes every missing directory above `path`, each 0700.
static void make_parents(const char *path) {
  char *copy = qd_xstrdup(path);
  for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(copy, 0700);  // what could not be made is reported by the open that follows
    *slash = '/';
  }
  free(copy);
}

// Opens (making it) and locks. Returns the descriptor, or -1 with errno.
static int open_locked(const char *path) {
  make_parents(path);
  for (;;) {
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    int rc;
    do rc = flock(fd, LOCK_EX);
    while (rc < 0 && errno == EINTR);
    struct stat mine;
    struct stat there;
    if (rc == 0 && fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev)
      return fd;
    int e = errno;
    (void)close(fd);
    if (rc < 0) {
      errno = e;
      return -1;
    }
  }
}

static bool write_all(int fd, qd_slice s) {
  while (s.n) {
    ssize_t n = write(fd, s.p, s.n);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    s.p += n;
    s.n -= (size_t)n;
  }
  return true;
}

// "host type base64\n" appended to out; the caller has checked the blob's type word.
static qd_status format_line(const char *host, int port, qd_slice blob, qd_buf *out, qd_error *err) {
  qd_slice type = qd__blob_type(blob);
  bool clean = type.n > 0;
  for (size_t i = 0; i < type.n; i++) clean = clean && type.p[i] > ' ' && type.p[i] < 127;
  if (!clean) return qd_fail(err, QD_USAGE, "bad_host_key", "this is not a public key");
  for (const char *p = host; *p; p++) clean = clean && (unsigned char)*p > ' ' && *p != 127 && strchr(",*?!#|", *p) == NULL;
  if (!clean || host[0] == '\0' || host[0] == '@')
    return qd_fail(err, QD_USAGE, "bad_host_key", "'%s' cannot be written to known_hosts", host);
  char *name = qd_kh_name(host, port);
  (void)qd_buf_addf(out, "%s ", name);
  (void)qd_buf_add(out, type.p, type.n);
  (void)qd_buf_addc(out, ' ');
  qd__b64_encode(blob, out);
  (void)qd_buf_addc(out, '\n');
  free(name);
  return out->overflow ? qd_fail(err, QD_USAGE, "bad_host_key", "the host key is too large") : QD_OK;
}

static bool has_line(qd_slice text, qd_slice line) {
  line.n--;  // without its '\n'
  qd_kh_reader r = {.rest = text};
  qd_kh_line known;
  while (qd_kh_next(&r, &known))
    if (qd_slice_eq(known.whole, line)) return true;
  return false;
}

qd_status qd_known_hosts_append(const char *path, const char *host, int port, qd_slice blob, qd_error *err) {
  qd_buf line;
  qd_buf text;
  qd_buf add;
  qd_buf_init(&line, LINE_CAP);
  qd_buf_init(&text, FILE_CAP);
  qd_buf_init(&add, LINE_CAP + 1);
  int fd = -1;
  qd_status rc = format_line(host, port, blob, &line, err);
  if (rc != QD_OK) goto out;
  fd = open_locked(path);
  if (fd < 0) {
    rc = unwritable(err, path);
    goto out;
  }
  rc = read_all(fd, path, &text, err);
  if (rc != QD_OK || has_line(qd_buf_slice(&text), qd_buf_slice(&line))) goto out;
  // One write, so that a reader never sees half a line; a last line without its end is ended first.
  if (text.n && text.p[text.n - 1] != '\n') (void)qd_buf_addc(&add, '\n');
  (void)qd_buf_add(&add, line.p, line.n);
  if (!write_all(fd, qd_buf_slice(&add)) || fsync(fd) != 0) rc = unwritable(err, path);
out:
  if (fd >= 0) (void)close(fd);
  qd_buf_deinit(&line);
  qd_buf_deinit(&text);
  qd_buf_deinit(&add);
  return rc;
}

// Appends the host field without `name`. A pattern that fits the name stays: it may be there for other hosts.
static void without_name(qd_slice hosts, const char *name, qd_buf *out) {
  bool first = true;
  while (hosts.n) {
    const char *comma = memchr(hosts.p, ',', hosts.n);
    qd_slice one = {hosts.p, comma ? (size_t)(comma - hosts.p) : hosts.n};
    hosts.p += one.n + (comma != NULL);
    hosts.n -= one.n + (comma != NULL);
    if (one.n == strlen(name) && strncasecmp(one.p, name, one.n) == 0) continue;
    if (!first) (void)qd_buf_addc(out, ',');
    (void)qd_buf_add(out, one.p, one.n);
    first = false;
  }
}

// Copies `text` to `out` without the plain keys of `name`.
static void drop_host(qd_slice text, const char *name, qd_buf *out) {
  while (text.n) {
    const char *end = memchr(text.p, '\n', text.n);
    qd_slice raw = {text.p, end ? (size_t)(end - text.p) + 1 : text.n};
    text.p += raw.n;
    text.n -= raw.n;
    qd_kh_reader one = {.rest = raw};
    qd_kh_line line;
    if (!qd_kh_next(&one, &line) || line.marker != QD_KH_PLAIN || !qd_kh_names(line.hosts, name)) {
      (void)qd_buf_add(out, raw.p, raw.n);
      continue;
    }
    if (line.hosts.p[0] == '|') continue;
    size_t before = out->n;
    (void)qd_buf_add(out, raw.p, (size_t)(line.hosts.p - raw.p));
    size_t names = out->n;
    without_name(line.hosts, name, out);
    if (out->n == names) {
      out->n = before;
      continue;
    }
    const char *behind = line.hosts.p + line.hosts.n;
    (void)qd_buf_add(out, behind, (size_t)(raw.p + raw.n - behind));
  }
}

// Writes `text` beside `path` and renames it over.
static qd_status write_over(const char *path, qd_slice text, qd_error *err) {
  char *temp = qd_xasprintf("%s.XXXXXX", path);
  int fd = mkostemp(temp, O_CLOEXEC);  // 0600
  qd_status rc = QD_OK;
  if (fd < 0 || !write_all(fd, text) || fsync(fd) != 0 || rename(temp, path) != 0) {
    rc = unwritable(err, path);
    if (fd >= 0) (void)unlink(temp);
  }
  if (fd >= 0) (void)close(fd);
  free(temp);
  return rc;
}

qd_status qd_known_hosts_replace(const char *path, const char *host, int port, qd_slice blob, qd_error *err) {
  qd_buf line;
  qd_buf text;
  qd_buf kept;
  qd_buf_init(&line, LINE_CAP);
  qd_buf_init(&text, FILE_CAP);
  qd_buf_init(&kept, FILE_CAP + LINE_CAP + 1);
  char *name = qd_kh_name(host, port);
  char *real = NULL;
  int fd = -1;
  qd_status rc = blob.p ? format_line(host, port, blob, &line, err) : QD_OK;
  if (rc != QD_OK) goto out;
  fd = open_locked(path);
  real = fd < 0 ? NULL : realpath(path, NULL);  // a symbolic link stays one
  if (real == NULL) {
    rc = unwritable(err, path);
    goto out;
  }
  rc = read_all(fd, path, &text, err);
  if (rc != QD_OK) goto out;
  drop_host(qd_buf_slice(&text), name, &kept);
  if (kept.n && kept.p[kept.n - 1] != '\n') (void)qd_buf_addc(&kept, '\n');
  if (line.n) (void)qd_buf_add(&kept, line.p, line.n);
  rc = write_over(real, qd_buf_slice(&kept), err);
out:
  if (fd >= 0) (void)close(fd);
  free(real);
  free(name);
  qd_buf_deinit(&line);
  qd_buf_deinit(&text);
  qd_buf_deinit(&kept);
  return rc;
}
