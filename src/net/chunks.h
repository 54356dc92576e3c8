// A queue of bytes in blocks of their own: the head's address stays valid while more is appended (a write under way may
// point into it), and taking from the front moves nothing.
#ifndef QD_NET_CHUNKS_H
#define QD_NET_CHUNKS_H

#include "base/slice.h"

typedef struct qd_chunk {
  struct qd_chunk *next;
  size_t off, n, room;  // bytes p[off..n) are queued
  char p[];
} qd_chunk;

typedef struct qd_chunks {
  qd_chunk *head, *tail;
  size_t bytes;  // queued in all
} qd_chunks;

// Appends a copy.
void qd_chunks_add(qd_chunks *q, qd_slice bytes);
// The first run of bytes, borrowed until qd_chunks_consume; empty when the queue is.
qd_slice qd_chunks_peek(const qd_chunks *q);
// Drops n <= q->bytes bytes from the front.
void qd_chunks_consume(qd_chunks *q, size_t n);
// Moves everything from `from` to the end of `to`.
void qd_chunks_move(qd_chunks *to, qd_chunks *from);
// Drops everything and frees. A zeroed qd_chunks is an empty queue.
void qd_chunks_clear(qd_chunks *q);

#endif
