// The common part of all streams: who listens, and the guarantees about events. Contract in stream.h.
#include "net/stream.h"

void qd_stream_listen(qd_stream *s, const qd_stream_events *events, void *ctx) {
  s->events = events;
  s->ctx = ctx;
}

void qd_stream_read(qd_stream *s, bool on) {
  if (!s->closed) s->kind->read(s, on);
}

bool qd_stream_write(qd_stream *s, qd_slice bytes) { return s->closed || bytes.n == 0 || s->kind->write(s, bytes); }

void qd_stream_shutdown(qd_stream *s) {
  if (!s->closed) s->kind->shutdown(s);
}

void qd_stream_close(qd_stream *s) {
  if (!s || s->closed) return;
  s->closed = true;
  s->events = NULL;
  s->kind->close(s);
}

void qd__stream_data(qd_stream *s, qd_slice bytes) {
  if (!s->closed && !s->ended && s->events && s->events->on_data) s->events->on_data(s->ctx, bytes);
}

void qd__stream_end(qd_stream *s, const qd_error *err) {
  if (s->closed || s->ended) return;
  s->ended = true;
  if (s->events && s->events->on_end) s->events->on_end(s->ctx, err);
}

void qd__stream_drain(qd_stream *s) {
  if (!s->closed && s->events && s->events->on_drain) s->events->on_drain(s->ctx);
}
