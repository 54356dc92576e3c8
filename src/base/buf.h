// A growing byte buffer that must state its maximum. Appending past the cap fails and leaves
// the content as it was; the buffer remembers that it overflowed.
#ifndef QD_BASE_BUF_H
#define QD_BASE_BUF_H

#include "base/error.h"
#include "base/slice.h"

typedef struct qd_buf {
  char *p;      // always NUL-terminated behind n once something was appended; owned
  size_t n;     // bytes in use
  size_t room;  // allocated
  size_t cap;   // most bytes it may ever hold
  bool overflow;
} qd_buf;

void qd_buf_init(qd_buf *b, size_t cap);
void qd_buf_deinit(qd_buf *b);  // frees; the buffer may be initialised again
void qd_buf_clear(qd_buf *b);   // n = 0, memory kept
// false: the cap would be passed; nothing was appended.
bool qd_buf_add(qd_buf *b, const void *p, size_t n);
bool qd_buf_adds(qd_buf *b, const char *s);
bool qd_buf_addc(qd_buf *b, char c);
bool qd_buf_addf(qd_buf *b, const char *fmt, ...) QD_PRINTF(2, 3);
void qd_buf_consume(qd_buf *b, size_t n);  // drops the first n bytes
// Moves the bytes out (caller frees); the buffer is empty afterwards. Never NULL.
char *qd_buf_take(qd_buf *b);
static inline qd_slice qd_buf_slice(const qd_buf *b) { return (qd_slice){b->p, b->n}; }

#endif
