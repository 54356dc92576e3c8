// What the streams over libuv handles share: sockets (one handle) and pipes to a process (two). Inside net/ only.
#ifndef QD_NET_UVS_H
#define QD_NET_UVS_H

#include <uv.h>

#include "loop/timer.h"
#include "net/chunks.h"
#include "net/stream.h"

#define QD__WRITE_HIGH ((size_t)256 * 1024)
#define QD__WRITE_LOW ((size_t)64 * 1024)

// The kind's own struct begins with it; the block is freed with free().
typedef struct qd__uvs {
  qd_stream base;
  uv_stream_t *in, *out;  // own heap blocks, freed by their close callbacks; the same block for a socket
  const char *what;       // "the socket /run/docker.sock", for messages; owned
  qd_chunks waiting;      // not handed to libuv yet
  qd_chunks flying;       // pointed to by `req`; freed in its callback
  uv_write_t *req;        // one at a time
  uv_shutdown_t *shut_req;
  bool reading;   // asked for by the listener
  bool above;     // a write said false: a drain event is owed
  bool shut;      // half-close asked for
  bool no_write;  // writing failed or was shut: later writes are ignored
  qd_error write_err;
  qd_defer later;       // delivers what must not be delivered from inside a caller's write
  qd_timer *finishing;  // qd__uvs_finish: closes when everything was sent, at the latest when it fires
  int open;             // handles whose close callback is outstanding (a closed stream)
  // The end of the reading side, before it is told to the listener (process.c waits for the exit status); NULL: told at once.
  void (*on_read_end)(struct qd__uvs *s, const qd_error *err);
} qd__uvs;

// Fills the shared part of a zeroed struct. `what` is copied. The handles' data pointers are taken over.
void qd__uvs_init(qd__uvs *s, const qd_stream_kind *kind, qd_loop *loop, const char *what, uv_stream_t *in, uv_stream_t *out);
// The kind's functions.
void qd__uvs_read(qd_stream *base, bool on);
bool qd__uvs_write(qd_stream *base, qd_slice bytes);
void qd__uvs_shutdown(qd_stream *base);
void qd__uvs_close(qd_stream *base);
// A stream for a connected socket.
qd_stream *qd__uvs_socket(const qd_stream_kind *kind, qd_loop *loop, const char *what, uv_stream_t *handle);
// Unix sockets: whether the process at the other end is of this very account; a stream over a connected one.
bool qd__unix_is_ours(uv_pipe_t *pipe);
qd_stream *qd__unix_stream(qd_loop *loop, const char *what, uv_pipe_t *pipe);

#endif
