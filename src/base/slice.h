// Borrowed bytes: pointer and length by value. Never NUL-terminated by contract.
#ifndef QD_BASE_SLICE_H
#define QD_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct qd_slice {
  const char *p;
  size_t n;
} qd_slice;

#define QD_SLICE(literal) ((qd_slice){"" literal, sizeof(literal) - 1})

static inline qd_slice qd_slice_of(const char *s) { return (qd_slice){s, s ? strlen(s) : 0}; }
static inline bool qd_slice_eq(qd_slice a, qd_slice b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool qd_slice_is(qd_slice a, const char *s) { return qd_slice_eq(a, qd_slice_of(s)); }

#endif
