// Memory of nodes: one block each, or from the pool that is open on this thread. Contract in json.h.
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "data/json_node.h"

#ifdef __SANITIZE_ADDRESS__
#define FENCED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FENCED 1
#endif
#endif
#ifdef FENCED
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

// Chunks are small until much is wanted; then they are of the size of a large page, which costs one fault, not 512.
enum { STEP = 16, CLASSES = 40, SMALL = STEP * CLASSES, CHUNK = 60 * 1024, SMALL_CHUNKS = 8, LARGE_CHUNK = 2 << 20 };

typedef struct chunk {
  struct chunk *next;
  size_t size;
} chunk;

// A block that is no small one, in the pool's ring of them.
typedef struct large {
  struct large *next, *before;
} large;

typedef struct spare {
  struct spare *next;
} spare;

struct qd_json_pool {
  uint32_t number;  // of all that ever were; not 0
  chunk *chunks;
  size_t chunk_count;
  char *next;  // in the first chunk
  size_t left;
  spare *spares[CLASSES + 1];  // by size in steps: what was given back
  large ring;
  qd_json_pool *outer;  // open before this one, and again behind it
};

static _Thread_local qd_json_pool *open_pool;

qd_json_pool *qd_json_pool_open(void) {
  static atomic_uint last;
  qd_json_pool *pool = qd_xcalloc(1, sizeof *pool);
  do {
    pool->number = atomic_fetch_add(&last, 1) + 1;
  } while (!pool->number);
  pool->ring.next = pool->ring.before = &pool->ring;
  pool->outer = open_pool;
  open_pool = pool;
  return pool;
}

void qd_json_pool_close(qd_json_pool *pool) { open_pool = pool->outer; }

void qd_json_pool_free(qd_json_pool *pool) {
  if (!pool) return;
  while (pool->chunks) {
    chunk *c = pool->chunks;
    pool->chunks = c->next;
    UNPOISON(c, c->size);
    free(c);
  }
  while (pool->ring.next != &pool->ring) {
    large *l = pool->ring.next;
    pool->ring.next = l->next;
    free(l);
  }
  free(pool);
}

static void *take_large(qd_json_pool *pool, size_t size) {
  large *l = qd_xmalloc(sizeof *l + size);
  l->before = &pool->ring;
  l->next = pool->ring.next;
  l->next->before = l;
  pool->ring.next = l;
  return l + 1;
}

static void add_chunk(qd_json_pool *pool) {
  bool small = pool->chunk_count++ < SMALL_CHUNKS;
  size_t size = small ? CHUNK : LARGE_CHUNK;
  chunk *c = small ? qd_xmalloc(size) : qd_xaligned(LARGE_CHUNK, LARGE_CHUNK);
  if (!small) (void)madvise(c, size, MADV_HUGEPAGE);
  *c = (chunk){pool->chunks, size};
  pool->chunks = c;
  pool->next = (char *)(c + 1);
  pool->left = size - sizeof *c;
  POISON(pool->next, pool->left);
}

static void *take_new(qd_json_pool *pool, size_t size) {
  if (pool->left < size) add_chunk(pool);
  char *p = pool->next;
  pool->next += size;
  pool->left -= size;
  UNPOISON(p, size);
  return p;
}

uint32_t qd__json_pool(void) { return open_pool ? open_pool->number : 0; }

static bool is_open(uint32_t pool) { return open_pool && open_pool->number == pool; }

void *qd__json_take(uint32_t number, size_t size) {
  qd_json_pool *pool = open_pool;
  if (!number) return qd_xmalloc(size);
  if (!is_open(number)) abort();  // what a pool owns is only changed while it is open
  if (size > SMALL) return take_large(pool, size);
  size_t steps = (size + STEP - 1) / STEP;
  spare *s = pool->spares[steps];
  if (!s) return take_new(pool, steps * STEP);
  UNPOISON(s, steps * STEP);
  pool->spares[steps] = s->next;
  return s;
}

void qd__json_give(uint32_t number, void *p, size_t size) {
  qd_json_pool *pool = open_pool;
  if (!number) {
    free(p);
  } else if (p && is_open(number) && size > SMALL) {
    large *l = (large *)p - 1;
    l->before->next = l->next;
    l->next->before = l->before;
    free(l);
  } else if (p && is_open(number)) {
    size_t steps = (size + STEP - 1) / STEP;
    spare *s = p;
    s->next = pool->spares[steps];
    pool->spares[steps] = s;
    POISON(s, steps * STEP);
  }
}

void *qd__json_regrow(uint32_t number, void *p, size_t size, size_t wanted) {
  if (!number) return qd_xrealloc(p, wanted);
  void *made = qd__json_take(number, wanted);
  if (size) memcpy(made, p, size);
  qd__json_give(number, p, size);
  return made;
}
