// core.proc: programs run to their end (run) or talked to while they run (spawn). Never through a shell.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bind/modules.h"
#include "bind/proc_args.h"

#define OUTPUT_DEFAULT ((lua_Integer)16 << 20)
#define QUEUE_MAX (256u << 10)  // read ahead of the script
#define READ_DEFAULT (64 << 10)
#define READ_MAX (16 << 20)
#define HANDLE "qd.proc"

static void push_exit(lua_State *L, int code, int signo) {  // [-0, +1, m]
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, signo ? 128 + signo : code);
  lua_setfield(L, -2, "code");
  if (signo) lua_pushinteger(L, signo);
  if (signo) lua_setfield(L, -2, "signal");
}

// ---- run

typedef struct run_op {
  qd_op base;
  qd_proc_args args;
  qd_proc *proc;
  qd_buf out[2];  // stdout, stderr
  bool ended[2], exited;
  int code, signo;
} run_op;

static void run_end(run_op *o, const qd_error *err) {
  qd_proc *p = o->proc;
  o->proc = NULL;
  qd_proc_free(p);
  qd_op_done(&o->base, err);
}

static void run_check(run_op *o) {
  if (o->exited && o->ended[0] && o->ended[1]) run_end(o, NULL);
}

static void on_run_data(void *ctx, int which, qd_slice bytes) {
  run_op *o = ctx;
  if (qd_buf_add(&o->out[which - 1], bytes.p, bytes.n)) return;
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_FAIL, "too_large", "%s wrote more than %zu bytes", o->args.argv[0], o->out[which - 1].cap);
  run_end(o, &err);
}

static void on_run_end(void *ctx, int which) {
  run_op *o = ctx;
  o->ended[which - 1] = true;
  run_check(o);
}

static void on_run_exit(void *ctx, int code, int signo) {
  run_op *o = ctx;
  o->exited = true;
  o->code = code;
  o->signo = signo;
  run_check(o);
}

// What it does not want to read is no error: its status tells more.
static void on_run_written(void *ctx, int error) {
  (void)error;
  qd_op_unref(ctx);
}

static void run_cancel(qd_op *op) { run_end((run_op *)op, NULL); }

static void run_drop(qd_op *op) {
  run_op *o = (run_op *)op;
  qd_proc_free(o->proc);
  qd_proc_args_deinit(&o->args);
  qd_buf_deinit(&o->out[0]);
  qd_buf_deinit(&o->out[1]);
}

static int run_push(lua_State *L, qd_op *op) {
  static const char *const names[] = {"stdout", "stderr"};
  run_op *o = (run_op *)op;
  push_exit(L, o->code, o->signo);
  for (int i = 0; i < 2; i++) {
    lua_pushlstring(L, o->out[i].p ? o->out[i].p : "", o->out[i].n);
    lua_setfield(L, -2, names[i]);
  }
  return 1;
}

static const qd_op_kind RUN = {.name = "the program", .size = sizeof(run_op), .push = run_push, .cancel = run_cancel, .drop = run_drop};

static void feed(run_op *o, qd_slice input) {
  qd_op_ref(&o->base);
  if (input.n == 0 || !qd_proc_write(o->proc, input, on_run_written, o)) qd_op_unref(&o->base);
  qd_proc_close_stdin(o->proc);
}

// run{argv=, stdin=, env=, cwd=, timeout=, max_output=, stdio=} -> {code, signal, stdout, stderr}   yields
static int l_run(lua_State *L) {
  static const qd_proc_events events = {on_run_data, on_run_end, on_run_exit};
  lua_settop(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  uint64_t ms = qd_field_ms(L, 1, "timeout", 0);
  lua_Integer max = qd_field_integer(L, 1, "max_output", OUTPUT_DEFAULT);
  luaL_argcheck(L, max >= 0, 1, "max_output: not negative");
  bool has_input = lua_getfield(L, 1, "stdin") != LUA_TNIL;  // input
  qd_slice input = has_input ? qd_check_slice(L, 2) : (qd_slice){NULL, 0};
  run_op *o = (run_op *)qd_op_push(L, &RUN);  // input op
  qd_buf_init(&o->out[0], (size_t)max);
  qd_buf_init(&o->out[1], (size_t)max);
  qd_proc_args_check(L, 1, has_input ? QD_PROC_PIPE : QD_PROC_NULL, &o->args);
  qd_proc_spec spec = qd_proc_args_spec(&o->args);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_proc_spawn(qd_rt_loop(qd_rt_of(L)), &spec, &events, o, &o->proc, &err), &err);
  qd_op_start(&o->base, ms);
  for (int i = 0; i < 2; i++) {
    o->ended[i] = spec.io[i + 1] != QD_PROC_PIPE;
    qd_proc_read(o->proc, i + 1, true);
  }
  feed(o, input);
  return qd_await(L, &o->base);
}

// ---- spawn

typedef struct handle {
  int refs;  // the userdata's, and one for each op under way
  qd_proc *proc;
  qd_buf queue[2];
  bool ended[2], exited;
  int code, signo;
  qd_op *reader[2], *waiter;  // at most one each
} handle;

typedef struct handle_op {
  qd_op base;
  handle *h;
  int which;
  size_t max;
} handle_op;

static void handle_unref(handle *h) {
  if (--h->refs > 0) return;
  qd_proc_free(h->proc);
  qd_buf_deinit(&h->queue[0]);
  qd_buf_deinit(&h->queue[1]);
  free(h);
}

static void finish(qd_op **slot, const qd_error *err) {
  qd_op *op = *slot;
  *slot = NULL;
  if (op) qd_op_done(op, err);
}

static void on_data(void *ctx, int which, qd_slice bytes) {
  handle *h = ctx;
  h->refs++;
  (void)qd_buf_add(&h->queue[which - 1], bytes.p, bytes.n);
  if (h->queue[which - 1].n >= QUEUE_MAX) qd_proc_read(h->proc, which, false);
  finish(&h->reader[which - 1], NULL);
  handle_unref(h);
}

static void on_end(void *ctx, int which) {
  handle *h = ctx;
  h->refs++;
  h->ended[which - 1] = true;
  finish(&h->reader[which - 1], NULL);
  handle_unref(h);
}

static void on_exit_of(void *ctx, int code, int signo) {
  handle *h = ctx;
  h->refs++;
  h->exited = true;
  h->code = code;
  h->signo = signo;
  finish(&h->waiter, NULL);
  handle_unref(h);
}

static void op_cancel(qd_op *op) {
  handle *h = ((handle_op *)op)->h;
  for (int i = 0; i < 2; i++)
    if (h->reader[i] == op) h->reader[i] = NULL;
  if (h->waiter == op) h->waiter = NULL;
  qd_op_done(op, NULL);
}

static void op_drop(qd_op *op) { handle_unref(((handle_op *)op)->h); }

static int read_push(lua_State *L, qd_op *op) {
  handle_op *o = (handle_op *)op;
  qd_buf *b = &o->h->queue[o->which - 1];
  size_t n = b->n < o->max ? b->n : o->max;
  if (n == 0) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushlstring(L, b->p, n);
  qd_buf_consume(b, n);
  if (o->h->proc && b->n < QUEUE_MAX) qd_proc_read(o->h->proc, o->which, true);
  return 1;
}

static int wait_push(lua_State *L, qd_op *op) {
  push_exit(L, ((handle_op *)op)->h->code, ((handle_op *)op)->h->signo);
  return 1;
}

static const qd_op_kind READ = {
    .name = "reading from the program", .size = sizeof(handle_op), .push = read_push, .cancel = op_cancel, .drop = op_drop};
static const qd_op_kind WAIT = {
    .name = "waiting for the program", .size = sizeof(handle_op), .push = wait_push, .cancel = op_cancel, .drop = op_drop};

static handle *check_handle(lua_State *L) {
  handle *h = *(handle **)luaL_checkudata(L, 1, HANDLE);
  luaL_argcheck(L, h, 1, "the process handle is closed");
  return h;
}

static handle_op *push_op(lua_State *L, handle *h, const qd_op_kind *kind) {
  handle_op *o = (handle_op *)qd_op_push(L, kind);  // op
  o->h = h;
  h->refs++;
  return o;
}

// process:read([max][, "stdout"|"stderr"]) -> bytes, or nil at the end                     yields
static int l_read(lua_State *L) {
  static const char *const names[] = {"stdout", "stderr", NULL};
  handle *h = check_handle(L);
  lua_Integer max = luaL_optinteger(L, 2, READ_DEFAULT);
  luaL_argcheck(L, max >= 1 && max <= READ_MAX, 2, "1 to 16777216 expected");
  int i = luaL_checkoption(L, 3, "stdout", names);
  if (h->reader[i]) return luaL_error(L, "another task reads this process's %s", names[i]);
  handle_op *o = push_op(L, h, &READ);
  o->which = i + 1;
  o->max = (size_t)max;
  qd_op_start(&o->base, 0);
  if (h->queue[i].n > 0 || h->ended[i]) {
    qd_op_done(&o->base, NULL);
  } else {
    h->reader[i] = &o->base;
    qd_proc_read(h->proc, i + 1, true);
  }
  return qd_await(L, &o->base);
}

// process:wait([timeout]) -> {code, signal}                                             yields
static int l_wait(lua_State *L) {
  handle *h = check_handle(L);
  uint64_t ms = qd_opt_ms(L, 2, 0);
  if (h->waiter) return luaL_error(L, "another task waits for this process");
  handle_op *o = push_op(L, h, &WAIT);
  qd_op_start(&o->base, ms);
  if (h->exited)
    qd_op_done(&o->base, NULL);
  else
    h->waiter = &o->base;
  return qd_await(L, &o->base);
}

static void write_cancel(qd_op *op) { qd_op_done(op, NULL); }
static const qd_op_kind WRITE = {.name = "writing to the program", .size = sizeof(handle_op), .cancel = write_cancel, .drop = op_drop};

static void on_written(void *ctx, int error) {
  handle_op *o = ctx;
  qd_error err = QD_ERROR_INIT;
  if (error) {
    (void)qd_fail(&err, QD_FAIL, error == EPIPE ? "reader_gone" : "write_failed", "cannot write to the program");
    (void)qd_why(&err, "%s", error == EPIPE ? "it does not read its standard input any more" : strerror(error));
  }
  qd_op_done(&o->base, error ? &err : NULL);
  qd_op_unref(&o->base);
}

// process:write(bytes) until they are on their way                                      yields
static int l_write(lua_State *L) {
  handle *h = check_handle(L);
  qd_slice bytes = qd_check_slice(L, 2);
  luaL_argcheck(L, bytes.n <= (64u << 20), 2, "at most 64 MiB at once");
  if (bytes.n == 0) return 0;
  handle_op *o = push_op(L, h, &WRITE);
  qd_op_start(&o->base, 0);
  qd_op_ref(&o->base);
  if (!qd_proc_write(h->proc, bytes, on_written, o)) on_written(o, EPIPE);
  return qd_await(L, &o->base);
}

// process:close_stdin()
static int l_close_stdin(lua_State *L) {
  qd_proc_close_stdin(check_handle(L)->proc);
  return 0;
}

// process:pid() -> integer, or nil once it ended
static int l_pid(lua_State *L) {
  int pid = qd_proc_pid(check_handle(L)->proc);
  if (pid)
    lua_pushinteger(L, pid);
  else
    lua_pushnil(L);
  return 1;
}

// process:kill([name]) -> whether it still ran
static int l_kill(lua_State *L) {
  static const char *const names[] = {"TERM", "KILL", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH", NULL};
  static const int numbers[] = {SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGSTOP, SIGCONT, SIGWINCH};
  handle *h = check_handle(L);
  lua_pushboolean(L, qd_proc_kill(h->proc, numbers[luaL_checkoption(L, 2, "TERM", names)]));
  return 1;
}

// process:close(): ends it if it still runs; who waits on it is told
static int l_close(lua_State *L) {
  handle **box = luaL_checkudata(L, 1, HANDLE);
  handle *h = *box;
  if (!h) return 0;
  *box = NULL;
  qd_proc *p = h->proc;
  h->proc = NULL;
  qd_proc_free(p);
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_CANCELLED, "closed", "the process handle was closed");
  finish(&h->reader[0], &err);
  finish(&h->reader[1], &err);
  finish(&h->waiter, &err);
  handle_unref(h);
  return 0;
}

typedef struct args_box {
  qd_proc_args args;
} args_box;

static int l_args_gc(lua_State *L) {
  qd_proc_args_deinit(&((args_box *)lua_touserdata(L, 1))->args);
  return 0;
}

// spawn{argv=, env=, cwd=, stdio=} -> process
static int l_spawn(lua_State *L) {
  static const qd_proc_events events = {on_data, on_end, on_exit_of};
  lua_settop(L, 1);
  args_box *a = lua_newuserdatauv(L, sizeof *a, 0);  // args
  *a = (args_box){0};
  luaL_setmetatable(L, "qd.proc.args");
  qd_proc_args_check(L, 1, QD_PROC_PIPE, &a->args);
  handle **box = lua_newuserdatauv(L, sizeof *box, 0);  // args process
  *box = NULL;
  luaL_setmetatable(L, HANDLE);
  handle *h = *box = qd_xcalloc(1, sizeof *h);
  h->refs = 1;
  qd_proc_spec spec = qd_proc_args_spec(&a->args);
  for (int i = 0; i < 2; i++) {
    qd_buf_init(&h->queue[i], QUEUE_MAX + READ_DEFAULT);
    h->ended[i] = spec.io[i + 1] != QD_PROC_PIPE;
  }
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_proc_spawn(qd_rt_loop(qd_rt_of(L)), &spec, &events, h, &h->proc, &err), &err);
  qd_proc_args_deinit(&a->args);
  return 1;
}

int luaopen_qd_proc(lua_State *L) {
  static const luaL_Reg methods[] = {{"read", l_read},   {"write", l_write}, {"close_stdin", l_close_stdin},
                                     {"wait", l_wait},   {"kill", l_kill},   {"pid", l_pid},
                                     {"close", l_close}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_close}, {"__close", l_close}, {NULL, NULL}};
  static const luaL_Reg args_meta[] = {{"__gc", l_args_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"run", l_run}, {"spawn", l_spawn}, {NULL, NULL}};
  qd_class(L, HANDLE, methods, meta);
  qd_class(L, "qd.proc.args", NULL, args_meta);
  luaL_newlib(L, functions);
  return 1;
}
