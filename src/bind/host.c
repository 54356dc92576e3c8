// The public face: qd.h on top of the runtime. Functions for scripts are in host_call.c.
#include "bind/host.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "bind/modules.h"
#include "loop/interrupt.h"
#include "qd_lua.h"

#define OUTPUT_CAP ((size_t)1 << 30)
#define POOL_SIZE "12"  // eight handshakes at once, and files beside them

struct qd_host {
  qd_rt *rt;
  qd_list runs;
  qd_output *output;
  void *ctx;
  bool signals;
  bool blocked;  // SIGPIPE, by us
};

struct qd_run {
  qd_job job;
  qd_host *host;
  qd_list link;
  int refs;  // the job's until it ended, the user's, a waiter's
  bool freed;
  bool capture;
  qd_buf out[2];
  char *input;
  void (*done)(void *ctx, qd_run *run);
  void *ctx;
  qd_failure failure;
};

int qd_api(void) { return QD_API; }

const char *qd_version(void) { return QD_VERSION; }

// --- the host ----------------------------------------------------------------------------------------------------------

static atomic_flag signals_taken = ATOMIC_FLAG_INIT;

static void on_interrupt(void *ctx, int count, bool ends) {
  (void)count;
  qd_rt_interrupt(ctx, ends);
}

// What the caller's struct has, and zero for what it is too old to know. false: it comes from a newer header, or was not filled in.
static bool take_options(void *out, size_t known, const void *given) {
  size_t size = known;
  if (given) memcpy(&size, given, sizeof size);
  if (size < sizeof size || size > known) return false;
  memset(out, 0, known);
  if (given) memcpy(out, given, size);
  return true;
}

// A peer that went away must show as a failed write, and is nobody's business outside this thread.
static void block_sigpipe(qd_host *host) {
  sigset_t pipe_set;
  sigset_t before;
  (void)sigemptyset(&pipe_set);
  (void)sigaddset(&pipe_set, SIGPIPE);
  (void)pthread_sigmask(SIG_BLOCK, &pipe_set, &before);
  host->blocked = sigismember(&before, SIGPIPE) == 0;
}

static void unblock_sigpipe(const qd_host *host) {
  if (!host->blocked) return;
  sigset_t pipe_set;
  (void)sigemptyset(&pipe_set);
  (void)sigaddset(&pipe_set, SIGPIPE);
  const struct timespec at_once = {0, 0};
  while (sigtimedwait(&pipe_set, NULL, &at_once) == SIGPIPE) {
  }
  (void)pthread_sigmask(SIG_UNBLOCK, &pipe_set, NULL);
}

static char **environment_of(const qd_host_options *o) {
  if (!o->home) return o->environment ? qd_environ_new(o->environment) : NULL;
  size_t n = 0;
  while (o->environment && o->environment[n]) n++;
  const char **changes = qd_xcalloc(n + 2, sizeof *changes);
  if (n) memcpy(changes, o->environment, n * sizeof *changes);
  char *home = qd_xasprintf("QNAP_DOCKER_HOME=%s", o->home);
  changes[n] = home;
  char **list = qd_environ_new(changes);
  free(home);
  free(changes);
  return list;
}

static qd_host *host_new(const qd_host_options *options, bool is_program) {
  qd_host_options o;
  if (!take_options(&o, sizeof o, options) || (o.home && o.home[0] != '/')) return NULL;
  if (o.handle_signals && atomic_flag_test_and_set(&signals_taken)) return NULL;
  qd_host *host = qd_xcalloc(1, sizeof *host);
  qd_list_init(&host->runs);
  host->output = o.output;
  host->ctx = o.ctx;
  host->signals = o.handle_signals != 0;
  if (!is_program) block_sigpipe(host);
  qd_secret_hold();
  host->rt = qd_rt_new(&(qd_rt_config){qd_bind_modules, o.loop ? qd_loop_new_on(o.loop) : qd_loop_new(), environment_of(&o), is_program});
  host->rt->program = qd_xstrdup(o.program);
  host->rt->memory_limit = o.memory_limit;
  if (host->signals) qd_interrupt_install(host->rt->loop, on_interrupt, qd_rt_interrupt_now, host->rt);
  return host;
}

qd_host *qd_host_new(const qd_host_options *options) { return host_new(options, false); }

static void drop(qd_run *run);

static void end_all(qd_host *host) {
  for (qd_list *n = host->runs.next; n != &host->runs; n = n->next) QD_CONTAINER_OF(n, qd_run, link)->done = NULL;
  if (!qd_loop_is_shared(host->rt->loop)) qd_rt_end_jobs(host->rt);
}

void qd_host_free(qd_host *host) {
  if (!host) return;
  end_all(host);
  if (host->signals) {
    qd_interrupt_remove();
    atomic_flag_clear(&signals_taken);
  }
  (void)qd_rt_free(host->rt);
  for (qd_list *node; (node = qd_list_shift(&host->runs)) != NULL;) {
    qd_run *run = QD_CONTAINER_OF(node, qd_run, link);
    run->refs = 1;
    drop(run);
  }
  qd_secret_release();
  unblock_sigpipe(host);
  free(host);
}

void qd_host_interrupt(qd_host *host) { qd_rt_ask_interrupt(host->rt); }

// --- runs --------------------------------------------------------------------------------------------------------------

static void drop(qd_run *run) {
  if (--run->refs > 0) return;
  qd_list_remove(&run->link);
  qd_job_deinit(&run->job);
  qd_buf_deinit(&run->out[0]);
  qd_buf_deinit(&run->out[1]);
  free(run->input);
  free(run);
}

static void on_write(void *ctx, int fd, qd_slice bytes) {
  qd_run *run = ctx;
  if (run->capture)
    (void)qd_buf_add(&run->out[fd == 1 ? 0 : 1], bytes.p, bytes.n);
  else if (run->host->output && bytes.n > 0)
    run->host->output(run->host->ctx, run, fd, bytes.p, bytes.n);
  else
    (void)fwrite(bytes.p, 1, bytes.n, fd == 1 ? stdout : stderr);
}

static void on_end(void *ctx) {
  qd_run *run = ctx;
  if (run->done && !run->freed) run->done(run->ctx, run);
  drop(run);
}

typedef struct beginning {
  qd_run *run;
  bool is_command;
  int argc;
  const char *const *argv;
  qd_slice source;
  const char *name, *arguments;
} beginning;

// What may raise for want of memory.                                                      upvalues: none; arguments: beginning
static int l_begin(lua_State *L) {
  const beginning *b = lua_touserdata(L, 1);
  luaL_checkstack(L, b->argc + 8, "too many arguments");
  if (b->run->job.write) qd__streams_install(L);
  lua_getfield(L, LUA_REGISTRYINDEX, b->is_command ? "qd.command" : "qd.script");  // beginning entry
  int top = lua_gettop(L);
  if (b->is_command) {
    for (int i = 0; i < b->argc; i++) lua_pushstring(L, b->argv[i]);
  } else {
    lua_pushlstring(L, b->source.p, b->source.n);
    lua_pushstring(L, b->name ? b->name : "=script");
    lua_pushstring(L, b->arguments);
  }
  lua_call(L, lua_gettop(L) - top, 1);  // beginning main
  qd_job_start(qd_rt_of(L), &b->run->job);
  return 0;
}

static qd_run *begin(qd_host *host, const qd_run_options *options, beginning *b) {
  lua_State *L = host->rt->L;
  qd_run_options o;
  if (!take_options(&o, sizeof o, options)) return NULL;
  qd_run *run = qd_xcalloc(1, sizeof *run);
  run->host = host;
  run->refs = 2;
  run->capture = o.capture != 0;
  run->done = o.done;
  run->ctx = o.ctx;
  qd_buf_init(&run->out[0], OUTPUT_CAP);
  qd_buf_init(&run->out[1], OUTPUT_CAP);
  run->job = (qd_job){.on_end = on_end, .ctx = run, .tells = b->is_command};
  if (run->capture || host->output || o.input) {
    run->input = o.input ? qd_xstrndup(o.input, o.input_size) : NULL;
    run->job.input = (qd_slice){run->input ? run->input : "", o.input ? o.input_size : 0};
    run->job.write = on_write;
  }
  qd_list_push(&host->runs, &run->link);
  b->run = run;
  lua_pushcfunction(L, l_begin);
  lua_pushlightuserdata(L, b);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    qd_job_refuse(host->rt, &run->job, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  return run;
}

qd_run *qd_command(qd_host *host, int argc, const char *const *argv, const qd_run_options *options) {
  beginning b = {.is_command = true, .argc = argc, .argv = argv};
  return begin(host, options, &b);
}

qd_run *qd_script(qd_host *host, const char *source, size_t size, const char *name, const char *arguments, const qd_run_options *options) {
  beginning b = {.source = {source, size}, .name = name, .arguments = arguments};
  return begin(host, options, &b);
}

int qd_run_wait(qd_run *run) {
  if (run->host->rt->turning) return run->job.ended ? run->job.exit_code : -1;
  run->refs++;
  qd_job_wait(&run->job);
  int code = run->job.exit_code;
  drop(run);
  return code;
}

void qd_run_cancel(qd_run *run) { qd_job_cancel(&run->job); }

void qd_run_free(qd_run *run) {
  if (!run || run->freed) return;
  run->freed = true;
  qd_run_cancel(run);
  drop(run);
}

int qd_run_ended(const qd_run *run) { return run->job.ended; }

int qd_run_exit_code(const qd_run *run) { return run->job.ended ? run->job.exit_code : -1; }

static const char *text_of(const char *text, size_t n, size_t *size) {
  if (size) *size = n;
  return text;
}

const char *qd_run_output(const qd_run *run, int stream, size_t *size) {
  const qd_buf *b = &run->out[stream == QD_STDOUT ? 0 : 1];
  return text_of(b->n ? b->p : "", b->n, size);
}

const char *qd_run_result(const qd_run *run, size_t *size) {
  return text_of(run->job.result, run->job.result ? run->job.result_n : 0, size);
}

const qd_failure *qd_run_failure(const qd_run *run) {
  char *const *t = run->job.failure;
  if (!run->job.ended || !t[0]) return NULL;
  qd_failure *f = &((qd_run *)run)->failure;  // filled in when it is asked for
  *f = (qd_failure){t[0], t[1], t[2], t[3], t[4], t[5], t[6]};
  return f;
}

static int finish(qd_run *run) {
  int code = qd_run_wait(run);
  qd_run_free(run);  // NOLINT(clang-analyzer-unix.Malloc): waiting drops only references of its own
  return code;
}

int qd_host_command(qd_host *host, int argc, const char *const *argv) { return finish(qd_command(host, argc, argv, NULL)); }

int qd_host_script(qd_host *host, const char *source, size_t size, const char *name) {
  return finish(qd_script(host, source, size, name, NULL, NULL));
}

qd_run *qd__run_of(qd_job *job) { return QD_CONTAINER_OF(job, qd_run, job); }

// --- Lua's own API -----------------------------------------------------------------------------------------------------

lua_State *qd_host_lua(qd_host *host) { return host->rt->L; }

void qd_host_open(qd_host *host, const char *name, lua_CFunction open) {
  lua_State *L = host->rt->L;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

// --- the program -------------------------------------------------------------------------------------------------------

// Where the caller closed 0, 1 or 2, a socket of ours would get the number. What is put there fails as the closed one would.
static bool occupy_standard_streams(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) return false;
  }
  return true;
}

// QNAP_DOCKER_FAULT=n (tests/fault): 1 to 3 fail the first operation, in each way once, 4 to 6 the second, and so on.
static void plan_fault(const char *n) {
  unsigned long at = strtoul(n, NULL, 10);
  if (at > 0) qd_op_fault_set((unsigned)((at - 1) / QD_FAULT_KINDS) + 1, (qd_fault_kind)((at - 1) % QD_FAULT_KINDS));
}

int qd_main(int argc, char **argv) {
  if (!occupy_standard_streams()) return qd_status_exit_code(QD_FAIL);
  (void)setenv("UV_THREADPOOL_SIZE", POOL_SIZE, 0);  // libuv reads it at the first piece of work
  (void)signal(SIGPIPE, SIG_IGN);
  qd_host_options options = QD_HOST_OPTIONS_INIT;
  options.handle_signals = 1;
  qd_host *host = host_new(&options, true);
  if (!host) return qd_status_exit_code(QD_INTERNAL);
  const char *fault = getenv("QNAP_DOCKER_FAULT");
  if (fault) plan_fault(fault);
  int code = qd_host_command(host, argc > 0 ? argc - 1 : 0, (const char *const *)argv + 1);
  qd_host_free(host);
  if (fault && !qd_op_fault_hit()) (void)fputs("fault: not reached\n", stderr);  // ends a sweep (tests/fault)
  return code;
}
