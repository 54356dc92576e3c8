// Two streams in memory, each the other's peer. Everything is delivered later from the loop. Contract in net.h.
#include <stdlib.h>

#include "base/mem.h"
#include "net/chunks.h"
#include "net/net.h"
#include "net/uvs.h"

typedef struct pair {
  qd_stream base;
  struct pair *peer;  // NULL: closed and gone
  qd_chunks in;       // written by the peer, not delivered yet
  bool reading;
  bool peer_done;  // no more will come behind `in`
  bool shut;       // we ended our side
  bool owes_drain;
  qd_defer later;
} pair;

static void deliver(void *ctx) {
  pair *p = ctx;
  if (p->base.closed) {
    qd_chunks_clear(&p->in);
    free(p);
    return;
  }
  while (p->reading && p->in.bytes > 0 && !p->base.closed) {
    qd_chunks one = p->in;  // the listener may write to the peer, which may write back to us
    qd_slice bytes = qd_chunks_peek(&one);
    char *copy = qd_xmalloc(bytes.n);
    memcpy(copy, bytes.p, bytes.n);
    size_t n = bytes.n;
    qd_chunks_consume(&p->in, n);
    qd__stream_data(&p->base, (qd_slice){copy, n});
    free(copy);
  }
  if (p->peer && p->peer->owes_drain && p->in.bytes < QD__WRITE_LOW) {
    p->peer->owes_drain = false;
    qd__stream_drain(&p->peer->base);
  }
  if (!p->peer && p->owes_drain) {  // what was written went nowhere
    p->owes_drain = false;
    qd__stream_drain(&p->base);
  }
  if (p->reading && p->peer_done && p->in.bytes == 0) qd__stream_end(&p->base, NULL);
}

// A closed end may be waiting to be freed by the same node: it must not be put off.
static void wake(pair *p) {
  if (!p->base.closed) qd_loop_defer(p->base.loop, &p->later, deliver, p);
}

static void pair_read(qd_stream *s, bool on) {
  pair *p = (pair *)s;
  p->reading = on;
  if (on) wake(p);
}

static bool pair_write(qd_stream *s, qd_slice bytes) {
  pair *p = (pair *)s;
  if (!p->peer || p->shut) return true;
  qd_chunks_add(&p->peer->in, bytes);
  wake(p->peer);
  if (p->peer->in.bytes < QD__WRITE_HIGH) return true;
  p->owes_drain = true;
  return false;
}

static void pair_shutdown(qd_stream *s) {
  pair *p = (pair *)s;
  p->shut = true;
  if (!p->peer) return;
  p->peer->peer_done = true;
  wake(p->peer);
}

static void pair_close(qd_stream *s) {
  pair *p = (pair *)s;
  if (p->peer) {
    p->peer->peer_done = true;
    p->peer->peer = NULL;
    wake(p->peer);
    p->peer = NULL;
  }
  qd_loop_defer(s->loop, &p->later, deliver, p);
}

static const qd_stream_kind PAIR = {"pair", pair_read, pair_write, pair_shutdown, pair_close};

static pair *half(qd_loop *loop) {
  pair *p = qd_xcalloc(1, sizeof *p);
  p->base.kind = &PAIR;
  p->base.loop = loop;
  qd_defer_init(&p->later);
  return p;
}

void qd_net_pair(qd_loop *loop, qd_stream **a, qd_stream **b) {
  pair *x = half(loop);
  pair *y = half(loop);
  x->peer = y;
  y->peer = x;
  *a = &x->base;
  *b = &y->base;
}
