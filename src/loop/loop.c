// The event loop around libuv. Contract in loop.h.
#include "loop/loop.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/mem.h"

struct qd_loop {
  uv_loop_t *uv;  // NULL: not needed yet
  uv_loop_t own;
  qd_list deferred;
  uv_idle_t *awake;  // runs what is deferred, and keeps libuv from sleeping on it
  int lingering;
  pthread_mutex_t lock;  // around knock, which other threads send
  uv_async_t *knock;
  void (*on_knock)(void *ctx);
  void *knock_ctx;
  bool shared;
  bool abandoned;  // shared, and freed by its owner
};

qd_loop *qd_loop_new(void) {
  qd_loop *loop = qd_xcalloc(1, sizeof *loop);
  qd_list_init(&loop->deferred);
  (void)pthread_mutex_init(&loop->lock, NULL);
  return loop;
}

static void on_knock(uv_async_t *knock) {
  qd_loop *loop = knock->data;
  if (loop && loop->on_knock) loop->on_knock(loop->knock_ctx);
}

static void use(qd_loop *loop, uv_loop_t *uv) {
  loop->uv = uv;
  uv_async_t *knock = qd_xcalloc(1, sizeof *knock);
  knock->data = loop;
  if (uv_async_init(uv, knock, on_knock) != 0) abort();
  uv_unref((uv_handle_t *)knock);
  (void)pthread_mutex_lock(&loop->lock);
  loop->knock = knock;
  (void)pthread_mutex_unlock(&loop->lock);
  loop->awake = qd_xcalloc(1, sizeof *loop->awake);
  loop->awake->data = loop;
  (void)uv_idle_init(uv, loop->awake);
}

qd_loop *qd_loop_new_on(uv_loop_t *uv) {
  qd_loop *loop = qd_loop_new();
  loop->shared = true;
  use(loop, uv);
  return loop;
}

bool qd_loop_is_shared(const qd_loop *loop) { return loop->shared; }

// Most scripts that only compute need no descriptors.
uv_loop_t *qd_loop_uv(qd_loop *loop) {
  if (!loop->uv) {
    if (uv_loop_init(&loop->own) != 0) abort();
    use(loop, &loop->own);
  }
  return loop->uv;
}

void qd_loop_on_knock(qd_loop *loop, void (*fn)(void *ctx), void *ctx) {
  loop->on_knock = fn;
  loop->knock_ctx = ctx;
}

void qd_loop_knock(qd_loop *loop) {
  (void)pthread_mutex_lock(&loop->lock);
  if (loop->knock) (void)uv_async_send(loop->knock);
  (void)pthread_mutex_unlock(&loop->lock);
}

static void close_own_handles(qd_loop *loop) {
  (void)pthread_mutex_lock(&loop->lock);
  uv_async_t *knock = loop->knock;
  loop->knock = NULL;
  (void)pthread_mutex_unlock(&loop->lock);
  knock->data = NULL;
  uv_close((uv_handle_t *)knock, qd_uv_close_free);
  uv_close((uv_handle_t *)loop->awake, qd_uv_close_free);
}

static void destroy(qd_loop *loop) {
  (void)pthread_mutex_destroy(&loop->lock);
  free(loop);
}

// Nobody is left who would come back to it.
static void end_if_idle(qd_loop *loop) {
  if (!loop->abandoned || loop->lingering > 0 || !qd_list_empty(&loop->deferred)) return;
  close_own_handles(loop);
  destroy(loop);
}

void qd_loop_linger(qd_loop *loop, int delta) {
  loop->lingering += delta;
  end_if_idle(loop);
}

// Only what was deferred before: a function that defers again waits for the next turn. true: there was something.
static bool run_deferred(qd_loop *loop) {
  qd_list now;
  qd_list_init(&now);
  if (loop->awake) (void)uv_idle_stop(loop->awake);
  bool any = !qd_list_empty(&loop->deferred);
  while (!qd_list_empty(&loop->deferred)) qd_list_push(&now, qd_list_shift(&loop->deferred));
  for (qd_list *node; (node = qd_list_shift(&now)) != NULL;) {
    qd_defer *d = QD_CONTAINER_OF(node, qd_defer, link);
    d->fn(d->ctx);
  }
  return any;
}

static void close_left_open(uv_handle_t *h, void *count) {
  if (uv_is_closing(h)) return;
  (*(int *)count)++;
#ifndef NDEBUG
  (void)fprintf(stderr, "qnap-docker: a %s handle was left open\n", uv_handle_type_name(uv_handle_get_type(h)));
#endif
  uv_close(h, NULL);  // its block is its owner's: leaking it beats freeing what may still be used
}

static int free_own(qd_loop *loop) {
  int open = 0;
  while (loop->lingering > 0 && qd_loop_turn(loop, true)) {
  }
  for (int i = 0; i < 16 && uv_run(loop->uv, UV_RUN_NOWAIT) != 0; i++) (void)run_deferred(loop);  // finish closes under way
  close_own_handles(loop);
  uv_walk(loop->uv, close_left_open, &open);
  while (uv_run(loop->uv, UV_RUN_DEFAULT) != 0) {
  }
  if (uv_loop_close(loop->uv) != 0) open++;
  destroy(loop);
  return open;
}

int qd_loop_free(qd_loop *loop) {
  (void)run_deferred(loop);
  loop->on_knock = NULL;
  if (loop->shared) {
    loop->abandoned = true;
    end_if_idle(loop);
    return 0;
  }
  if (loop->uv) return free_own(loop);
  destroy(loop);
  return 0;
}

bool qd_loop_run_deferred(qd_loop *loop) { return run_deferred(loop); }

bool qd_loop_turn(qd_loop *loop, bool wait) {
  bool ran = run_deferred(loop);  // what it brought about is for the caller to see before anything sleeps
  bool ready = !qd_list_empty(&loop->deferred);
  if (!loop->uv) return ready;
  int alive = uv_run(loop->uv, wait && !ran && !ready ? UV_RUN_ONCE : UV_RUN_NOWAIT);
  (void)run_deferred(loop);
  return alive != 0 || !qd_list_empty(&loop->deferred);
}

void qd_loop_run_until(qd_loop *loop, const bool *done) {
  while (!*done && qd_loop_turn(loop, true)) {
  }
}

uint64_t qd_loop_now(qd_loop *loop) { return uv_now(qd_loop_uv(loop)); }

uint64_t qd_loop_clock(qd_loop *loop) {
  uv_update_time(qd_loop_uv(loop));
  return qd_loop_now(loop);
}

void qd_defer_init(qd_defer *d) {
  qd_list_init(&d->link);
  d->fn = NULL;
  d->ctx = NULL;
}

static void on_awake(uv_idle_t *awake) {
  qd_loop *loop = awake->data;
  if (!loop->shared) return;  // qd_loop_turn runs them, when libuv has returned
  loop->lingering++;
  (void)run_deferred(loop);
  qd_loop_linger(loop, -1);
}

void qd_loop_stay_awake(qd_loop *loop) {
  if (loop->awake && !uv_is_closing((uv_handle_t *)loop->awake)) (void)uv_idle_start(loop->awake, on_awake);
}

void qd_loop_defer(qd_loop *loop, qd_defer *d, void (*fn)(void *ctx), void *ctx) {
  qd_list_remove(&d->link);
  d->fn = fn;
  d->ctx = ctx;
  qd_list_push(&loop->deferred, &d->link);
  (void)qd_loop_uv(loop);
  qd_loop_stay_awake(loop);
}

void qd_defer_cancel(qd_defer *d) { qd_list_remove(&d->link); }

void qd_uv_close_free(uv_handle_t *h) { free(h); }
