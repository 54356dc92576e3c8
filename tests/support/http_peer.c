// The scripted peer. Contract in http_peer.h.
#include "http_peer.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "base/mem.h"

typedef struct dial {
  qd_dial base;
  qd_list link;
  peer *peer;
  qd_defer later;
  bool bulk;
  qd_dial_done *done;
  void *ctx;
} dial;

static void on_data(void *ctx, qd_slice bytes) {
  peer_conn *c = ctx;
  cr_assert(qd_buf_add(&c->in, bytes.p, bytes.n));
}

static void on_end(void *ctx, const qd_error *err) {
  (void)err;
  ((peer_conn *)ctx)->ended = true;
}

static const qd_stream_events EVENTS = {on_data, on_end, NULL};

static void connect_now(void *ctx) {
  dial *d = ctx;
  peer *p = d->peer;
  qd_list_remove(&d->link);
  if (p->count >= p->allowed) {
    qd_error err = QD_ERROR_INIT;
    (void)qd_fail(&err, QD_CONNECT, "unreachable", "no further connection");
    d->done(d->ctx, NULL, &err);
    free(d);
    return;
  }
  peer_conn *c = &p->conns[p->count++];
  qd_stream *near = NULL;
  qd_net_pair(p->loop, &near, &c->stream);
  qd_buf_init(&c->in, 256u << 20);
  c->bulk = d->bulk;
  qd_stream_listen(c->stream, &EVENTS, c);
  qd_stream_read(c->stream, true);
  d->done(d->ctx, near, NULL);
  free(d);
}

static qd_dial *start(qd_dialer *dialer, bool bulk, qd_dial_done *done, void *ctx);
static void cancel(qd_dial *base) {
  dial *d = (dial *)base;
  qd_defer_cancel(&d->later);
  qd_list_remove(&d->link);
  free(d);
}
static const qd_dialer_kind KIND = {"peer", start, cancel, NULL};

static qd_dial *start(qd_dialer *dialer, bool bulk, qd_dial_done *done, void *ctx) {
  dial *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &KIND;
  d->peer = (peer *)dialer;
  d->bulk = bulk;
  d->done = done;
  d->ctx = ctx;
  qd_defer_init(&d->later);
  qd_list_init(&d->link);
  qd_list_push(&d->peer->dials, &d->link);
  qd_loop_defer(dialer->loop, &d->later, connect_now, d);
  return &d->base;
}

void peer_init(peer *p) {
  *p = (peer){.allowed = PEER_MAX};
  p->loop = qd_loop_new();
  p->dialer = (qd_dialer){&KIND, p->loop};
  qd_list_init(&p->dials);
}

void peer_deinit(peer *p) {
  for (unsigned i = 0; i < p->count; i++) {
    qd_stream_close(p->conns[i].stream);
    qd_buf_deinit(&p->conns[i].in);
  }
  cr_assert(qd_list_empty(&p->dials), "a dial was left");
  cr_assert_eq(qd_loop_free(p->loop), 0, "a handle was left open");
}

void peer_spin(peer *p) {
  for (int i = 0; i < 200; i++) (void)qd_loop_turn(p->loop, false);
}

void peer_wait(peer *p, const bool *done) { qd_loop_run_until(p->loop, done); }

void peer_send(peer *p, unsigned conn, const char *text) {
  cr_assert_lt(conn, p->count);
  (void)qd_stream_write(p->conns[conn].stream, qd_slice_of(text));
}

void peer_close(peer *p, unsigned conn) {
  qd_stream_close(p->conns[conn].stream);
  p->conns[conn].stream = NULL;
}

const char *peer_take(peer *p, unsigned conn) {
  static char *text;
  free(text);
  cr_assert_lt(conn, p->count, "there is no connection %u", conn);
  text = qd_xstrndup(p->conns[conn].in.n ? p->conns[conn].in.p : "", p->conns[conn].in.n);
  qd_buf_clear(&p->conns[conn].in);
  return text;
}

static void on_head(void *ctx, const qd_http_head *head) {
  reply *r = ctx;
  r->heads++;
  r->raw = head->raw;
}

static void on_body(void *ctx, qd_slice bytes) {
  reply *r = ctx;
  cr_assert(qd_buf_add(&r->body, bytes.p, bytes.n));
}

static void on_reply_end(void *ctx, const qd_error *err) {
  reply *r = ctx;
  cr_assert_not(r->ended, "on_end came twice");
  r->ended = true;
  if (err) r->err = *err;
  const qd_http_head *head = qd_http_call_head(r->call);
  if (head) r->status = head->status;
  qd_slice body = qd_http_call_body(r->call);
  if (body.n) (void)qd_buf_add(&r->body, body.p, body.n);
}

static void on_drain(void *ctx) { ((reply *)ctx)->drains++; }

static const qd_http_events REPLY_EVENTS = {on_head, on_body, on_reply_end, on_drain};

void reply_start(reply *r, qd_http *http, const qd_http_request *request) {
  *r = (reply){.err = QD_ERROR_INIT};
  qd_buf_init(&r->body, 256u << 20);
  (void)qd_buf_adds(&r->body, "");
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_http_start(http, request, &REPLY_EVENTS, r, &r->call, &err), QD_OK, "%s", err.message);
}

void reply_deinit(reply *r) {
  qd_http_call_free(r->call);
  r->call = NULL;
  qd_buf_deinit(&r->body);
}

void peer_warm_up(peer *p, qd_http *http) {
  reply r;
  reply_start(&r, http, &(qd_http_request){.method = "GET", .target = "/a", .collect = true});
  peer_spin(p);
  unsigned conn = p->count - 1;
  (void)peer_take(p, conn);
  peer_send(p, conn, OK2);
  peer_spin(p);
  cr_assert(r.ended && r.err.category == QD_OK);
  reply_deinit(&r);
}
