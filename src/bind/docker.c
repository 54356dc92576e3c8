// core.docker: engines, their requests and the helpers for paths and errors. Streams are in docker_stream.c.
#include "bind/docker.h"

#include <stdlib.h>

#include "base/mem.h"
#include "bind/bind.h"
#include "bind/modules.h"
#include "net/net.h"

static const char ENGINE[] = "qd.engine";

qd__docker_engine *qd__docker_check(lua_State *L, int arg) {
  qd__docker_engine *e = luaL_checkudata(L, arg, ENGINE);
  if (!e->engine) {
    qd_error err = QD_ERROR_INIT;
    (void)qd_fail(&err, QD_FAIL, "connection_closed", "the connection to %s was closed", e->label ? e->label : "the engine");
    (void)qd_raise(L, &err);
  }
  return e;
}

// ---- requests

typedef struct request_op {
  qd_op base;
  qd_engine_call *call;
  qd__docker_args args;
  qd_error refusal;  // the engine's, raised by push with what is known beside it
  bool refused;
} request_op;

static void on_end(void *ctx, const qd_error *err) {
  request_op *op = ctx;
  op->refused = err && qd_engine_call_status(op->call) >= 400;
  if (op->refused) op->refusal = *err;
  qd_op_done(&op->base, op->refused ? NULL : err);
}

static const qd_engine_events EVENTS = {.on_end = on_end};

static void request_cancel(qd_op *base) {
  request_op *op = (request_op *)base;
  qd_engine_call_free(op->call);
  op->call = NULL;
  qd_op_done(base, NULL);
}

static void request_drop(qd_op *base) {
  request_op *op = (request_op *)base;
  qd_engine_call_free(op->call);
  qd__docker_args_free(&op->args);
}

static int request_push(lua_State *L, qd_op *base) {
  request_op *op = (request_op *)base;
  if (op->refused) return qd__docker_raise(L, &op->args, &op->refusal, qd_engine_call_status(op->call));
  qd__docker_push_answer(L, &op->args, qd_engine_call_head(op->call), qd_engine_call_body(op->call));
  return 1;
}

static const qd_op_kind REQUEST = {"docker.request", sizeof(request_op), request_push, request_cancel, request_drop};

// engine:request{method=, path=, query=, body=, headers=, timeout=, raw=, pipeline=, bulk=, ok=, what=, object=, nulls=,
// max_body=, unversioned=} -> {status=, headers=, body=}                                 yields
static int l_request(lua_State *L) {
  qd__docker_engine *e = qd__docker_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  request_op *op = (request_op *)qd_op_push(L, &REQUEST);  // engine table op
  qd__docker_args_read(L, 2, e->label, &op->args);
  luaL_argcheck(L, !op->args.r.upload, 2, "an upload needs engine:stream");
  lua_getfield(L, 2, "body");
  lua_setiuservalue(L, 3, 1);  // a body string lives as long as the op
  op->args.r.collect = true;
  op->base.what = op->args.what;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_engine_start(e->engine, &op->args.r, &EVENTS, op, &op->call, &err), &err);
  qd_op_start(&op->base, op->args.timeout_ms);
  return qd_await(L, &op->base);
}

// ---- the version

typedef struct api_op {
  request_op request;
  qd__docker_engine *engine;  // its userdata is on the stack while the op waits
} api_op;

static int push_api(lua_State *L, const qd__docker_engine *e) {
  int api = e->engine ? qd_engine_api(e->engine) : 0;
  if (api) {
    lua_pushfstring(L, "1.%d", api - 100);
    return 1;
  }
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_CONNECT, "not_an_engine", "what answers on %s is not a Docker Engine", e->label);
  return qd_raise(L, &err);
}

static int api_push(lua_State *L, qd_op *base) {
  api_op *op = (api_op *)base;
  if (op->request.refused) return qd__docker_raise(L, &op->request.args, &op->request.refusal, qd_engine_call_status(op->request.call));
  return push_api(L, op->engine);
}

static const qd_op_kind API = {"docker.api", sizeof(api_op), api_push, request_cancel, request_drop};

// engine:api([timeout]) -> "1.41": the version that requests go out with                 yields
static int l_api(lua_State *L) {
  qd__docker_engine *e = qd__docker_check(L, 1);
  uint64_t ms = qd_opt_ms(L, 2, 60000);
  if (qd_engine_api(e->engine)) return push_api(L, e);
  lua_settop(L, 1);
  api_op *op = (api_op *)qd_op_push(L, &API);  // engine op
  op->engine = e;
  op->request.args.profile = qd_xstrdup(e->label);
  op->request.args.what = qd_xasprintf("cannot reach the Docker Engine of %s", e->label);
  op->request.base.what = op->request.args.what;
  const qd_engine_request r = {
      .method = "GET", .path = "/_ping", .what = op->request.args.what, .collect = true, .unversioned = true, .max_body = 4096};
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_engine_start(e->engine, &r, &EVENTS, op, &op->request.call, &err), &err);
  qd_op_start(&op->request.base, ms);
  return qd_await(L, &op->request.base);
}

// engine:facts() -> {api=, server=}: the API version and the engine's own ("27.1.2-qnap8"), empty before the first answer
static int l_facts(lua_State *L) {
  const qd_engine *e = qd__docker_check(L, 1)->engine;
  lua_createtable(L, 0, 2);  // t
  if (qd_engine_api(e)) {
    lua_pushfstring(L, "1.%d", qd_engine_api(e) - 100);
    lua_setfield(L, -2, "api");
  }
  if (*qd_engine_server(e)) {
    lua_pushstring(L, qd_engine_server(e));
    lua_setfield(L, -2, "server");
  }
  return 1;
}

// engine:warm(n)
static int l_warm(lua_State *L) {
  qd_engine_warm(qd__docker_check(L, 1)->engine, (unsigned)luaL_checkinteger(L, 2));
  return 0;
}

// engine:stats() -> {requests=, connections=, bytes_in=, bytes_out=, idle=, busy=}
static int l_stats(lua_State *L) {
  qd_http_stats s = qd_engine_stats(qd__docker_check(L, 1)->engine);
  const struct {
    const char *name;
    uint64_t value;
  } rows[] = {{"requests", s.requests}, {"connections", s.connections},
              {"bytes_in", s.bytes_in}, {"bytes_out", s.bytes_out},
              {"idle", s.idle},         {"busy", s.busy}};
  lua_createtable(L, 0, 6);  // t
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    lua_pushinteger(L, (lua_Integer)rows[i].value);
    lua_setfield(L, -2, rows[i].name);
  }
  return 1;
}

// engine:close(): what is under way fails with "connection_closed"
static int l_close(lua_State *L) {
  qd__docker_engine *e = luaL_checkudata(L, 1, ENGINE);
  qd_engine *engine = e->engine;
  e->engine = NULL;
  qd_engine_free(engine);
  return 0;
}

static int l_gc(lua_State *L) {
  (void)l_close(L);
  qd__docker_engine *e = luaL_checkudata(L, 1, ENGINE);
  free(e->label);
  e->label = NULL;
  return 0;
}

static int l_tostring(lua_State *L) {
  qd__docker_engine *e = luaL_checkudata(L, 1, ENGINE);
  lua_pushfstring(L, "engine of %s%s", e->label ? e->label : "?", e->engine ? "" : " (closed)");
  return 1;
}

// ---- the module

// docker.engine(dialer, {label=, api_hint=}) -> engine
static int l_engine(lua_State *L) {
  qd_dialer *dialer = qd_bind_check_dialer(L, 1);
  const char *label = qd_field_string(L, 2, "label", "the engine");
  const char *hint = qd_field_string(L, 2, "api_hint", NULL);
  qd__docker_engine *e = lua_newuserdatauv(L, sizeof *e, 1);  // e
  *e = (qd__docker_engine){0};
  luaL_setmetatable(L, ENGINE);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  e->label = qd_xstrdup(label);
  e->engine = qd_engine_new(dialer, label, hint);
  return 1;
}

// docker.unix_dialer(path) -> dialer for an engine's socket on this machine
static int l_unix_dialer(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_argcheck(L, path[0] == '/', 1, "absolute path expected");
  qd_bind_push_dialer(L, qd_net_unix_dialer(qd_rt_loop(qd_rt_of(L)), path));
  return 1;
}

// docker.escape(text[, slashes]) -> text for one segment of a path (slashes: '/' stays)
static int l_escape(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  luaL_argcheck(L, text.n > 0 && text.n < 4096, 1, "a name of 1 to 4095 bytes expected");
  char room[3 * 4096 + 1];
  qd_buf b = {.p = room, .room = sizeof room, .cap = sizeof room - 1};  // never grows: three bytes for one
  qd_engine_escape(text, lua_toboolean(L, 2), &b);
  lua_pushlstring(L, b.p, b.n);
  return 1;
}

// docker.failure{message=, status=, what=, profile=, object=} -> the Error for an engine's words inside a stream
static int l_failure(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int status = (int)qd_field_integer(L, 1, "status", 0);
  qd_error err = QD_ERROR_INIT;
  (void)qd_engine_fail(&err, status, qd_slice_of(qd_field_string(L, 1, "message", "")),
                       qd_field_string(L, 1, "what", "the engine reported an error"));
  qd_push_error(L, &err);  // e
  static const char *const keys[] = {"profile", "object"};
  for (size_t i = 0; i < 2; i++) {
    lua_getfield(L, 1, keys[i]);
    lua_setfield(L, -2, keys[i]);
  }
  return 1;
}

// docker.api_number("1.41") -> 141, or nil when it is no version
static int l_api_number(lua_State *L) {
  int n = qd_engine_api_parse(luaL_checkstring(L, 1));
  if (n)
    lua_pushinteger(L, n);
  else
    lua_pushnil(L);
  return 1;
}

// docker.engine_version("27.1.2-qnap8") -> 27, 1, 2, or nil
static int l_engine_version(lua_State *L) {
  int v[3];
  if (!qd_engine_version_parse(luaL_checkstring(L, 1), &v[0], &v[1], &v[2])) return 0;
  for (int i = 0; i < 3; i++) lua_pushinteger(L, v[i]);
  return 3;
}

int luaopen_qd_docker(lua_State *L) {
  static const luaL_Reg methods[] = {{"request", l_request},
                                     {"stream", qd__docker_stream},
                                     {"hijack", qd__docker_hijack},
                                     {"api", l_api},
                                     {"facts", l_facts},
                                     {"stats", l_stats},
                                     {"warm", l_warm},
                                     {"close", l_close},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {"__close", l_close}, {"__tostring", l_tostring}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"engine", l_engine},         {"unix_dialer", l_unix_dialer},       {"escape", l_escape}, {"failure", l_failure},
      {"api_number", l_api_number}, {"engine_version", l_engine_version}, {NULL, NULL}};
  qd_class(L, ENGINE, methods, meta);
  qd__docker_stream_class(L);
  luaL_newlib(L, functions);
  return 1;
}
