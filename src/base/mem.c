// Aborting allocation. Contract in mem.h.
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p, size_t size) {
  if (p == NULL && size != 0) {
    (void)fprintf(stderr, "qnap-docker: out of memory (%zu bytes)\n", size);
    abort();
  }
  return p;
}

void *qd_xmalloc(size_t size) { return must(malloc(size ? size : 1), size); }

void *qd_xcalloc(size_t count, size_t size) { return must(calloc(count ? count : 1, size ? size : 1), size); }

void *qd_xrealloc(void *p, size_t size) { return must(realloc(p, size ? size : 1), size); }

void *qd_xaligned(size_t alignment, size_t size) { return must(aligned_alloc(alignment, size), size); }

char *qd_xstrndup(const char *s, size_t n) {
  char *copy = qd_xmalloc(n + 1);
  if (n) memcpy(copy, s, n);
  copy[n] = '\0';
  return copy;
}

char *qd_xstrdup(const char *s) { return s ? qd_xstrndup(s, strlen(s)) : NULL; }

char *qd_xasprintf(const char *fmt, ...) {
  va_list ap;
  va_list again;
  va_start(ap, fmt);
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  char *s = qd_xmalloc((size_t)n + 1);
  (void)vsnprintf(s, (size_t)n + 1, fmt, again);
  va_end(again);
  return s;
}

void qd_wipe(void *p, size_t n) {
  volatile unsigned char *b = p;
  while (n--) *b++ = 0;
}
