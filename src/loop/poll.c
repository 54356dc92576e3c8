// Contract in poll.h.
#include "loop/poll.h"

#include <stdlib.h>
#include <uv.h>

#include "base/mem.h"

struct qd_poll {
  uv_poll_t uv;  // first: qd_uv_close_free frees the whole block
  void (*fn)(void *ctx, qd_ready ready);
  void *ctx;
};

static void on_ready(uv_poll_t *uv, int status, int events) {
  qd_poll *p = QD_CONTAINER_OF(uv, qd_poll, uv);
  p->fn(p->ctx, (qd_ready){.in = (events & UV_READABLE) != 0, .out = (events & UV_WRITABLE) != 0, .failed = status < 0});
}

qd_poll *qd_poll_new(qd_loop *loop, int fd, void (*fn)(void *ctx, qd_ready ready), void *ctx) {
  qd_poll *p = qd_xcalloc(1, sizeof *p);
  p->fn = fn;
  p->ctx = ctx;
  if (uv_poll_init(qd_loop_uv(loop), &p->uv, fd) == 0) return p;
  free(p);
  return NULL;
}

void qd_poll_want(qd_poll *p, bool in, bool out) {
  int events = (in ? UV_READABLE : 0) | (out ? UV_WRITABLE : 0);
  if (events)
    (void)uv_poll_start(&p->uv, events, on_ready);
  else
    (void)uv_poll_stop(&p->uv);
}

void qd_poll_free(qd_poll *p) {
  if (p) uv_close((uv_handle_t *)&p->uv, qd_uv_close_free);
}
