// Blocking work on libuv's thread pool. Contract in work.h.
#include "loop/work.h"

#include <stdlib.h>
#include <uv.h>

#include "base/mem.h"

#define POOL_SIZE "12"  // eight handshakes at once, and files beside them

struct qd_work {
  uv_work_t uv;
  void (*fn)(void *ctx);
  void (*done)(void *ctx);
  void *ctx;
};

static void on_work(uv_work_t *uv) {
  qd_work *w = QD_CONTAINER_OF(uv, qd_work, uv);
  w->fn(w->ctx);
}

static void on_done(uv_work_t *uv, int status) {
  (void)status;  // never cancelled: nobody calls uv_cancel
  qd_work *w = QD_CONTAINER_OF(uv, qd_work, uv);
  w->done(w->ctx);
  free(w);
}

void qd_work_start(qd_loop *loop, void (*fn)(void *ctx), void (*done)(void *ctx), void *ctx) {
  (void)setenv("UV_THREADPOOL_SIZE", POOL_SIZE, 0);  // libuv reads it at the first piece of work
  qd_work *w = qd_xcalloc(1, sizeof *w);
  w->fn = fn;
  w->done = done;
  w->ctx = ctx;
  if (uv_queue_work(qd_loop_uv(loop), &w->uv, on_work, on_done) != 0) abort();
}
