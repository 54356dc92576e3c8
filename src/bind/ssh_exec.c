// Commands on the server: session:run (to its end) and session:exec (talked to while it runs).
#include <stdlib.h>

#include "base/mem.h"
#include "bind/ssh.h"

#define OUTPUT_DEFAULT ((lua_Integer)16 << 20)
#define OUTPUT_MAX ((lua_Integer)1 << 30)
#define QUEUE_HIGH ((size_t)256 * 1024)  // read ahead of the script
#define QUEUE_LOW ((size_t)64 * 1024)
#define READ_DEFAULT (64 << 10)
#define READ_MAX (16 << 20)

static const char CLASS[] = "qd.ssh.exec";

typedef struct outcome {
  int status;  // -1: ended by `signal`
  char signal[32];
} outcome;

static void note_outcome(outcome *o, int status, const char *signal) {
  o->status = status;
  size_t n = 0;
  for (; signal && signal[n] && n + 1 < sizeof o->signal; n++) o->signal[n] = signal[n];
  o->signal[n] = '\0';
}

// ---- run

typedef struct run_op {
  qd_op base;
  qd_ssh_exec *exec;
  qd_buf out, err;
  outcome outcome;
} run_op;

static void run_end(run_op *o, const qd_error *err) {
  qd_ssh_exec *e = o->exec;
  o->exec = NULL;
  qd_ssh_exec_close(e);
  qd_op_done(&o->base, err);
}

static void run_add(run_op *o, qd_buf *to, qd_slice bytes) {
  if (qd_buf_add(to, bytes.p, bytes.n)) return;
  qd_error err;
  qd_fail(&err, QD_FAIL, "too_large", "the command on the NAS wrote more than %zu bytes", to->cap);
  run_end(o, &err);
}

static void on_run_stdout(void *ctx, qd_slice bytes) { run_add(ctx, &((run_op *)ctx)->out, bytes); }
static void on_run_stderr(void *ctx, qd_slice bytes) { run_add(ctx, &((run_op *)ctx)->err, bytes); }
static void on_run_exit(void *ctx, int status, const char *signal, const qd_error *err) {
  run_op *o = ctx;
  note_outcome(&o->outcome, status, signal);
  qd_error copy;
  if (err) copy = *err;
  run_end(o, err ? &copy : NULL);
}

static void run_cancel(qd_op *op) { run_end((run_op *)op, NULL); }

static void run_drop(qd_op *op) {
  run_op *o = (run_op *)op;
  qd_ssh_exec_close(o->exec);
  qd_buf_deinit(&o->out);
  qd_buf_deinit(&o->err);
}

static void push_buf(lua_State *L, const qd_buf *b) { lua_pushlstring(L, b->p ? b->p : "", b->n); }  // [-0, +1, m]

static int run_push(lua_State *L, qd_op *op) {
  run_op *o = (run_op *)op;
  lua_createtable(L, 0, 4);  // result
  if (o->outcome.signal[0]) {
    lua_pushstring(L, o->outcome.signal);
    lua_setfield(L, -2, "signal");
  } else {
    lua_pushinteger(L, o->outcome.status);
    lua_setfield(L, -2, "status");
  }
  push_buf(L, &o->out);
  lua_setfield(L, -2, "stdout");
  push_buf(L, &o->err);
  lua_setfield(L, -2, "stderr");
  return 1;
}

static const qd_op_kind RUN = {
    .name = "the command on the NAS", .size = sizeof(run_op), .push = run_push, .cancel = run_cancel, .drop = run_drop};

// session:run(command[, {stdin=, timeout=, max_output=}]) -> {status= | signal=, stdout=, stderr=}   yields
int qd__ssh_l_run(lua_State *L) {
  static const qd_ssh_exec_events events = {on_run_stdout, on_run_stderr, NULL, on_run_exit};
  lua_settop(L, 3);
  qd__ssh_box *box = qd__ssh_check(L);
  const char *command = luaL_checkstring(L, 2);
  uint64_t ms = qd_field_ms(L, 3, "timeout", 0);
  lua_Integer max = qd_field_integer(L, 3, "max_output", OUTPUT_DEFAULT);
  luaL_argcheck(L, max >= 0 && max <= OUTPUT_MAX, 3, "max_output: 0 to 1 GiB expected");
  qd_slice input = {"", 0};
  if (!lua_isnil(L, 3) && lua_getfield(L, 3, "stdin") != LUA_TNIL) input = qd_check_slice(L, 4);
  run_op *o = (run_op *)qd_op_push(L, &RUN);  // ... op
  qd_buf_init(&o->out, (size_t)max);
  qd_buf_init(&o->err, (size_t)max);
  o->exec = qd_ssh_exec_start(box->ssh, command, &events, o);
  (void)qd_ssh_exec_write(o->exec, input);
  qd_ssh_exec_shutdown(o->exec);
  qd_op_start(&o->base, ms);
  return qd_await(L, &o->base);
}

// ---- exec

typedef struct piece {
  struct piece *next;
  bool is_err;
  size_t at, n;
  char p[];
} piece;

typedef struct handle {
  int refs;           // the userdata's, and one for each op under way
  qd_ssh_exec *exec;  // NULL: closed
  piece *pieces;      // in the order they came
  piece **last;       // where the next one is hung
  size_t queued;
  bool paused, ended, failed;
  outcome outcome;
  qd_error err;
  qd_op *reader, *writer, *waiter;  // who waits
} handle;

typedef struct handle_op {
  qd_op base;
  handle *h;
  qd_op **slot;
  size_t max;
} handle_op;

static void handle_unref(handle *h) {
  if (--h->refs > 0) return;
  qd_ssh_exec_close(h->exec);
  for (piece *p = h->pieces; p;) {
    piece *next = p->next;
    free(p);
    p = next;
  }
  free(h);
}

static void wake(qd_op **slot, const qd_error *err) {
  qd_op *op = *slot;
  *slot = NULL;
  if (op) qd_op_done(op, err);
}

static void add_piece(handle *h, bool is_err, qd_slice bytes) {
  piece *p = qd_xmalloc(sizeof *p + bytes.n);
  *p = (piece){.is_err = is_err, .n = bytes.n};
  memcpy(p->p, bytes.p, bytes.n);
  *h->last = p;
  h->last = &p->next;
  h->queued += bytes.n;
  if (h->queued >= QUEUE_HIGH && !h->paused) {
    h->paused = true;
    qd_ssh_exec_read(h->exec, false);
  }
  wake(&h->reader, NULL);
}

static void on_stdout(void *ctx, qd_slice bytes) { add_piece(ctx, false, bytes); }
static void on_stderr(void *ctx, qd_slice bytes) { add_piece(ctx, true, bytes); }
static void on_drain(void *ctx) { wake(&((handle *)ctx)->writer, NULL); }
static void on_ended(void *ctx, int status, const char *signal, const qd_error *err) {
  handle *h = ctx;
  h->ended = true;
  h->failed = err != NULL;
  if (err) h->err = *err;
  note_outcome(&h->outcome, status, signal);
  wake(&h->reader, err);
  wake(&h->writer, err);
  wake(&h->waiter, err);
}
static const qd_ssh_exec_events EVENTS = {on_stdout, on_stderr, on_drain, on_ended};

static void op_cancel(qd_op *base) {
  handle_op *op = (handle_op *)base;
  if (*op->slot == base) *op->slot = NULL;
  qd_op_done(base, NULL);
}

static void op_drop(qd_op *op) { handle_unref(((handle_op *)op)->h); }

static int push_end(lua_State *L, const handle *h) {
  if (h->failed) return qd_raise(L, &h->err);
  lua_pushnil(L);
  return 1;
}

// -1: nothing is there yet.
static int take(lua_State *L, handle *h, size_t max) {
  if (!h->pieces) return h->ended ? push_end(L, h) : -1;
  piece *p = h->pieces;
  size_t n = p->n - p->at < max ? p->n - p->at : max;
  lua_pushstring(L, p->is_err ? "stderr" : "stdout");  // kind
  lua_pushlstring(L, p->p + p->at, n);                 // kind bytes
  p->at += n;
  h->queued -= n;
  if (p->at == p->n) {
    h->pieces = p->next;
    if (!h->pieces) h->last = &h->pieces;
    free(p);
  }
  if (h->paused && h->queued < QUEUE_LOW && h->exec) {
    h->paused = false;
    qd_ssh_exec_read(h->exec, true);
  }
  return 2;
}

static int read_push(lua_State *L, qd_op *op);
static const qd_op_kind READ = {
    .name = "reading from the command", .size = sizeof(handle_op), .push = read_push, .cancel = op_cancel, .drop = op_drop};

static handle *check(lua_State *L) {
  handle *h = *(handle **)luaL_checkudata(L, 1, CLASS);
  luaL_argcheck(L, h, 1, "this command was closed");
  return h;
}

static int wait_on(lua_State *L, const qd_op_kind *kind, handle *h, qd_op **slot, size_t max, uint64_t ms) {
  if (*slot) return luaL_error(L, "another task waits for this already (%s)", kind->name);
  handle_op *op = (handle_op *)qd_op_push(L, kind);  // op
  op->h = h;
  h->refs++;
  op->slot = slot;
  op->max = max;
  *slot = &op->base;
  qd_op_start(&op->base, ms);
  return qd_await(L, &op->base);
}

static int take_or_wait(lua_State *L, handle *h, size_t max, uint64_t ms) {
  int n = take(L, h, max);
  return n >= 0 ? n : wait_on(L, &READ, h, &h->reader, max, ms);
}

static int read_push(lua_State *L, qd_op *op) { return take_or_wait(L, ((handle_op *)op)->h, ((handle_op *)op)->max, 0); }

// command:read([max]) -> "stdout"|"stderr", bytes; nil at the end                          yields
static int l_read(lua_State *L) {
  handle *h = check(L);
  lua_Integer max = luaL_optinteger(L, 2, READ_DEFAULT);
  luaL_argcheck(L, max >= 1 && max <= READ_MAX, 2, "1 to 16777216 expected");
  return take_or_wait(L, h, (size_t)max, 0);
}

static const qd_op_kind WRITE = {.name = "writing to the command", .size = sizeof(handle_op), .cancel = op_cancel, .drop = op_drop};

// command:write(bytes): returns when there is room for more                               yields
static int l_write(lua_State *L) {
  handle *h = check(L);
  qd_slice bytes = qd_check_slice(L, 2);
  luaL_argcheck(L, bytes.n <= (64u << 20), 2, "at most 64 MiB at once");
  if (h->ended) {
    qd_error err;
    qd_fail(&err, QD_FAIL, "reader_gone", "cannot write to the command on the NAS");
    qd_why(&err, "it has ended");
    return qd_raise(L, h->failed ? &h->err : &err);
  }
  if (qd_ssh_exec_write(h->exec, bytes)) return 0;
  return wait_on(L, &WRITE, h, &h->writer, 0, 0);
}

// command:shutdown(): the end of its standard input
static int l_shutdown(lua_State *L) {
  qd_ssh_exec_shutdown(check(L)->exec);
  return 0;
}

static int push_outcome(lua_State *L, const handle *h) {
  if (h->failed) return qd_raise(L, &h->err);
  if (h->outcome.signal[0])
    lua_pushnil(L);
  else
    lua_pushinteger(L, h->outcome.status);
  lua_pushstring(L, h->outcome.signal[0] ? h->outcome.signal : NULL);
  return 2;
}

static int wait_push(lua_State *L, qd_op *op) { return push_outcome(L, ((handle_op *)op)->h); }
static const qd_op_kind WAIT = {
    .name = "waiting for the command", .size = sizeof(handle_op), .push = wait_push, .cancel = op_cancel, .drop = op_drop};

// command:wait([timeout]) -> status, signal: one of them is nil. Output that nobody reads keeps a command from ending.  yields
static int l_wait(lua_State *L) {
  handle *h = check(L);
  return h->ended ? push_outcome(L, h) : wait_on(L, &WAIT, h, &h->waiter, 0, qd_opt_ms(L, 2, 0));
}

// command:close(): who waits on it is told
static int l_close(lua_State *L) {
  handle **box = luaL_checkudata(L, 1, CLASS);
  handle *h = *box;
  if (!h) return 0;
  *box = NULL;
  qd_ssh_exec_close(h->exec);
  h->exec = NULL;
  qd_error err;
  qd_fail(&err, QD_CANCELLED, "closed", "the command was closed");
  wake(&h->reader, &err);
  wake(&h->writer, &err);
  wake(&h->waiter, &err);
  handle_unref(h);
  return 0;
}

// session:exec(command[, {bulk=}]) -> command
int qd__ssh_l_exec(lua_State *L) {
  lua_settop(L, 3);
  qd__ssh_box *box = qd__ssh_check(L);
  const char *command = luaL_checkstring(L, 2);
  bool bulk = lua_istable(L, 3) && lua_getfield(L, 3, "bulk") != LUA_TNIL && lua_toboolean(L, -1);
  handle **userdata = lua_newuserdatauv(L, sizeof *userdata, 0);  // command
  *userdata = NULL;
  luaL_setmetatable(L, CLASS);
  handle *h = *userdata = qd_xcalloc(1, sizeof *h);
  h->refs = 1;
  h->last = &h->pieces;
  h->exec = (bulk ? qd_ssh_exec_bulk : qd_ssh_exec_start)(box->ssh, command, &EVENTS, h);
  return 1;
}

void qd__ssh_exec_class(lua_State *L) {
  static const luaL_Reg methods[] = {{"read", l_read}, {"write", l_write}, {"shutdown", l_shutdown},
                                     {"wait", l_wait}, {"close", l_close}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_close}, {"__close", l_close}, {NULL, NULL}};
  qd_class(L, CLASS, methods, meta);
}
