// The public face: qd.h on top of the runtime.
#include "qd.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "bind/modules.h"
#include "loop/interrupt.h"
#include "script/runtime.h"

struct qd_host {
  qd_rt *rt;
  bool signals;
};

static void on_interrupt(void *ctx, int count, bool ends) {
  (void)count;
  qd_rt_interrupt(ctx, ends);
}

qd_host *qd_host_new(const qd_host_options *options) {
  qd_host *host = qd_xcalloc(1, sizeof *host);
  host->rt = qd_rt_new(qd_bind_modules);
  host->signals = options && options->handle_signals;
  if (host->signals) {
    (void)signal(SIGPIPE, SIG_IGN);
    qd_interrupt_install(host->rt->loop, on_interrupt, qd_rt_interrupt_now, host->rt);
  }
  return host;
}

void qd_host_free(qd_host *host) {
  if (!host) return;
  if (host->signals) qd_interrupt_remove();
  (void)qd_rt_free(host->rt);
  qd_secret_clear();
  free(host);
}

// Runs prelude's `entry` with the values above it on the stack as one task.
static int run(qd_host *host, int nargs) {
  lua_State *L = host->rt->L;  // entry args...
  lua_pushinteger(L, nargs);
  lua_insert(L, -(nargs + 1));  // entry n args...
  if (lua_pcall(L, nargs + 1, 1, 0) != LUA_OK) {
    (void)fprintf(stderr, "qnap-docker: internal: %s\n", lua_tostring(L, -1));
    lua_pop(L, 1);
    return qd_status_exit_code(QD_INTERNAL);
  }
  return qd_rt_run(host->rt);  // the closure that the entry made
}

int qd_host_command(qd_host *host, int argc, const char *const *argv) {
  lua_State *L = host->rt->L;
  luaL_checkstack(L, argc + 8, "too many arguments");
  lua_getfield(L, LUA_REGISTRYINDEX, "qd.command");
  for (int i = 0; i < argc; i++) lua_pushstring(L, argv[i]);
  return run(host, argc);
}

int qd_host_script(qd_host *host, const char *source, unsigned long size, const char *name) {
  lua_State *L = host->rt->L;
  lua_getfield(L, LUA_REGISTRYINDEX, "qd.script");
  lua_pushlstring(L, source, size);
  lua_pushstring(L, name);
  return run(host, 2);
}

// Where the caller closed 0, 1 or 2, a socket of ours would get the number. What is put there fails as the closed one would.
static void occupy_standard_streams(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) _exit(qd_status_exit_code(QD_FAIL));
  }
}

// QNAP_DOCKER_FAULT=n (tests/fault): 1 to 3 fail the first operation, in each way once, 4 to 6 the second, and so on.
static void plan_fault(const char *n) {
  unsigned long at = strtoul(n, NULL, 10);
  if (at > 0) qd_op_fault_set((unsigned)((at - 1) / QD_FAULT_KINDS) + 1, (qd_fault_kind)((at - 1) % QD_FAULT_KINDS));
}

int qd_main(int argc, char **argv) {
  occupy_standard_streams();
  qd_host *host = qd_host_new(&(qd_host_options){.handle_signals = 1});
  const char *fault = getenv("QNAP_DOCKER_FAULT");
  if (fault) plan_fault(fault);
  int code = qd_host_command(host, argc > 0 ? argc - 1 : 0, (const char *const *)argv + 1);
  qd_host_free(host);
  if (fault && !qd_op_fault_hit()) (void)fputs("fault: not reached\n", stderr);  // ends a sweep (tests/fault)
  return code;
}
