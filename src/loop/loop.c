// The event loop around libuv. Contract in loop.h.
#include "loop/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/mem.h"

struct qd_loop {
  uv_loop_t uv;
  qd_list deferred;
  uv_idle_t awake;  // runs while something is deferred: keeps libuv from sleeping on it
  int lingering;
};

qd_loop *qd_loop_new(void) {
  qd_loop *loop = qd_xcalloc(1, sizeof *loop);
  if (uv_loop_init(&loop->uv) != 0) abort();
  qd_list_init(&loop->deferred);
  (void)uv_idle_init(&loop->uv, &loop->awake);
  return loop;
}

uv_loop_t *qd_loop_uv(qd_loop *loop) { return &loop->uv; }

void qd_loop_linger(qd_loop *loop, int delta) { loop->lingering += delta; }

static void close_left_open(uv_handle_t *h, void *count) {
  if (uv_is_closing(h)) return;
  (*(int *)count)++;
#ifndef NDEBUG
  (void)fprintf(stderr, "qnap-docker: a %s handle was left open\n", uv_handle_type_name(uv_handle_get_type(h)));
#endif
  uv_close(h, NULL);  // its block is its owner's: leaking it beats freeing what may still be used
}

// Only what was deferred before: a function that defers again waits for the next turn. true: there was something.
static bool run_deferred(qd_loop *loop) {
  qd_list now;
  qd_list_init(&now);
  (void)uv_idle_stop(&loop->awake);
  bool any = !qd_list_empty(&loop->deferred);
  while (!qd_list_empty(&loop->deferred)) qd_list_push(&now, qd_list_shift(&loop->deferred));
  for (qd_list *node; (node = qd_list_shift(&now)) != NULL;) {
    qd_defer *d = QD_CONTAINER_OF(node, qd_defer, link);
    d->fn(d->ctx);
  }
  return any;
}

int qd_loop_free(qd_loop *loop) {
  int open = 0;
  (void)run_deferred(loop);
  while (loop->lingering > 0 && qd_loop_turn(loop, true)) {
  }
  for (int i = 0; i < 16 && uv_run(&loop->uv, UV_RUN_NOWAIT) != 0; i++) (void)run_deferred(loop);  // finish closes under way
  uv_close((uv_handle_t *)&loop->awake, NULL);
  uv_walk(&loop->uv, close_left_open, &open);
  while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0) {
  }
  if (uv_loop_close(&loop->uv) != 0) open++;
  free(loop);
  return open;
}

bool qd_loop_turn(qd_loop *loop, bool wait) {
  bool ran = run_deferred(loop);  // what it brought about is for the caller to see before anything sleeps
  bool ready = !qd_list_empty(&loop->deferred);
  int alive = uv_run(&loop->uv, wait && !ran && !ready ? UV_RUN_ONCE : UV_RUN_NOWAIT);
  (void)run_deferred(loop);
  return alive != 0 || !qd_list_empty(&loop->deferred);
}

void qd_loop_run_until(qd_loop *loop, const bool *done) {
  while (!*done && qd_loop_turn(loop, true)) {
  }
}

uint64_t qd_loop_now(qd_loop *loop) { return uv_now(&loop->uv); }

void qd_defer_init(qd_defer *d) {
  qd_list_init(&d->link);
  d->fn = NULL;
  d->ctx = NULL;
}

static void stay_awake(uv_idle_t *idle) { (void)idle; }

void qd_loop_defer(qd_loop *loop, qd_defer *d, void (*fn)(void *ctx), void *ctx) {
  qd_list_remove(&d->link);
  d->fn = fn;
  d->ctx = ctx;
  qd_list_push(&loop->deferred, &d->link);
  if (!uv_is_closing((uv_handle_t *)&loop->awake)) (void)uv_idle_start(&loop->awake, stay_awake);
}

void qd_defer_cancel(qd_defer *d) { qd_list_remove(&d->link); }

void qd_uv_close_free(uv_handle_t *h) { free(h); }
