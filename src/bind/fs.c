// core.fs: files and folders. Large files are opened; the rest is done at once.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "bind/convert.h"
#include "bind/modules.h"
#include "loop/fsjob.h"
#include "loop/fs.h"

#define READ_DEFAULT ((lua_Integer)64 << 20)
#define PART_DEFAULT (256 << 10)
#define PART_MAX (16 << 20)
#define FILE_CLASS "qd.file"

static int raise_errno(lua_State *L, const char *what, const char *path) {
  qd_error err = QD_ERROR_INIT;
  (void)qd_fs_fail(&err, errno, what, path);
  return qd_raise(L, &err);
}

// A path without a NUL in it: the system would look at another file.
static const char *check_path(lua_State *L, int arg) {
  size_t n;
  const char *path = luaL_checklstring(L, arg, &n);
  luaL_argcheck(L, strlen(path) == n, arg, "a path expected");
  return path;
}

static unsigned field_mode(lua_State *L, int arg, unsigned otherwise) {
  lua_Integer mode = qd_field_integer(L, arg, "mode", otherwise);
  luaL_argcheck(L, mode >= 0 && mode <= 07777, arg, "mode: permission bits expected");
  return (unsigned)mode;
}

// ---- whole files

// read(path[, max]) -> bytes
static int l_read(lua_State *L) {
  const char *path = check_path(L, 1);
  lua_Integer max = luaL_optinteger(L, 2, READ_DEFAULT);
  luaL_argcheck(L, max >= 0, 2, "not negative");
  qd_box *box = qd_box_push(L);  // box
  qd_buf_init(&box->buf, (size_t)max);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_fs_read(path, &box->buf, &err), &err);
  lua_pushlstring(L, box->buf.p ? box->buf.p : "", box->buf.n);  // box text
  qd_box_clear(box);
  return 1;
}

// write(path, bytes[, {mode=0600, atomic=true, fsync=true}])
static int l_write(lua_State *L) {
  const char *path = check_path(L, 1);
  qd_slice data = qd_check_slice(L, 2);
  bool has_mode = lua_istable(L, 3) && lua_getfield(L, 3, "mode") != LUA_TNIL;
  lua_settop(L, 3);
  qd_fs_write_options o = {.mode = field_mode(L, 3, 0600),
                           .set_mode = has_mode,
                           .atomic = qd_field_boolean(L, 3, "atomic", true),
                           .sync = qd_field_boolean(L, 3, "fsync", true)};
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_fs_write(path, data, &o, &err), &err);
  return 0;
}

// ---- what is there

static const char *type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "directory";
    case S_IFLNK:
      return "link";
    case S_IFIFO:
      return "fifo";
    case S_IFSOCK:
      return "socket";
    case S_IFCHR:
      return "char";
    case S_IFBLK:
      return "block";
    default:
      return "other";
  }
}

static int push_stat(lua_State *L, int (*ask)(const char *, struct stat *)) {
  const char *path = check_path(L, 1);
  struct stat st;
  if (ask(path, &st) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return raise_errno(L, "look at", path);
    lua_pushnil(L);
    return 1;
  }
  lua_createtable(L, 0, 8);
  lua_pushstring(L, type_of(st.st_mode));
  lua_setfield(L, -2, "type");
  qd_set_integer(L, "size", (lua_Integer)st.st_size);
  qd_set_integer(L, "mode", (lua_Integer)(st.st_mode & 07777));
  qd_set_integer(L, "uid", (lua_Integer)st.st_uid);
  qd_set_integer(L, "gid", (lua_Integer)st.st_gid);
  qd_set_integer(L, "links", (lua_Integer)st.st_nlink);
  lua_pushnumber(L, (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9);
  lua_setfield(L, -2, "mtime");
  return 1;
}

// stat(path), lstat(path) -> {type, size, mode, uid, gid, links, mtime}, or nil
static int l_stat(lua_State *L) { return push_stat(L, stat); }
static int l_lstat(lua_State *L) { return push_stat(L, lstat); }

// exists(path) -> boolean; a broken link does not exist
static int l_exists(lua_State *L) {
  lua_pushboolean(L, access(check_path(L, 1), F_OK) == 0);
  return 1;
}

static int l_dir_gc(lua_State *L) {
  DIR **dir = lua_touserdata(L, 1);
  if (*dir) (void)closedir(*dir);
  *dir = NULL;
  return 0;
}

// readdir(path) -> names, in no order
static int l_readdir(lua_State *L) {
  const char *path = check_path(L, 1);
  DIR **dir = lua_newuserdatauv(L, sizeof *dir, 0);  // dir
  *dir = NULL;
  luaL_setmetatable(L, "qd.dir");
  *dir = opendir(path);
  if (!*dir) return raise_errno(L, "list", path);
  lua_newtable(L);  // dir names
  lua_Integer n = 0;
  for (struct dirent *e; (e = readdir(*dir)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    lua_pushstring(L, e->d_name);
    lua_rawseti(L, -2, ++n);
  }
  (void)closedir(*dir);
  *dir = NULL;
  return 1;
}

// realpath(path) -> absolute path without links
static int l_realpath(lua_State *L) {
  const char *path = check_path(L, 1);
  char *found = realpath(path, NULL);
  if (!found) return raise_errno(L, "find", path);
  qd_box *box = qd_box_push(L);  // box
  qd_buf_init(&box->buf, 1 << 20);
  (void)qd_buf_adds(&box->buf, found);
  free(found);
  lua_pushlstring(L, box->buf.p, box->buf.n);
  qd_box_clear(box);
  return 1;
}

// readlink(path) -> what a link says, as it is
static int l_readlink(lua_State *L) {
  const char *path = check_path(L, 1);
  char target[4096];
  ssize_t n = readlink(path, target, sizeof target);
  if (n < 0) return raise_errno(L, "read the link", path);
  lua_pushlstring(L, target, (size_t)n);
  return 1;
}

// ---- changes

// mkdir(path[, {mode=0700, parents=false}])
static int l_mkdir(lua_State *L) {
  const char *path = check_path(L, 1);
  unsigned mode = field_mode(L, 2, 0700);
  bool parents = qd_field_boolean(L, 2, "parents", false);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_fs_mkdir(path, mode, parents, &err), &err);
  return 0;
}

// remove(path[, {recursive=false}])
static int l_remove(lua_State *L) {
  const char *path = check_path(L, 1);
  bool recursive = qd_field_boolean(L, 2, "recursive", false);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_fs_remove(path, recursive, &err), &err);
  return 0;
}

// rename(from, to)
static int l_rename(lua_State *L) {
  const char *from = check_path(L, 1);
  const char *to = check_path(L, 2);
  if (rename(from, to) != 0) return raise_errno(L, "rename", from);
  return 0;
}

// chmod(path, bits)
static int l_chmod(lua_State *L) {
  const char *path = check_path(L, 1);
  lua_Integer mode = luaL_checkinteger(L, 2);
  luaL_argcheck(L, mode >= 0 && mode <= 07777, 2, "permission bits expected");
  if (chmod(path, (mode_t)mode) != 0) return raise_errno(L, "change the permissions of", path);
  return 0;
}

// temp_dir([parent]) -> path of a new folder (0700)
static int l_temp_dir(lua_State *L) {
  const char *parent = luaL_optstring(L, 1, NULL);
  char *path = NULL;
  qd_error err = QD_ERROR_INIT;
  qd_box *box = qd_box_push(L);  // box
  qd_check(L, qd_fs_temp_dir(parent, &path, &err), &err);
  qd_buf_init(&box->buf, 1 << 20);
  (void)qd_buf_adds(&box->buf, path);
  free(path);
  lua_pushlstring(L, box->buf.p, box->buf.n);
  qd_box_clear(box);
  return 1;
}

// ---- open files

typedef struct file {
  int fd;
  int refs;  // the handle's, and one for each op under way: the descriptor is closed with the last
  char name[512];
} file;

static void file_unref(file *f) {
  if (--f->refs > 0) return;
  if (f->fd >= 0) (void)close(f->fd);
  free(f);
}

typedef struct file_op {
  qd_op base;
  qd_fsjob *job;  // NULL: over
  file *file;
  bool writing;
  char *buf;
  size_t n;
} file_op;

static void on_file_done(void *ctx, size_t n, int number) {
  file_op *o = ctx;
  qd_error err = QD_ERROR_INIT;
  o->job = NULL;
  o->n = n;
  if (number) (void)qd_fs_fail(&err, number, o->writing ? "write to" : "read", o->file->name);
  file_unref(o->file);  // a file that was closed meanwhile, and its lock, must not wait for the collector
  o->file = NULL;
  qd_op_done(&o->base, number ? &err : NULL);
}

static void file_cancel(qd_op *op) {
  file_op *o = (file_op *)op;
  if (o->job) qd_fsjob_cancel(o->job);
}

static void file_drop(qd_op *op) {
  file_op *o = (file_op *)op;
  free(o->buf);
  if (o->file) file_unref(o->file);
}

static int file_push(lua_State *L, qd_op *op) {
  file_op *o = (file_op *)op;
  if (o->writing) return 0;
  if (o->n == 0)
    lua_pushnil(L);
  else
    lua_pushlstring(L, o->buf, o->n);
  return 1;
}

static const qd_op_kind FILE_READ = {"reading a file", sizeof(file_op), file_push, file_cancel, file_drop};
static const qd_op_kind FILE_WRITE = {"writing a file", sizeof(file_op), file_push, file_cancel, file_drop};

static file *check_file(lua_State *L) {
  file *f = *(file **)luaL_checkudata(L, 1, FILE_CLASS);
  luaL_argcheck(L, f, 1, "the file is closed");
  return f;
}

// open(path[, "r"|"w"|"a"|"r+"][, bits]) -> file
static int l_open(lua_State *L) {
  static const char *const modes[] = {"r", "w", "a", "r+", NULL};
  static const int flags[] = {O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC, O_WRONLY | O_CREAT | O_APPEND, O_RDWR};
  const char *path = check_path(L, 1);
  int how = luaL_checkoption(L, 2, "r", modes);
  lua_Integer bits = luaL_optinteger(L, 3, 0600);
  luaL_argcheck(L, bits >= 0 && bits <= 07777, 3, "permission bits expected");
  file **box = lua_newuserdatauv(L, sizeof *box, 0);  // file
  *box = NULL;
  luaL_setmetatable(L, FILE_CLASS);
  int fd = open(path, flags[how] | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, (mode_t)bits);  // a pipe must not hold the loop
  if (fd < 0) return raise_errno(L, "open", path);
  file *f = qd_xcalloc(1, sizeof *f);
  f->fd = fd;
  f->refs = 1;
  (void)snprintf(f->name, sizeof f->name, "%s", path);
  *box = f;
  return 1;
}

static file_op *push_file_op(lua_State *L, file *f, const qd_op_kind *kind, size_t room) {
  file_op *o = (file_op *)qd_op_push(L, kind);  // op
  o->file = f;
  f->refs++;
  o->buf = qd_xmalloc(room ? room : 1);
  qd_op_start(&o->base, 0);
  return o;
}

// file:read([max]) -> bytes, or nil at the end                                          yields
static int l_file_read(lua_State *L) {
  file *f = check_file(L);
  lua_Integer max = luaL_optinteger(L, 2, PART_DEFAULT);
  luaL_argcheck(L, max >= 1 && max <= PART_MAX, 2, "1 to 16777216 expected");
  file_op *o = push_file_op(L, f, &FILE_READ, (size_t)max);
  o->job = qd_fsjob_read(qd_rt_loop(qd_rt_of(L)), f->fd, o->buf, (size_t)max, on_file_done, o);
  return qd_await(L, &o->base);
}

// file:write(bytes)                                                                    yields
static int l_file_write(lua_State *L) {
  file *f = check_file(L);
  qd_slice bytes = qd_check_slice(L, 2);
  if (bytes.n == 0) return 0;
  file_op *o = push_file_op(L, f, &FILE_WRITE, bytes.n);
  o->writing = true;
  memcpy(o->buf, bytes.p, bytes.n);
  o->job = qd_fsjob_write(qd_rt_loop(qd_rt_of(L)), f->fd, o->buf, bytes.n, on_file_done, o);
  return qd_await(L, &o->base);
}

// file:seek(offset) from the beginning
static int l_file_seek(lua_State *L) {
  file *f = check_file(L);
  if (lseek(f->fd, (off_t)luaL_checkinteger(L, 2), SEEK_SET) < 0) return raise_errno(L, "seek in", f->name);
  return 0;
}

// file:sync(): what was written is on the disk when this returns                                          [-0, +0, v]
static int l_file_sync(lua_State *L) {
  file *f = check_file(L);
  if (fsync(f->fd)) return raise_errno(L, "write to", f->name);
  return 0;
}

// file:lock() -> whether the file is ours alone until it is closed                                        [-0, +1, v]
static int l_file_lock(lua_State *L) {
  file *f = check_file(L);
  bool held = flock(f->fd, LOCK_EX | LOCK_NB) == 0;
  if (!held && errno != EWOULDBLOCK && errno != EINTR) return raise_errno(L, "lock", f->name);
  lua_pushboolean(L, held);
  return 1;
}

// file:close(); harmless when closed
static int l_file_close(lua_State *L) {
  file **box = luaL_checkudata(L, 1, FILE_CLASS);
  if (*box) file_unref(*box);
  *box = NULL;
  return 0;
}

int luaopen_qd_fs(lua_State *L) {
  static const luaL_Reg file_methods[] = {{"read", l_file_read}, {"write", l_file_write}, {"seek", l_file_seek}, {"sync", l_file_sync},
                                          {"lock", l_file_lock}, {"close", l_file_close}, {NULL, NULL}};
  static const luaL_Reg file_meta[] = {{"__gc", l_file_close}, {"__close", l_file_close}, {NULL, NULL}};
  static const luaL_Reg dir_meta[] = {{"__gc", l_dir_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"read", l_read},         {"write", l_write},       {"stat", l_stat},   {"lstat", l_lstat},
                                       {"exists", l_exists},     {"readdir", l_readdir},   {"mkdir", l_mkdir}, {"remove", l_remove},
                                       {"rename", l_rename},     {"chmod", l_chmod},       {"open", l_open},   {"realpath", l_realpath},
                                       {"temp_dir", l_temp_dir}, {"readlink", l_readlink}, {NULL, NULL}};
  qd_class(L, FILE_CLASS, file_methods, file_meta);
  qd_class(L, "qd.dir", NULL, dir_meta);
  luaL_newlib(L, functions);
  return 1;
}
