// The last bytes of a stderr, for error texts.
#ifndef QD_NET_TAIL_H
#define QD_NET_TAIL_H

#include "base/slice.h"

#define QD_TAIL_SIZE ((size_t)8192)

typedef struct qd_tail {
  char p[QD_TAIL_SIZE];
  size_t n;  // bytes in use; the oldest are dropped first
} qd_tail;

void qd_tail_add(qd_tail *t, qd_slice bytes);
// The last lines as one line of text: joined by "; ", control characters dropped, at most size - 1 bytes. May give "".
void qd_tail_text(const qd_tail *t, char *out, size_t size);
// Whether the kept bytes contain `text`, ignoring ASCII case.
bool qd_tail_has(const qd_tail *t, const char *text);

#endif
