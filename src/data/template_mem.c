// The arena of the template engine: blocks freed together.
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_int.h"

struct qd__block {
  struct qd__block *next;
  max_align_t data[];
};

void *qd__arena_alloc(qd__arena *a, size_t size) {
  const size_t align = sizeof(max_align_t);
  size_t need = (size + align - 1) / align * align;
  if (need == 0) need = align;
  if (need > a->left) {
    size_t room = need > 8192 - sizeof(struct qd__block) ? need : 8192 - sizeof(struct qd__block);
    struct qd__block *b = qd_xmalloc(sizeof *b + room);
    b->next = a->blocks;
    a->blocks = b;
    a->p = (char *)b->data;
    a->left = room;
  }
  void *p = a->p;
  a->p += need;
  a->left -= need;
  a->total += need;
  return memset(p, 0, need);
}

qd_slice qd__arena_dup(qd__arena *a, qd_slice s) {
  char *p = qd__arena_alloc(a, s.n + 1);
  if (s.n) memcpy(p, s.p, s.n);
  return (qd_slice){p, s.n};
}

void qd__arena_free(qd__arena *a) {
  for (struct qd__block *b = a->blocks; b;) {
    struct qd__block *next = b->next;
    free(b);
    b = next;
  }
  *a = (qd__arena){0};
}

qd__mark qd__arena_mark(const qd__arena *a) { return (qd__mark){a->blocks, a->p, a->left, a->total}; }

void qd__arena_reset(qd__arena *a, qd__mark m) {
  while (a->blocks != m.block) {
    struct qd__block *b = a->blocks;
    a->blocks = b->next;
    free(b);
  }
  a->p = m.p;
  a->left = m.left;
  a->total = m.total;
}
