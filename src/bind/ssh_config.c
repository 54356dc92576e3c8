// core.ssh_config: what ~/.ssh/config says about a host. Blocking, small files.
#include "ssh/config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/context.h"
#include "bind/convert.h"
#include "bind/modules.h"

#define MAX_FILES 8

static const char *environment(const char *name) { return qd_getenv(name); }

typedef struct user {
  struct passwd entry;
  char text[4096];
} user;

// Fields of the options table at `arg`; the strings are borrowed from it, or from `u`.
static qd_ssh_config_env check_env(lua_State *L, int arg, user *u) {
  struct passwd *me = NULL;
  (void)getpwuid_r(getuid(), &u->entry, u->text, sizeof u->text, &me);
  const char *home = qd_getenv("HOME");
  qd_ssh_config_env env = {.alias = qd_field_string(L, arg, "alias", NULL),
                           .user = qd_field_string(L, arg, "user", NULL),
                           .local_user = qd_field_string(L, arg, "local_user", me ? me->pw_name : NULL),
                           .home = qd_field_string(L, arg, "home",
                                                   home ? home
                                                   : me ? me->pw_dir
                                                        : "/"),
                           .lookup = environment};
  luaL_argcheck(L, env.alias && env.alias[0], arg, "field 'alias' (the host as typed) is missing");
  return env;
}

static void set_text(qd_json *object, const char *name, const char *value) {
  if (value && value[0]) qd_json_set(object, qd_slice_of(name), qd_json_string(qd_slice_of(value)));
}

static void set_flag(qd_json *object, const char *name, bool value) { qd_json_set(object, qd_slice_of(name), qd_json_bool(value)); }

static void set_list(qd_json *object, const char *name, const qd_ssh_strings *list) {
  qd_json *array = qd_json_array();
  for (size_t i = 0; i < list->n; i++) qd_json_append(array, qd_json_string(qd_slice_of(list->v[i])));
  qd_json_set(object, qd_slice_of(name), array);
}

static qd_json *describe(const qd_ssh_config *c) {
  qd_json *out = qd_json_object();
  set_text(out, "host_name", c->host_name);
  set_text(out, "user", c->user);
  if (c->port) qd_json_set(out, QD_SLICE("port"), qd_json_int(c->port));
  set_list(out, "identity_files", &c->identity_files);
  set_flag(out, "default_identities", c->default_identities);
  set_flag(out, "identities_only", c->identities_only);
  set_flag(out, "no_agent", c->no_agent);
  set_text(out, "identity_agent", c->identity_agent);
  set_list(out, "user_known_hosts", &c->user_known_hosts);
  set_list(out, "global_known_hosts", &c->global_known_hosts);
  set_text(out, "proxy_jump", c->proxy_jump);
  set_text(out, "proxy_command", c->proxy_command);
  set_text(out, "host_key_alias", c->host_key_alias);
  if (c->connect_timeout_s) qd_json_set(out, QD_SLICE("connect_timeout"), qd_json_int(c->connect_timeout_s));
  set_flag(out, "gssapi", c->gssapi);
  set_text(out, "needs_openssh", c->needs_openssh);
  set_list(out, "notes", &c->notes);
  return out;
}

// The list `files` of the options table, or ssh's two; NULL-terminated. Strings borrowed from the table or written to `own`.
static void check_files(lua_State *L, int arg, const qd_ssh_config_env *env, const char **files, char *own, size_t size) {
  if (lua_getfield(L, arg, "files") == LUA_TNIL) {
    (void)snprintf(own, size, "%s/.ssh/config", env->home);
    files[0] = own;
    files[1] = "/etc/ssh/ssh_config";
    files[2] = NULL;
  } else {
    luaL_argcheck(L, lua_istable(L, -1) && luaL_len(L, -1) <= MAX_FILES, arg, "field 'files': a list of at most 8 paths expected");
    lua_Integer n = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
      luaL_argcheck(L, lua_rawgeti(L, -1, i) == LUA_TSTRING, arg, "field 'files': strings expected");
      files[i - 1] = lua_tostring(L, -1);  // the list keeps it
      lua_pop(L, 1);
    }
    files[n] = NULL;
  }
  lua_pop(L, 1);
}

// resolve{alias=, user=, home=, files= | text=} -> settings
static int l_resolve(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  user me;
  qd_ssh_config_env env = check_env(L, 1, &me);
  const char *text = qd_field_string(L, 1, "text", NULL);
  const char *files[MAX_FILES + 1];
  char own[4096];
  check_files(L, 1, &env, files, own, sizeof own);
  qd_box *box = qd_box_push(L);  // box
  qd_ssh_config c;
  qd_ssh_config_init(&c);
  if (text) {
    qd_ssh_config_parse(&c, &env, qd_slice_of(text), "config", false);
    qd_ssh_config_finish(&c, &env);
  } else {
    qd_ssh_config_load(&c, &env, files);
  }
  box->json = describe(&c);
  qd_ssh_config_deinit(&c);
  qd_push_json(L, box->json);  // box settings
  qd_box_clear(box);
  return 1;
}

// parse_g(output of ssh -G, {alias=, user=, home=}) -> settings
static int l_parse_g(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  user me;
  qd_ssh_config_env env = check_env(L, 2, &me);
  qd_box *box = qd_box_push(L);  // box
  qd_ssh_config c;
  qd_ssh_config_init(&c);
  qd_ssh_config_parse_g(&c, &env, text);
  qd_ssh_config_finish(&c, &env);
  box->json = describe(&c);
  qd_ssh_config_deinit(&c);
  qd_push_json(L, box->json);  // box settings
  qd_box_clear(box);
  return 1;
}

int luaopen_qd_ssh_config(lua_State *L) {
  static const luaL_Reg functions[] = {{"resolve", l_resolve}, {"parse_g", l_parse_g}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
