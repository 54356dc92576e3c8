// core.profile: the places of our files, profiles.yaml, the project file, and what is remembered about each NAS.
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "bind/convert.h"
#include "bind/modules.h"
#include "profile/file.h"
#include "profile/legacy.h"
#include "profile/paths.h"
#include "profile/project.h"
#include "profile/schema.h"
#include "profile/store.h"

// Nothing below may raise between taking C memory and putting it into a box: qd_box frees it when Lua fails.

// --- places ----------------------------------------------------------------------------------------------------------

static qd_json *string_of(const char *s) { return qd_json_string(qd_slice_of(s)); }

// paths() -> {home=, state=, cache=, run=, profiles=, known_hosts=}
static int l_paths(lua_State *L) {
  qd_box *box = qd_box_push(L);  // box
  qd_paths p;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_paths_find(&p, &err), &err);
  box->json = qd_json_object();
  qd_json_set(box->json, QD_SLICE("home"), string_of(p.home));
  qd_json_set(box->json, QD_SLICE("state"), string_of(p.state));
  qd_json_set(box->json, QD_SLICE("cache"), string_of(p.cache));
  qd_json_set(box->json, QD_SLICE("run"), string_of(p.run));
  qd_json_set(box->json, QD_SLICE("profiles"), string_of(p.profiles));
  qd_json_set(box->json, QD_SLICE("known_hosts"), string_of(p.known_hosts));
  qd_paths_deinit(&p);
  qd_push_json(L, box->json);  // box paths
  return 1;
}

// The profiles' file, on the stack as a string (the caller pops).                        [-0, +1, e]
static const char *push_file(lua_State *L) {
  qd_paths p;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_paths_find(&p, &err), &err);
  char path[4096];
  bool fits = strlen(p.profiles) < sizeof path;
  if (fits) memcpy(path, p.profiles, strlen(p.profiles) + 1);
  qd_paths_deinit(&p);
  if (!fits) luaL_error(L, "the path of the home directory is too long");
  return lua_pushstring(L, path);
}

// --- reading -----------------------------------------------------------------------------------------------------------

static qd_json *summary_of(const qd_profiles *p) {
  qd_json *out = qd_json_object();
  qd_json *profiles = qd_json_object();
  qd_json *names = qd_json_array();
  qd_json *warnings = qd_json_array();
  for (size_t i = 0; i < qd_profiles_count(p); i++) {
    qd_slice name = qd_slice_of(qd_profiles_name_at(p, i));
    qd_json_append(names, qd_json_string(name));
    qd_json_set(profiles, name, qd_json_dup(qd_profiles_find(p, name)));
  }
  for (size_t i = 0; i < qd_profiles_warning_count(p); i++) qd_json_append(warnings, string_of(qd_profiles_warning_at(p, i)));
  size_t own = qd_json_count(qd_json_member(qd_profiles_tree(p), "profiles"));
  qd_json_set(out, QD_SLICE("own"), qd_json_int((int64_t)own));
  qd_json_set(out, QD_SLICE("profiles"), profiles);
  qd_json_set(out, QD_SLICE("names"), names);
  qd_json_set(out, QD_SLICE("warnings"), warnings);
  qd_json_set(out, QD_SLICE("text"), qd_json_string(qd_profiles_text(p)));
  if (qd_profiles_default(p)) qd_json_set(out, QD_SLICE("default_profile"), string_of(qd_profiles_default(p)));
  return out;
}

// The profiles' file, and at `project` (nil, or {path=, text=}) a project file that the user trusts. Caller frees.   [-0, +3, e]
static qd_profiles *load_profiles(lua_State *L, int project) {
  qd_slice text = QD_SLICE("");
  const char *name = NULL;
  lua_pushnil(L);
  lua_pushnil(L);
  if (!lua_isnoneornil(L, project)) {
    luaL_checktype(L, project, LUA_TTABLE);
    lua_pop(L, 2);
    lua_getfield(L, project, "path");
    lua_getfield(L, project, "text");  // path text: the stack keeps both strings
    name = luaL_checkstring(L, -2);
    text = qd_check_slice(L, -1);
  }
  const char *path = push_file(L);  // path text file
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_load(path, &p, &err), &err);
  qd_status status = name ? qd_profiles_extend(p, text, name, &err) : QD_OK;
  if (status != QD_OK) qd_profiles_free(p);
  qd_check(L, status, &err);
  return p;
}

// load([project]) -> {profiles = {name = {...}} as written, names = list in order, default_profile=, warnings=, text=}
static int l_load(lua_State *L) {
  lua_settop(L, 1);
  qd_box *box = qd_box_push(L);  // project box
  qd_profiles *p = load_profiles(L, 1);
  box->json = summary_of(p);
  qd_profiles_free(p);
  qd_push_json(L, box->json);
  return 1;
}

// get(list of names, [project]) -> list of these profiles with ~ and ${VAR} expanded
static int l_get(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  qd_box *box = qd_box_push(L);  // names project box
  box->json = qd_json_array();
  qd_profiles *p = load_profiles(L, 2);
  qd_error err = QD_ERROR_INIT;
  qd_status status = QD_OK;
  for (lua_Integer i = 1; status == QD_OK && lua_rawgeti(L, 1, i) == LUA_TSTRING; i++) {
    qd_json *one = NULL;
    status = qd_profiles_get(p, qd_check_slice(L, -1), &one, &err);
    if (status == QD_OK) qd_json_append(box->json, one);
    lua_pop(L, 1);
  }
  qd_profiles_free(p);
  qd_check(L, status, &err);
  qd_push_json(L, box->json);
  return 1;
}

// select(list of selectors, [project]) -> list of names
static int l_select(lua_State *L) {
  enum { MOST = 256 };
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = luaL_len(L, 1);
  luaL_argcheck(L, n >= 1 && n <= MOST, 1, "1 to 256 selectors expected");
  lua_settop(L, 2);
  const char *list[MOST];
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);  // the table keeps the string
    list[i - 1] = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    luaL_argcheck(L, list[i - 1] != NULL, 1, "strings expected");
  }
  qd_box *box = qd_box_push(L);  // list project box
  qd_profiles *p = load_profiles(L, 2);
  qd_error err = QD_ERROR_INIT;
  qd_status status = qd_profiles_select(p, list, (size_t)n, &box->json, &err);
  qd_profiles_free(p);
  qd_check(L, status, &err);
  qd_push_json(L, box->json);
  return 1;
}

// --- changing: none waits for the lock; the error `locked` says that somebody holds it -----------------------------------

static qd_profiles_file file_of(lua_State *L) { return (qd_profiles_file){push_file(L), 0}; }

// add(name, profile)
static int l_add(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  qd_box *box = qd_box_push(L);
  const qd_profiles_file file = file_of(L);
  box->json = qd_check_json(L, 2);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_add(&file, name, box->json, &err), &err);
  return 0;
}

// put(list of {name=, keys=}, replace, [first]): several at once, in that order; see qd_profiles_put
static int l_put(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  bool replace = lua_toboolean(L, 2);
  const char *first = luaL_optstring(L, 3, NULL);
  qd_box *box = qd_box_push(L);
  const qd_profiles_file file = file_of(L);
  box->json = qd_check_json(L, 1);
  qd_json *profiles = qd_json_object();
  for (size_t i = 0; i < qd_json_count(box->json); i++) {
    const qd_json *item = qd_json_at(box->json, i);
    qd_json_set(profiles, qd_json_get_string(qd_json_member(item, "name"), QD_SLICE("")), qd_json_dup(qd_json_member(item, "keys")));
  }
  qd_json_free(box->json);
  box->json = profiles;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_put(&file, profiles, replace, first, &err), &err);
  return 0;
}

// parse(text, name) -> {profiles=, names=, default_profile=, warnings=} of a file's text, checked
static int l_parse(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  const char *name = luaL_checkstring(L, 2);
  qd_box *box = qd_box_push(L);
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_parse(text, name, &p, &err), &err);
  box->json = summary_of(p);
  qd_profiles_free(p);
  qd_push_json(L, box->json);
  return 1;
}

// preview(name, keys) -> the profile as get() would give it, without the file
static int l_preview(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  qd_box *box = qd_box_push(L);
  box->json = qd_check_json(L, 2);
  qd_json *out = NULL;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_preview(name, box->json, &out, &err), &err);
  qd_json_free(box->json);
  box->json = out;
  qd_push_json(L, out);
  return 1;
}

// update(name, {key = value, ["labels.site"] = value, ...}); json.null removes the key
static int l_update(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  qd_box *box = qd_box_push(L);
  const qd_profiles_file file = file_of(L);
  box->json = qd_check_json(L, 2);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_update(&file, name, box->json, &err), &err);
  return 0;
}

// set(name, key, value or nil)
static int l_set(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  qd_slice key = qd_check_slice(L, 2);
  lua_settop(L, 3);
  qd_box *box = qd_box_push(L);
  const qd_profiles_file file = file_of(L);
  box->json = qd_check_json(L, 3);
  qd_json *changes = qd_json_object();
  qd_json_set(changes, key, box->json);
  box->json = changes;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_update(&file, name, changes, &err), &err);
  return 0;
}

// remove(name)
static int l_remove(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const qd_profiles_file file = file_of(L);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_remove(&file, name, &err), &err);
  return 0;
}

// rename(name, to)
static int l_rename(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const char *to = luaL_checkstring(L, 2);
  const qd_profiles_file file = file_of(L);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_rename(&file, name, to, &err), &err);
  return 0;
}

// set_default(name or nil)
static int l_set_default(lua_State *L) {
  const char *name = luaL_optstring(L, 1, NULL);
  const qd_profiles_file file = file_of(L);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_set_default(&file, name, &err), &err);
  return 0;
}

// replace(was, text): an editor's result
static int l_replace(lua_State *L) {
  qd_slice was = qd_check_slice(L, 1);
  qd_slice text = qd_check_slice(L, 2);
  const qd_profiles_file file = file_of(L);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profiles_replace(&file, was, text, &err), &err);
  return 0;
}

// take_over() -> whether a config.yaml of version 0.2 became a profile
static int l_take_over(lua_State *L) {
  qd_paths p;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_paths_find(&p, &err), &err);
  bool taken = false;
  qd_status status = qd_profiles_take_over(p.home, &taken, &err);
  qd_paths_deinit(&p);
  qd_check(L, status, &err);
  lua_pushboolean(L, taken);
  return 1;
}

// --- keys and names ------------------------------------------------------------------------------------------------------

// keys() -> list of {name=, type=, want=}
static int l_keys(lua_State *L) {
  static const char *const TYPES[] = {"string", "int", "bool", "strings", "map", "group"};
  lua_newtable(L);  // list
  for (size_t i = 0; qd_profile_keys[i].name; i++) {
    lua_createtable(L, 0, 3);  // list row
    lua_pushstring(L, qd_profile_keys[i].name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, TYPES[qd_profile_keys[i].type]);
    lua_setfield(L, -2, "type");
    lua_pushstring(L, qd_profile_keys[i].want);
    lua_setfield(L, -2, "want");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

// parse_value(key, text) -> value
static int l_parse_value(lua_State *L) {
  const char *key = luaL_checkstring(L, 1);
  qd_slice text = qd_check_slice(L, 2);
  qd_box *box = qd_box_push(L);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profile_value_parse(key, text, &box->json, &err), &err);
  qd_push_json(L, box->json);
  return 1;
}

// check_name(name): raises when no profile can have it
static int l_check_name(lua_State *L) {
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profile_name_check(qd_check_slice(L, 1), &err), &err);
  return 0;
}

// project([dir]) -> nil, or {path=, profile=, has_profiles=, text=, warning=}
static int l_project(lua_State *L) {
  const char *dir = luaL_optstring(L, 1, NULL);
  qd_box *box = qd_box_push(L);
  char *here = dir ? qd_xstrdup(dir) : getcwd(NULL, 0);
  qd_project p = {0};
  qd_error err = QD_ERROR_INIT;
  qd_status status = here ? qd_project_find(here, &p, &err) : QD_OK;  // no working directory: no project
  free(here);
  qd_check(L, status, &err);
  if (p.path || p.warning) {
    box->json = qd_json_object();
    if (p.path) qd_json_set(box->json, QD_SLICE("path"), string_of(p.path));
    if (p.path) qd_json_set(box->json, QD_SLICE("text"), qd_json_string(qd_buf_slice(&p.text)));
    qd_json_set(box->json, QD_SLICE("has_profiles"), qd_json_bool(p.has_profiles));
    if (p.profile) qd_json_set(box->json, QD_SLICE("profile"), string_of(p.profile));
    if (p.warning) qd_json_set(box->json, QD_SLICE("warning"), string_of(p.warning));
  }
  qd_project_deinit(&p);
  if (box->json)
    qd_push_json(L, box->json);
  else
    lua_pushnil(L);
  return 1;
}

// --- what is remembered about a NAS: <state>/engines/<name>.json ---------------------------------------------------------

enum { STATE_CAP = 256 * 1024 };

// The file's path, on the stack as a string.                                              [-0, +1, e]
static const char *push_state_path(lua_State *L, int arg) {
  qd_slice name = qd_check_slice(L, arg);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_profile_name_check(name, &err), &err);  // it becomes a file's name
  qd_paths p;
  qd_check(L, qd_paths_find(&p, &err), &err);
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/engines/%.*s.json", p.state, (int)name.n, name.p);
  qd_paths_deinit(&p);
  if (n < 0 || (size_t)n >= sizeof path) luaL_error(L, "the path of the home directory is too long");
  return lua_pushstring(L, path);
}

// read_state(name) -> table, empty when nothing (or nothing readable) is remembered
static int l_read_state(lua_State *L) {
  qd_box *box = qd_box_push(L);
  const char *path = push_state_path(L, 1);  // box path
  qd_buf_init(&box->buf, STATE_CAP);
  bool found = false;
  qd_error err = QD_ERROR_INIT;
  if (qd_file_read(path, &box->buf, &found, &err) != QD_OK || !found) {
    lua_newtable(L);
    return 1;
  }
  const qd_json_limits limits = {STATE_CAP, 20};
  bool good = qd_json_parse(qd_buf_slice(&box->buf), &limits, &box->json, &err) == QD_OK && qd_json_type_of(box->json) == QD_JSON_OBJECT;
  if (good)
    qd_push_json(L, box->json);
  else
    lua_newtable(L);
  return 1;
}

// write_state(name, table or nil): nil forgets
static int l_write_state(lua_State *L) {
  lua_settop(L, 2);
  qd_box *box = qd_box_push(L);
  const char *path = push_state_path(L, 1);  // box path
  if (lua_isnil(L, 2)) {
    (void)unlink(path);
    return 0;
  }
  luaL_checktype(L, 2, LUA_TTABLE);
  box->json = qd_check_json(L, 2);
  qd_buf_init(&box->buf, STATE_CAP);
  static const qd_json_style LINES = {.indent = 2};
  if (!qd_json_write(box->json, &LINES, &box->buf) || !qd_buf_addc(&box->buf, '\n')) return luaL_error(L, "the state is too large");
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_file_replace(path, qd_buf_slice(&box->buf), &err), &err);
  return 0;
}

int luaopen_qd_profile(lua_State *L) {
  static const luaL_Reg functions[] = {{"paths", l_paths},
                                       {"load", l_load},
                                       {"get", l_get},
                                       {"put", l_put},
                                       {"parse", l_parse},
                                       {"preview", l_preview},
                                       {"select", l_select},
                                       {"add", l_add},
                                       {"update", l_update},
                                       {"set", l_set},
                                       {"remove", l_remove},
                                       {"rename", l_rename},
                                       {"set_default", l_set_default},
                                       {"replace", l_replace},
                                       {"take_over", l_take_over},
                                       {"keys", l_keys},
                                       {"parse_value", l_parse_value},
                                       {"check_name", l_check_name},
                                       {"project", l_project},
                                       {"read_state", l_read_state},
                                       {"write_state", l_write_state},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
