// A local folder as a tar stream, step by step: between two steps nothing is held but open files. Contract in tar.h.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/archive_lib.h"
#include "data/tar.h"

enum {
  READ_PART = 64 << 10,
  XATTR_LIST = 64 << 10,
};

// One folder that is being walked.
typedef struct level {
  struct level *up;
  char *path;   // on the disk
  char *name;   // in the archive: "" or with a slash at its end
  char *below;  // below the root, for who judges
  qd_tar_name *names;
  size_t n, at;
  bool asked;
} level;

typedef struct seen {  // a file with several names
  dev_t dev;
  ino_t ino;
  char *name;  // NULL: free
} seen;

typedef struct extra {
  struct extra *next;
  char *name, *bytes;
  size_t n;
} extra;

struct qd_tar_pack {
  const qd__archive_lib *lib;
  struct archive *a;
  struct archive_entry *entry;
  qd_tar_pack_options o;
  char *path, *name;
  level *top;
  bool begun, ended;
  int fd;  // the file that is being packed, -1: none
  uint64_t left;
  bool shrunk;
  char *fd_name;
  seen *seen;
  size_t seen_n, seen_room;
  extra *extras;
  qd_tar_notes notes;
  qd_buf *out;  // during a step
  char part[READ_PART];
};

static la_ssize_t on_bytes(struct archive *a, void *ctx, const void *bytes, size_t n) {
  (void)a;
  qd_tar_pack *p = ctx;
  return p->out && qd_buf_add(p->out, bytes, n) ? (la_ssize_t)n : -1;
}

qd_status qd_tar_pack_new(const qd_tar_pack_options *options, qd_tar_pack **out, qd_error *err) {
  const qd__archive_lib *lib;
  qd_status st = qd__archive_lib_get(&lib, err);
  if (st != QD_OK) return st;
  qd_tar_pack *p = qd_xcalloc(1, sizeof *p);
  p->lib = lib;
  p->o = *options;
  p->path = qd_xstrdup(options->path);
  p->name = qd_xstrdup(options->name);
  p->fd = -1;
  qd_tar_notes_init(&p->notes);
  p->entry = lib->archive_entry_new();
  p->a = lib->archive_write_new();
  (void)lib->archive_write_set_format_pax_restricted(p->a);
  (void)lib->archive_write_set_format_option(p->a, "pax", "xattrheader", "SCHILY");
  if (options->gzip) (void)lib->archive_write_add_filter_gzip(p->a);
  (void)lib->archive_write_set_bytes_per_block(p->a, 0);
  (void)lib->archive_write_set_bytes_in_last_block(p->a, 1);
  if (lib->archive_write_open(p->a, p, NULL, on_bytes, NULL) != ARCHIVE_OK) {
    (void)qd_fail(err, QD_FAIL, "tar_failed", "cannot begin a tar archive");
    st = qd_why(err, "%s", lib->archive_error_string(p->a));
    qd_tar_pack_free(p);
    return st;
  }
  *out = p;
  return QD_OK;
}

void qd_tar_pack_add(qd_tar_pack *p, const char *name, const void *bytes, size_t n) {
  extra *e = qd_xcalloc(1, sizeof *e);
  e->name = qd_xstrdup(name);
  e->bytes = qd_xmalloc(n + 1);
  memcpy(e->bytes, bytes, n);
  e->n = n;
  extra **at = &p->extras;
  while (*at) at = &(*at)->next;
  *at = e;
}

static void free_level(level *l) {
  for (size_t i = 0; i < l->n; i++) free(l->names[i].name);
  free(l->names);
  free(l->path);
  free(l->name);
  free(l->below);
  free(l);
}

static void pop(qd_tar_pack *p) {
  level *l = p->top;
  p->top = l->up;
  free_level(l);
}

void qd_tar_pack_free(qd_tar_pack *p) {
  if (!p) return;
  p->out = NULL;
  (void)p->lib->archive_write_free(p->a);
  p->lib->archive_entry_free(p->entry);
  while (p->top) pop(p);
  if (p->fd >= 0) (void)close(p->fd);
  for (size_t i = 0; i < p->seen_room; i++) free(p->seen[i].name);
  free(p->seen);
  while (p->extras) {
    extra *e = p->extras;
    p->extras = e->next;
    free(e->name);
    free(e->bytes);
    free(e);
  }
  free(p->fd_name);
  free(p->path);
  free(p->name);
  qd_tar_notes_deinit(&p->notes);
  free(p);
}

// ---- files with several names

static size_t slot_of(const seen *table, size_t room, dev_t dev, ino_t ino) {
  size_t i = (size_t)(((uint64_t)ino * 0x9E3779B97F4A7C15u) ^ (uint64_t)dev) & (room - 1);
  while (table[i].name && (table[i].dev != dev || table[i].ino != ino)) i = (i + 1) & (room - 1);
  return i;
}

static void grow(qd_tar_pack *p) {
  size_t room = p->seen_room ? p->seen_room * 2 : 64;
  seen *table = qd_xcalloc(room, sizeof *table);
  for (size_t i = 0; i < p->seen_room; i++)
    if (p->seen[i].name) table[slot_of(table, room, p->seen[i].dev, p->seen[i].ino)] = p->seen[i];
  free(p->seen);
  p->seen = table;
  p->seen_room = room;
}

// The name under which the file was packed already, else NULL, and it is remembered.
static const char *first_name(qd_tar_pack *p, const struct stat *st, const char *name) {
  if (st->st_nlink < 2) return NULL;
  if (p->seen_n * 2 >= p->seen_room) grow(p);
  seen *s = &p->seen[slot_of(p->seen, p->seen_room, st->st_dev, st->st_ino)];
  if (s->name) return s->name;
  *s = (seen){st->st_dev, st->st_ino, qd_xstrdup(name)};
  p->seen_n++;
  return NULL;
}

// ---- entries

static qd_status tar_failed(qd_tar_pack *p, const char *name, qd_error *err) {
  const char *why = p->lib->archive_error_string(p->a);
  (void)qd_fail(err, QD_FAIL, "tar_failed", "cannot put %s into a tar archive", name);
  return qd_why(err, "%s", why ? why : "the piece is too large");
}

static void add_xattrs(qd_tar_pack *p, const char *path) {
  char *list = qd_xmalloc(XATTR_LIST);
  ssize_t n = llistxattr(path, list, XATTR_LIST);
  for (const char *key = list; n > 0 && key < list + n; key += strlen(key) + 1) {
    bool capability = strcmp(key, "security.capability") == 0;
    if (!capability && (!p->o.xattrs || strncmp(key, "user.", 5) != 0)) continue;
    ssize_t size = lgetxattr(path, key, p->part, sizeof p->part);
    if (size >= 0) p->lib->archive_entry_xattr_add_entry(p->entry, key, p->part, (size_t)size);
  }
  free(list);
}

static void describe(qd_tar_pack *p, const char *name, const struct stat *st) {
  struct archive_entry *e = p->entry;
  p->lib->archive_entry_clear(e);
  p->lib->archive_entry_set_pathname(e, name);
  p->lib->archive_entry_set_mode(e, st->st_mode);
  p->lib->archive_entry_set_mtime(e, st->st_mtim.tv_sec, 0);  // whole seconds, as docker packs: no extra header a file
  p->lib->archive_entry_set_uid(e, p->o.set_owner ? p->o.uid : (int64_t)st->st_uid);
  p->lib->archive_entry_set_gid(e, p->o.set_owner ? p->o.gid : (int64_t)st->st_gid);
  p->lib->archive_entry_set_size(e, S_ISREG(st->st_mode) ? st->st_size : 0);
}

static qd_status write_header(qd_tar_pack *p, const char *name, qd_error *err) {
  int r = p->lib->archive_write_header(p->a, p->entry);
  return r == ARCHIVE_OK || r == ARCHIVE_WARN ? QD_OK : tar_failed(p, name, err);
}

static qd_status begin_file(qd_tar_pack *p, const char *path, const char *name, const struct stat *st, qd_error *err) {
  const char *first = first_name(p, st, name);
  if (first) {
    p->lib->archive_entry_set_hardlink(p->entry, first);
    p->lib->archive_entry_set_size(p->entry, 0);
    return write_header(p, name, err);
  }
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat now;
  if (fd < 0) return qd__tar_errno(err, errno, "read", path);
  if (fstat(fd, &now) != 0 || !S_ISREG(now.st_mode)) {
    (void)close(fd);
    return qd__tar_errno(err, ESTALE, "read", path);
  }
  p->lib->archive_entry_set_size(p->entry, now.st_size);
  qd_status status = write_header(p, name, err);
  if (status != QD_OK) {
    (void)close(fd);
    return status;
  }
  p->fd = fd;
  p->shrunk = false;
  p->left = (uint64_t)now.st_size;
  p->fd_name = qd_xstrdup(name);
  return QD_OK;
}

static qd_status write_link(qd_tar_pack *p, const char *path, const char *name, qd_error *err) {
  ssize_t n = readlink(path, p->part, sizeof p->part - 1);
  if (n < 0) return qd__tar_errno(err, errno, "read the link", path);
  p->part[n] = '\0';
  p->lib->archive_entry_set_symlink(p->entry, p->part);
  return write_header(p, name, err);
}

static int by_name(const void *a, const void *b) { return strcmp(((const qd_tar_name *)a)->name, ((const qd_tar_name *)b)->name); }

static bool is_folder(const char *path, const struct dirent *e) {
  if (e->d_type != DT_UNKNOWN) return e->d_type == DT_DIR;
  struct stat st;
  char *inner = qd_xasprintf("%s/%s", path, e->d_name);
  bool folder = lstat(inner, &st) == 0 && S_ISDIR(st.st_mode);
  free(inner);
  return folder;
}

static qd_status push(qd_tar_pack *p, const char *path, const char *name, const char *below, qd_error *err) {
  DIR *dir = opendir(path);
  if (!dir) return qd__tar_errno(err, errno, "read the folder", path);
  level *l = qd_xcalloc(1, sizeof *l);
  size_t room = 0;
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    if (l->n == room) {
      room = room ? room * 2 : 32;
      l->names = qd_xrealloc(l->names, room * sizeof *l->names);
    }
    l->names[l->n++] = (qd_tar_name){qd_xstrdup(e->d_name), is_folder(path, e), QD_TAR_TAKE};
  }
  (void)closedir(dir);
  if (l->n) qsort(l->names, l->n, sizeof *l->names, by_name);
  l->path = qd_xstrdup(path);
  l->name = *name ? qd_xasprintf("%s/", name) : qd_xstrdup("");
  l->below = qd_xstrdup(below);
  l->up = p->top;
  p->top = l;
  return QD_OK;
}

static qd_status add(qd_tar_pack *p, const char *path, const char *name, const char *below, qd_tar_verdict verdict, qd_error *err) {
  struct stat st;
  if (lstat(path, &st) != 0) return qd__tar_errno(err, errno, "read", path);
  qd_status status = QD_OK;
  if (S_ISSOCK(st.st_mode)) {
    qd__tar_note(&p->notes, "%s: a socket, left out", path);
    return QD_OK;
  }
  if (*name && verdict == QD_TAR_TAKE) {
    describe(p, name, &st);
    add_xattrs(p, path);
    if (S_ISREG(st.st_mode)) return begin_file(p, path, name, &st, err);
    if (S_ISLNK(st.st_mode)) return write_link(p, path, name, err);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) p->lib->archive_entry_set_rdev(p->entry, st.st_rdev);
    status = write_header(p, name, err);
  }
  return status == QD_OK && S_ISDIR(st.st_mode) ? push(p, path, name, below, err) : status;
}

// The file became shorter than its header has promised: zeros up to the size, a piece at a time.
static qd_status fill_up(qd_tar_pack *p, qd_error *err) {
  if (!p->shrunk) qd__tar_note(&p->notes, "%s: became shorter while it was read, filled with zeros", p->fd_name);
  p->shrunk = true;
  memset(p->part, 0, READ_PART);
  while (p->left && p->out->n < QD_TAR_PIECE) {
    size_t fill = p->left < READ_PART ? (size_t)p->left : READ_PART;
    if (p->lib->archive_write_data(p->a, p->part, fill) < 0) return tar_failed(p, p->fd_name, err);
    p->left -= fill;
  }
  return QD_OK;
}

static qd_status end_file(qd_tar_pack *p, qd_error *err) {
  if (read(p->fd, p->part, 1) > 0) qd__tar_note(&p->notes, "%s: grew while it was read, cut off", p->fd_name);
  (void)close(p->fd);
  p->fd = -1;
  free(p->fd_name);
  p->fd_name = NULL;
  return p->lib->archive_write_finish_entry(p->a) < ARCHIVE_WARN ? tar_failed(p, "a file", err) : QD_OK;
}

static qd_status file_part(qd_tar_pack *p, qd_error *err) {
  size_t want = p->left < READ_PART ? (size_t)p->left : READ_PART;
  ssize_t n = want ? read(p->fd, p->part, want) : 0;
  if (n < 0) return errno == EINTR ? QD_OK : qd__tar_errno(err, errno, "read", p->fd_name);
  qd_status status = QD_OK;
  if (n > 0 && p->lib->archive_write_data(p->a, p->part, (size_t)n) < 0) return tar_failed(p, p->fd_name, err);
  p->left -= (uint64_t)n;
  if (n == 0 && want) status = fill_up(p, err);
  return status == QD_OK && p->left == 0 ? end_file(p, err) : status;
}

static qd_status next_name(qd_tar_pack *p, qd_error *err) {
  level *l = p->top;
  if (l->at == l->n) {
    pop(p);
    return QD_OK;
  }
  const qd_tar_name *next = &l->names[l->at++];
  if (next->verdict == QD_TAR_SKIP) return QD_OK;
  char *path = qd_xasprintf("%s%s%s", l->path, l->path[strlen(l->path) - 1] == '/' ? "" : "/", next->name);
  char *name = qd_xasprintf("%s%s", l->name, next->name);
  char *below = qd_xasprintf("%s%s%s", l->below, *l->below ? "/" : "", next->name);
  qd_status st = add(p, path, name, below, next->verdict, err);
  free(path);
  free(name);
  free(below);
  return st;
}

static qd_status add_extra(qd_tar_pack *p, qd_error *err) {
  extra *e = p->extras;
  struct stat st = {.st_mode = S_IFREG | 0600, .st_size = (off_t)e->n};
  describe(p, e->name, &st);
  qd_status status = write_header(p, e->name, err);
  if (status == QD_OK && e->n && p->lib->archive_write_data(p->a, e->bytes, e->n) < 0) status = tar_failed(p, e->name, err);
  p->extras = e->next;
  free(e->name);
  free(e->bytes);
  free(e);
  return status;
}

static qd_status go(qd_tar_pack *p, qd_tar_event *event, qd_error *err) {
  while (p->out->n < QD_TAR_PIECE) {
    qd_status st = QD_OK;
    if (!p->begun) {
      p->begun = true;
      st = add(p, p->path, p->name, "", QD_TAR_TAKE, err);
    } else if (p->fd >= 0) {
      st = file_part(p, err);
    } else if (p->top && p->o.ask && !p->top->asked) {
      p->top->asked = true;
      *event = QD_TAR_ASK;
      return QD_OK;
    } else if (p->top) {
      st = next_name(p, err);
    } else if (p->extras) {
      st = add_extra(p, err);
    } else {
      *event = QD_TAR_END;
      if (p->ended) return QD_OK;
      p->ended = true;
      return p->lib->archive_write_close(p->a) == ARCHIVE_OK ? QD_OK : tar_failed(p, "the end", err);
    }
    if (st != QD_OK) return st;
  }
  *event = QD_TAR_MORE;
  return QD_OK;
}

qd_status qd_tar_pack_step(qd_tar_pack *p, qd_buf *out, qd_tar_event *event, qd_error *err) {
  void *locale = qd__archive_locale_c();
  p->out = out;
  qd_status st = go(p, event, err);
  p->out = NULL;
  qd__archive_locale_back(locale);
  return st;
}

const char *qd_tar_pack_folder(const qd_tar_pack *p) { return p->top ? p->top->below : ""; }

qd_tar_name *qd_tar_pack_names(qd_tar_pack *p, size_t *n) {
  *n = p->top ? p->top->n : 0;
  return p->top ? p->top->names : NULL;
}

qd_tar_notes *qd_tar_pack_notes(qd_tar_pack *p) { return &p->notes; }
