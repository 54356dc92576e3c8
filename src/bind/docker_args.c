// Request tables and answers of core.docker. Contracts in docker.h.
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "bind/docker.h"

enum { BODY_MAX = 64 << 20, DEFAULT_TIMEOUT_MS = 60000 };

static const char *required(lua_State *L, int arg, const char *name) {
  const char *s = qd_field_string(L, arg, name, NULL);
  if (!s) luaL_error(L, "option '%s': string expected", name);
  return s;
}

static void read_query(lua_State *L, int arg, qd__docker_args *out) {
  if (lua_getfield(L, arg, "query") != LUA_TNIL) {  // query
    if (!lua_istable(L, -1)) luaL_error(L, "option 'query': table expected, got %s", luaL_typename(L, -1));
    out->query = qd_check_json(L, lua_gettop(L));
    out->r.query = out->query;
  }
  lua_pop(L, 1);
}

static void read_body(lua_State *L, int arg, qd__docker_args *out) {
  switch (lua_getfield(L, arg, "body")) {  // body
    case LUA_TNIL:
      break;
    case LUA_TSTRING:
      out->r.body.p = lua_tolstring(L, -1, &out->r.body.n);
      break;
    case LUA_TTABLE: {
      qd_json *doc = qd_check_json(L, lua_gettop(L));
      bool ok = qd_json_write(doc, &(qd_json_style){0}, &out->body);
      qd_json_free(doc);
      if (!ok) luaL_error(L, "option 'body': larger than 64 MiB as JSON");
      out->r.body = qd_buf_slice(&out->body);
      break;
    }
    default:
      luaL_error(L, "option 'body': table or string expected, got %s", luaL_typename(L, -1));
  }
  lua_pop(L, 1);
}

static void add_field(qd__docker_args *out, const char *name, const char *value) {
  out->fields = qd_xrealloc(out->fields, (out->r.field_count + 1) * sizeof *out->fields);
  out->fields[out->r.field_count++] = (qd_http_field){name, value};
  out->r.fields = out->fields;
}

static void read_headers(lua_State *L, int arg, qd__docker_args *out) {
  bool typed = false;
  if (lua_getfield(L, arg, "headers") != LUA_TNIL) {  // headers
    if (!lua_istable(L, -1)) luaL_error(L, "option 'headers': table expected, got %s", luaL_typename(L, -1));
    lua_pushnil(L);
    while (lua_next(L, -2)) {  // headers name value
      if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "option 'headers': names and values must be strings");
      const char *name = lua_tostring(L, -2);
      typed = typed || strcasecmp(name, "content-type") == 0;
      add_field(out, name, lua_tostring(L, -1));
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  if (!typed && out->body.p) add_field(out, "Content-Type", "application/json");
  if (!typed && out->r.upload) add_field(out, "Content-Type", "application/x-tar");
}

// {[304] = true} or {304}.
static void read_ok(lua_State *L, int arg, qd__docker_args *out) {
  size_t n = 0;
  if (lua_getfield(L, arg, "ok") != LUA_TNIL) {  // ok
    if (!lua_istable(L, -1)) luaL_error(L, "option 'ok': table expected, got %s", luaL_typename(L, -1));
    lua_pushnil(L);
    while (lua_next(L, -2)) {  // ok key value
      lua_Integer status = lua_isboolean(L, -1) ? lua_toboolean(L, -1) * lua_tointeger(L, -2) : lua_tointeger(L, -1);
      if (status > 0 && status < 1000 && n + 1 < sizeof out->ok / sizeof *out->ok) out->ok[n++] = (int)status;
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  out->r.ok = out->ok;
}

void qd__docker_args_read(lua_State *L, int arg, const char *label, qd__docker_args *out) {
  luaL_checkstack(L, 8, NULL);
  qd_buf_init(&out->body, BODY_MAX);
  out->r.method = qd_field_string(L, arg, "method", "GET");
  out->r.path = required(L, arg, "path");
  const char *what = qd_field_string(L, arg, "what", NULL);
  out->what = what ? qd_xstrdup(what) : qd_xasprintf("%s %s failed on %s", out->r.method, out->r.path, label);
  out->r.what = out->what;
  out->profile = qd_xstrdup(label);
  out->object = qd_xstrdup(qd_field_string(L, arg, "object", NULL));
  out->r.upload = qd_field_boolean(L, arg, "upload", false);
  out->r.pipeline = qd_field_boolean(L, arg, "pipeline", false);
  out->r.bulk = qd_field_boolean(L, arg, "bulk", false);
  out->r.unversioned = qd_field_boolean(L, arg, "unversioned", false);
  out->r.idle_ms = qd_field_ms(L, arg, "idle", 0);
  out->timeout_ms = qd_field_ms(L, arg, "timeout", DEFAULT_TIMEOUT_MS);
  out->raw = qd_field_boolean(L, arg, "raw", false);
  out->lean = !qd_field_boolean(L, arg, "nulls", false);
  lua_Integer max_body = qd_field_integer(L, arg, "max_body", 0);
  luaL_argcheck(L, max_body >= 0 && max_body <= 1 << 30, arg, "option 'max_body': from 0 to 1 GiB");
  out->r.max_body = (size_t)max_body;
  read_query(L, arg, out);
  read_body(L, arg, out);
  read_headers(L, arg, out);
  read_ok(L, arg, out);
}

void qd__docker_args_free(qd__docker_args *args) {
  qd_json_free(args->query);
  qd_buf_deinit(&args->body);
  free(args->fields);
  free(args->what);
  free(args->object);
  free(args->profile);
  *args = (qd__docker_args){0};
}

int qd__docker_raise(lua_State *L, const qd__docker_args *args, const qd_error *err, int status) {
  luaL_checkstack(L, 6, NULL);
  qd_push_error(L, err);  // e
  if (status > 0) {
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "engine_status");
  }
  if (args->profile) {
    lua_pushstring(L, args->profile);
    lua_setfield(L, -2, "profile");
  }
  if (args->object) {
    lua_pushstring(L, args->object);
    lua_setfield(L, -2, "object");
  }
  return lua_error(L);
}

void qd__docker_push_headers(lua_State *L, const qd_http_head *head) {
  lua_createtable(L, 0, head ? (int)head->field_count : 0);  // t
  for (size_t i = 0; head && i < head->field_count; i++) {
    lua_pushstring(L, head->fields[i].value);
    lua_setfield(L, -2, head->fields[i].name);
  }
}

static bool is_json(const qd_http_head *head) {
  const char *type = qd_http_head_get(head, "content-type");
  return type && strncasecmp(type, "application/json", 16) == 0;
}

void qd__docker_push_answer(lua_State *L, const qd__docker_args *args, const qd_http_head *head, qd_slice body) {
  luaL_checkstack(L, 8, NULL);
  lua_createtable(L, 0, 3);  // t
  lua_pushinteger(L, head->status);
  lua_setfield(L, -2, "status");
  qd__docker_push_headers(L, head);
  lua_setfield(L, -2, "headers");
  if (body.n == 0) return;
  if (args->raw || !is_json(head)) {
    lua_pushlstring(L, body.p, body.n);  // t body
  } else {
    qd_box *box = qd_box_push(L);  // t box
    qd_error err = QD_ERROR_INIT;
    if (qd_json_parse(body, NULL, &box->json, &err) != QD_OK) {
      char cause[sizeof err.message];
      memcpy(cause, err.message, sizeof cause);
      (void)qd_fail(&err, QD_CONNECT, "bad_response", "%s", args->what);
      (void)qd_why(&err, "the engine's answer is not valid JSON: %.400s", cause);
      err.hint[0] = '\0';
      (void)qd__docker_raise(L, args, &err, head->status);
    }
    if (args->lean)
      qd_push_json_lean(L, box->json);  // t box body
    else
      qd_push_json(L, box->json);
    qd_box_clear(box);
    lua_remove(L, -2);  // t body
  }
  lua_setfield(L, -2, "body");
}
