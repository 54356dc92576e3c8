// Byte queue in blocks. Contract in chunks.h.
#include "net/chunks.h"

#include <stdlib.h>

#include "base/mem.h"

#define BLOCK ((size_t)16 * 1024)  // small writes share a block of this size

void qd_chunks_add(qd_chunks *q, qd_slice bytes) {
  if (bytes.n == 0) return;
  q->bytes += bytes.n;
  if (q->tail && q->tail->room - q->tail->n >= bytes.n) {
    memcpy(q->tail->p + q->tail->n, bytes.p, bytes.n);
    q->tail->n += bytes.n;
    return;
  }
  size_t room = bytes.n > BLOCK || !q->tail ? bytes.n : BLOCK;
  qd_chunk *c = qd_xmalloc(sizeof *c + room);
  c->next = NULL;
  c->off = 0;
  c->n = bytes.n;
  c->room = room;
  memcpy(c->p, bytes.p, bytes.n);
  if (q->tail)
    q->tail->next = c;
  else
    q->head = c;
  q->tail = c;
}

qd_slice qd_chunks_peek(const qd_chunks *q) {
  return q->head ? (qd_slice){q->head->p + q->head->off, q->head->n - q->head->off} : (qd_slice){"", 0};
}

void qd_chunks_consume(qd_chunks *q, size_t n) {
  q->bytes -= n;
  while (q->head && n >= q->head->n - q->head->off) {
    qd_chunk *c = q->head;
    n -= c->n - c->off;
    q->head = c->next;
    if (!q->head) q->tail = NULL;
    free(c);
  }
  if (q->head) q->head->off += n;
}

void qd_chunks_move(qd_chunks *to, qd_chunks *from) {
  if (!from->head) return;
  if (to->tail)
    to->tail->next = from->head;
  else
    to->head = from->head;
  to->tail = from->tail;
  to->bytes += from->bytes;
  *from = (qd_chunks){NULL, NULL, 0};
}

void qd_chunks_clear(qd_chunks *q) { qd_chunks_consume(q, q->bytes); }
