// TCP: look-up, then each address in turn within one deadline. Contract in net.h.
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "loop/timer.h"
#include "net/net.h"
#include "net/uvs.h"

static const qd_stream_kind TCP = {"tcp", qd__uvs_read, qd__uvs_write, qd__uvs_shutdown, qd__uvs_close};

typedef struct tcp_dialer {
  qd_dialer base;
  char *host;
  int port;
  uint64_t connect_ms;
} tcp_dialer;

typedef struct tcp_dial {
  qd_dial base;
  qd_loop *loop;
  char *host;
  int port;
  uint64_t connect_ms;
  uv_getaddrinfo_t lookup;
  struct addrinfo *addresses, *next;
  uv_connect_t req;
  uv_tcp_t *tcp;  // the attempt under way
  qd_timer *deadline;
  qd_defer later;
  int last_error;
  bool looking_up, connecting;  // libuv still holds `lookup` / `req`
  qd_dial_done *done;           // NULL: answered or cancelled; freed when libuv holds nothing
  void *ctx;
} tcp_dial;

static void explain(qd_error *err, const tcp_dial *d, int code) {
  switch (code) {
    case UV_ETIMEDOUT:
      qd_fail(err, QD_TIMEOUT, "timeout", "no answer from %s, port %d", d->host, d->port);
      qd_why(err, "the connection was not accepted in time");
      qd_hint(err, "check the address and that the machine is on and reachable");
      break;
    case UV_ECONNREFUSED:
      qd_fail(err, QD_CONNECT, "refused", "%s refuses connections on port %d", d->host, d->port);
      qd_why(err, "nothing listens on this port");
      break;
    case UV_EAI_NONAME:
    case UV_EAI_NODATA:
    case UV_EAI_AGAIN:
    case UV_EAI_FAIL:
      qd_fail(err, QD_CONNECT, "resolve_failed", "the name %s cannot be resolved", d->host);
      qd_why(err, "%s", uv_strerror(code));
      qd_hint(err, "check the spelling, or use the address instead of the name");
      break;
    default:
      qd_fail(err, QD_CONNECT, "unreachable", "cannot connect to %s, port %d", d->host, d->port);
      qd_why(err, "%s", uv_strerror(code));
  }
}

static void free_when_idle(tcp_dial *d) {
  if (d->done || d->looking_up || d->connecting) return;
  if (d->addresses) uv_freeaddrinfo(d->addresses);
  qd_timer_free(d->deadline);
  free(d->host);
  free(d);
}

// Nothing more is done for this dial; it is freed when libuv has given everything back.
static void stop(tcp_dial *d) {
  d->done = NULL;
  qd_defer_cancel(&d->later);
  qd_timer_stop(d->deadline);
  if (d->looking_up) (void)uv_cancel((uv_req_t *)&d->lookup);
  if (d->tcp) uv_close((uv_handle_t *)d->tcp, qd_uv_close_free);
  d->tcp = NULL;
  free_when_idle(d);
}

static void fail(tcp_dial *d, int code) {
  qd_error err;
  explain(&err, d, code);
  qd_dial_done *done = d->done;
  void *ctx = d->ctx;
  stop(d);
  done(ctx, NULL, &err);
}

static void fail_later(void *ctx) {
  tcp_dial *d = ctx;
  fail(d, d->last_error);
}

static void on_deadline(void *ctx) { fail(ctx, UV_ETIMEDOUT); }

static void try_next(tcp_dial *d);

static void on_connect(uv_connect_t *req, int status) {
  tcp_dial *d = QD_CONTAINER_OF(req, tcp_dial, req);
  d->connecting = false;
  if (!d->done) {
    free_when_idle(d);
    return;
  }
  if (status != 0) {
    d->last_error = status;
    uv_close((uv_handle_t *)d->tcp, qd_uv_close_free);
    d->tcp = NULL;
    try_next(d);
    return;
  }
  (void)uv_tcp_nodelay(d->tcp, 1);
  char what[300];
  (void)snprintf(what, sizeof what, "%s, port %d", d->host, d->port);
  qd_stream *s = qd__uvs_socket(&TCP, d->loop, what, (uv_stream_t *)d->tcp);
  d->tcp = NULL;
  qd_dial_done *done = d->done;
  void *ctx = d->ctx;
  stop(d);
  done(ctx, s, NULL);
}

static void try_next(tcp_dial *d) {
  for (; d->next; d->next = d->next->ai_next) {
    d->tcp = qd_xcalloc(1, sizeof *d->tcp);
    (void)uv_tcp_init(qd_loop_uv(d->loop), d->tcp);
    int rc = uv_tcp_connect(&d->req, d->tcp, d->next->ai_addr, on_connect);
    if (rc == 0) {
      d->next = d->next->ai_next;
      d->connecting = true;
      return;
    }
    d->last_error = rc;
    uv_close((uv_handle_t *)d->tcp, qd_uv_close_free);
    d->tcp = NULL;
  }
  fail(d, d->last_error);
}

static void on_lookup(uv_getaddrinfo_t *req, int status, struct addrinfo *addresses) {
  tcp_dial *d = QD_CONTAINER_OF(req, tcp_dial, lookup);
  d->looking_up = false;
  d->addresses = d->next = addresses;
  if (!d->done)
    free_when_idle(d);
  else if (status != 0)
    fail(d, status);
  else
    try_next(d);
}

static void tcp_cancel(qd_dial *base) { stop((tcp_dial *)base); }

static void tcp_free(qd_dialer *base) {
  tcp_dialer *d = (tcp_dialer *)base;
  free(d->host);
  free(d);
}

static qd_dial *tcp_dial_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx);
static const qd_dialer_kind DIALER = {"tcp", tcp_dial_start, tcp_cancel, tcp_free};

static qd_dial *tcp_dial_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx) {
  (void)bulk;
  tcp_dialer *from = (tcp_dialer *)base;
  tcp_dial *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &DIALER;
  d->loop = base->loop;
  d->host = qd_xstrdup(from->host);
  d->port = from->port;
  d->connect_ms = from->connect_ms;
  d->done = done;
  d->ctx = ctx;
  qd_defer_init(&d->later);
  d->deadline = qd_timer_new(d->loop, on_deadline, d);
  if (d->connect_ms > 0) qd_timer_start(d->deadline, d->connect_ms, 0);
  char port[16];
  (void)snprintf(port, sizeof port, "%d", d->port);
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
  int rc = uv_getaddrinfo(qd_loop_uv(d->loop), &d->lookup, on_lookup, d->host, port, &hints);
  d->looking_up = rc == 0;
  if (rc != 0) {
    d->last_error = rc;
    qd_loop_defer(d->loop, &d->later, fail_later, d);
  }
  return &d->base;
}

qd_dialer *qd_net_tcp_dialer(qd_loop *loop, const char *host, int port, uint64_t connect_ms) {
  tcp_dialer *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &DIALER;
  d->base.loop = loop;
  d->host = qd_xstrdup(host);
  d->port = port;
  d->connect_ms = connect_ms;
  return &d->base;
}
