// The one byte-stream interface: unix socket, TCP, pipes to a process, SSH channel.
// Everything runs on the loop. Reading is off until qd_stream_read(s, true); switching it off is the
// backpressure (the bytes stay with the kernel or in the SSH window).
#ifndef QD_NET_STREAM_H
#define QD_NET_STREAM_H

#include "base/buf.h"
#include "loop/loop.h"

typedef struct qd_stream qd_stream;

typedef struct qd_stream_events {
  // Bytes came; borrowed during the call. May be called with data that was under way when reading was switched off.
  void (*on_data)(void *ctx, qd_slice bytes);
  // Once: the peer ended its side (err NULL), or the stream broke. Writing may still be possible after a clean end.
  void (*on_end)(void *ctx, const qd_error *err);
  // The write queue fell under its low-water mark after qd_stream_write() had said false.
  void (*on_drain)(void *ctx);
} qd_stream_events;

// Implemented by each kind; the kind's struct begins with qd_stream.
typedef struct qd_stream_kind {
  const char *name;  // "unix", "ssh"
  void (*read)(qd_stream *s, bool on);
  bool (*write)(qd_stream *s, qd_slice bytes);
  void (*shutdown)(qd_stream *s);
  void (*close)(qd_stream *s);
} qd_stream_kind;

struct qd_stream {
  const qd_stream_kind *kind;
  qd_loop *loop;
  const qd_stream_events *events;  // NULL: nobody listens
  void *ctx;
  bool ended;   // on_end was delivered
  bool closed;  // qd_stream_close was called; no event follows
};

// Who is told; replaces the earlier listener. `events` must outlive the stream (static).
void qd_stream_listen(qd_stream *s, const qd_stream_events *events, void *ctx);
void qd_stream_read(qd_stream *s, bool on);
// Queues a copy of the bytes. false: the queue is over its high-water mark (256 KiB), wait for on_drain before
// writing more (the bytes were taken all the same). Writing to a broken stream is ignored: on_end tells.
bool qd_stream_write(qd_stream *s, qd_slice bytes);
// Half-close: the peer sees the end of our data once all of it was written.
void qd_stream_shutdown(qd_stream *s);
// Ends both directions, never waits, frees the stream by itself later. No event is delivered afterwards. NULL ok.
void qd_stream_close(qd_stream *s);

// For the kinds: deliver an event unless the stream is closed.
void qd__stream_data(qd_stream *s, qd_slice bytes);
void qd__stream_end(qd_stream *s, const qd_error *err);
void qd__stream_drain(qd_stream *s);

// How to open a stream to one fixed place, again and again (the http pool's view of the world).
// `done` is called exactly once, later from the loop, never from inside qd_dial: with a stream (ownership passes)
// or with an error. Returns a handle for cancelling; after qd_dial_cancel() `done` is not called.
typedef struct qd_dialer qd_dialer;
typedef struct qd_dial qd_dial;
typedef void qd_dial_done(void *ctx, qd_stream *stream, const qd_error *err);
typedef struct qd_dialer_kind {
  const char *name;
  qd_dial *(*dial)(qd_dialer *d, bool bulk, qd_dial_done *done, void *ctx);
  void (*cancel)(qd_dial *dial);
  void (*free)(qd_dialer *d);
} qd_dialer_kind;
struct qd_dialer {
  const qd_dialer_kind *kind;
  qd_loop *loop;
};
struct qd_dial {  // first member of a kind's own struct
  const qd_dialer_kind *kind;
};
// bulk: a stream for many bytes one way (larger SSH window).
static inline qd_dial *qd_dial_start(qd_dialer *d, bool bulk, qd_dial_done *done, void *ctx) { return d->kind->dial(d, bulk, done, ctx); }
static inline void qd_dial_cancel(qd_dial *dial) {
  if (dial) dial->kind->cancel(dial);
}
static inline void qd_dialer_free(qd_dialer *d) {
  if (d) d->kind->free(d);
}

#endif
