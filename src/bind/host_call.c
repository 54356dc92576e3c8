// Functions of the embedding program for scripts: a call is an op that its answer ends.
#include <stdlib.h>

#include "base/mem.h"
#include "bind/convert.h"
#include "bind/host.h"
#include "qd_lua.h"

#define TEXT_CAP ((size_t)1 << 30)

typedef struct function {
  qd_function *fn;
  void *ctx;
} function;

struct qd_call {
  qd_op base;
  qd_job *job;
  qd_buf arguments;
  qd_json *answer;  // NULL: nil
  qd_function *on_cancel;
  void *on_cancel_ctx;
  bool answered;
};

static int call_push(lua_State *L, qd_op *op) {
  qd_call *call = (qd_call *)op;
  if (!call->answer) return 0;
  qd_push_json(L, call->answer);
  return 1;
}

// Whoever answers holds the call until then: the waiter goes at once, the call stays.
static void call_cancel(qd_op *op) {
  qd_call *call = (qd_call *)op;
  if (call->answered) return;
  call->job = NULL;  // it may end now
  qd_op_ref(op);     // on_cancel may answer
  qd_op_done(op, NULL);
  if (call->on_cancel && !call->answered) call->on_cancel(call->on_cancel_ctx, call);
  qd_op_unref(op);
}

static void call_drop(qd_op *op) {
  qd_call *call = (qd_call *)op;
  qd_buf_deinit(&call->arguments);
  qd_json_free(call->answer);
}

static const qd_op_kind CALL = {"host", sizeof(qd_call), call_push, call_cancel, call_drop};

// NAME(...): upvalue 1 is the function                                                    yields
static int l_call(lua_State *L) {
  const function *f = lua_touserdata(L, lua_upvalueindex(1));
  qd_rt *rt = qd_rt_of(L);
  if (!rt->cur) return luaL_error(L, "cannot wait here: no task is running");
  int n = lua_gettop(L);
  lua_createtable(L, n, 0);  // args... list
  for (int i = 1; i <= n; i++) {
    if (lua_isnil(L, i))
      qd_push_null(L);
    else
      lua_pushvalue(L, i);
    lua_rawseti(L, n + 1, i);
  }
  qd_mark_array(L, n + 1);
  qd_box *box = qd_box_push(L);  // args... list box
  box->json = qd_check_json(L, n + 1);
  qd_call *call = (qd_call *)qd_op_push(L, &CALL);  // args... list box op
  call->job = qd__task_job(rt->cur);
  qd_buf_init(&call->arguments, TEXT_CAP);
  const qd_json_style style = {0, false, false};
  if (!qd_json_write(box->json, &style, &call->arguments)) return luaL_error(L, "the JSON text is larger than 1 GiB");
  qd_box_clear(box);
  qd_op_ref(&call->base);  // of who answers
  qd_op_start(&call->base, 0);
  f->fn(f->ctx, call);
  return qd_await(L, &call->base);
}

void qd_host_register(qd_host *host, const char *name, qd_function *fn, void *ctx) {
  lua_State *L = qd_host_lua(host);
  lua_getfield(L, LUA_REGISTRYINDEX, "qd.host");
  lua_pushstring(L, name);
  function *f = lua_newuserdatauv(L, sizeof *f, 0);
  *f = (function){fn, ctx};
  lua_pushcclosure(L, l_call, 1);
  lua_call(L, 2, 0);
}

const char *qd_call_arguments(const qd_call *call, size_t *size) {
  if (size) *size = call->arguments.n;
  return call->arguments.p;
}

static void answer(qd_call *call, const qd_error *err) {
  if (call->answered) return;
  call->answered = true;
  qd_op_done(&call->base, err);  // nothing, when the waiter has gone
  qd_op_unref(&call->base);
}

void qd_call_return(qd_call *call, const char *json) {
  qd_error err = QD_ERROR_INIT;
  qd_json_limits limits = QD_JSON_LIMITS_DEFAULT;
  qd_json *value = NULL;
  bool good = !json || qd_json_parse(qd_slice_of(json), &limits, &value, &err) == QD_OK;
  if (good && !call->base.done)
    call->answer = value;
  else
    qd_json_free(value);
  answer(call, good ? NULL : &err);
}

void qd_call_fail(qd_call *call, const char *category, const char *code, const char *message, const char *why, const char *hint) {
  qd_error err = QD_ERROR_INIT;
  qd_status status = qd_status_from_name(category ? category : "internal");
  (void)qd_fail(&err, status == QD_OK ? QD_INTERNAL : status, "host_error", "%s", message ? message : "");
  if (why) (void)qd_why(&err, "%s", why);
  if (hint) (void)qd_hint(&err, "%s", hint);
  err.code = code ? qd_code_keep(code, "host_error") : err.code;
  answer(call, &err);
}

void qd_call_on_cancel(qd_call *call, qd_function *fn, void *ctx) {
  call->on_cancel = fn;
  call->on_cancel_ctx = ctx;
}

qd_run *qd_call_run(const qd_call *call) { return call->job ? qd__run_of(call->job) : NULL; }
