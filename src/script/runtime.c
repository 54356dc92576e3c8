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

static void preload(lua_State *L, const luaL_Reg *modules) {
  static const luaL_Reg own[] = {
      {"task", luaopen_qd_task}, {"error", luaopen_qd_error}, {"log", luaopen_qd_log}, {"embedded", luaopen_qd_embedded}, {NULL, NULL}};
  const luaL_Reg *const lists[] = {own, modules};
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);  // preload
  for (size_t i = 0; i < 2; i++) {
    for (const luaL_Reg *m = lists[i]; m && m->name; m++) {
      lua_pushfstring(L, "core.%s", m->name);  // preload name
      lua_pushcfunction(L, m->func);
      lua_rawset(L, -3);
    }
  }
  lua_pop(L, 1);
}

static int panic(lua_State *L) {
  const char *text = lua_tostring(L, -1);
  qd_log_setup(QD_LOG_VERBOSE, -1);
  qd_log(QD_LOG_VERBOSE, "script", "panic: %s", text ? text : "?");
  return 0;  // Lua aborts
}

qd_rt *qd_rt_new(const luaL_Reg *modules) {
  qd_rt *rt = qd_xcalloc(1, sizeof *rt);
  rt->loop = qd_loop_new();
  qd_list_init(&rt->ready);
  qd_list_init(&rt->all);
  lua_State *L = lua_newstate(allocate, rt);
  if (!L) abort();
  rt->L = L;
  *(qd_rt **)lua_getextraspace(L) = rt;
  lua_atpanic(L, panic);
  if (getenv("QNAP_DOCKER_GC_STRESS")) lua_sethook(L, collect_always, LUA_MASKCOUNT, 1000);  // inherited by every coroutine
  rt->cover = qd__cover_new(L);
  luaL_openlibs(L);
  preload(L, modules);
  qd__loader_install(L);
  return rt;
}

int qd_rt_free(qd_rt *rt) {
  lua_close(rt->L);
  qd__cover_free(rt->cover);
  int open = qd_loop_free(rt->loop);
  free(rt);
  return open;
}
