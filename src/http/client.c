// Calls: what an owner starts, feeds, pauses and frees. Which connection serves them is pool.c's, what goes over it conn.c's.
#include "http/internal.h"

#include <stdlib.h>

#include "base/mem.h"

enum { WIRE_MAX = 1 << 20 };

qd_http *qd_http_new(qd_dialer *dialer, const char *label) {
  qd_http *http = qd_xcalloc(1, sizeof *http);
  http->dialer = dialer;
  http->loop = dialer->loop;
  http->label = qd_xstrdup(label);
  http->max_conns = QD_HTTP_MAX_CONNECTIONS;
  http->idle_ms = QD_HTTP_IDLE_MS;
  http->slow_ms = QD__HTTP_SLOW_MS;
  qd_list_init(&http->conns);
  qd_list_init(&http->waiting);
  qd_list_init(&http->dials);
  return http;
}

void qd_http_free(qd_http *http) {
  if (!http) return;
  for (qd_list *n; (n = qd_list_shift(&http->dials)) != NULL;) qd__http_dial_drop((struct qd__http_dial *)(void *)n);
  qd_list ending;
  qd_list_init(&ending);
  while (!qd_list_empty(&http->conns)) qd__http_conn_close(QD_CONTAINER_OF(http->conns.next, qd__http_conn, link), &ending);
  for (qd_list *n; (n = qd_list_shift(&http->waiting)) != NULL;) qd_list_push(&ending, n);
  for (qd_list *n = ending.next; n != &ending; n = n->next) QD_CONTAINER_OF(n, qd_http_call, link)->http = NULL;
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_FAIL, "connection_closed", "the connection to %s was closed here", http->label);
  qd_timer_free(http->sweep);
  free(http->label);
  free(http);
  for (qd_list *n; (n = qd_list_shift(&ending)) != NULL;) qd__http_call_end(QD_CONTAINER_OF(n, qd_http_call, link), &err);
}

static void on_idle(void *ctx) {
  qd_http_call *call = ctx;
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_TIMEOUT, "idle_timeout", "nothing came from %s for %llu seconds", call->http->label,
                (unsigned long long)(call->idle_ms / 1000));
  qd_http *http = call->http;
  qd__http_conn_abandon(call->conn, call);
  qd__http_schedule(http);
  qd__http_call_end(call, &err);
}

static void on_drained(void *ctx) {
  qd_http_call *call = ctx;
  if (call->events->on_drain) call->events->on_drain(call->ctx);
}

void qd__http_call_drained(qd_http_call *call) {
  if (!call->want_drain) return;
  call->want_drain = false;
  qd_loop_defer(call->http->loop, &call->drained, on_drained, call);
}

qd_status qd_http_start(qd_http *http, const qd_http_request *request, const qd_http_events *events, void *ctx, qd_http_call **out,
                        qd_error *err) {
  qd_buf wire;
  qd_buf_init(&wire, WIRE_MAX);
  if (qd__http_wire(request, &wire, err) != QD_OK) {
    qd_buf_deinit(&wire);
    return err->category;
  }
  qd_http_call *call = qd_xcalloc(1, sizeof *call);
  qd_list_init(&call->link);
  qd_defer_init(&call->drained);
  call->http = http;
  call->events = events;
  call->ctx = ctx;
  call->wire = wire;
  call->body = request->body;
  qd_buf_init(&call->pending, (size_t)-1 / 2);
  qd_buf_init(&call->collected, request->max_body ? request->max_body : QD_HTTP_MAX_BODY);
  call->upload = request->upload;
  call->hijack = request->hijack;
  call->collect = request->collect;
  call->pipeline = request->pipeline;
  call->bulk = request->bulk;
  call->head_only = strcmp(request->method, "HEAD") == 0;
  call->idempotent = call->head_only || strcmp(request->method, "GET") == 0;
  call->reading = true;
  call->idle_ms = request->idle_ms;
  if (call->idle_ms) call->idle = qd_timer_new(http->loop, on_idle, call);
  http->stats.requests++;
  *out = call;
  qd_list_push(&http->waiting, &call->link);
  qd__http_schedule(http);
  return QD_OK;
}

void qd__http_call_rewind(qd_http_call *call) {
  call->conn = NULL;
  call->body_sent = 0;
  call->started = call->finished = false;
  free(call->head);
  call->head = NULL;
  qd_buf_clear(&call->collected);
  if (call->idle) qd_timer_stop(call->idle);
}

void qd__http_call_end(qd_http_call *call, const qd_error *err) {
  call->http = NULL;
  call->conn = NULL;
  qd_timer_free(call->idle);
  call->idle = NULL;
  qd_defer_cancel(&call->drained);
  qd_buf_deinit(&call->pending);
  call->events->on_end(call->ctx, err);
}

void qd_http_call_free(qd_http_call *call) {
  if (!call) return;
  qd_http *http = call->http;
  qd__http_conn *c = call->conn;
  if (c) qd__http_conn_abandon(c, call);
  qd_list_remove(&call->link);
  if (call->dial) {
    qd_list_remove((qd_list *)(void *)call->dial);
    qd__http_dial_drop(call->dial);
  }
  qd_timer_free(call->idle);
  qd_defer_cancel(&call->drained);
  qd_buf_deinit(&call->wire);
  qd_buf_deinit(&call->pending);
  qd_buf_deinit(&call->collected);
  free(call->head);
  free(call);
  if (c && http) qd__http_schedule(http);  // the connection is gone: others may need one
}

void qd__http_call_touch(qd_http_call *call) {
  if (call->idle && call->reading) qd_timer_start(call->idle, call->idle_ms, 0);
}

bool qd__http_call_sent_all(const qd_http_call *call) {
  return call->started && call->body_sent == call->body.n && (!call->upload || call->finished);
}

void qd_http_read(qd_http_call *call, bool on) {
  if (call->reading == on) return;
  call->reading = on;
  if (call->idle && !on) qd_timer_stop(call->idle);
  if (!call->conn) return;
  qd__http_call_touch(call);
  if (!call->conn->eof) qd_stream_read(call->conn->stream, on);
}

// An upload's bytes as one chunk (RFC 9112, 7.1).
static void frame(qd_buf *out, qd_slice bytes) {
  (void)qd_buf_addf(out, "%zx\r\n", bytes.n);
  (void)qd_buf_add(out, bytes.p, bytes.n);
  (void)qd_buf_adds(out, "\r\n");
}

static bool write_chunk(qd_stream *s, qd_slice bytes) {
  qd_buf b;
  qd_buf_init(&b, (size_t)-1 / 2);
  frame(&b, bytes);
  bool room = qd_stream_write(s, qd_buf_slice(&b));
  qd_buf_deinit(&b);
  return room;
}

bool qd_http_write(qd_http_call *call, qd_slice bytes) {
  if (!call->http || bytes.n == 0 || call->finish) return true;  // an empty chunk would end the upload
  bool room = true;
  qd__http_conn *c = call->conn;
  if (call->upload) {
    if (call->head) return true;
    if (c && call->pending.n == 0) {
      room = write_chunk(c->stream, bytes);
      call->http->stats.bytes_out += bytes.n;
    } else {
      frame(&call->pending, bytes);
      room = call->pending.n < QD__HTTP_PENDING;
    }
  } else if (call->hijack) {
    if (call->head && !call->head->raw) return true;
    if (c && c->raw && call->pending.n == 0) {
      room = qd_stream_write(c->stream, bytes);
      call->http->stats.bytes_out += bytes.n;
    } else {
      (void)qd_buf_add(&call->pending, bytes.p, bytes.n);
      room = call->pending.n < QD__HTTP_PENDING;
    }
  }
  if (!room) call->want_drain = true;
  return room;
}

void qd_http_finish(qd_http_call *call) {
  if (!call->http || call->finish || (!call->upload && !call->hijack)) return;
  call->finish = true;
  if (call->conn) qd__http_conn_pump(call->conn);
}

bool qd_http_wants_upload(const qd_http_call *call) { return call->http && call->upload && !call->head; }

const qd_http_head *qd_http_call_head(const qd_http_call *call) { return call->head; }

qd_slice qd_http_call_body(const qd_http_call *call) { return qd_buf_slice(&call->collected); }

qd_http_sent qd_http_call_sent(const qd_http_call *call) {
  if (!call->started) return QD_HTTP_NOT_SENT;
  return qd__http_call_sent_all(call) ? QD_HTTP_SENT : QD_HTTP_PARTLY_SENT;
}

const char *qd_http_head_get(const qd_http_head *head, const char *name) {
  for (size_t i = 0; head && i < head->field_count; i++)
    if (strcmp(head->fields[i].name, name) == 0) return head->fields[i].value;
  return NULL;
}

qd_http_stats qd_http_get_stats(const qd_http *http) {
  qd_http_stats s = http->stats;
  for (const qd_list *n = http->conns.next; n != &http->conns; n = n->next) {
    const qd__http_conn *c = QD_CONTAINER_OF(n, const qd__http_conn, link);
    if (c->depth)
      s.busy++;
    else
      s.idle++;
  }
  return s;
}
