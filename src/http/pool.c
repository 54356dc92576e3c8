// Who gets which connection: calls wait in one queue; each goes to an idle connection, behind other pipelined GETs, or to a
// connection that is opened for it. A new connection serves whoever is first in the queue by then.
#include "http/internal.h"

#include <stdlib.h>

#include "base/mem.h"

typedef struct qd__http_dial {
  qd_list link;  // first member
  qd_http *http;
  qd_dial *handle;
  qd_http_call *call;  // of a bulk call, else NULL
} qd__http_dial;

void qd__http_requeue(qd_http *http, qd_list *calls) {
  while (!qd_list_empty(calls)) {
    qd_list *n = calls->prev;
    qd_list_remove(n);
    qd__http_call_rewind(QD_CONTAINER_OF(n, qd_http_call, link));
    qd_list_push(http->waiting.next, n);  // before the first one
  }
}

static void on_sweep(void *ctx) {
  qd_http *http = ctx;
  uint64_t now = qd_loop_now(http->loop);
  for (qd_list *n = http->conns.next; n != &http->conns;) {
    qd__http_conn *c = QD_CONTAINER_OF(n, qd__http_conn, link);
    n = n->next;
    qd_list none;
    qd_list_init(&none);
    if (c->depth == 0 && now - c->moved_at >= http->idle_ms) qd__http_conn_close(c, &none);
  }
  http->max_conns = QD_HTTP_MAX_CONNECTIONS;
  if (http->conn_count) return;
  qd_timer_free(http->sweep);
  http->sweep = NULL;
}

static void sweep_on(qd_http *http) {
  if (http->sweep) return;
  http->sweep = qd_timer_new(http->loop, on_sweep, http);
  uint64_t every = http->idle_ms / 4 + 1;
  qd_timer_start(http->sweep, every, every);
  qd_timer_unref(http->sweep);
}

void qd__http_trim_idle(qd_http *http) {
  unsigned idle = 0;
  for (qd_list *n = http->conns.prev; n != &http->conns;) {
    qd__http_conn *c = QD_CONTAINER_OF(n, qd__http_conn, link);
    n = n->prev;
    qd_list none;
    qd_list_init(&none);
    if (c->depth == 0 && ++idle > QD_HTTP_MAX_IDLE) qd__http_conn_close(c, &none);
  }
}

// Whether a connection is about to be free by itself: all it serves are answers that are read as a whole.
static bool one_is_finishing(const qd_http *http) {
  for (const qd_list *n = http->conns.next; n != &http->conns; n = n->next) {
    const qd__http_conn *c = QD_CONTAINER_OF(n, const qd__http_conn, link);
    if (c->depth && !c->bulk && QD_CONTAINER_OF(c->calls.next, qd_http_call, link)->collect) return true;
  }
  return false;
}

// No further connection can be had. Where one will be free soon the queue waits for it (an sshd with few sessions); else
// everybody in it fails.
static void dial_failed(qd_http *http, const qd_error *err) {
  if (one_is_finishing(http)) {
    http->max_conns = http->conn_count;
    return;
  }
  if (http->dial_count) return;
  qd_list failed;
  qd_list_init(&failed);
  for (qd_list *n = http->waiting.next; n != &http->waiting;) {
    qd_http_call *call = QD_CONTAINER_OF(n, qd_http_call, link);
    n = n->next;
    if (call->dial) continue;
    qd_list_remove(&call->link);
    call->http = NULL;
    qd_list_push(&failed, &call->link);
  }
  qd_error copy = *err;
  for (qd_list *n; (n = qd_list_shift(&failed)) != NULL;) qd__http_call_end(QD_CONTAINER_OF(n, qd_http_call, link), &copy);
}

static void bulk_dialled(qd_http *http, qd_http_call *call, qd_stream *stream, const qd_error *err) {
  call->dial = NULL;
  qd_list_remove(&call->link);
  if (err) {
    qd_error copy = *err;
    call->http = NULL;
    qd__http_call_end(call, &copy);
    return;
  }
  qd__http_conn_attach(qd__http_conn_new(http, stream, true), call);
}

static void on_dialled(void *ctx, qd_stream *stream, const qd_error *err) {
  qd__http_dial *d = ctx;
  qd_http *http = d->http;
  qd_http_call *call = d->call;
  qd_list_remove(&d->link);
  free(d);
  if (call) {
    bulk_dialled(http, call, stream, err);
    return;
  }
  http->dial_count--;
  if (err) {
    dial_failed(http, err);
    return;
  }
  (void)qd__http_conn_new(http, stream, false);
  sweep_on(http);
  qd__http_schedule(http);
  qd__http_trim_idle(http);
}

void qd__http_dial_drop(qd__http_dial *d) {
  qd_dial_cancel(d->handle);
  if (d->call)
    d->call->dial = NULL;
  else
    d->http->dial_count--;
  free(d);
}

static void dial(qd_http *http, qd_http_call *call) {
  qd__http_dial *d = qd_xcalloc(1, sizeof *d);
  d->http = http;
  d->call = call;
  if (call)
    call->dial = d;
  else
    http->dial_count++;
  qd_list_push(&http->dials, &d->link);
  d->handle = qd_dial_start(http->dialer, call != NULL, on_dialled, d);
}

static qd__http_conn *pick(qd_http *http, const qd_http_call *call) {
  qd__http_conn *best = NULL;
  for (qd_list *n = http->conns.prev; n != &http->conns; n = n->prev) {  // the warmest idle one, else the shortest line
    qd__http_conn *c = QD_CONTAINER_OF(n, qd__http_conn, link);
    if (qd__http_conn_takes(c, call) && (!best || c->depth < best->depth)) best = c;
  }
  return best;
}

void qd__http_schedule(qd_http *http) {
  unsigned alone = 0;
  unsigned shared = 0;
  for (qd_list *n = http->waiting.next; n != &http->waiting;) {
    qd_http_call *call = QD_CONTAINER_OF(n, qd_http_call, link);
    n = n->next;
    if (call->bulk) {
      if (!call->dial) dial(http, call);
      continue;
    }
    qd__http_conn *c = pick(http, call);
    if (c) {
      qd_list_remove(&call->link);
      qd__http_conn_attach(c, call);
    } else if (call->pipeline && !http->no_pipeline) {
      shared++;
    } else {
      alone++;
    }
  }
  unsigned wanted = alone + (shared + QD_HTTP_MAX_PIPELINE - 1) / QD_HTTP_MAX_PIPELINE;
  while (http->dial_count < wanted && http->dial_count < QD__HTTP_MAX_DIALS && http->conn_count + http->dial_count < http->max_conns)
    dial(http, NULL);
}

void qd_http_warm(qd_http *http, unsigned n) {
  if (n > QD_HTTP_MAX_IDLE) n = QD_HTTP_MAX_IDLE;
  if (n > http->max_conns) n = http->max_conns;
  while (http->conn_count + http->dial_count < n && http->dial_count < QD__HTTP_MAX_DIALS) dial(http, NULL);
}
