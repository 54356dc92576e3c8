// Capped growing buffer. Contract in buf.h.
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

void qd_buf_init(qd_buf *b, size_t cap) { *b = (qd_buf){.cap = cap}; }

void qd_buf_deinit(qd_buf *b) {
  free(b->p);
  *b = (qd_buf){.cap = b->cap};
}

void qd_buf_clear(qd_buf *b) {
  b->n = 0;
  b->overflow = false;
  if (b->p) b->p[0] = '\0';
}

// Room for n more bytes and the NUL, or false when the cap forbids it.
static bool reserve(qd_buf *b, size_t n) {
  if (n > b->cap - b->n) {
    b->overflow = true;
    return false;
  }
  size_t need = b->n + n + 1;
  if (need <= b->room) return true;
  size_t room = b->room ? b->room : 64;
  while (room < need) room = room > (size_t)-1 / 2 ? need : room * 2;
  b->p = qd_xrealloc(b->p, room);
  b->room = room;
  return true;
}

bool qd_buf_add(qd_buf *b, const void *p, size_t n) {
  if (!reserve(b, n)) return false;
  if (n) memcpy(b->p + b->n, p, n);
  b->n += n;
  b->p[b->n] = '\0';
  return true;
}

bool qd_buf_adds(qd_buf *b, const char *s) { return qd_buf_add(b, s, strlen(s)); }

bool qd_buf_addc(qd_buf *b, char c) { return qd_buf_add(b, &c, 1); }

bool qd_buf_addf(qd_buf *b, const char *fmt, ...) {
  va_list ap;
  va_list again;
  va_start(ap, fmt);
  va_copy(again, ap);
  size_t left = b->room - b->n;
  int n = vsnprintf(left ? b->p + b->n : NULL, left, fmt, ap);
  va_end(ap);
  char first = left ? b->p[b->n] : '\0';
  if (left) b->p[b->n] = '\0';  // in case it may not stay
  bool ok = n >= 0 && reserve(b, (size_t)n);
  if (ok) {
    if ((size_t)n < left) {
      b->p[b->n] = first;
    } else {
      (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
    }
    b->n += (size_t)n;
  }
  va_end(again);
  return ok;
}

void qd_buf_consume(qd_buf *b, size_t n) {
  if (n >= b->n) {
    qd_buf_clear(b);
    return;
  }
  memmove(b->p, b->p + n, b->n - n + 1);
  b->n -= n;
}

char *qd_buf_take(qd_buf *b) {
  char *p = b->p ? b->p : qd_xstrdup("");
  *b = (qd_buf){.cap = b->cap};
  return p;
}
