// Where Lua code comes from: core.* (C), override directories, then the embedded files; never the
// working directory, never bytecode from outside.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/mem.h"
#include "script/embedded.h"
#include "script/runtime.h"

#define SOURCE_CAP (16u << 20)
#define OVERRIDES "qd.overrides"  // registry: list of absolute directories laid out as the source tree

static const qd_embedded *find(const char *name) {
  size_t n = 0;
  while (qd_embedded_files[n].name) n++;
  size_t lo = 0;
  while (lo < n) {
    size_t mid = (lo + n) / 2;
    int c = strcmp(qd_embedded_files[mid].name, name);
    if (c == 0) return &qd_embedded_files[mid];
    if (c < 0)
      lo = mid + 1;
    else
      n = mid;
  }
  return NULL;
}

// Content of an override of `name`, with its path on top of the stack; NULL: there is none.   [-0, +(0|1), m]
static char *read_override(lua_State *L, const char *name, size_t *out_n) {
  lua_getfield(L, LUA_REGISTRYINDEX, OVERRIDES);  // dirs
  int count = (int)luaL_len(L, -1);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, -1, i);                                   // dirs dir
    lua_pushfstring(L, "%s/%s", lua_tostring(L, -1), name);  // dirs dir path
    FILE *f = fopen(lua_tostring(L, -1), "rb");
    if (!f) {
      lua_pop(L, 2);
      continue;
    }
    qd_buf b;
    qd_buf_init(&b, SOURCE_CAP);
    char chunk[8192];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0 && qd_buf_add(&b, chunk, n);) {
    }
    (void)fclose(f);
    lua_replace(L, -3);  // path dir
    lua_pop(L, 1);       // path
    *out_n = b.n;
    return qd_buf_take(&b);
  }
  lua_pop(L, 1);
  return NULL;
}

// Whether the Lua that runs is the release that compiled the embedded files; another one takes their texts.
static bool same_lua(void) { return strstr(lua_ident, LUA_RELEASE " ") != NULL; }

bool qd__loader_load(lua_State *L, const char *name) {
  size_t n;
  char *text = read_override(L, name, &n);
  if (text) {                                        // path
    lua_pushfstring(L, "@%s", lua_tostring(L, -1));  // path chunkname
    int st = luaL_loadbufferx(L, text, n, lua_tostring(L, -1), "t");
    free(text);
    lua_replace(L, -3);
    lua_pop(L, 1);  // chunk
    return st == LUA_OK;
  }
  const qd_embedded *e = find(name);
  if (!e) {
    lua_pushfstring(L, "no file '%s' in the program", name);
    return false;
  }
  lua_pushfstring(L, "@qd:%s", name);  // chunkname
  bool compiled = same_lua();
  int st = luaL_loadbufferx(L, compiled ? e->code : e->text, compiled ? *e->code_size : e->size, lua_tostring(L, -1), compiled ? "b" : "t");
  lua_remove(L, -2);
  return st == LUA_OK;
}

// package.searchers[2]: "core.task" -> luaopen_qd_task. A table of them, as package.preload is, would be filled at every start.
static int search_core(lua_State *L) {
  static const luaL_Reg own[] = {{"task", luaopen_qd_task},         {"error", luaopen_qd_error}, {"log", luaopen_qd_log},
                                 {"embedded", luaopen_qd_embedded}, {"job", luaopen_qd_job},     {NULL, NULL}};
  const char *module = luaL_checkstring(L, 1);
  const luaL_Reg *const lists[] = {own, qd_rt_of(L)->modules};
  for (size_t i = 0; strncmp(module, "core.", 5) == 0 && i < 2; i++) {
    for (const luaL_Reg *m = lists[i]; m && m->name; m++) {
      if (strcmp(m->name, module + 5) != 0) continue;
      lua_pushcfunction(L, m->func);
      lua_pushvalue(L, 1);
      return 2;
    }
  }
  return 0;
}

// package.searchers[3]: "cli.parse" -> stdlib/cli/parse.lua
static int search_stdlib(lua_State *L) {
  const char *module = luaL_checkstring(L, 1);
  const char *path = luaL_gsub(L, module, ".", "/");
  lua_pushfstring(L, "stdlib/%s.lua", path);
  if (!qd__loader_load(L, lua_tostring(L, -1))) {
    const char *why = lua_tostring(L, -1);
    if (strncmp(why, "no file", 7) != 0) return luaL_error(L, "%s", why);
    return 1;
  }
  lua_pushvalue(L, -2);
  return 2;
}

// The row of a file in lists.   [-0, +1, m]
static void push_row(lua_State *L, const qd_embedded *e) {
  lua_createtable(L, 0, 3);  // row
  lua_pushstring(L, e->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, e->summary);
  lua_setfield(L, -2, "summary");
  lua_pushstring(L, e->group);
  lua_setfield(L, -2, "group");
}

// embedded.list() -> list of {name=, summary=, group=} for every file of a command or a recipe, by name
static int l_list(lua_State *L) {
  lua_newtable(L);  // list
  int k = 0;
  for (const qd_embedded *e = qd_embedded_files; e->name; e++) {
    if (strncmp(e->name, "lua/", 4) != 0 && strncmp(e->name, "recipes/", 8) != 0) continue;
    push_row(L, e);  // list row
    lua_rawseti(L, -2, ++k);
  }
  return 1;
}

// embedded.load(name) -> chunk, or nil and why ("lua/ps.lua"; overrides count)
static int l_load(lua_State *L) {
  if (qd__loader_load(L, luaL_checkstring(L, 1))) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

// embedded.command(name) -> {name=, summary=, group=} of a command file, or nil: it is not embedded
static int l_command(lua_State *L) {
  const qd_embedded *e = find(luaL_checkstring(L, 1));
  if (!e) return 0;
  push_row(L, e);
  return 1;
}

// embedded.under(prefix) -> whether a file's name begins so
static int l_under(lua_State *L) {
  size_t n;
  const char *prefix = luaL_checklstring(L, 1, &n);
  const qd_embedded *e = qd_embedded_files;
  while (e->name && strncmp(e->name, prefix, n) != 0) e++;
  lua_pushboolean(L, e->name != NULL);
  return 1;
}

// embedded.exists(name) -> boolean, without compiling
static int l_exists(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  size_t n;
  char *text = read_override(L, name, &n);
  bool exists = text || find(name);
  free(text);
  lua_pushboolean(L, exists);
  return 1;
}

// embedded.source(name) -> the embedded text, or nil
static int l_source(lua_State *L) {
  const qd_embedded *e = find(luaL_checkstring(L, 1));
  if (e)
    lua_pushlstring(L, e->text, e->size);
  else
    lua_pushnil(L);
  return 1;
}

// embedded.overrides() -> list of override directories in force
static int l_overrides(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, OVERRIDES);
  return 1;
}

int luaopen_qd_embedded(lua_State *L) {
  static const luaL_Reg functions[] = {{"list", l_list},     {"command", l_command}, {"under", l_under},         {"load", l_load},
                                       {"exists", l_exists}, {"source", l_source},   {"overrides", l_overrides}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

// QNAP_DOCKER_LUA_PATH: absolute directories, ':' between them; others are ignored with a warning.
static void read_overrides(lua_State *L) {
  lua_newtable(L);  // dirs
  const char *env = qd_getenv("QNAP_DOCKER_LUA_PATH");
  int k = 0;
  for (const char *p = env; p && *p;) {
    size_t n = strcspn(p, ":");
    if (p[0] == '/') {
      lua_pushlstring(L, p, n);
      lua_rawseti(L, -2, ++k);
    } else if (n > 0 && qd_rt_is_program(qd_rt_of(L))) {
      (void)fprintf(stderr, "warning: QNAP_DOCKER_LUA_PATH: '%.*s' is not absolute and was ignored\n", (int)n, p);
    }
    p += n + (p[n] == ':');
  }
  lua_setfield(L, LUA_REGISTRYINDEX, OVERRIDES);
}

void qd__loader_install(lua_State *L) {
  read_overrides(L);
  lua_getglobal(L, "package");  // package
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "path");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
  lua_pushnil(L);
  lua_setfield(L, -2, "loadlib");
  lua_createtable(L, 3, 0);          // package searchers
  lua_getfield(L, -2, "searchers");  // package searchers old
  lua_rawgeti(L, -1, 1);             // package searchers old preload
  lua_rawseti(L, -3, 1);
  lua_pop(L, 1);  // package searchers
  lua_pushcfunction(L, search_core);
  lua_rawseti(L, -2, 2);
  lua_pushcfunction(L, search_stdlib);
  lua_rawseti(L, -2, 3);
  lua_setfield(L, -2, "searchers");
  lua_pop(L, 1);
  if (!qd__loader_load(L, "stdlib/prelude.lua") || lua_pcall(L, 0, 0, 0) != LUA_OK) {
    (void)fprintf(stderr, "qnap-docker: internal: prelude: %s\n", lua_tostring(L, -1));
    abort();
  }
}
