// One connection: requests go out in order, responses come back in order.
#include "http/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static qd_http_call *first(const qd__http_conn *c) {
  return qd_list_empty(&c->calls) ? NULL : QD_CONTAINER_OF(c->calls.next, qd_http_call, link);
}

// The one that may still be sending: all before it are complete GETs.
static qd_http_call *last(const qd__http_conn *c) {
  return qd_list_empty(&c->calls) ? NULL : QD_CONTAINER_OF(c->calls.prev, qd_http_call, link);
}

static void unlink_call(qd__http_conn *c, qd_http_call *call) {
  qd_list_remove(&call->link);
  call->conn = NULL;
  c->depth--;
}

static void release(qd__http_conn *c) {
  qd__http_parser_free(c->parser);
  free(c);
}

void qd__http_conn_close(qd__http_conn *c, qd_list *left) {
  for (qd_http_call *call; (call = first(c)) != NULL;) {
    unlink_call(c, call);
    qd_list_push(left, &call->link);
  }
  qd_list_remove(&c->link);
  c->http->conn_count--;
  qd_stream_close(c->stream);
  c->dead = true;
  if (!c->feeding) release(c);
}

static void close_empty(qd__http_conn *c) {
  qd_list none;
  qd_list_init(&none);
  qd__http_conn_close(c, &none);
}

void qd__http_conn_abandon(qd__http_conn *c, qd_http_call *call) {
  qd_http *http = c->http;
  unlink_call(c, call);
  qd_list left;
  qd_list_init(&left);
  qd__http_conn_close(c, &left);
  qd__http_requeue(http, &left);
}

// The words for a connection that ended: `cause` is the stream's error, NULL when the peer closed in good order.
static void describe(const qd_http_call *call, const char *label, const qd_error *parse, const qd_error *cause, qd_error *err) {
  if (parse) {
    *err = *parse;
    (void)qd_wrap(err, "%s", label);
  } else {
    (void)qd_fail(err, QD_CONNECT, "connection_lost", "the connection to %s was lost", label);
    err->hint[0] = '\0';
  }
  if (cause) {
    if (cause->category == QD_TIMEOUT) err->category = QD_TIMEOUT;
    (void)qd_why(err, "%s%s%s", cause->message, cause->why[0] ? ": " : "", cause->why);
    if (cause->hint[0]) (void)qd_hint(err, "%s", cause->hint);
  } else if (!err->why[0]) {
    (void)qd_why(err, parse ? "the connection was closed from the other side" : "it was closed from the other side before an answer came");
  }
  if (!call->idempotent && qd_http_call_sent(call) == QD_HTTP_SENT)
    (void)qd_hint(err, "the request had been sent and may have taken effect: look before repeating it");
}

// The connection is of no more use while calls are under way. The first fails when its answer had begun (`parse` says how);
// the others were not answered: each is repeated once if that is safe and the connection had worked before.
static void broke(qd__http_conn *c, const qd_error *parse, const qd_error *cause) {
  qd_http *http = c->http;
  bool begun = qd__http_parser_begun(c->parser) || parse != NULL;
  bool reused = c->served > 0;
  qd_list left;
  qd_list again;
  qd_list failed;
  qd_list_init(&left);
  qd_list_init(&again);
  qd_list_init(&failed);
  qd__http_conn_close(c, &left);
  for (qd_list *n; (n = qd_list_shift(&left)) != NULL; begun = false) {
    qd_http_call *call = QD_CONTAINER_OF(n, qd_http_call, link);
    if (!begun && reused && call->idempotent && !call->retried) {
      call->retried = call->fresh_only = true;
      qd_list_push(&again, n);
      continue;
    }
    call->http = NULL;
    qd_list_push(&failed, n);
  }
  qd_error err = QD_ERROR_INIT;
  char label[128];
  (void)snprintf(label, sizeof label, "%s", http->label);
  qd__http_requeue(http, &again);
  qd__http_schedule(http);
  // The owners may free the client and each other from here on.
  for (qd_list *n; (n = qd_list_shift(&failed)) != NULL; parse = NULL) {
    qd_http_call *call = QD_CONTAINER_OF(n, qd_http_call, link);
    describe(call, label, parse, cause, &err);
    qd__http_call_end(call, &err);
  }
}

static void too_large(qd__http_conn *c, qd_http_call *call) {
  qd_http *http = c->http;
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_FAIL, "response_too_large", "the answer of %s is too large", http->label);
  (void)qd_why(&err, "it is over the limit of %zu MiB for an answer that is read as a whole", call->collected.cap >> 20);
  qd__http_conn_abandon(c, call);
  qd__http_schedule(http);
  qd__http_call_end(call, &err);
}

// The response to the first call is complete; `clean` tells whether nothing follows it that nobody asked for.
static void completed(qd__http_conn *c, bool clean) {
  qd_http *http = c->http;
  qd_http_call *call = first(c);
  bool keep = clean && qd__http_parser_keeps_alive(c->parser) && qd__http_call_sent_all(call) && !c->eof && !c->bulk;
  unlink_call(c, call);
  c->served++;
  if (!keep) {
    if (c->depth) http->no_pipeline = true;
    qd_list left;
    qd_list_init(&left);
    qd__http_conn_close(c, &left);
    qd__http_requeue(http, &left);
  } else if (c->depth == 0) {
    c->moved_at = qd_loop_now(http->loop);
    qd_stream_read(c->stream, true);
    qd_list_remove(&c->link);
    qd_list_push(&http->conns, &c->link);  // the most recently used is at the end
  } else {
    qd__http_call_touch(first(c));
  }
  call->http = NULL;
  qd__http_schedule(http);
  qd__http_trim_idle(http);
  qd__http_call_end(call, NULL);
}

static bool over_limit(const qd_http_call *call) {
  const char *length = qd_http_head_get(call->head, "content-length");
  return call->collect && !call->head_only && length && strtoull(length, NULL, 10) > call->collected.cap;
}

// attach and exec answer 101; without an Upgrade-aware way in between, 200 and a body that only the connection's end ends.
static bool is_hijack(const qd_http_call *call, const qd_http_head *head) {
  if (!call->hijack) return false;
  if (head->status == 101) return true;
  return head->status == 200 && !qd_http_head_get(head, "content-length") && !qd_http_head_get(head, "transfer-encoding");
}

static qd__http_verdict on_head(void *ctx, qd_http_head *head) {
  qd__http_conn *c = ctx;
  qd_http_call *call = first(c);
  head->raw = is_hijack(call, head);
  call->head = head;
  bool raw = head->raw;
  bool head_only = call->head_only;
  if (call->upload && call->want_drain) qd__http_call_drained(call);  // its writer need not wait for room any more
  if (over_limit(call)) {
    too_large(c, call);
    return QD__HTTP_STOP;
  }
  if (call->events->on_head) call->events->on_head(call->ctx, head);
  if (c->dead) return QD__HTTP_STOP;
  return raw ? QD__HTTP_RAW : head_only ? QD__HTTP_NO_BODY : QD__HTTP_BODY;
}

static bool on_body(void *ctx, qd_slice bytes) {
  qd__http_conn *c = ctx;
  qd_http_call *call = first(c);
  if (!call->collect)
    call->events->on_body(call->ctx, bytes);
  else if (!qd_buf_add(&call->collected, bytes.p, bytes.n))
    too_large(c, call);
  return !c->dead;
}

static const qd__http_parser_events PARSER_EVENTS = {on_head, on_body};

static void step(qd__http_conn *c, qd_slice *bytes) {
  qd_http_call *call = first(c);
  if (!call) {  // bytes that nobody asked for: whatever comes next could be taken for an answer
    close_empty(c);
    return;
  }
  qd__http_call_touch(call);
  if (c->raw) {
    qd_slice all = *bytes;
    bytes->n = 0;
    (void)on_body(c, all);
    return;
  }
  qd_error err = QD_ERROR_INIT;
  switch (qd__http_parser_feed(c->parser, bytes, &err)) {
    case QD__HTTP_MORE:
    case QD__HTTP_STOPPED:
      break;
    case QD__HTTP_DONE:
      completed(c, bytes->n == 0 || c->depth > 1);
      break;
    case QD__HTTP_SWITCHED:
      c->raw = true;
      qd__http_conn_pump(c);
      break;
    case QD__HTTP_FAILED:
      broke(c, &err, NULL);
      break;
  }
}

static void on_data(void *ctx, qd_slice bytes) {
  qd__http_conn *c = ctx;
  c->http->stats.bytes_in += bytes.n;
  c->moved_at = qd_loop_now(c->http->loop);
  c->feeding = true;
  while (bytes.n && !c->dead) step(c, &bytes);
  c->feeding = false;
  if (c->dead) release(c);
}

static void raw_ended(qd__http_conn *c, const qd_error *cause) {
  qd_http *http = c->http;
  qd_http_call *call = first(c);
  qd_error err = QD_ERROR_INIT;
  if (cause) describe(call, http->label, NULL, cause, &err);
  qd__http_conn_abandon(c, call);
  call->http = NULL;
  qd__http_schedule(http);
  qd__http_call_end(call, cause ? &err : NULL);
}

static void on_end(void *ctx, const qd_error *cause) {
  qd__http_conn *c = ctx;
  c->eof = true;
  if (!first(c)) {
    qd_http *http = c->http;
    close_empty(c);
    qd__http_schedule(http);
    return;
  }
  if (c->raw) {
    raw_ended(c, cause);
    return;
  }
  qd_error err = QD_ERROR_INIT;
  switch (qd__http_parser_finish(c->parser, &err)) {
    case QD__HTTP_DONE:
      if (!cause) {
        completed(c, true);
        return;
      }
      (void)qd_fail(&err, QD_CONNECT, "truncated_response", "the answer broke off in the middle");
      err.hint[0] = '\0';
      broke(c, &err, cause);
      return;
    case QD__HTTP_FAILED:
      broke(c, &err, cause);
      return;
    default:
      broke(c, NULL, cause);
      return;
  }
}

static void on_drain(void *ctx) {
  qd__http_conn *c = ctx;
  qd__http_conn_pump(c);
}

static const qd_stream_events STREAM_EVENTS = {on_data, on_end, on_drain};

qd__http_conn *qd__http_conn_new(qd_http *http, qd_stream *stream, bool bulk) {
  qd__http_conn *c = qd_xcalloc(1, sizeof *c);
  c->http = http;
  c->stream = stream;
  c->bulk = bulk;
  c->parser = qd__http_parser_new(&PARSER_EVENTS, c);
  c->moved_at = qd_loop_now(http->loop);
  qd_list_init(&c->calls);
  qd_list_push(&http->conns, &c->link);
  http->conn_count++;
  http->stats.connections++;
  qd_stream_listen(stream, &STREAM_EVENTS, c);
  qd_stream_read(stream, true);
  return c;
}

bool qd__http_conn_takes(const qd__http_conn *c, const qd_http_call *call) {
  if (c->bulk || c->eof || c->raw || c->dead || (call->fresh_only && c->served)) return false;
  const qd_http_call *tail = last(c);
  if (!tail) return true;
  if (qd_loop_now(c->http->loop) - c->moved_at >= c->http->slow_ms) return false;  // the engine is busy with what it has
  return call->pipeline && tail->pipeline && c->depth < QD_HTTP_MAX_PIPELINE && !c->http->no_pipeline;
}

static bool put(qd__http_conn *c, qd_slice bytes) {
  c->http->stats.bytes_out += bytes.n;
  return qd_stream_write(c->stream, bytes);
}

void qd__http_conn_attach(qd__http_conn *c, qd_http_call *call) {
  call->conn = c;
  qd_list_push(&c->calls, &call->link);
  c->depth++;
  call->started = true;
  if (c->depth == 1) {
    c->moved_at = qd_loop_now(c->http->loop);
    qd_stream_read(c->stream, call->reading);
    qd__http_call_touch(call);
  }
  if (call->body.n && call->body.n <= QD__HTTP_PIECE) {  // one write: one packet
    qd_buf both;
    qd_buf_init(&both, (size_t)-1 / 2);
    (void)qd_buf_add(&both, call->wire.p, call->wire.n);
    (void)qd_buf_add(&both, call->body.p, call->body.n);
    call->body_sent = call->body.n;
    (void)put(c, qd_buf_slice(&both));
    qd_buf_deinit(&both);
  } else {
    (void)put(c, qd_buf_slice(&call->wire));
  }
  qd__http_conn_pump(c);
}

// Body bytes, a piece at a time, so that a body of any size is queued only once. false: wait for room.
static bool pump_body(qd__http_conn *c, qd_http_call *call) {
  while (call->body_sent < call->body.n) {
    size_t left = call->body.n - call->body_sent;
    qd_slice piece = {call->body.p + call->body_sent, left < QD__HTTP_PIECE ? left : QD__HTTP_PIECE};
    call->body_sent += piece.n;
    if (!put(c, piece)) return false;
  }
  return true;
}

void qd__http_conn_pump(qd__http_conn *c) {
  qd_http_call *call = last(c);
  if (!call || (call->head && !c->raw)) return;  // answered already: the rest of the request is not wanted any more
  if (!pump_body(c, call) || (call->hijack && !c->raw)) return;
  bool room = true;
  if (call->pending.n) {
    room = put(c, qd_buf_slice(&call->pending));
    qd_buf_deinit(&call->pending);
  }
  if (call->finish && !call->finished) {
    call->finished = true;
    if (call->upload)
      room = put(c, QD_SLICE("0\r\n\r\n"));
    else
      qd_stream_shutdown(c->stream);
  }
  if (room) qd__http_call_drained(call);
}
