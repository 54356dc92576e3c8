// Streamed answers, uploads and hijacked connections of core.docker: the userdata "qd.docker.stream".
// Bytes wait in `in` up to a high-water mark; beyond it the connection is not read.
#include <stdlib.h>

#include "base/mem.h"
#include "bind/docker.h"
#include "docker/frames.h"

enum {
  HIGH = 256 * 1024,  // unread bytes at which reading stops
  HIGH_BULK = 1 << 20,
  LOW = 64 * 1024,    // and goes on
  PIECE = 64 * 1024,  // what read() returns at most unless told
  IN_MAX = 64 << 20,  // a whole answer gathered by response()
  DOC_MAX = 16 << 20,
};

static const char STREAM[] = "qd.docker.stream";

// User values: 1 the engine, 2 the body string.
typedef struct stream {
  qd_engine_call *call;  // NULL: closed
  qd__docker_args args;
  qd_buf in;
  size_t at;  // in.p[at..n) is unread
  bool paused;
  bool gather;  // response() wants all of it
  bool headed;
  bool ended;
  bool failed;  // err says how
  qd_error err;
  int status;
  qd_frames frames;
  qd_json_stream *json;
  qd_json **docs;  // read ahead; docs[doc_at..doc_n)
  size_t doc_at, doc_n, doc_room;
  qd_op *opener, *reader, *writer, *finisher;  // who waits
} stream;

typedef struct stream_op {
  qd_op base;
  stream *s;  // its userdata is on the stack while the op waits
  qd_op **slot;
  size_t max;
} stream_op;

static void wake(qd_op **slot) {
  qd_op *op = *slot;
  *slot = NULL;
  if (op) qd_op_done(op, NULL);
}

// ---- events

static size_t unread(const stream *s) { return s->in.n - s->at; }

static void on_head(void *ctx, const qd_http_head *head) {
  stream *s = ctx;
  s->headed = true;
  s->status = head->status;
  wake(&s->opener);
}

static void on_end(void *ctx, const qd_error *err) {
  stream *s = ctx;
  s->ended = true;
  s->failed = err != NULL;
  if (err) s->err = *err;
  if (s->call && qd_engine_call_status(s->call)) s->status = qd_engine_call_status(s->call);
  wake(&s->opener);
  wake(&s->reader);
  wake(&s->writer);
  wake(&s->finisher);
}

static void end_here(stream *s, qd_status category, const char *code, const char *why) {
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, category, code, "%s", s->args.what);
  (void)qd_why(&err, "%s", why);
  err.hint[0] = '\0';
  qd_engine_call *call = s->call;
  on_end(s, &err);
  s->call = NULL;
  qd_engine_call_free(call);
}

static void on_body(void *ctx, qd_slice bytes) {
  stream *s = ctx;
  if (!qd_buf_add(&s->in, bytes.p, bytes.n)) {
    end_here(s, QD_FAIL, "response_too_large", "the answer is over the limit for one that is read as a whole");
    return;
  }
  if (!s->gather && !s->paused && unread(s) >= (s->args.r.bulk ? HIGH_BULK : HIGH)) {
    s->paused = true;
    qd_engine_call_read(s->call, false);
  }
  wake(&s->reader);
}

static void on_drain(void *ctx) { wake(&((stream *)ctx)->writer); }

static const qd_engine_events EVENTS = {on_head, on_body, on_end, on_drain};

static void go_on(stream *s) {
  if (!s->paused || (!s->gather && unread(s) > LOW)) return;
  s->paused = false;
  if (s->call) qd_engine_call_read(s->call, true);
}

static void consume(stream *s, size_t n) {
  s->at += n;
  if (s->at == s->in.n) {
    qd_buf_clear(&s->in);
    s->at = 0;
  } else if (s->at >= PIECE && s->at >= s->in.n / 2) {  // moving less than was read keeps it linear
    qd_buf_consume(&s->in, s->at);
    s->at = 0;
  }
  go_on(s);
}

static void free_stream(stream *s) {
  qd_engine_call *call = s->call;
  s->call = NULL;
  qd_engine_call_free(call);
  qd_buf_deinit(&s->in);
  s->at = 0;
  qd_json_stream_free(s->json);
  s->json = NULL;
  while (s->doc_at < s->doc_n) qd_json_free(s->docs[s->doc_at++]);
  free(s->docs);
  s->docs = NULL;
  s->doc_at = s->doc_n = s->doc_room = 0;
}

static stream *check(lua_State *L) { return luaL_checkudata(L, 1, STREAM); }

static int raise_stream(lua_State *L, const stream *s) { return qd__docker_raise(L, &s->args, &s->err, s->status >= 400 ? s->status : 0); }

// ---- waiting

static void stream_cancel(qd_op *base) {
  stream_op *op = (stream_op *)base;
  if (*op->slot == base) *op->slot = NULL;
  qd_op_done(base, NULL);
}

// Waits on a slot. The stream's userdata must be on the stack below.                     yields
static int wait_on(lua_State *L, const qd_op_kind *kind, stream *s, qd_op **slot, size_t max, uint64_t ms) {
  if (*slot) return luaL_error(L, "another task waits on this stream already (%s)", kind->name);
  stream_op *op = (stream_op *)qd_op_push(L, kind);
  op->s = s;
  op->slot = slot;
  op->max = max;
  op->base.what = s->args.what;
  *slot = &op->base;
  qd_op_start(&op->base, ms);
  return qd_await(L, &op->base);
}

// ---- reading: each taker pushes its results and returns their number, or -1 when it must wait

typedef int taker(lua_State *L, stream *s, size_t max);

static int at_end(lua_State *L, const stream *s) {
  if (s->failed) return raise_stream(L, s);
  lua_pushnil(L);
  return 1;
}

static int take_bytes(lua_State *L, stream *s, size_t max) {
  size_t n = unread(s);
  if (n == 0) return s->ended ? at_end(L, s) : -1;
  if (n > max) n = max;
  lua_pushlstring(L, s->in.p + s->at, n);
  consume(s, n);
  return 1;
}

static int broken(lua_State *L, stream *s, qd_error *err) {
  char cause[sizeof err->message];
  memcpy(cause, err->message, sizeof cause);
  char why[sizeof err->why];
  memcpy(why, err->why, sizeof why);
  qd_error e = QD_ERROR_INIT;
  (void)qd_fail(&e, err->category == QD_FAIL ? QD_CONNECT : err->category, err->code, "%s", s->args.what);
  (void)qd_why(&e, "%.250s%s%.250s", cause, why[0] ? ": " : "", why);
  e.hint[0] = '\0';
  return qd__docker_raise(L, &s->args, &e, 0);
}

// As many pieces of one output as there are, up to max.
static int take_frame(lua_State *L, stream *s, size_t max) {
  static const char *const names[] = {"stdout", "stderr", "system"};
  qd_slice bytes = {s->in.p ? s->in.p + s->at : NULL, unread(s)};
  qd_error err = QD_ERROR_INIT;
  qd_frame frame;
  bool got = false;
  if (qd_frames_next(&s->frames, &bytes, &frame, &got, &err) != QD_OK) return broken(L, s, &err);
  if (!got) {
    consume(s, unread(s));
    if (!s->ended) return -1;
    if (s->failed) return raise_stream(L, s);
    return qd_frames_finish(&s->frames, &err) == QD_OK ? at_end(L, s) : broken(L, s, &err);
  }
  qd_frame_type type = frame.type;
  lua_pushstring(L, names[type]);  // type
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addlstring(&b, frame.bytes.p, frame.bytes.n);
  for (size_t total = frame.bytes.n; total < max; total += frame.bytes.n) {
    qd_slice rest = bytes;
    qd_frames state = s->frames;
    if (qd_frames_next(&state, &rest, &frame, &got, &err) != QD_OK || !got || frame.type != type) break;
    s->frames = state;
    bytes = rest;
    luaL_addlstring(&b, frame.bytes.p, frame.bytes.n);
  }
  luaL_pushresult(&b);  // type bytes
  consume(s, unread(s) - bytes.n);
  return 2;
}

static void on_doc(void *ctx, qd_json *doc) {
  stream *s = ctx;
  if (s->doc_n == s->doc_room) {
    s->doc_room = s->doc_room ? s->doc_room * 2 : 16;
    s->docs = qd_xrealloc(s->docs, s->doc_room * sizeof(qd_json *));
  }
  s->docs[s->doc_n++] = doc;
}

static int push_doc(lua_State *L, stream *s) {
  qd_box *box = qd_box_push(L);  // box
  box->json = s->docs[s->doc_at++];
  if (s->doc_at == s->doc_n) s->doc_at = s->doc_n = 0;
  if (s->args.lean)
    qd_push_json_lean(L, box->json);  // box doc
  else
    qd_push_json(L, box->json);
  qd_box_clear(box);
  return 1;
}

static int take_doc(lua_State *L, stream *s, size_t max) {
  (void)max;
  if (!s->json) s->json = qd_json_stream_new(DOC_MAX, on_doc, s);
  qd_error err = QD_ERROR_INIT;
  while (s->doc_at == s->doc_n && unread(s)) {
    size_t n = unread(s) < PIECE ? unread(s) : PIECE;
    qd_status st = qd_json_stream_feed(s->json, (qd_slice){s->in.p + s->at, n}, &err);
    consume(s, n);
    if (st != QD_OK) return broken(L, s, &err);
  }
  if (s->doc_at < s->doc_n) return push_doc(L, s);
  if (!s->ended) return -1;
  if (s->failed) return raise_stream(L, s);
  if (qd_json_stream_finish(s->json, &err) != QD_OK) return broken(L, s, &err);
  return s->doc_at < s->doc_n ? push_doc(L, s) : at_end(L, s);  // a number at the very end
}

static int push_bytes(lua_State *L, qd_op *base);
static int push_frame(lua_State *L, qd_op *base);
static int push_next(lua_State *L, qd_op *base);
static const qd_op_kind READ = {"docker.stream.read", sizeof(stream_op), push_bytes, stream_cancel, NULL};
static const qd_op_kind FRAME = {"docker.stream.frame", sizeof(stream_op), push_frame, stream_cancel, NULL};
static const qd_op_kind NEXT = {"docker.stream.next", sizeof(stream_op), push_next, stream_cancel, NULL};

// What woke the op may not have been enough (half a document), or somebody else has read it: then it waits again.
static int take_or_wait(lua_State *L, const qd_op_kind *kind, taker *take, stream *s, size_t max, uint64_t ms) {
  int n = take(L, s, max);
  return n >= 0 ? n : wait_on(L, kind, s, &s->reader, max, ms);
}

static int again(lua_State *L, const qd_op_kind *kind, taker *take, const qd_op *base) {
  const stream_op *op = (const stream_op *)base;
  uint64_t ms = 0;
  if (base->timeout_ms) {  // the rest of its time
    uint64_t now = qd_loop_now(base->loop);
    ms = base->deadline_at > now ? base->deadline_at - now : 1;
  }
  return take_or_wait(L, kind, take, op->s, op->max, ms);
}

static int push_bytes(lua_State *L, qd_op *base) { return again(L, &READ, take_bytes, base); }
static int push_frame(lua_State *L, qd_op *base) { return again(L, &FRAME, take_frame, base); }
static int push_next(lua_State *L, qd_op *base) { return again(L, &NEXT, take_doc, base); }

static size_t opt_max(lua_State *L, int arg) {
  lua_Integer max = luaL_optinteger(L, arg, PIECE);
  luaL_argcheck(L, max > 0 && max <= IN_MAX, arg, "1 to 64 MiB expected");
  return (size_t)max;
}

// stream:read([max[, timeout]]) -> bytes, nil at the end                                 yields
static int l_read(lua_State *L) {
  stream *s = check(L);
  return take_or_wait(L, &READ, take_bytes, s, opt_max(L, 2), qd_opt_ms(L, 3, 0));
}

// stream:frame([max[, timeout]]) -> "stdout"|"stderr"|"system", bytes; nil at the end    yields
static int l_frame(lua_State *L) {
  stream *s = check(L);
  return take_or_wait(L, &FRAME, take_frame, s, opt_max(L, 2), qd_opt_ms(L, 3, 0));
}

// stream:next([timeout]) -> the next JSON document, nil at the end                       yields
static int l_next(lua_State *L) {
  stream *s = check(L);
  return take_or_wait(L, &NEXT, take_doc, s, 1, qd_opt_ms(L, 2, 0));
}

// ---- the whole answer

static int push_response(lua_State *L, qd_op *base);
static const qd_op_kind RESPONSE = {"docker.stream.response", sizeof(stream_op), push_response, stream_cancel, NULL};

static int answer(lua_State *L, stream *s) {
  if (s->failed) return raise_stream(L, s);
  if (!s->call) return luaL_error(L, "the stream was closed");
  const qd_http_head *head = qd_engine_call_head(s->call);
  qd__docker_push_answer(L, &s->args, head, (qd_slice){s->in.p ? s->in.p + s->at : NULL, unread(s)});
  consume(s, unread(s));
  return 1;
}

static int push_response(lua_State *L, qd_op *base) { return answer(L, ((stream_op *)base)->s); }

// stream:response([timeout]) -> {status=, headers=, body=} once the answer is complete    yields
static int l_response(lua_State *L) {
  stream *s = check(L);
  s->gather = true;
  go_on(s);
  if (s->ended || !s->call) return answer(L, s);
  return wait_on(L, &RESPONSE, s, &s->finisher, 0, qd_opt_ms(L, 2, 0));
}

// ---- writing

static int push_written(lua_State *L, qd_op *base);
static const qd_op_kind WRITE = {"docker.stream.write", sizeof(stream_op), push_written, stream_cancel, NULL};

static bool wanted(const stream *s) { return s->call && !s->ended && (!s->args.r.upload || qd_engine_call_wants_upload(s->call)); }

static int written(lua_State *L, const stream *s) {
  if (s->failed) return raise_stream(L, s);
  lua_pushboolean(L, wanted(s));
  return 1;
}

static int push_written(lua_State *L, qd_op *base) { return written(L, ((stream_op *)base)->s); }

// stream:write(bytes) -> true, or false when the engine takes no more (it has answered, or ended). Waits while the
// engine is slower than the writer.                                                      yields
static int l_write(lua_State *L) {
  stream *s = check(L);
  qd_slice bytes = qd_check_slice(L, 2);
  if (s->failed || !wanted(s) || qd_engine_call_write(s->call, bytes)) return written(L, s);
  return wait_on(L, &WRITE, s, &s->writer, 0, 0);
}

// stream:finish(), stream:shutdown(): the end of what we send
static int l_finish(lua_State *L) {
  stream *s = check(L);
  if (s->call) qd_engine_call_finish(s->call);
  return 0;
}

// ---- life

// stream:close(): cancels what is not complete; whoever waits is told
static int l_close(lua_State *L) {
  stream *s = check(L);
  if (s->call && !s->ended) end_here(s, QD_FAIL, "connection_closed", "the stream was closed here");
  free_stream(s);
  return 0;
}

static int l_gc(lua_State *L) {
  stream *s = check(L);
  (void)l_close(L);
  qd__docker_args_free(&s->args);
  return 0;
}

static int l_index(lua_State *L) {
  stream *s = check(L);
  const char *key = luaL_checkstring(L, 2);
  if (strcmp(key, "status") == 0) {
    if (!s->status) return 0;
    lua_pushinteger(L, s->status);
  } else if (strcmp(key, "headers") == 0) {
    qd__docker_push_headers(L, s->call ? qd_engine_call_head(s->call) : NULL);
  } else {
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static void open_cancel(qd_op *base) {
  stream *s = ((stream_op *)base)->s;
  s->opener = NULL;
  qd_engine_call *call = s->call;
  s->call = NULL;
  s->ended = true;
  qd_engine_call_free(call);
  qd_op_done(base, NULL);
}

static int open_push(lua_State *L, qd_op *base) {
  stream *s = ((stream_op *)base)->s;
  if (s->failed) return raise_stream(L, s);
  lua_pushvalue(L, 3);
  return 1;
}

static const qd_op_kind OPEN = {"docker.stream.open", sizeof(stream_op), open_push, open_cancel, NULL};

static int open_stream(lua_State *L, bool hijack) {
  qd__docker_engine *e = qd__docker_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  stream *s = lua_newuserdatauv(L, sizeof *s, 2);  // engine table stream
  *s = (stream){.frames = QD_FRAMES_INIT, .err = QD_ERROR_INIT};
  qd_buf_init(&s->in, IN_MAX);
  luaL_setmetatable(L, STREAM);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 3, 1);
  qd__docker_args_read(L, 2, e->label, &s->args);
  lua_getfield(L, 2, "body");
  lua_setiuservalue(L, 3, 2);
  s->args.r.hijack = hijack;
  s->args.r.pipeline = false;
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_engine_start(e->engine, &s->args.r, &EVENTS, s, &s->call, &err), &err);
  if (s->args.r.upload) return 1;  // its answer comes when it was sent
  return wait_on(L, &OPEN, s, &s->opener, 0, s->args.timeout_ms);
}

// engine:stream{... as request, upload=, bulk=, idle=} -> stream once the answer's head is there; an upload at once.
//                                                                                        yields
int qd__docker_stream(lua_State *L) { return open_stream(L, false); }

// engine:hijack{...} -> stream in both directions (attach, exec)                         yields
int qd__docker_hijack(lua_State *L) { return open_stream(L, true); }

void qd__docker_stream_class(lua_State *L) {
  static const luaL_Reg methods[] = {{"read", l_read},         {"frame", l_frame}, {"next", l_next},
                                     {"response", l_response}, {"write", l_write}, {"finish", l_finish},
                                     {"shutdown", l_finish},   {"close", l_close}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {"__close", l_close}, {NULL, NULL}};
  qd_class(L, STREAM, methods, meta);
  luaL_getmetatable(L, STREAM);    // mt
  lua_getfield(L, -1, "__index");  // mt methods
  lua_pushcclosure(L, l_index, 1);
  lua_setfield(L, -2, "__index");  // mt
  lua_pop(L, 1);
}
