// core.tar: tar streams of local folders, both ways. The work is done in threads; an unpacker reads a pipe that scripts write to.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "bind/modules.h"
#include "data/tar.h"
#include "loop/fs.h"
#include "loop/fsjob.h"
#include "loop/work.h"
#include "script/script.h"

#define PACKER "qd.tar.packer"
#define UNPACKER "qd.tar.unpacker"
#define OUT_MAX (16 << 20)
#define READ_PART (64 << 10)

// ---- packing

typedef struct packer {
  qd_tar_pack *pack;
  int refs;  // the handle's, and one for a step under way
  bool busy;
  qd_buf out;
  qd_tar_event event;
  qd_error err;
} packer;

typedef struct step_op {
  qd_op base;
  packer *p;
} step_op;

static void packer_unref(packer *p) {
  if (--p->refs > 0) return;
  qd_tar_pack_free(p->pack);
  qd_buf_deinit(&p->out);
  free(p);
}

static packer *check_packer(lua_State *L) {
  packer *p = *(packer **)luaL_checkudata(L, 1, PACKER);
  luaL_argcheck(L, p, 1, "the packer is closed");
  luaL_argcheck(L, !p->busy, 1, "another task uses the packer");
  return p;
}

// pack{path=, name=, ask=, uid=, gid=, gzip=, xattrs=} -> packer
static int l_pack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer uid = qd_field_integer(L, 1, "uid", -1);
  qd_tar_pack_options o = {.path = qd_field_string(L, 1, "path", ""),
                           .name = qd_field_string(L, 1, "name", ""),
                           .ask = qd_field_boolean(L, 1, "ask", false),
                           .set_owner = uid >= 0,
                           .uid = uid,
                           .gid = qd_field_integer(L, 1, "gid", uid),
                           .gzip = qd_field_boolean(L, 1, "gzip", false),
                           .xattrs = qd_field_boolean(L, 1, "xattrs", false)};
  luaL_argcheck(L, *o.path, 1, "path expected");
  packer **box = lua_newuserdatauv(L, sizeof *box, 0);  // packer
  *box = NULL;
  luaL_setmetatable(L, PACKER);
  qd_error err = QD_ERROR_INIT;
  qd_tar_pack *pack;
  qd_check(L, qd_tar_pack_new(&o, &pack, &err), &err);
  packer *p = qd_xcalloc(1, sizeof *p);
  p->pack = pack;
  p->refs = 1;
  qd_buf_init(&p->out, OUT_MAX);
  *box = p;
  return 1;
}

// packer:add(name, bytes)
static int l_pack_add(lua_State *L) {
  packer *p = check_packer(L);
  const char *name = luaL_checkstring(L, 2);
  qd_slice bytes = qd_check_slice(L, 3);
  qd_tar_pack_add(p->pack, name, bytes.p ? bytes.p : "", bytes.n);
  return 0;
}

static void step_work(void *ctx) {
  packer *p = ((step_op *)ctx)->p;
  p->err = (qd_error)QD_ERROR_INIT;
  (void)!qd_tar_pack_step(p->pack, &p->out, &p->event, &p->err);
}

static void step_done(void *ctx) {
  step_op *o = ctx;
  o->p->busy = false;
  qd_op_done(&o->base, o->p->err.category == QD_OK ? NULL : &o->p->err);
}

static void step_cancel(qd_op *op) { (void)op; }  // a step is short: its end comes by itself

static void step_drop(qd_op *op) { packer_unref(((step_op *)op)->p); }

static int push_names(lua_State *L, packer *p) {
  size_t n;
  const qd_tar_name *names = qd_tar_pack_names(p->pack, &n);
  lua_createtable(L, (int)n, 0);  // list
  for (size_t i = 0; i < n; i++) {
    lua_pushfstring(L, names[i].folder ? "%s/" : "%s", names[i].name);  // list name
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

// bytes (maybe nil), and when names wait to be judged: the folder and its names
static int step_push(lua_State *L, qd_op *op) {
  packer *p = ((step_op *)op)->p;
  if (p->out.n)
    lua_pushlstring(L, p->out.p, p->out.n);
  else
    lua_pushnil(L);
  qd_buf_clear(&p->out);
  if (p->event == QD_TAR_ASK) {
    lua_pushstring(L, qd_tar_pack_folder(p->pack));
    (void)push_names(L, p);
    return 3;
  }
  return 1;
}

static const qd_op_kind STEP = {"packing files", sizeof(step_op), step_push, step_cancel, step_drop};

// packer:step() -> bytes or nil [, folder, names]; nil alone is the end                    yields
static int l_pack_step(lua_State *L) {
  packer *p = check_packer(L);
  step_op *o = (step_op *)qd_op_push(L, &STEP);  // op
  o->p = p;
  p->refs++;
  p->busy = true;
  qd_op_start(&o->base, 0);
  qd_work_start(qd_rt_loop(qd_rt_of(L)), step_work, step_done, o);
  return qd_await(L, &o->base);
}

// packer:judge{"take"|"enter"|"skip", ...} in the order of the names
static int l_pack_judge(lua_State *L) {
  static const char *const words[] = {"take", "enter", "skip", NULL};
  packer *p = check_packer(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n;
  qd_tar_name *names = qd_tar_pack_names(p->pack, &n);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);  // word
    names[i].verdict = (qd_tar_verdict)luaL_checkoption(L, -1, "take", words);
    lua_pop(L, 1);
  }
  return 0;
}

static int push_notes(lua_State *L, const qd_tar_notes *notes) {
  lua_pushlstring(L, notes->text.p ? notes->text.p : "", notes->text.n);
  lua_pushinteger(L, (lua_Integer)notes->n);
  return 2;
}

// packer:notes() -> lines, how many there were
static int l_pack_notes(lua_State *L) { return push_notes(L, qd_tar_pack_notes(check_packer(L)->pack)); }

static int l_pack_close(lua_State *L) {
  packer **box = luaL_checkudata(L, 1, PACKER);
  if (*box) packer_unref(*box);
  *box = NULL;
  return 0;
}

// ---- unpacking

typedef struct unpacker {
  int refs;     // the handle's, the thread's, and one for each op under way
  int in, out;  // the pipe: written here, read in the thread
  atomic_bool stop;
  bool feeding;  // a write is under way
  bool over;
  qd_loop *loop;
  char *dir, *from, *to;
  qd_tar_unpack_options o;
  qd_tar_unpack_result result;
  qd_error err;
  qd_op *waiter;
  char part[READ_PART];
} unpacker;

typedef struct feed_op {
  qd_op base;
  unpacker *u;
  qd_fsjob *job;
  char *bytes;
  bool taken;
} feed_op;

static void close_fd(int *fd) {
  if (*fd >= 0) (void)close(*fd);
  *fd = -1;
}

static void unpacker_unref(unpacker *u) {
  if (--u->refs > 0) return;
  close_fd(&u->in);
  close_fd(&u->out);
  qd_tar_notes_deinit(&u->result.notes);
  free(u->dir);
  free(u->from);
  free(u->to);
  free(u);
}

static long source(void *ctx, const void **bytes) {
  unpacker *u = ctx;
  for (;;) {
    ssize_t n = read(u->out, u->part, sizeof u->part);
    if (atomic_load(&u->stop)) return -1;
    if (n < 0 && errno == EINTR) continue;
    *bytes = u->part;
    return n < 0 ? -1 : (long)n;
  }
}

static void unpack_work(void *ctx) {
  unpacker *u = ctx;
  (void)!qd_tar_unpack(&u->o, source, u, &u->result, &u->err);
  close_fd(&u->out);  // whoever writes is told
}

static void unpack_done(void *ctx) {
  unpacker *u = ctx;
  u->over = true;
  qd_loop_linger(u->loop, -1);
  qd_op *waiter = u->waiter;
  u->waiter = NULL;
  if (waiter) qd_op_done(waiter, u->err.category == QD_OK ? NULL : &u->err);
  unpacker_unref(u);
}

static char *dup_field(lua_State *L, const char *name) { return qd_xstrdup(qd_field_string(L, 1, name, NULL)); }

// unpack{dir=, from=, to=, owner=, devices=, max_entries=} -> unpacker
static int l_unpack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argcheck(L, qd_field_string(L, 1, "dir", NULL), 1, "dir expected");
  bool owner = qd_field_boolean(L, 1, "owner", false);
  bool devices = qd_field_boolean(L, 1, "devices", false);
  lua_Integer most = qd_field_integer(L, 1, "max_entries", 0);
  (void)qd_field_string(L, 1, "from", NULL);
  (void)qd_field_string(L, 1, "to", NULL);
  unpacker **box = lua_newuserdatauv(L, sizeof *box, 0);  // unpacker
  *box = NULL;
  luaL_setmetatable(L, UNPACKER);
  int fds[2];
  qd_error err = QD_ERROR_INIT;
  if (pipe2(fds, O_CLOEXEC) != 0) {
    (void)qd_fs_fail(&err, errno, "open", "a pipe");
    return qd_raise(L, &err);
  }
  (void)fcntl(fds[1], F_SETFL, O_NONBLOCK);
  unpacker *u = qd_xcalloc(1, sizeof *u);
  u->refs = 2;
  u->out = fds[0];
  u->in = fds[1];
  u->loop = qd_rt_loop(qd_rt_of(L));
  u->dir = dup_field(L, "dir");
  u->from = dup_field(L, "from");
  u->to = dup_field(L, "to");
  u->o = (qd_tar_unpack_options){u->dir, u->from, u->to, owner, devices, most > 0 ? (uint64_t)most : 0};
  u->err = (qd_error)QD_ERROR_INIT;
  qd_tar_notes_init(&u->result.notes);
  *box = u;
  qd_loop_linger(u->loop, 1);
  qd_work_start(u->loop, unpack_work, unpack_done, u);
  return 1;
}

static unpacker *check_unpacker(lua_State *L) {
  unpacker *u = *(unpacker **)luaL_checkudata(L, 1, UNPACKER);
  luaL_argcheck(L, u, 1, "the unpacker is closed");
  return u;
}

static void on_fed(void *ctx, size_t n, int number) {
  (void)n;
  feed_op *o = ctx;
  o->job = NULL;
  o->taken = number == 0;
  o->u->feeding = false;
  if (atomic_load(&o->u->stop)) close_fd(&o->u->in);  // the handle was closed meanwhile
  qd_op_done(&o->base, NULL);                         // that nobody reads is told by finish()
}

static void feed_cancel(qd_op *op) {
  feed_op *o = (feed_op *)op;
  if (o->job) qd_fsjob_cancel(o->job);
}

static void feed_drop(qd_op *op) {
  feed_op *o = (feed_op *)op;
  free(o->bytes);
  unpacker_unref(o->u);
}

static int feed_push(lua_State *L, qd_op *op) {
  lua_pushboolean(L, ((feed_op *)op)->taken);
  return 1;
}

static const qd_op_kind FEED = {"unpacking files", sizeof(feed_op), feed_push, feed_cancel, feed_drop};

// unpacker:write(bytes) -> true, or false when it takes no more (finish() says why)       yields
static int l_unpack_write(lua_State *L) {
  unpacker *u = check_unpacker(L);
  qd_slice bytes = qd_check_slice(L, 2);
  luaL_argcheck(L, u->in >= 0 && !u->feeding, 1, "it was finished, or another task writes");
  feed_op *o = (feed_op *)qd_op_push(L, &FEED);  // op
  o->u = u;
  u->refs++;
  o->bytes = qd_xmalloc(bytes.n + 1);
  memcpy(o->bytes, bytes.p ? bytes.p : "", bytes.n);
  qd_op_start(&o->base, 0);
  u->feeding = true;
  o->job = qd_fsjob_write(u->loop, u->in, o->bytes, bytes.n, on_fed, o);
  return qd_await(L, &o->base);
}

static void finish_cancel(qd_op *op) { atomic_store(&((feed_op *)op)->u->stop, true); }

static int finish_push(lua_State *L, qd_op *op) {
  const unpacker *u = ((feed_op *)op)->u;
  lua_createtable(L, 0, 4);  // result
  lua_pushinteger(L, (lua_Integer)u->result.entries);
  lua_setfield(L, -2, "entries");
  lua_pushinteger(L, (lua_Integer)u->result.bytes);
  lua_setfield(L, -2, "bytes");
  (void)push_notes(L, &u->result.notes);  // result text n
  lua_setfield(L, -3, "noted");
  lua_setfield(L, -2, "notes");
  return 1;
}

static const qd_op_kind FINISH = {"unpacking files", sizeof(feed_op), finish_push, finish_cancel, feed_drop};

// unpacker:finish() -> {entries=, bytes=, notes=, noted=}                                 yields
static int l_unpack_finish(lua_State *L) {
  unpacker *u = check_unpacker(L);
  luaL_argcheck(L, !u->waiter, 1, "another task waits for it");
  close_fd(&u->in);
  feed_op *o = (feed_op *)qd_op_push(L, &FINISH);  // op
  o->u = u;
  u->refs++;
  qd_op_start(&o->base, 0);
  if (u->over)
    qd_op_done(&o->base, u->err.category == QD_OK ? NULL : &u->err);
  else
    u->waiter = &o->base;
  return qd_await(L, &o->base);
}

// unpacker:close(): what is not finished is given up; a file that was half written is gone
static int l_unpack_close(lua_State *L) {
  unpacker **box = luaL_checkudata(L, 1, UNPACKER);
  unpacker *u = *box;
  *box = NULL;
  if (!u) return 0;
  atomic_store(&u->stop, true);
  if (!u->feeding) close_fd(&u->in);
  unpacker_unref(u);
  return 0;
}

int luaopen_qd_tar(lua_State *L) {
  static const luaL_Reg pack[] = {{"add", l_pack_add},     {"step", l_pack_step},   {"judge", l_pack_judge},
                                  {"notes", l_pack_notes}, {"close", l_pack_close}, {NULL, NULL}};
  static const luaL_Reg pack_meta[] = {{"__gc", l_pack_close}, {"__close", l_pack_close}, {NULL, NULL}};
  static const luaL_Reg unpack[] = {{"write", l_unpack_write}, {"finish", l_unpack_finish}, {"close", l_unpack_close}, {NULL, NULL}};
  static const luaL_Reg unpack_meta[] = {{"__gc", l_unpack_close}, {"__close", l_unpack_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"pack", l_pack}, {"unpack", l_unpack}, {NULL, NULL}};
  qd_class(L, PACKER, pack, pack_meta);
  qd_class(L, UNPACKER, unpack, unpack_meta);
  luaL_newlib(L, functions);
  return 1;
}
