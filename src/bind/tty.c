// core.tty: this process's stdin, stdout and stderr, and its terminal.
#include "loop/tty.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "bind/modules.h"
#include "loop/stdio.h"
#include "script/script.h"

#define STREAMS 3
#define READ_MOST (1 << 20)

static const char STATE[] = "qd.tty";
static const char MODE[] = "qd.tty.mode";

// One per Lua state.
typedef struct tty_state {
  qd_stdio *streams[STREAMS];
  qd_tty_watch *watch;
  bool resized;     // nobody was told yet
  qd_list waiting;  // of resize_op
} tty_state;

static tty_state *state_of(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, STATE);
  tty_state *s = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return s;
}

static int check_fd(lua_State *L, int arg) {
  lua_Integer fd = luaL_checkinteger(L, arg);
  luaL_argcheck(L, fd >= 0 && fd < STREAMS, arg, "0, 1 or 2 expected");
  return (int)fd;
}

static qd_stdio *stream_of(lua_State *L, int fd) {
  tty_state *s = state_of(L);
  if (!s->streams[fd]) s->streams[fd] = qd_stdio_new(qd_rt_loop(qd_rt_of(L)), fd);
  return s->streams[fd];
}

// --- reading and writing ---------------------------------------------------------------------------------------------

typedef struct stream_op {
  qd_op base;
  qd_stdio_req req;
  size_t n;
} stream_op;

static void on_done(void *ctx, size_t n, const qd_error *err) {
  stream_op *op = ctx;
  op->n = n;
  qd_op_done(&op->base, err);
}

static void stream_cancel(qd_op *op) {
  qd_stdio_cancel(&((stream_op *)op)->req);
  qd_op_done(op, NULL);
}

static void stream_drop(qd_op *op) {
  qd_stdio_cancel(&((stream_op *)op)->req);
  free(((stream_op *)op)->req.buffer);
}

static int read_push(lua_State *L, qd_op *op) {
  stream_op *r = (stream_op *)op;
  if (r->n > 0)
    lua_pushlstring(L, r->req.buffer, r->n);
  else
    lua_pushnil(L);
  return 1;
}

static const qd_op_kind WRITE = {"tty.write", sizeof(stream_op), NULL, stream_cancel, stream_drop};
static const qd_op_kind READ = {"tty.read", sizeof(stream_op), read_push, stream_cancel, stream_drop};

// tty.write(fd, bytes): waits until all of it is with the reader                          yields
static int l_write(lua_State *L) {
  int fd = check_fd(L, 1);
  qd_slice bytes = qd_check_slice(L, 2);
  if (qd_rt_has_streams(qd_rt_of(L))) {
    qd_rt_write(qd_rt_of(L), fd, bytes);
    return 0;
  }
  qd_stdio *stream = stream_of(L, fd);
  if (fd == 1) (void)fflush(stdout);                   // what print() holds comes first
  stream_op *op = (stream_op *)qd_op_push(L, &WRITE);  // ... op
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, 1);  // the op keeps the bytes
  op->req = (qd_stdio_req){.fn = on_done, .ctx = op, .bytes = bytes};
  qd_op_start(&op->base, 0);
  qd_stdio_write(stream, &op->req);
  return qd_await(L, &op->base);
}

static int read_own(lua_State *L, size_t most) {
  qd_slice got = qd_rt_read(qd_rt_of(L), most);
  if (got.n > 0)
    lua_pushlstring(L, got.p, got.n);
  else
    lua_pushnil(L);
  return 1;
}

// tty.read(fd, most) -> bytes, as many as are there; nil at the end                       yields
static int l_read(lua_State *L) {
  int fd = check_fd(L, 1);
  lua_Integer most = luaL_checkinteger(L, 2);
  luaL_argcheck(L, most > 0 && most <= READ_MOST, 2, "1 to 1048576 expected");
  if (qd_rt_has_streams(qd_rt_of(L))) return read_own(L, (size_t)most);
  qd_stdio *stream = stream_of(L, fd);
  stream_op *op = (stream_op *)qd_op_push(L, &READ);
  op->req = (qd_stdio_req){.fn = on_done, .ctx = op, .size = (size_t)most, .buffer = qd_xmalloc((size_t)most)};
  qd_op_start(&op->base, 0);
  qd_stdio_read(stream, &op->req);
  return qd_await(L, &op->base);
}

// --- the terminal ------------------------------------------------------------------------------------------------------

// tty.isatty(fd) -> boolean
static int l_isatty(lua_State *L) {
  lua_pushboolean(L, !qd_rt_has_streams(qd_rt_of(L)) && qd_tty_is(check_fd(L, 1)));
  return 1;
}

// tty.size(fd) -> columns, rows; nil when fd is no terminal
static int l_size(lua_State *L) {
  int columns;
  int rows;
  if (qd_rt_has_streams(qd_rt_of(L)) || !qd_tty_size(check_fd(L, 1), &columns, &rows)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, columns);
  lua_pushinteger(L, rows);
  return 2;
}

static int enter(lua_State *L, qd_tty_mode mode) {
  int fd = check_fd(L, 1);
  bool *entered = lua_newuserdatauv(L, sizeof *entered, 0);  // mode
  *entered = false;
  luaL_setmetatable(L, MODE);
  qd_error err = QD_ERROR_INIT;
  if (qd_rt_has_streams(qd_rt_of(L))) (void)qd_fail(&err, QD_FAIL, "no_tty", "this run has no terminal");
  qd_check(L, err.category, &err);
  qd_check(L, qd_tty_enter(fd, mode, &err), &err);
  *entered = true;
  return 1;
}

// tty.raw(fd) -> a to-be-closed value; until then the terminal gives every byte and interprets none
static int l_raw(lua_State *L) { return enter(L, QD_TTY_RAW); }

// tty.secret(fd) -> a to-be-closed value; until then what is typed is not shown
static int l_secret(lua_State *L) { return enter(L, QD_TTY_SECRET); }

static int l_leave(lua_State *L) {
  bool *entered = luaL_checkudata(L, 1, MODE);
  if (*entered) qd_tty_restore();
  *entered = false;
  return 0;
}

typedef struct resize_op {
  qd_op base;
  qd_list link;
} resize_op;

static void resize_cancel(qd_op *op) {
  qd_list_remove(&((resize_op *)op)->link);
  qd_op_done(op, NULL);
}
static const qd_op_kind RESIZE = {"tty.wait_resize", sizeof(resize_op), NULL, resize_cancel, NULL};

static void on_resize(void *ctx) {
  tty_state *s = ctx;
  s->resized = qd_list_empty(&s->waiting);
  for (qd_list *node; (node = qd_list_shift(&s->waiting)) != NULL;) qd_op_done(&QD_CONTAINER_OF(node, resize_op, link)->base, NULL);
}

// tty.wait_resize(): until the terminal's size changes (or did since the last call)       yields
static int l_wait_resize(lua_State *L) {
  tty_state *s = state_of(L);
  if (!s->watch) s->watch = qd_tty_watch_new(qd_rt_loop(qd_rt_of(L)), on_resize, s);
  resize_op *op = (resize_op *)qd_op_push(L, &RESIZE);
  qd_list_init(&op->link);
  qd_op_start(&op->base, 0);
  if (s->resized)
    qd_op_done(&op->base, NULL);
  else
    qd_list_push(&s->waiting, &op->link);
  s->resized = false;
  return qd_await(L, &op->base);
}

static int l_state_gc(lua_State *L) {
  tty_state *s = lua_touserdata(L, 1);
  for (int i = 0; i < STREAMS; i++) {
    qd_stdio_free(s->streams[i]);
    s->streams[i] = NULL;
  }
  qd_tty_watch_free(s->watch);
  s->watch = NULL;
  return 0;
}

int luaopen_qd_tty(lua_State *L) {
  static const luaL_Reg mode_meta[] = {{"__close", l_leave}, {"__gc", l_leave}, {NULL, NULL}};
  static const luaL_Reg state_meta[] = {{"__gc", l_state_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"write", l_write}, {"read", l_read},     {"isatty", l_isatty},           {"size", l_size},
                                       {"raw", l_raw},     {"secret", l_secret}, {"wait_resize", l_wait_resize}, {NULL, NULL}};
  qd_class(L, MODE, NULL, mode_meta);
  qd_class(L, "qd.tty.state", NULL, state_meta);
  tty_state *s = lua_newuserdatauv(L, sizeof *s, 0);  // state
  *s = (tty_state){0};
  qd_list_init(&s->waiting);
  luaL_setmetatable(L, "qd.tty.state");
  lua_setfield(L, LUA_REGISTRYINDEX, STATE);
  luaL_newlib(L, functions);
  return 1;
}
