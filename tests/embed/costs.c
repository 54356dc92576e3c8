// costs ROUNDS: what hosts cost beside plain Lua, for the bench. A line each: name and microseconds (or KiB).
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "qd.h"

#define STARTS 200
#define WAITS 200000
#define TASKS 10000

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void tell(const char *name, double value) { (void)printf("%s %.3f\n", name, value); }

// Starts alone, without the ends between them.
static void starts(void) {
  double lua = 0;
  double host = 0;
  double own_loop = 0;
  for (int i = 0; i < STARTS; i++) {
    double at = now();
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    lua += now() - at;
    lua_close(L);
    at = now();
    qd_host *h = qd_host_new(NULL);
    host += now() - at;
    qd_host_free(h);
    at = now();
    h = qd_host_new(NULL);
    (void)qd_host_script(h, "", 0, "=nothing");
    own_loop += now() - at;
    qd_host_free(h);
  }
  tell("start-lua", lua / STARTS);
  tell("start-host", host / STARTS);
  tell("start-host-script", own_loop / STARTS);
}

static int resumed(lua_State *L, int status, lua_KContext ctx) {
  (void)L;
  (void)status;
  (void)ctx;
  return 0;
}

static int l_yield(lua_State *L) { return lua_yieldk(L, 0, 0, resumed); }

// As bare as it gets: a C function yields, C resumes.
static void bare_yields(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_State *co = lua_newthread(L);
  (void)luaL_loadstring(co, "local yield, n = ... for i = 1, n do yield() end");
  lua_pushcfunction(co, l_yield);
  lua_pushinteger(co, WAITS);
  int results = 0;
  double at = now();
  int st = lua_resume(co, L, 2, &results);
  while (st == LUA_YIELD) st = lua_resume(co, L, 0, &results);
  tell("yield-bare", (now() - at) / WAITS);
  lua_close(L);
}

static double run(qd_host *host, const char *source, int n) {
  char arguments[32];
  (void)snprintf(arguments, sizeof arguments, "[%d]", n);
  qd_run *r = qd_script(host, source, strlen(source), "=cost", arguments, NULL);
  double at = now();
  if (qd_run_wait(r) != 0) {
    (void)fprintf(stderr, "%s\n", qd_run_failure(r)->message);
    exit(1);
  }
  double took = now() - at;
  qd_run_free(r);
  return took;
}

static void awaits(void) {
  qd_host *host = qd_host_new(NULL);
  tell("yield-await", run(host, "local sleep = require('task').sleep for i = 1, ... do sleep(0) end", WAITS) / WAITS);
  qd_host_free(host);
}

static double resident_kib(void) {
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f || fscanf(f, "%*d %ld", &pages) != 1) pages = 0;  // NOLINT(cert-err34-c)
  if (f) (void)fclose(f);
  return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void measure(void *ctx, qd_call *call) {
  *(double *)ctx = resident_kib();
  qd_call_return(call, NULL);
}

// In a process of its own: what was freed before would be used again.
static void sleepers(void) {
  double full = 0;
  double before = resident_kib();
  qd_host *host = qd_host_new(NULL);
  qd_host_register(host, "measure", measure, &full);
  (void)run(host,
            "local task = require 'task' local all = {}\n"
            "for i = 1, ... do all[i] = task.spawn(task.sleep, 60) end\n"
            "task.sleep(0) require('host').measure()\n"
            "for _, t in ipairs(all) do t:cancel() end",
            TASKS);
  qd_host_free(host);
  tell("tasks-host", full - before);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "tasks") == 0) {
    sleepers();
    return 0;
  }
  for (long i = argc > 1 ? strtol(argv[1], NULL, 10) : 5; i > 0; i--) {
    starts();
    bare_yields();
    awaits();
  }
  return 0;
}
