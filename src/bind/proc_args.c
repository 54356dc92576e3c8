// Options of core.proc. Contract in proc_args.h.
#include "bind/proc_args.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"
#include "base/mem.h"

#define ARGV_MAX 100000

static void free_strings(char **list) {
  for (char **s = list; s && *s; s++) free(*s);
  free(list);
}

void qd_proc_args_deinit(qd_proc_args *a) {
  free_strings(a->argv);
  free_strings(a->env);
  free(a->cwd);
  *a = (qd_proc_args){0};
}

// The string on top, without a NUL in it; popped.                                        [-1, +0, e]
static char *take_string(lua_State *L, const char *what) {
  size_t n = 0;
  const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
  if (!s || strlen(s) != n) luaL_error(L, "option '%s': a string without NUL expected, got %s", what, luaL_typename(L, -1));
  char *copy = qd_xstrdup(s);
  lua_pop(L, 1);
  return copy;
}

static void check_argv(lua_State *L, int arg, qd_proc_args *out) {
  if (lua_getfield(L, arg, "argv") != LUA_TTABLE) luaL_error(L, "option 'argv': a list of strings expected");  // argv
  lua_Integer n = luaL_len(L, -1);
  if (n < 1 || n > ARGV_MAX) luaL_error(L, "option 'argv': 1 to %d strings expected", ARGV_MAX);
  out->argv = qd_xcalloc((size_t)n + 1, sizeof *out->argv);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_geti(L, -1, i);  // argv word
    out->argv[i - 1] = take_string(L, "argv");
  }
  lua_pop(L, 1);
}

// Ours, without the names that the table on top sets or takes away.
static size_t inherit(lua_State *L, char **env) {
  size_t count = 0;
  for (char **e = qd_environ(); e && *e; e++) {
    const char *eq = strchr(*e, '=');
    if (!eq) continue;
    lua_pushlstring(L, *e, (size_t)(eq - *e));
    bool keep = lua_gettable(L, -2) == LUA_TNIL;
    lua_pop(L, 1);
    if (keep) env[count++] = qd_xstrdup(*e);
  }
  return count;
}

// env: {NAME = "value", OTHER = false}: changes to ours.
static void check_env(lua_State *L, int arg, qd_proc_args *out) {
  int type = lua_getfield(L, arg, "env");  // env
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  if (type != LUA_TTABLE) luaL_error(L, "option 'env': a table expected, got %s", luaL_typename(L, -1));
  size_t ours = 0;
  size_t set = 0;
  for (char **e = qd_environ(); e && *e; e++) ours++;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) set++;
  out->env = qd_xcalloc(ours + set + 1, sizeof *out->env);
  size_t count = inherit(L, out->env);
  for (lua_pushnil(L); lua_next(L, -2);) {  // env name value
    size_t n = 0;
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &n) : "";
    if (n == 0 || strlen(name) != n || strchr(name, '=')) luaL_error(L, "option 'env': a name expected as key, got '%s'", name);
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    char *value = take_string(L, "env");  // env name
    out->env[count++] = qd_xasprintf("%s=%s", name, value);
    free(value);
  }
  lua_pop(L, 1);
}

static qd_proc_io check_io(lua_State *L, const char *name, qd_proc_io otherwise) {  // stdio on top
  const char *word = qd_field_string(L, lua_gettop(L), name, NULL);
  if (!word) return otherwise;
  if (strcmp(word, "pipe") == 0) return QD_PROC_PIPE;
  if (strcmp(word, "null") == 0) return QD_PROC_NULL;
  if (strcmp(word, "inherit") == 0 && qd_rt_has_streams(qd_rt_of(L))) return QD_PROC_NULL;  // the process's are not the job's
  if (strcmp(word, "inherit") == 0) return QD_PROC_INHERIT;
  return (qd_proc_io)luaL_error(L, "option 'stdio': '%s' must be 'pipe', 'null' or 'inherit'", name);
}

void qd_proc_args_check(lua_State *L, int arg, qd_proc_io input, qd_proc_args *out) {
  luaL_checktype(L, arg, LUA_TTABLE);
  check_argv(L, arg, out);
  check_env(L, arg, out);
  if (lua_getfield(L, arg, "cwd") != LUA_TNIL)
    out->cwd = take_string(L, "cwd");
  else
    lua_pop(L, 1);
  int type = lua_getfield(L, arg, "stdio");  // stdio
  if (type != LUA_TNIL && type != LUA_TTABLE) luaL_error(L, "option 'stdio': a table expected");
  out->io[0] = check_io(L, "stdin", input);
  out->io[1] = check_io(L, "stdout", QD_PROC_PIPE);
  out->io[2] = check_io(L, "stderr", QD_PROC_PIPE);
  lua_pop(L, 1);
}

qd_proc_spec qd_proc_args_spec(const qd_proc_args *a) {
  return (qd_proc_spec){(const char *const *)a->argv, (const char *const *)a->env, a->cwd, {a->io[0], a->io[1], a->io[2]}};
}
