// Blocking work on libuv's thread pool. Contract in work.h.
#include "loop/work.h"

#include <stdlib.h>
#include <uv.h>

#include "base/context.h"
#include "base/mem.h"

struct qd_work {
  uv_work_t uv;
  qd_loop *loop;
  qd_context *context;
  void (*fn)(void *ctx);
  void (*done)(void *ctx);
  void *ctx;
};

static void on_work(uv_work_t *uv) {
  qd_work *w = QD_CONTAINER_OF(uv, qd_work, uv);
  qd_context_use(w->context);
  w->fn(w->ctx);
  qd_context_use(NULL);  // it may be gone when the thread is needed again
}

static void on_done(uv_work_t *uv, int status) {
  (void)status;  // never cancelled: nobody calls uv_cancel
  qd_work *w = QD_CONTAINER_OF(uv, qd_work, uv);
  w->done(w->ctx);
  qd_loop_linger(w->loop, -1);
  free(w);
}

void qd_work_start(qd_loop *loop, void (*fn)(void *ctx), void (*done)(void *ctx), void *ctx) {
  qd_work *w = qd_xcalloc(1, sizeof *w);
  w->loop = loop;
  w->context = qd_context_now();
  w->fn = fn;
  w->done = done;
  w->ctx = ctx;
  qd_loop_linger(loop, 1);
  if (uv_queue_work(qd_loop_uv(loop), &w->uv, on_work, on_done) != 0) abort();
}
