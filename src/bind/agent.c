// core.agent: the connection holder: being it, asking it, starting it.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/context.h"
#include "base/mem.h"
#include "bind/bind.h"
#include "bind/convert.h"
#include "bind/modules.h"
#include "loop/work.h"

#define ARGS_MAX 16

// ---- serve

typedef struct serve_op {
  qd_op base;
  qd_agent *agent;
} serve_op;

static void on_end(void *ctx) { qd_op_done(&((serve_op *)ctx)->base, NULL); }

static void serve_cancel(qd_op *op) { qd_op_done(op, NULL); }

static void serve_drop(qd_op *op) { qd_agent_free(((serve_op *)op)->agent); }

static const qd_op_kind SERVE = {.name = "holding connections", .size = sizeof(serve_op), .cancel = serve_cancel, .drop = serve_drop};

// serve(path, idle): holds connections until told to stop, or until nobody used them for `idle` seconds. `ready` is called
// once it listens.                                                                        yields
static int l_serve(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_argcheck(L, path[0] == '/', 1, "an absolute path expected");
  uint64_t idle = qd_opt_ms(L, 2, 600000);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  serve_op *o = (serve_op *)qd_op_push(L, &SERVE);  // op
  qd_error err;
  if (qd_agent_serve(qd_rt_loop(qd_rt_of(L)), path, idle, on_end, o, &o->agent, &err) != QD_OK) return qd_raise(L, &err);
  lua_pushvalue(L, 3);
  lua_call(L, 0, 0);
  qd_op_start(&o->base, 0);
  return qd_await(L, &o->base);
}

// ---- ask

typedef struct ask_op {
  qd_op base;
  qd_agent_ask *ask;
  qd_agent_status status;  // `holds` is a copy
  char *text;
} ask_op;

static char *keep(char **to, const char *s) {
  char *at = *to;
  size_t n = strlen(s) + 1;
  memcpy(at, s, n);
  *to += n;
  return at;
}

static void on_answer(void *ctx, const qd_agent_status *status, const qd_error *err) {
  ask_op *o = ctx;
  o->ask = NULL;
  if (status) {
    size_t room = 1;
    for (size_t i = 0; i < status->count; i++)
      room += strlen(status->holds[i].who) + strlen(status->holds[i].auth) + strlen(status->holds[i].state) + 3;
    qd_agent_holds *holds = qd_xcalloc(status->count + 1, sizeof *holds);
    char *to = o->text = qd_xmalloc(room);
    for (size_t i = 0; i < status->count; i++) {
      holds[i] = status->holds[i];
      holds[i].who = keep(&to, status->holds[i].who);
      holds[i].auth = keep(&to, status->holds[i].auth);
      holds[i].state = keep(&to, status->holds[i].state);
    }
    o->status = *status;
    o->status.holds = holds;
  }
  qd_op_done(&o->base, err);
}

static int ask_push(lua_State *L, qd_op *op) {
  const qd_agent_status *s = &((ask_op *)op)->status;
  lua_createtable(L, 0, 6);  // status
  qd_set_integer(L, "version", s->version);
  qd_set_integer(L, "pid", s->pid);
  qd_set_integer(L, "up", s->up);
  qd_set_integer(L, "idle", s->idle);
  qd_set_integer(L, "commands", s->commands);
  lua_createtable(L, (int)s->count, 0);  // status list
  for (size_t i = 0; i < s->count; i++) {
    const qd_agent_holds *h = &s->holds[i];
    lua_createtable(L, 0, 7);  // status list row
    qd_set_string(L, "who", h->who);
    qd_set_string(L, "auth", h->auth);
    qd_set_string(L, "state", h->state);
    qd_set_integer(L, "sessions", h->sessions);
    qd_set_integer(L, "channels", h->channels);
    qd_set_integer(L, "ready", h->ready);
    qd_set_integer(L, "idle", h->idle);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "connections");
  return 1;
}

static void ask_cancel(qd_op *op) {
  ask_op *o = (ask_op *)op;
  if (o->ask) qd_agent_ask_cancel(o->ask);
  o->ask = NULL;
  qd_op_done(op, NULL);
}

static void ask_drop(qd_op *op) {
  ask_op *o = (ask_op *)op;
  free((void *)o->status.holds);
  free(o->text);
}

static const qd_op_kind ASK = {
    .name = "asking the connection holder", .size = sizeof(ask_op), .push = ask_push, .cancel = ask_cancel, .drop = ask_drop};

// ask(path, "status"|"stop"|"retire"[, timeout]) -> status                               yields
static int l_ask(lua_State *L) {
  static const char *const QUESTIONS[] = {"status", "stop", "retire", NULL};
  const char *path = luaL_checkstring(L, 1);
  int question = luaL_checkoption(L, 2, NULL, QUESTIONS);
  uint64_t ms = qd_opt_ms(L, 3, 5000);
  ask_op *o = (ask_op *)qd_op_push(L, &ASK);  // op
  o->ask = qd_agent_ask_start(qd_rt_loop(qd_rt_of(L)), path, (qd_agent_question)question, on_answer, o);
  qd_op_start(&o->base, ms);
  return qd_await(L, &o->base);
}

// ---- start

typedef struct start_op {
  qd_op base;
  int fd;  // its standard output: a line once it listens
  int ms;
  bool ready;
  bool busy;  // the worker has fd
} start_op;

static void wait_ready(void *ctx) {
  start_op *o = ctx;
  struct pollfd p = {.fd = o->fd, .events = POLLIN};
  char byte;
  o->ready = poll(&p, 1, o->ms) == 1 && read(o->fd, &byte, 1) == 1;
}

static void waited(void *ctx) {
  start_op *o = ctx;
  o->busy = false;
  (void)close(o->fd);
  o->fd = -1;
  qd_op_done(&o->base, NULL);
  qd_op_unref(&o->base);
}

static int start_push(lua_State *L, qd_op *op) {
  lua_pushboolean(L, ((start_op *)op)->ready);
  return 1;
}

static void start_cancel(qd_op *op) { (void)op; }  // it ends by itself soon

static void start_drop(qd_op *op) {
  if (((start_op *)op)->fd >= 0) (void)close(((start_op *)op)->fd);
}

static const qd_op_kind START = {
    .name = "starting the connection holder", .size = sizeof(start_op), .push = start_push, .cancel = start_cancel, .drop = start_drop};

// A process of its own session, with nothing of ours but its standard output, on which it says that it listens.
static int spawn(char *const argv[], int out) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attr;
  pid_t pid;
  if (posix_spawn_file_actions_init(&files) != 0) return ENOMEM;
  if (posix_spawnattr_init(&attr) != 0) return ENOMEM;
  (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  (void)posix_spawn_file_actions_adddup2(&files, out, 1);
  (void)posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  (void)posix_spawn_file_actions_addclosefrom_np(&files, 3);
  sigset_t none;
  (void)sigemptyset(&none);
  (void)posix_spawnattr_setsigmask(&attr, &none);
  (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  int rc = posix_spawn(&pid, argv[0], &files, &attr, argv, qd_environ());
  (void)posix_spawnattr_destroy(&attr);
  (void)posix_spawn_file_actions_destroy(&files);
  return rc;
}

// start{program, argument...}[, timeout] -> whether it listens                            yields
static int l_start(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  uint64_t ms = qd_opt_ms(L, 2, 3000);
  char *argv[ARGS_MAX + 1];
  lua_Integer n = luaL_len(L, 1);
  luaL_argcheck(L, n >= 1 && n <= ARGS_MAX, 1, "1 to 16 strings expected");
  for (lua_Integer i = 1; i <= n; i++) {
    luaL_argcheck(L, lua_rawgeti(L, 1, i) == LUA_TSTRING, 1, "strings expected");
    argv[i - 1] = (char *)lua_tostring(L, -1);
    lua_pop(L, 1);  // the table keeps it
  }
  argv[n] = NULL;
  int ends[2];
  start_op *o = (start_op *)qd_op_push(L, &START);  // op
  o->fd = -1;
  o->ms = (int)(ms > 60000 ? 60000 : ms);
  int rc = pipe2(ends, O_CLOEXEC) == 0 ? spawn(argv, ends[1]) : errno;
  if (rc != 0) {
    qd_error err;
    (void)qd_fail(&err, QD_FAIL, "no_program", "cannot start the connection holder");
    (void)qd_why(&err, "%s", strerror(rc));
    return qd_raise(L, &err);
  }
  (void)close(ends[1]);
  o->fd = ends[0];
  qd_op_ref(&o->base);  // the worker's
  qd_op_start(&o->base, 0);
  qd_work_start(qd_rt_loop(qd_rt_of(L)), wait_ready, waited, o);
  return qd_await(L, &o->base);
}

// alone(): nothing that we inherited is kept open, and our standard output ends: who started us need not wait for us.
static int l_alone(lua_State *L) {
  if (!qd_rt_is_program(qd_rt_of(L))) return luaL_error(L, "this process is not the program's own");
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) {
    for (int fd = 0; fd <= 2; fd++) (void)dup2(null, fd);
    (void)close(null);
  }
  if (chdir("/") != 0) return 0;  // a directory that cannot be unmounted because of us would be a nuisance, and no more
  return 0;
}

int luaopen_qd_agent(lua_State *L) {
  static const luaL_Reg functions[] = {{"serve", l_serve}, {"ask", l_ask}, {"start", l_start}, {"alone", l_alone}, {NULL, NULL}};
  luaL_newlib(L, functions);  // module
  lua_pushinteger(L, QD_AGENT_VERSION);
  lua_setfield(L, -2, "VERSION");
  return 1;
}
