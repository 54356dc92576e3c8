// Allocation that aborts when memory is out. Sizes that a peer chooses go through a capped
// qd_buf (base/buf.h) instead, which fails normally.
#ifndef QD_BASE_MEM_H
#define QD_BASE_MEM_H

#include <stddef.h>

// All return memory that the caller frees with free(). Zeroed: qd_xcalloc.
void *qd_xmalloc(size_t size);
void *qd_xcalloc(size_t count, size_t size);
void *qd_xrealloc(void *p, size_t size);
void *qd_xaligned(size_t alignment, size_t size);  // size: a multiple of the alignment, which is a power of two
char *qd_xstrdup(const char *s);                   // NULL stays NULL
char *qd_xstrndup(const char *s, size_t n);        // always NUL-terminated
char *qd_xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
// Overwrites `n` bytes in a way that the compiler cannot drop.
void qd_wipe(void *p, size_t n);

#endif
