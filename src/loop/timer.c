// Timers on the loop. Contract in timer.h.
#include "loop/timer.h"

#include <stdlib.h>
#include <uv.h>

#include "base/mem.h"

struct qd_timer {
  uv_timer_t uv;  // first: qd_uv_close_free frees the whole block
  void (*fn)(void *ctx);
  void *ctx;
};

static void on_fire(uv_timer_t *uv) {
  qd_timer *t = QD_CONTAINER_OF(uv, qd_timer, uv);
  t->fn(t->ctx);
}

qd_timer *qd_timer_new(qd_loop *loop, void (*fn)(void *ctx), void *ctx) {
  qd_timer *t = qd_xcalloc(1, sizeof *t);
  (void)uv_timer_init(qd_loop_uv(loop), &t->uv);
  t->fn = fn;
  t->ctx = ctx;
  return t;
}

void qd_timer_start(qd_timer *t, uint64_t ms, uint64_t repeat_ms) {
  uv_update_time(t->uv.loop);  // a long callback must not eat the delay
  (void)uv_timer_start(&t->uv, on_fire, ms, repeat_ms);
}

void qd_timer_stop(qd_timer *t) { (void)uv_timer_stop(&t->uv); }

void qd_timer_unref(qd_timer *t) { uv_unref((uv_handle_t *)&t->uv); }

void qd_timer_free(qd_timer *t) {
  if (t) uv_close((uv_handle_t *)&t->uv, qd_uv_close_free);
}
