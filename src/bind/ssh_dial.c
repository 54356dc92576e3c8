// core.ssh: dialers of this machine, and trying one out.
#include <stdlib.h>

#include "base/mem.h"
#include "bind/ssh.h"
#include "net/net.h"

#define REPLY_MAX ((size_t)16 * 1024)
#define ARGS_MAX 64
#define CONNECT_MS 15000

static qd_loop *loop_of(lua_State *L) { return qd_rt_loop(qd_rt_of(L)); }

// unix_dialer(path) -> dialer
static int l_unix(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_argcheck(L, path[0] == '/', 1, "an absolute path expected");
  qd_bind_push_dialer(L, qd_net_unix_dialer(loop_of(L), path));
  return 1;
}

// tcp_dialer(host, port[, timeout]) -> dialer
static int l_tcp(lua_State *L) {
  const char *host = luaL_checkstring(L, 1);
  lua_Integer port = luaL_checkinteger(L, 2);
  luaL_argcheck(L, port >= 1 && port <= 65535, 2, "1 to 65535 expected");
  uint64_t ms = qd_opt_ms(L, 3, CONNECT_MS);
  qd_bind_push_dialer(L, qd_net_tcp_dialer(loop_of(L), host, (int)port, ms));
  return 1;
}

// The list of strings in field `name` of the table at 1, borrowed from it; NULL when absent.   [-0, +1, e]
static const char *const *strings(lua_State *L, const char *name, const char **out) {
  if (lua_getfield(L, 1, name) == LUA_TNIL) return NULL;
  luaL_argcheck(L, lua_istable(L, -1), 1, "lists of strings expected");
  lua_Integer n = luaL_len(L, -1);
  luaL_argcheck(L, n >= 1 && n < ARGS_MAX, 1, "1 to 63 strings expected");
  for (lua_Integer i = 1; i <= n; i++) {
    luaL_argcheck(L, lua_rawgeti(L, -1, i) == LUA_TSTRING, 1, "lists of strings expected");
    out[i - 1] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  out[n] = NULL;
  return out;
}

// process_dialer{argv=, env={"NAME=value", ...}, what=} -> dialer
static int l_process(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *argv[ARGS_MAX];
  const char *env[ARGS_MAX];
  qd_process_spec spec = {.what = qd_field_string(L, 1, "what", NULL)};
  spec.argv = strings(L, "argv", argv);
  luaL_argcheck(L, spec.argv, 1, "field 'argv' is missing");
  spec.env = strings(L, "env", env);
  qd_bind_push_dialer(L, qd_net_process_dialer(loop_of(L), &spec));
  return 1;
}

typedef struct prime_op {
  qd_op base;
  qd_dialer *inner;  // its userdata is at index 1
  qd_dial *dial;     // under way
  qd_stream *stream;
  char *send, *end;  // what to say, and what the reply ends with; NULL: say nothing
  size_t send_n;
  qd_buf reply;
} prime_op;

static void prime_end(prime_op *o, const qd_error *err) {
  qd_error copy;
  if (err) copy = *err;
  if (err) qd_stream_close(o->stream);
  if (err) o->stream = NULL;
  qd_op_done(&o->base, err ? &copy : NULL);
}

static void on_data(void *ctx, qd_slice bytes) {
  prime_op *o = ctx;
  if (!qd_buf_add(&o->reply, bytes.p, bytes.n)) {
    qd_error err;
    qd_fail(&err, QD_CONNECT, "bad_greeting", "the answer is no answer of an engine");
    prime_end(o, &err);
    return;
  }
  if (!memmem(o->reply.p, o->reply.n, o->end, strlen(o->end))) return;
  qd_stream_read(o->stream, false);
  qd_stream_listen(o->stream, NULL, NULL);
  prime_end(o, NULL);
}

static void on_end(void *ctx, const qd_error *err) {
  qd_error nothing;
  qd_fail(&nothing, QD_CONNECT, "no_answer", "the connection ended without an answer");
  prime_end(ctx, err ? err : &nothing);
}

static void on_dialled(void *ctx, qd_stream *stream, const qd_error *err) {
  static const qd_stream_events events = {on_data, on_end, NULL};
  prime_op *o = ctx;
  o->dial = NULL;
  o->stream = stream;
  if (err || !o->send) {
    prime_end(o, err);
    return;
  }
  qd_stream_listen(stream, &events, o);
  (void)qd_stream_write(stream, (qd_slice){o->send, o->send_n});
  qd_stream_read(stream, true);
}

static void prime_cancel(qd_op *op) {
  prime_op *o = (prime_op *)op;
  qd_dial_cancel(o->dial);
  o->dial = NULL;
  qd_stream_close(o->stream);
  o->stream = NULL;
  qd_op_done(op, NULL);
}

static void prime_drop(qd_op *op) {
  prime_op *o = (prime_op *)op;
  qd_stream_close(o->stream);
  free(o->send);
  free(o->end);
  qd_buf_deinit(&o->reply);
}

static int prime_push(lua_State *L, qd_op *op) {
  prime_op *o = (prime_op *)op;
  size_t end_n = o->end ? strlen(o->end) : 0;
  bool clean = !o->end || memcmp(o->reply.p + o->reply.n - end_n, o->end, end_n) == 0;
  if (clean) {
    qd_stream *first = o->stream;
    o->stream = NULL;
    qd_bind_push_dialer(L, qd_net_primed_dialer(o->inner, first));  // dialer
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
  } else {
    lua_pushvalue(L, 1);
  }
  lua_pushlstring(L, o->reply.p ? o->reply.p : "", o->reply.n);  // dialer reply
  return 2;
}

static const qd_op_kind PRIME = {
    .name = "opening a stream", .size = sizeof(prime_op), .push = prime_push, .cancel = prime_cancel, .drop = prime_drop};

// prime(dialer[, {send=, reply_end=, timeout=}]) -> dialer, reply                         yields
// Opens a stream, says `send` and waits for a reply up to `reply_end`; the dialer returned hands that stream out first.
static int l_prime(lua_State *L) {
  lua_settop(L, 2);
  qd_dialer *inner = qd_bind_check_dialer(L, 1);
  uint64_t ms = qd_field_ms(L, 2, "timeout", 0);
  const char *end = qd_field_string(L, 2, "reply_end", NULL);
  qd_slice say = {NULL, 0};
  if (!lua_isnil(L, 2) && lua_getfield(L, 2, "send") != LUA_TNIL) say = qd_check_slice(L, 3);
  luaL_argcheck(L, !say.p || (end && end[0]), 2, "field 'reply_end' is missing");
  prime_op *o = (prime_op *)qd_op_push(L, &PRIME);  // ... op
  o->inner = inner;
  qd_buf_init(&o->reply, REPLY_MAX);
  if (say.p) {
    o->send = qd_xstrndup(say.p, say.n);
    o->send_n = say.n;
    o->end = qd_xstrdup(end);
  }
  o->dial = qd_dial_start(inner, false, on_dialled, o);
  qd_op_start(&o->base, ms);
  return qd_await(L, &o->base);
}

const luaL_Reg qd__ssh_dial_functions[] = {
    {"unix_dialer", l_unix}, {"tcp_dialer", l_tcp}, {"process_dialer", l_process}, {"prime", l_prime}, {NULL, NULL}};
