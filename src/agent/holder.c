// The holder as a whole: who comes, when it ends. Contract in agent.h and holder.h.
#include "agent/holder.h"

#include <stdlib.h>

#include "base/mem.h"

#define TICK_MS 15000

static void end_now(void *ctx) {
  qd_agent *a = ctx;
  a->on_end(a->ctx);
}

void qd__agent_end(qd_agent *a) {
  if (a->ended) return;
  a->ended = true;
  qd_loop_defer(a->loop, &a->end, end_now, a);
}

void qd__agent_retire(qd_agent *a) {
  qd_listener_close(a->listener);
  a->listener = NULL;
}

void qd__agent_logins_due(qd_agent *a) {
  for (qd_list *node = a->nases.next; node != &a->nases; node = node->next) {
    qd__nas *n = QD_CONTAINER_OF(node, qd__nas, link);
    if (!n->due || n->login) continue;
    n->due = false;
    qd__nas_serve(n);
  }
}

static void on_tick(void *ctx) {
  qd_agent *a = ctx;
  uint64_t now = qd_loop_now(a->loop);
  for (qd_list *node = a->nases.next; node != &a->nases;) {
    qd__nas *n = QD_CONTAINER_OF(node, qd__nas, link);
    node = node->next;
    qd__nas_tick(n, now);
  }
  if (!qd_list_empty(&a->peers)) return;
  if (!a->listener || now - a->last_used >= a->idle_ms) qd__agent_end(a);
}

static void on_stream(void *ctx, qd_stream *s) { qd__peer_new(ctx, s); }

qd_status qd_agent_serve(qd_loop *loop, const char *path, uint64_t idle_ms, void (*on_end)(void *ctx), void *ctx, qd_agent **out,
                         qd_error *err) {
  qd_agent *a = qd_xcalloc(1, sizeof *a);
  a->loop = loop;
  a->idle_ms = idle_ms;
  a->on_end = on_end;
  a->ctx = ctx;
  a->began = a->last_used = qd_loop_now(loop);
  qd_list_init(&a->peers);
  qd_list_init(&a->nases);
  qd_defer_init(&a->end);
  qd_status status = qd_net_listen(loop, path, on_stream, a, &a->listener, err);
  if (status != QD_OK) {
    free(a);
    return status;
  }
  a->tick = qd_timer_new(loop, on_tick, a);
  uint64_t every = idle_ms < TICK_MS ? idle_ms : TICK_MS;
  qd_timer_start(a->tick, every, every);
  *out = a;
  return QD_OK;
}

void qd_agent_free(qd_agent *a) {
  if (!a) return;
  a->ended = true;
  qd_defer_cancel(&a->end);
  qd_timer_free(a->tick);
  qd_listener_close(a->listener);
  while (!qd_list_empty(&a->peers)) qd__peer_free(QD_CONTAINER_OF(a->peers.next, qd__peer, link));
  while (!qd_list_empty(&a->nases)) qd__nas_free(QD_CONTAINER_OF(a->nases.next, qd__nas, link));
  free(a);
}
