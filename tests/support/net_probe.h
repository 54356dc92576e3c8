// A listener that records what a stream tells, and a dial that waits: for tests of streams of any kind.
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include <stdlib.h>

#include "base/buf.h"
#include "net/net.h"
#include "qd_test.h"

typedef struct probe {
  qd_buf got;
  bool ended, failed, drained;
  int ends;
  qd_error err;
} probe;

static inline void probe_data(void *ctx, qd_slice bytes) { (void)qd_buf_add(&((probe *)ctx)->got, bytes.p, bytes.n); }
static inline void probe_end(void *ctx, const qd_error *err) {
  probe *p = ctx;
  p->ended = true;
  p->ends++;
  p->failed = err != NULL;
  if (err) p->err = *err;
}
static inline void probe_drain(void *ctx) { ((probe *)ctx)->drained = true; }
static const qd_stream_events PROBE_EVENTS = {probe_data, probe_end, probe_drain};

static inline void probe_init(probe *p, qd_stream *s) {
  *p = (probe){.err = QD_ERROR_INIT};
  qd_buf_init(&p->got, (size_t)256 << 20);
  if (s) qd_stream_listen(s, &PROBE_EVENTS, p);
}
static inline void probe_deinit(probe *p) { qd_buf_deinit(&p->got); }

typedef struct probe_dial {
  bool done;
  qd_stream *stream;
  qd_error err;
} probe_dial;
static inline void probe_dialled(void *ctx, qd_stream *stream, const qd_error *err) {
  probe_dial *d = ctx;
  d->done = true;
  d->stream = stream;
  if (err) d->err = *err;
}
// Dials and waits. NULL: *err says why.
static inline qd_stream *probe_dial_wait(qd_dialer *dialer, bool bulk, qd_error *err) {
  probe_dial d = {false, NULL, QD_ERROR_INIT};
  (void)qd_dial_start(dialer, bulk, probe_dialled, &d);
  cr_assert_not(d.done, "a dial must not answer before the loop runs");
  qd_loop_run_until(dialer->loop, &d.done);
  cr_assert(d.done, "the loop ended before the dial was answered");
  if (err) *err = d.err;
  return d.stream;
}

#endif
