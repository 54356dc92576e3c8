// core.web: outbound HTTP. See stdlib/_meta/web.lua.
#include "web/web.h"

#include <stdlib.h>

#include "base/mem.h"
#include "bind/convert.h"
#include "bind/modules.h"
#include "net/chunks.h"

#define HEADERS_MAX 100
#define QUEUE_HIGH ((size_t)256 * 1024)  // read ahead of the script
#define QUEUE_LOW ((size_t)64 * 1024)
#define READ_DEFAULT (64 << 10)
#define READ_MAX (16 << 20)

static const char CLASS[] = "qd.web.call";
static const char POOL[] = "qd.web";

typedef struct header {
  struct header *next;
  size_t name_n, n;  // the value is behind the name
  char p[];
} header;

typedef struct handle {
  int refs;           // the userdata's, and one for each op under way
  qd_web_call *call;  // NULL: closed
  int status;         // 0: no answer yet
  header *headers;    // the last first
  qd_chunks body;
  bool paused, ended, failed;
  qd_error err;
  qd_op *waiter;  // one at a time: for the head or for bytes
} handle;

typedef struct call_op {
  qd_op base;
  handle *h;
  size_t max;  // 0: for the head
} call_op;

static void handle_unref(handle *h) {
  if (--h->refs > 0) return;
  qd_web_close(h->call);
  for (header *e = h->headers; e;) {
    header *next = e->next;
    free(e);
    e = next;
  }
  qd_chunks_clear(&h->body);
  free(h);
}

static void wake(handle *h, const qd_error *err) {
  qd_op *op = h->waiter;
  h->waiter = NULL;
  if (op) qd_op_done(op, err);
}

static void on_status(void *ctx, int status) { ((handle *)ctx)->status = status; }

static void on_header(void *ctx, qd_slice name, qd_slice value) {
  handle *h = ctx;
  header *e = qd_xmalloc(sizeof *e + name.n + value.n);
  *e = (header){.next = h->headers, .name_n = name.n, .n = name.n + value.n};
  memcpy(e->p, name.p, name.n);
  memcpy(e->p + name.n, value.p, value.n);
  h->headers = e;
}

static void on_data(void *ctx, qd_slice bytes) {
  handle *h = ctx;
  qd_chunks_add(&h->body, bytes);
  if (h->body.bytes >= QUEUE_HIGH && !h->paused) {
    h->paused = true;
    qd_web_read(h->call, false);
  }
  wake(h, NULL);
}

static void on_end(void *ctx, const qd_error *err) {
  handle *h = ctx;
  h->ended = true;
  h->failed = err != NULL;
  if (err) h->err = *err;
  wake(h, err);
}

static const qd_web_events EVENTS = {on_status, on_header, on_data, on_end};

// The head: status and {name = value}; values of a name that comes twice are joined as RFC 9110, 5.3 has it.   [-0, +2, m]
static int push_head(lua_State *L, const handle *h) {
  lua_pushinteger(L, h->status);
  lua_newtable(L);  // status headers
  for (const header *e = h->headers; e; e = e->next) {
    lua_pushlstring(L, e->p, e->name_n);
    lua_pushvalue(L, -1);
    bool more = lua_rawget(L, -3) != LUA_TNIL;  // status headers name value
    lua_pushlstring(L, e->p + e->name_n, e->n - e->name_n);
    if (more) {
      lua_pushliteral(L, ", ");
      lua_rotate(L, -3, -1);  // headers name new ", " value
      lua_concat(L, 3);
    } else {
      lua_remove(L, -2);
    }
    lua_rawset(L, -3);
  }
  return 2;
}

// -1: not there yet.
static int take(lua_State *L, handle *h, size_t max) {
  if (max == 0 && h->status != 0) return push_head(L, h);
  if (max > 0 && h->body.bytes > 0) {
    qd_slice head = qd_chunks_peek(&h->body);
    size_t n = head.n < max ? head.n : max;
    lua_pushlstring(L, head.p, n);
    qd_chunks_consume(&h->body, n);
    if (h->paused && h->body.bytes < QUEUE_LOW && h->call) {
      h->paused = false;
      qd_web_read(h->call, true);
    }
    return 1;
  }
  if (!h->ended) return -1;
  if (h->failed) return qd_raise(L, &h->err);
  lua_pushnil(L);
  return 1;
}

static void op_cancel(qd_op *base) {
  call_op *op = (call_op *)base;
  if (op->h->waiter == base) op->h->waiter = NULL;
  qd_op_done(base, NULL);
}

static void op_drop(qd_op *op) { handle_unref(((call_op *)op)->h); }

static int op_push(lua_State *L, qd_op *op);
static const qd_op_kind WAIT = {
    .name = "waiting for the answer", .size = sizeof(call_op), .push = op_push, .cancel = op_cancel, .drop = op_drop};

static int take_or_wait(lua_State *L, handle *h, size_t max) {
  int n = take(L, h, max);
  if (n >= 0) return n;
  if (h->waiter) return luaL_error(L, "another task waits for this already (%s)", WAIT.name);
  call_op *op = (call_op *)qd_op_push(L, &WAIT);  // op
  op->h = h;
  h->refs++;
  op->max = max;
  h->waiter = &op->base;
  qd_op_start(&op->base, 0);
  return qd_await(L, &op->base);
}

static int op_push(lua_State *L, qd_op *op) { return take_or_wait(L, ((call_op *)op)->h, ((call_op *)op)->max); }

static handle *check(lua_State *L) {
  handle *h = *(handle **)luaL_checkudata(L, 1, CLASS);
  luaL_argcheck(L, h, 1, "this request was closed");
  return h;
}

// call:head() -> status, headers                                                          yields
static int l_head(lua_State *L) { return take_or_wait(L, check(L), 0); }

// call:read([max]) -> bytes; nil at the end                                               yields
static int l_read(lua_State *L) {
  handle *h = check(L);
  lua_Integer max = luaL_optinteger(L, 2, READ_DEFAULT);
  luaL_argcheck(L, max >= 1 && max <= READ_MAX, 2, "1 to 16777216 expected");
  return take_or_wait(L, h, (size_t)max);
}

// call:close(): who waits on it is told
static int l_close(lua_State *L) {
  handle **box = luaL_checkudata(L, 1, CLASS);
  handle *h = *box;
  if (!h) return 0;
  *box = NULL;
  qd_web_close(h->call);
  h->call = NULL;
  qd_error err;
  (void)qd_fail(&err, QD_CANCELLED, "closed", "the request was closed");
  wake(h, &err);
  handle_unref(h);
  return 0;
}

static int pool_gc(lua_State *L) {
  qd_web **w = lua_touserdata(L, 1);
  qd_web_free(*w);
  *w = NULL;
  return 0;
}

// The connections of this runtime, made by the first request. They are the upvalue of open, so they go behind every call.   [-0, +1, e]
static qd_web *pool(lua_State *L) {
  qd_web **box = lua_touserdata(L, lua_upvalueindex(1));
  qd_error err = QD_ERROR_INIT;
  if (!*box) *box = qd_web_new(qd_rt_loop(qd_rt_of(L)), &err);
  if (!*box) (void)qd_raise(L, &err);
  return *box;
}

static const char **check_headers(lua_State *L) {
  lua_Integer n = lua_getfield(L, 1, "headers") == LUA_TTABLE ? luaL_len(L, -1) : 0;  // headers
  luaL_argcheck(L, n <= HEADERS_MAX, 1, "at most 100 headers");
  const char **list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 0);  // headers list
  for (lua_Integer i = 0; i < n; i++) {
    size_t length = 0;
    lua_geti(L, -2, i + 1);
    list[i] = luaL_checklstring(L, -1, &length);
    luaL_argcheck(L, strlen(list[i]) == length, 1, "a header has no NUL");
    lua_pop(L, 1);  // the table holds it
  }
  list[n] = NULL;
  return list;
}

// open{method=, url=, headers={"Name: value"}, body=, redirects=, connect_timeout=, ca_file=} -> call
static int l_open(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  qd_web *w = pool(L);
  lua_Integer redirects = qd_field_integer(L, 1, "redirects", 5);
  luaL_argcheck(L, redirects >= 0 && redirects <= 50, 1, "redirects: 0 to 50 expected");
  qd_web_request r = {
      .method = qd_field_string(L, 1, "method", "GET"),
      .url = qd_field_string(L, 1, "url", ""),
      .redirects = (unsigned)redirects,
      .connect_ms = qd_field_ms(L, 1, "connect_timeout", 0),
      .ca_file = qd_field_string(L, 1, "ca_file", NULL),
      .headers = check_headers(L),  // headers list
  };
  if (lua_getfield(L, 1, "body") != LUA_TNIL) {
    r.body = qd_check_slice(L, -1);
    r.has_body = true;
  }
  handle **box = lua_newuserdatauv(L, sizeof *box, 1);  // ... call
  *box = NULL;
  luaL_setmetatable(L, CLASS);
  lua_pushvalue(L, lua_upvalueindex(1));
  (void)lua_setiuservalue(L, -2, 1);
  handle *h = *box = qd_xcalloc(1, sizeof *h);
  h->refs = 1;
  qd_error err = QD_ERROR_INIT;
  h->call = qd_web_start(w, &r, &EVENTS, h, &err);
  return h->call ? 1 : qd_raise(L, &err);
}

int luaopen_qd_web(lua_State *L) {
  static const luaL_Reg methods[] = {{"head", l_head}, {"read", l_read}, {"close", l_close}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_close}, {"__close", l_close}, {NULL, NULL}};
  static const luaL_Reg pool_meta[] = {{"__gc", pool_gc}, {NULL, NULL}};
  qd_class(L, CLASS, methods, meta);
  qd_class(L, POOL, NULL, pool_meta);
  lua_newtable(L);  // module
  qd_web **w = lua_newuserdatauv(L, sizeof *w, 0);
  *w = NULL;
  luaL_setmetatable(L, POOL);
  lua_pushcclosure(L, l_open, 1);
  lua_setfield(L, -2, "open");
  return 1;
}
