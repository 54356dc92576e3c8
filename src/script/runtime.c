// Making and ending a runtime. Contract in runtime.h.
#include "script/runtime.h"

#include <lualib.h>
#include <stdlib.h>

#include "base/mem.h"

// Refuses growth beyond the limit (Lua then collects, retries and raises); shrinking never fails.
static void *allocate(void *ud, void *p, size_t old_size, size_t new_size) {
  qd_rt *rt = ud;
  size_t had = p ? old_size : 0;  // without a block, old_size is a type tag
  if (new_size == 0) {
    rt->memory -= had;
    free(p);
    return NULL;
  }
  if (rt->memory_limit && new_size > had && rt->memory - had + new_size > rt->memory_limit) return NULL;
  void *q = realloc(p, new_size);
  if (q) rt->memory = rt->memory - had + new_size;
  return q;
}

static void collect_always(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_gc(L, LUA_GCCOLLECT, 0);
}

// os.getenv(name)
static int l_getenv(lua_State *L) {
  lua_pushstring(L, qd_getenv(luaL_checkstring(L, 1)));
  return 1;
}

static void use_own_environment(lua_State *L) {
  lua_getglobal(L, LUA_OSLIBNAME);  // os
  lua_pushcfunction(L, l_getenv);
  lua_setfield(L, -2, "getenv");
  lua_pop(L, 1);
}

static int panic(lua_State *L) {
  const char *text = lua_tostring(L, -1);
  qd_log_setup(QD_LOG_VERBOSE, -1);
  qd_log(QD_LOG_VERBOSE, "script", "panic: %s", text ? text : "?");
  return 0;  // Lua aborts
}

static void on_log(void *ctx, const char *line, size_t n) { qd_rt_write(ctx, 2, (qd_slice){line, n}); }

static void on_knock(void *rt) {
  if (atomic_exchange(&((qd_rt *)rt)->interrupts, 0) > 0) qd_rt_interrupt(rt, true);
}

qd_rt *qd_rt_new(const qd_rt_config *config) {
  qd_loop *loop = config->loop;
  qd_rt *rt = qd_xcalloc(1, sizeof *rt);
  rt->loop = loop;
  rt->is_program = config->is_program;
  rt->context.environ = config->environ;
  rt->context.log_fd = -1;
  rt->context.log = on_log;
  rt->context.log_ctx = rt;
  rt->context.thread = pthread_self();
  qd_loop_on_knock(loop, on_knock, rt);
  qd_list_init(&rt->ready);
  qd_list_init(&rt->all);
  qd_list_init(&rt->jobs);
  qd_list_init(&rt->ended);
  qd_defer_init(&rt->pump);
  qd_context_use(&rt->context);
  lua_State *L = lua_newstate(allocate, rt);
  if (!L) abort();
  rt->L = L;
  *(qd_rt **)lua_getextraspace(L) = rt;
  lua_atpanic(L, panic);
  if (getenv("QNAP_DOCKER_GC_STRESS")) lua_sethook(L, collect_always, LUA_MASKCOUNT, 1000);  // inherited by every coroutine
  rt->cover = qd__cover_new(L);
  lua_gc(L, LUA_GCSTOP);  // nothing of what comes now is garbage
  luaL_openlibs(L);
  if (config->environ) use_own_environment(L);
  rt->modules = config->modules;
  qd__loader_install(L);
  lua_gc(L, LUA_GCRESTART);
  return rt;
}

int qd_rt_free(qd_rt *rt) {
  qd_context_use(&rt->context);
  qd__task_drop_all(rt);
  lua_close(rt->L);
  qd__cover_free(rt->cover);
  qd_defer_cancel(&rt->pump);
  qd_context *context = qd_loop_is_shared(rt->loop) ? NULL : &rt->context;
  qd_context_use(context);
  int open = qd_loop_free(rt->loop);
  qd_context_use(NULL);
  qd_environ_free(rt->context.environ);
  free(rt->program);
  free(rt);
  return open;
}

bool qd_rt_is_program(const qd_rt *rt) { return rt->is_program; }

const char *qd_rt_program(const qd_rt *rt) { return rt->program; }
