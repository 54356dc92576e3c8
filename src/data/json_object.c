// Members of JSON objects: in order, and found by a keyed hash once there are many, so that a peer can
// neither make lookups slow by size nor by colliding names.
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/json_node.h"

enum { SMALL = 12 };  // up to here a linear search is at least as fast

static uint64_t hash_key[2];
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void make_hash_key(void) {
  if (getentropy(hash_key, sizeof hash_key) == 0) return;
  hash_key[0] = (uint64_t)time(NULL) * 0x9E3779B97F4A7C15u;
  hash_key[1] = (uint64_t)getpid();
}

static uint64_t rotl(uint64_t x, int b) { return (x << b) | (x >> (64 - b)); }

static void sip_round(uint64_t v[4]) {
  v[0] += v[1];
  v[1] = rotl(v[1], 13) ^ v[0];
  v[0] = rotl(v[0], 32);
  v[2] += v[3];
  v[3] = rotl(v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = rotl(v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = rotl(v[1], 17) ^ v[2];
  v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t m) {
  v[3] ^= m;
  sip_round(v);
  v[0] ^= m;
}

// SipHash-1-3 (Aumasson, Bernstein).
static uint64_t hash(qd_slice key) {
  uint64_t v[4] = {hash_key[0] ^ 0x736f6d6570736575u, hash_key[1] ^ 0x646f72616e646f6du, hash_key[0] ^ 0x6c7967656e657261u,
                   hash_key[1] ^ 0x7465646279746573u};
  size_t left = key.n;
  const char *p = key.p;
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t m;
    memcpy(&m, p, 8);
    sip_word(v, m);
  }
  uint64_t last = (uint64_t)key.n << 56;
  for (size_t i = 0; i < left; i++) last |= (uint64_t)(unsigned char)p[i] << (8 * i);
  sip_word(v, last);
  v[2] ^= 0xff;
  for (int i = 0; i < 3; i++) sip_round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void put_slot(qd__json_object *o, size_t i) {
  size_t mask = o->slot_count - 1;
  size_t at = (size_t)hash((qd_slice){o->v[i].key, o->v[i].n}) & mask;
  while (o->slots[at]) at = (at + 1) & mask;
  o->slots[at] = (uint32_t)(i + 1);
}

// At most half of the slots are taken.
static void rebuild(qd_json *object) {
  qd__json_object *o = &object->u.o;
  qd__json_give(object->pool, o->slots, o->slot_count * sizeof *o->slots);
  o->slots = NULL;
  if (o->n <= SMALL) return;
  (void)pthread_once(&hash_key_once, make_hash_key);
  o->slot_count = 64;
  while (o->slot_count < o->n * 2) o->slot_count *= 2;
  o->slots = qd__json_take(object->pool, o->slot_count * sizeof *o->slots);
  memset(o->slots, 0, o->slot_count * sizeof *o->slots);
  for (size_t i = 0; i < o->n; i++) put_slot(o, i);
}

static bool is_key(const qd__json_member *m, qd_slice key) { return m->n == key.n && memcmp(m->key, key.p, key.n) == 0; }

size_t qd__json_find(const qd__json_object *o, qd_slice key) {
  if (key.n == 0) key.p = "";
  if (!o->slots) {
    for (size_t i = 0; i < o->n; i++)
      if (is_key(&o->v[i], key)) return i;
    return (size_t)-1;
  }
  size_t mask = o->slot_count - 1;
  for (size_t at = (size_t)hash(key) & mask; o->slots[at]; at = (at + 1) & mask)
    if (is_key(&o->v[o->slots[at] - 1], key)) return o->slots[at] - 1;
  return (size_t)-1;
}

static char *copy_key(uint32_t pool, qd_slice key) {
  char *copy = qd__json_take(pool, key.n + 1);
  if (key.n) memcpy(copy, key.p, key.n);
  copy[key.n] = '\0';
  return copy;
}

void qd_json_add(qd_json *object, qd_slice key, qd_json *value) {
  qd__json_object *o = &object->u.o;
  if (o->n == o->room) {
    size_t room = o->room ? o->room * 2 : 4;
    o->v = qd__json_regrow(object->pool, o->v, o->room * sizeof *o->v, room * sizeof *o->v);
    o->room = room;
  }
  o->v[o->n++] = (qd__json_member){copy_key(object->pool, key), key.n, value};
  if (o->n <= SMALL) return;
  if (!o->slots || o->n * 2 > o->slot_count) {
    rebuild(object);
  } else {
    put_slot(o, o->n - 1);
  }
}

void qd__json_drop_members(qd_json *object) {
  qd__json_object *o = &object->u.o;
  for (size_t i = 0; i < o->n; i++) {
    qd__json_give(object->pool, o->v[i].key, o->v[i].n + 1);
    qd_json_free(o->v[i].value);
  }
  qd__json_give(object->pool, o->v, o->room * sizeof *o->v);
  qd__json_give(object->pool, o->slots, o->slot_count * sizeof *o->slots);
}

qd_json *qd_json_swap(qd_json *object, qd_slice key, qd_json *value) {
  size_t i = qd__json_find(&object->u.o, key);
  if (i != (size_t)-1) return qd_json_swap_member_at(object, i, value);
  qd_json_add(object, key, value);
  return NULL;
}

void qd_json_set(qd_json *object, qd_slice key, qd_json *value) { qd_json_free(qd_json_swap(object, key, value)); }

qd_json *qd_json_remove(qd_json *object, qd_slice key) {
  if (qd_json_type_of(object) != QD_JSON_OBJECT) return NULL;
  qd__json_object *o = &object->u.o;
  size_t i = qd__json_find(o, key);
  if (i == (size_t)-1) return NULL;
  qd_json *value = o->v[i].value;
  qd__json_give(object->pool, o->v[i].key, o->v[i].n + 1);
  memmove(&o->v[i], &o->v[i + 1], (o->n - i - 1) * sizeof *o->v);
  o->n--;
  rebuild(object);
  return value;
}

const qd_json *qd_json_member_slice(const qd_json *object, qd_slice key) {
  if (qd_json_type_of(object) != QD_JSON_OBJECT) return NULL;
  size_t i = qd__json_find(&object->u.o, key);
  return i == (size_t)-1 ? NULL : object->u.o.v[i].value;
}

const qd_json *qd_json_member(const qd_json *object, const char *key) { return qd_json_member_slice(object, qd_slice_of(key)); }

qd_json *qd_json_edit(qd_json *v, const char *key) {
  if (qd_json_type_of(v) != QD_JSON_OBJECT) return NULL;
  size_t i = qd__json_find(&v->u.o, qd_slice_of(key));
  return i == (size_t)-1 ? NULL : v->u.o.v[i].value;
}

const qd_json *qd_json_member_at(const qd_json *object, size_t i, qd_slice *out_key) {
  if (qd_json_type_of(object) != QD_JSON_OBJECT || i >= object->u.o.n) return NULL;
  if (out_key) *out_key = (qd_slice){object->u.o.v[i].key, object->u.o.v[i].n};
  return object->u.o.v[i].value;
}

qd_json *qd_json_edit_member_at(qd_json *object, size_t i, qd_slice *out_key) {
  return qd_json_member_at(object, i, out_key) ? object->u.o.v[i].value : NULL;
}

qd_json **qd_json_place(qd_json *v, size_t i, qd_slice *out_key) {
  *out_key = (qd_slice){NULL, 0};
  if (v->type == QD_JSON_ARRAY) return &v->u.a.v[i];
  (void)qd_json_member_at(v, i, out_key);
  return &v->u.o.v[i].value;
}

qd_json *qd_json_swap_member_at(qd_json *object, size_t i, qd_json *value) {
  qd_json *was = object->u.o.v[i].value;
  object->u.o.v[i].value = value;
  return was;
}

void qd_json_close_up(qd_json *object) {
  qd__json_object *o = &object->u.o;
  size_t kept = 0;
  for (size_t i = 0; i < o->n; i++) {
    if (o->v[i].value) {
      o->v[kept++] = o->v[i];
    } else {
      qd__json_give(object->pool, o->v[i].key, o->v[i].n + 1);
    }
  }
  if (kept == o->n) return;
  o->n = kept;
  rebuild(object);
}

static int by_key(const void *pa, const void *pb) {
  const qd__json_member *a = pa;
  const qd__json_member *b = pb;
  int order = memcmp(a->key, b->key, a->n < b->n ? a->n : b->n);
  return order ? order : (a->n > b->n) - (a->n < b->n);
}

void qd_json_sort(qd_json *object) {
  if (qd_json_type_of(object) != QD_JSON_OBJECT || object->u.o.n < 2) return;
  qsort(object->u.o.v, object->u.o.n, sizeof *object->u.o.v, by_key);
  rebuild(object);
}

static int by_pointed_key(const void *pa, const void *pb) {
  return by_key(*(const qd__json_member *const *)pa, *(const qd__json_member *const *)pb);
}

const qd__json_member **qd__json_sorted(const qd__json_object *o) {
  const qd__json_member **list = qd_xmalloc((o->n ? o->n : 1) * sizeof(void *));
  for (size_t i = 0; i < o->n; i++) list[i] = &o->v[i];
  qsort(list, o->n, sizeof(void *), by_pointed_key);
  return list;
}
