// A tar stream into a folder. Every step down is an openat that follows no link, so whatever the archive says, nothing is
// reached outside; files are written beside their names and take them when they are whole. Contract in tar.h.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/archive_lib.h"
#include "data/tar.h"

#define ENTRIES_MAX 5000000u
#define NAME_MAX_BYTES 4095

typedef struct folder {  // whose mode and time are set when everything is in it
  char *name;
  mode_t mode;
  struct timespec mtime;
  int64_t uid, gid;
} folder;

typedef struct unpack {
  const qd__archive_lib *lib;
  const qd_tar_unpack_options *o;
  qd_tar_unpack_result *result;
  qd_tar_source *source;
  void *ctx;
  struct archive *a;
  struct archive_entry *e;
  int root;
  int parent;  // open folder `parent_name`, -1: none
  char *parent_name;
  folder *folders;
  size_t folders_n, folders_room;
  uint64_t zeros;             // bytes of 0 that came last: an archive ends in 1024, ...
  uint64_t total, entry_end;  // ... behind the last entry, whose content may be zeros, too
  bool stopped;
  uint64_t serial;
} unpack;

static la_ssize_t on_read(struct archive *a, void *ctx, const void **bytes) {
  (void)a;
  unpack *u = ctx;
  long n = u->source(u->ctx, bytes);
  if (n < 0) u->stopped = true;
  if (n > 0) u->total += (uint64_t)n;
  const unsigned char *p = n > 0 ? *bytes : NULL;
  long tail = 0;
  while (tail < n && p[n - 1 - tail] == 0) tail++;
  u->zeros = tail == n ? u->zeros + (uint64_t)(n > 0 ? n : 0) : (uint64_t)tail;
  return n < 0 ? -1 : (la_ssize_t)n;
}

static qd_status broken(const unpack *u, qd_error *err) {
  if (u->stopped) {
    (void)qd_fail(err, QD_CANCELLED, "cancelled", "unpacking was stopped");
    return QD_CANCELLED;
  }
  const char *why = u->lib->archive_error_string(u->a);
  (void)qd_fail(err, QD_FAIL, "bad_archive", "the tar archive is not complete, or damaged");
  return qd_why(err, "%s", why ? why : "it cannot be read");
}

static qd_status refuse(qd_error *err, const char *name, const char *why) {
  (void)qd_fail(err, QD_FAIL, "unsafe_archive", "the tar archive holds %s, which is not unpacked", name);
  return qd_why(err, "%s", why);
}

// ---- names

// The name with the first part renamed, without slashes in front and behind, "." parts left out; NULL for one with "..".
static char *clean(const unpack *u, const char *name) {
  const char *from = u->o->from;
  char *given = NULL;
  if (u->o->to && from) {
    size_t n = strlen(from);
    if (strncmp(name, from, n) == 0 && (n == 0 || name[n] == '/' || name[n] == '\0'))
      given = qd_xasprintf("%s%s%s", u->o->to, n == 0 ? "/" : "", name + n);
  }
  if (!given) given = qd_xstrdup(name);
  char *out = qd_xmalloc(strlen(given) + 1);
  size_t at = 0;
  bool bad = false;
  for (const char *p = given; *p && !bad;) {
    size_t n = strcspn(p, "/");
    bad = n == 2 && p[0] == '.' && p[1] == '.';
    if (n && !(n == 1 && p[0] == '.')) {
      if (at) out[at++] = '/';
      memcpy(out + at, p, n);
      at += n;
    }
    p += n;
    p += *p == '/';
  }
  out[at] = '\0';
  free(given);
  if (!bad) return out;
  free(out);
  return NULL;
}

// Whether a link in folder-of(name) with this target points outside, by its words alone.
static bool escapes(const char *name, const char *target) {
  if (target[0] == '/') return false;  // it is never followed here
  long depth = 0;
  for (const char *p = name; (p = strchr(p, '/')) != NULL; p++) depth++;
  for (const char *p = target; *p;) {
    size_t n = strcspn(p, "/");
    if (n == 2 && p[0] == '.' && p[1] == '.')
      depth--;
    else if (n && !(n == 1 && p[0] == '.'))
      depth++;
    if (depth < 0) return true;
    p += n;
    p += *p == '/';
  }
  return false;
}

static int open_folder(int at, const char *name) { return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

// Opens the folder `name` below the root, making what is missing. -1 and errno.
static int descend(const unpack *u, const char *name, bool make) {
  int fd = dup(u->root);
  char *part = qd_xstrdup(name);
  for (char *p = part; fd >= 0 && *p;) {
    char *slash = strchr(p, '/');
    if (slash) *slash = '\0';
    int inner = open_folder(fd, p);
    if (inner < 0 && errno == ENOENT && make && (mkdirat(fd, p, 0755) == 0 || errno == EEXIST)) inner = open_folder(fd, p);
    int number = errno;
    (void)close(fd);
    fd = inner;
    errno = number;
    p = slash ? slash + 1 : p + strlen(p);
  }
  free(part);
  return fd;
}

// The folder that `name` is in, kept open for the next entry; *base is its last part.
static qd_status parent_of(unpack *u, const char *name, const char **base, qd_error *err) {
  const char *slash = strrchr(name, '/');
  char *parent = slash ? qd_xstrndup(name, (size_t)(slash - name)) : qd_xstrdup("");
  *base = slash ? slash + 1 : name;
  if (u->parent >= 0 && strcmp(parent, u->parent_name) == 0) {
    free(parent);
    return QD_OK;
  }
  if (u->parent >= 0) (void)close(u->parent);
  free(u->parent_name);
  u->parent_name = parent;
  u->parent = descend(u, parent, true);
  if (u->parent >= 0) return QD_OK;
  if (errno == ELOOP || errno == ENOTDIR) return refuse(err, name, "it would be written through a link, or below a file");
  return qd__tar_errno(err, errno, "make the folder", parent);
}

// ---- entries

static bool root_entry(const char *name) { return name[0] == '\0'; }

static void set_xattrs(const unpack *u, int fd) {
  const char *key;
  const void *value;
  size_t n;
  (void)u->lib->archive_entry_xattr_reset(u->e);
  while (u->lib->archive_entry_xattr_next(u->e, &key, &value, &n) == ARCHIVE_OK)
    if (strncmp(key, "user.", 5) == 0 || strcmp(key, "security.capability") == 0)
      if (fsetxattr(fd, key, value, n, 0) != 0) qd__tar_note(&u->result->notes, "%s: the attribute %s could not be set", u->o->dir, key);
}

static void set_owner(const unpack *u, int fd, const char *name) {
  if (!u->o->owner) return;
  uid_t uid = (uid_t)u->lib->archive_entry_uid(u->e);
  gid_t gid = (gid_t)u->lib->archive_entry_gid(u->e);
  if (fd >= 0 ? fchown(fd, uid, gid) != 0 : fchownat(u->parent, name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0)
    qd__tar_note(&u->result->notes, "%s: its owner could not be set (%s)", name, strerror(errno));
}

static struct timespec mtime_of(const unpack *u) {
  return (struct timespec){u->lib->archive_entry_mtime(u->e), u->lib->archive_entry_mtime_nsec(u->e)};
}

static void times_of(const unpack *u, struct timespec times[2]) {
  times[0] = (struct timespec){0, UTIME_OMIT};
  times[1] = mtime_of(u);
}

static qd_status make_folder(unpack *u, const char *name, const char *base, qd_error *err) {
  struct stat st;
  if (mkdirat(u->parent, base, 0700) != 0 && errno != EEXIST) return qd__tar_errno(err, errno, "make the folder", name);
  if (fstatat(u->parent, base, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode)) {
    (void)qd_fail(err, QD_CONFLICT, "not_a_directory", "cannot overwrite non-directory \"%s\" with directory", name);
    return qd_why(err, "a file or a link stands there");
  }
  if (u->folders_n == u->folders_room) {
    u->folders_room = u->folders_room ? u->folders_room * 2 : 64;
    u->folders = qd_xrealloc(u->folders, u->folders_room * sizeof *u->folders);
  }
  u->folders[u->folders_n++] = (folder){qd_xstrdup(name), u->lib->archive_entry_mode(u->e) & 07777, mtime_of(u),
                                        u->lib->archive_entry_uid(u->e), u->lib->archive_entry_gid(u->e)};
  return QD_OK;
}

static qd_status write_content(unpack *u, int fd, const char *name, qd_error *err) {
  for (;;) {
    const void *bytes;
    size_t n;
    la_int64_t offset;
    int r = u->lib->archive_read_data_block(u->a, &bytes, &n, &offset);
    if (r == ARCHIVE_EOF) break;
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN) return broken(u, err);
    for (size_t at = 0; at < n;) {
      ssize_t w = pwrite(fd, (const char *)bytes + at, n - at, (off_t)offset + (off_t)at);
      if (w < 0 && errno == EINTR) continue;
      if (w < 0) return qd__tar_errno(err, errno, "write", name);
      at += (size_t)w;
    }
    u->result->bytes += n;
  }
  if (ftruncate(fd, (off_t)u->lib->archive_entry_size(u->e)) != 0) return qd__tar_errno(err, errno, "write", name);
  return QD_OK;
}

static qd_status make_file(unpack *u, const char *name, const char *beside, qd_error *err) {
  int fd = openat(u->parent, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return qd__tar_errno(err, errno, "write", name);
  qd_status st = write_content(u, fd, name, err);
  if (st == QD_OK) {
    struct timespec times[2];
    times_of(u, times);
    set_owner(u, fd, name);
    set_xattrs(u, fd);
    (void)fchmod(fd, u->lib->archive_entry_mode(u->e) & 07777);
    (void)futimens(fd, times);
  }
  if (close(fd) != 0 && st == QD_OK) st = qd__tar_errno(err, errno, "write", name);
  return st;
}

static qd_status make_hard_link(unpack *u, const char *name, const char *beside, qd_error *err) {
  char *target = clean(u, u->lib->archive_entry_hardlink(u->e));
  if (!target || root_entry(target)) {
    free(target);
    return refuse(err, name, "it is a link to something outside");
  }
  char *slash = strrchr(target, '/');
  if (slash) *slash = '\0';
  int from = descend(u, slash ? target : "", false);
  int number = from < 0 || linkat(from, slash ? slash + 1 : target, u->parent, beside, 0) != 0 ? errno : 0;
  if (from >= 0) (void)close(from);
  free(target);
  return number ? qd__tar_errno(err, number, "make the link", name) : QD_OK;
}

static qd_status make_other(unpack *u, const char *name, const char *beside, qd_error *err) {
  mode_t type = u->lib->archive_entry_filetype(u->e);
  int number = 0;
  if (type == AE_IFLNK) {
    const char *target = u->lib->archive_entry_symlink(u->e);
    if (!target || escapes(name, target)) return refuse(err, name, "it is a symbolic link to something outside");
    number = symlinkat(target, u->parent, beside) != 0 ? errno : 0;
  } else {
    mode_t mode = (u->lib->archive_entry_mode(u->e) & 07777) | (type == AE_IFIFO ? S_IFIFO : type == AE_IFCHR ? S_IFCHR : S_IFBLK);
    number = mknodat(u->parent, beside, mode, type == AE_IFIFO ? 0 : u->lib->archive_entry_rdev(u->e)) != 0 ? errno : 0;
    if (!number) (void)fchmodat(u->parent, beside, mode & 07777, 0);
  }
  if (number) return qd__tar_errno(err, number, "make", name);
  struct timespec times[2];
  times_of(u, times);
  set_owner(u, -1, beside);
  (void)utimensat(u->parent, beside, times, AT_SYMLINK_NOFOLLOW);
  return QD_OK;
}

// Everything but folders: made beside its name, and renamed to it.
static qd_status make_beside(unpack *u, const char *name, const char *base, qd_error *err) {
  struct stat st;
  if (fstatat(u->parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)) {
    (void)qd_fail(err, QD_CONFLICT, "is_a_directory", "cannot overwrite directory \"%s\" with non-directory", name);
    return qd_why(err, "a folder stands there");
  }
  char beside[64];
  (void)snprintf(beside, sizeof beside, ".qnap-docker-%ld-%llu", (long)getpid(), (unsigned long long)u->serial++);
  (void)unlinkat(u->parent, beside, 0);
  mode_t type = u->lib->archive_entry_filetype(u->e);
  qd_status status = u->lib->archive_entry_hardlink(u->e) ? make_hard_link(u, name, beside, err)
                     : type == AE_IFREG                   ? make_file(u, name, beside, err)
                                                          : make_other(u, name, beside, err);
  if (status == QD_OK && renameat(u->parent, beside, u->parent, base) != 0) status = qd__tar_errno(err, errno, "write", name);
  (void)unlinkat(u->parent, beside, 0);  // there after a failure, and where both are the same file already
  return status;
}

static bool known_type(unpack *u, const char *name) {
  mode_t type = u->lib->archive_entry_filetype(u->e);
  if (u->lib->archive_entry_hardlink(u->e)) return true;
  if (type == AE_IFCHR || type == AE_IFBLK) {
    if (u->o->devices) return true;
    qd__tar_note(&u->result->notes, "%s: a device, left out", name);
    return false;
  }
  if (type == AE_IFREG || type == AE_IFDIR || type == AE_IFLNK || type == AE_IFIFO) return true;
  qd__tar_note(&u->result->notes, "%s: of a kind that is not known, left out", name);
  return false;
}

static qd_status one(unpack *u, qd_error *err) {
  const char *given = u->lib->archive_entry_pathname(u->e);
  if (!given || strlen(given) > NAME_MAX_BYTES) return refuse(err, "a name that is too long", "4095 bytes are the most");
  char *name = clean(u, given);
  if (!name) return refuse(err, given, "its name leads outside");
  const char *base;
  qd_status st = QD_OK;
  if (!root_entry(name) && known_type(u, name)) {
    st = parent_of(u, name, &base, err);
    if (st == QD_OK && u->lib->archive_entry_filetype(u->e) == AE_IFDIR && !u->lib->archive_entry_hardlink(u->e))
      st = make_folder(u, name, base, err);
    else if (st == QD_OK)
      st = make_beside(u, name, base, err);
  }
  free(name);
  return st;
}

// Inner folders first: a folder that may not be written to keeps its time.
static void finish_folders(unpack *u) {
  while (u->folders_n) {
    folder *f = &u->folders[--u->folders_n];
    int fd = descend(u, f->name, false);
    if (fd >= 0) {
      struct timespec times[2] = {{0, UTIME_OMIT}, f->mtime};
      if (u->o->owner && fchown(fd, (uid_t)f->uid, (gid_t)f->gid) != 0)
        qd__tar_note(&u->result->notes, "%s: its owner could not be set", f->name);
      (void)fchmod(fd, f->mode);
      (void)futimens(fd, times);
      (void)close(fd);
    }
    free(f->name);
  }
  free(u->folders);
}

static qd_status run(unpack *u, qd_error *err) {
  uint64_t most = u->o->max_entries ? u->o->max_entries : ENTRIES_MAX;
  for (;;) {
    int r = u->lib->archive_read_next_header(u->a, &u->e);
    if (r == ARCHIVE_EOF) break;
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN) return broken(u, err);
    if (u->result->entries++ >= most) return refuse(err, "too many entries", "that many are not unpacked");
    qd_status st = one(u, err);
    if (st != QD_OK) return st;
    u->entry_end = ((uint64_t)u->lib->archive_filter_bytes(u->a, 0) + 511) / 512 * 512;
  }
  const void *bytes;
  while (on_read(NULL, u, &bytes) > 0) {
  }
  if (u->stopped) return broken(u, err);
  if (u->result->entries == 0 || (u->zeros >= 1024 && u->total >= u->entry_end + 1024)) return QD_OK;
  (void)qd_fail(err, QD_FAIL, "bad_archive", "the tar archive is not complete, or damaged");
  return qd_why(err, "it stops without its end");
}

qd_status qd_tar_unpack(const qd_tar_unpack_options *options, qd_tar_source *source, void *ctx, qd_tar_unpack_result *result,
                        qd_error *err) {
  unpack u = {.o = options, .result = result, .source = source, .ctx = ctx, .parent = -1};
  qd_status st = qd__archive_lib_get(&u.lib, err);
  if (st != QD_OK) return st;
  u.root = open(options->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (u.root < 0) return qd__tar_errno(err, errno, "open the folder", options->dir);
  void *locale = qd__archive_locale_c();
  u.a = u.lib->archive_read_new();
  (void)u.lib->archive_read_support_format_tar(u.a);
  st = u.lib->archive_read_open(u.a, &u, NULL, on_read, NULL) == ARCHIVE_OK ? run(&u, err) : broken(&u, err);
  finish_folders(&u);
  (void)u.lib->archive_read_free(u.a);
  qd__archive_locale_back(locale);
  if (u.parent >= 0) (void)close(u.parent);
  free(u.parent_name);
  (void)close(u.root);
  return st;
}
