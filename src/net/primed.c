// A dialer whose first stream is open already: what was opened to see whether a way works is not thrown away. Contract in net.h.
#include <stdlib.h>

#include "base/mem.h"
#include "net/net.h"

typedef struct primed_dialer {
  qd_dialer base;
  qd_dialer *inner;
  qd_stream *first;  // NULL: handed out
} primed_dialer;

typedef struct primed_dial {
  qd_dial base;
  qd_stream *stream;
  qd_defer later;
  qd_dial_done *done;
  void *ctx;
} primed_dial;

static void answer(void *ctx) {
  primed_dial *d = ctx;
  d->done(d->ctx, d->stream, NULL);
  free(d);
}

static void primed_cancel(qd_dial *base) {
  primed_dial *d = (primed_dial *)base;
  qd_defer_cancel(&d->later);
  qd_stream_close(d->stream);
  free(d);
}

static void primed_free(qd_dialer *base) {
  primed_dialer *d = (primed_dialer *)base;
  qd_stream_close(d->first);
  free(d);
}

static qd_dial *primed_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx);
static const qd_dialer_kind PRIMED = {"primed", primed_start, primed_cancel, primed_free};

static qd_dial *primed_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx) {
  primed_dialer *from = (primed_dialer *)base;
  if (from->first && from->first->ended) {
    qd_stream_close(from->first);
    from->first = NULL;
  }
  if (bulk || !from->first) return qd_dial_start(from->inner, bulk, done, ctx);  // its own kind cancels it
  primed_dial *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &PRIMED;
  d->stream = from->first;
  from->first = NULL;
  d->done = done;
  d->ctx = ctx;
  qd_defer_init(&d->later);
  qd_loop_defer(base->loop, &d->later, answer, d);
  return &d->base;
}

qd_dialer *qd_net_primed_dialer(qd_dialer *inner, qd_stream *first) {
  primed_dialer *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &PRIMED;
  d->base.loop = inner->loop;
  d->inner = inner;
  d->first = first;
  qd_stream_listen(first, NULL, NULL);
  return &d->base;
}
