// core.compose: the compose loader and the forms it reads.
#include <stdlib.h>

#include "bind/convert.h"
#include "bind/modules.h"
#include "compose/compose.h"

#define LIST_MAX 1000

// The strings of the list in options[name]; the pointers live as long as the table. The array is garbage-collected.     [-0, +1, m]
static qd_compose_list field_list(lua_State *L, int arg, const char *name) {
  lua_getfield(L, arg, name);  // list
  size_t n = lua_istable(L, -1) ? (size_t)lua_rawlen(L, -1) : 0;
  if (n > LIST_MAX) (void)luaL_error(L, "%s has more than %d items", name, LIST_MAX);
  const char **v = lua_newuserdatauv(L, (n + 1) * sizeof *v, 0);  // list v
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, -2, (lua_Integer)i + 1);  // list v item
    if (lua_type(L, -1) != LUA_TSTRING) (void)luaL_error(L, "%s must be a list of strings", name);
    v[i] = lua_tostring(L, -1);
    lua_pop(L, 1);  // list v
  }
  lua_remove(L, -2);  // v
  return (qd_compose_list){v, n};
}

static void set_json(lua_State *L, const char *name, const qd_json *v) {
  qd_push_json(L, v);         // table value
  lua_setfield(L, -2, name);  // table
}

static int gc_project(lua_State *L) {
  qd_compose_project **box = lua_touserdata(L, 1);
  qd_compose_free(*box);
  *box = NULL;
  return 0;
}

// load{cwd=, files=, input=, env_files=, project_dir=, project_name=, profiles=, services=, environment=, no_...=, check=} -> project
static int l_load(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  qd_compose_options o = {.cwd = qd_field_string(L, 1, "cwd", "/"),
                          .project_dir = qd_field_string(L, 1, "project_dir", NULL),
                          .project_name = qd_field_string(L, 1, "project_name", NULL),
                          .no_interpolate = qd_field_boolean(L, 1, "no_interpolate", false),
                          .no_path_resolution = qd_field_boolean(L, 1, "no_path_resolution", false),
                          .no_normalize = qd_field_boolean(L, 1, "no_normalize", false),
                          .no_consistency = qd_field_boolean(L, 1, "no_consistency", false),
                          .no_env_resolution = qd_field_boolean(L, 1, "no_env_resolution", false),
                          .keep_all = qd_field_boolean(L, 1, "keep_all", false)};
  bool check = qd_field_boolean(L, 1, "check", false);
  o.files = field_list(L, 1, "files");          // files
  o.env_files = field_list(L, 1, "env_files");  // files env_files
  o.profiles = field_list(L, 1, "profiles");    // ... profiles
  o.services = field_list(L, 1, "services");    // ... services
  lua_getfield(L, 1, "input");                  // ... input
  size_t n = 0;
  const char *input = lua_tolstring(L, -1, &n);
  o.input = (qd_slice){input ? input : "", n};
  qd_box *box = qd_box_push(L);       // ... box
  lua_getfield(L, 1, "environment");  // ... box environment
  if (lua_istable(L, -1)) box->json = qd_check_json(L, lua_gettop(L));
  o.environment = box->json;
  qd_compose_project **project = lua_newuserdatauv(L, sizeof *project, 0);  // ... project
  *project = NULL;
  luaL_setmetatable(L, "qd.compose.project");
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_compose_load(&o, project, &err), &err);
  const qd_compose_project *p = *project;
  lua_newtable(L);  // ... project table
  lua_pushstring(L, p->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, p->directory);
  lua_setfield(L, -2, "directory");
  set_json(L, "files", p->files);
  set_json(L, "env_files", p->env_files);
  set_json(L, "environment", p->environment);
  set_json(L, "profiles", p->profiles);
  if (!check) set_json(L, "model", p->model);
  if (!check) set_json(L, "disabled", p->disabled);
  if (!check) set_json(L, "extensions", p->extensions);
  set_json(L, "warnings", p->warnings);
  qd_compose_free(*project);
  *project = NULL;
  qd_box_clear(box);
  return 1;
}

// project_name(text) -> name
static int l_project_name(lua_State *L) {
  char *name = qd_compose_project_name(qd_check_slice(L, 1));
  lua_pushstring(L, name);
  free(name);
  return 1;
}

int luaopen_qd_compose(lua_State *L) {
  static const luaL_Reg functions[] = {{"load", l_load}, {"project_name", l_project_name}, {NULL, NULL}};
  if (luaL_newmetatable(L, "qd.compose.project")) {
    lua_pushcfunction(L, gc_project);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
