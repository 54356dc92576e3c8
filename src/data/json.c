// JSON nodes: building, viewing, comparing. Contract in json.h; objects' members are in json_object.c.
#include "data/json.h"

#include <stdlib.h>

#include "base/mem.h"
#include "data/json_node.h"

#define STRING_HEAD (offsetof(qd_json, u) + sizeof(((qd_json *)NULL)->u.s))

static qd_json *node_new(qd_json_type type) {
  uint32_t pool = qd__json_pool();
  qd_json *v = qd__json_take(pool, sizeof *v);
  *v = (qd_json){.type = type, .pool = pool};
  return v;
}

// A string needs the head of a node only.
static size_t string_size(size_t n) { return STRING_HEAD + n + 1; }

qd_json *qd_json_null(void) { return node_new(QD_JSON_NULL); }

qd_json *qd_json_bool(bool b) {
  qd_json *v = node_new(QD_JSON_BOOL);
  v->u.b = b;
  return v;
}

qd_json *qd_json_int(int64_t i) {
  qd_json *v = node_new(QD_JSON_INT);
  v->u.i = i;
  return v;
}

qd_json *qd_json_float(double f) {
  qd_json *v = node_new(QD_JSON_FLOAT);
  v->u.f = f;
  return v;
}

qd_json *qd_json_string(qd_slice s) {
  uint32_t pool = qd__json_pool();
  qd_json *v = qd__json_take(pool, string_size(s.n));
  v->type = QD_JSON_STRING;
  v->pool = pool;
  v->u.s.p = (char *)v + STRING_HEAD;
  v->u.s.n = s.n;
  if (s.n) memcpy(v->u.s.p, s.p, s.n);
  v->u.s.p[s.n] = '\0';
  return v;
}

qd_json *qd_json_array(void) { return node_new(QD_JSON_ARRAY); }

qd_json *qd_json_object(void) { return node_new(QD_JSON_OBJECT); }

void qd_json_append(qd_json *array, qd_json *item) {
  if (array->u.a.n == array->u.a.room) {
    size_t room = array->u.a.room ? array->u.a.room * 2 : 4;
    array->u.a.v = qd__json_regrow(array->pool, array->u.a.v, array->u.a.room * sizeof(void *), room * sizeof(void *));
    array->u.a.room = room;
  }
  array->u.a.v[array->u.a.n++] = item;
}

qd_json *qd_json_dup(const qd_json *v) {
  switch (qd_json_type_of(v)) {
    case QD_JSON_NULL:
      return qd_json_null();
    case QD_JSON_BOOL:
      return qd_json_bool(v->u.b);
    case QD_JSON_INT:
      return qd_json_int(v->u.i);
    case QD_JSON_FLOAT:
      return qd_json_float(v->u.f);
    case QD_JSON_STRING:
      return qd_json_string((qd_slice){v->u.s.p, v->u.s.n});
    case QD_JSON_ARRAY: {
      qd_json *copy = qd_json_array();
      for (size_t i = 0; i < v->u.a.n; i++) qd_json_append(copy, qd_json_dup(v->u.a.v[i]));
      return copy;
    }
    case QD_JSON_OBJECT:
      break;
  }
  qd_json *copy = qd_json_object();
  for (size_t i = 0; i < v->u.o.n; i++) {
    const qd__json_member *m = &v->u.o.v[i];
    qd_json_add(copy, (qd_slice){m->key, m->n}, qd_json_dup(m->value));
  }
  return copy;
}

void qd_json_free(qd_json *v) {
  if (!v || (v->pool && v->pool != qd__json_pool())) return;
  size_t size = sizeof *v;
  if (v->type == QD_JSON_STRING) {
    size = string_size(v->u.s.n);
  } else if (v->type == QD_JSON_ARRAY) {
    for (size_t i = 0; i < v->u.a.n; i++) qd_json_free(v->u.a.v[i]);
    qd__json_give(v->pool, v->u.a.v, v->u.a.room * sizeof(void *));
  } else if (v->type == QD_JSON_OBJECT) {
    qd__json_drop_members(v);
  }
  qd__json_give(v->pool, v, size);
}

qd_json_type qd_json_type_of(const qd_json *v) { return v ? v->type : QD_JSON_NULL; }

bool qd_json_is_null(const qd_json *v) { return qd_json_type_of(v) == QD_JSON_NULL; }

bool qd_json_get_bool(const qd_json *v, bool otherwise) { return qd_json_type_of(v) == QD_JSON_BOOL ? v->u.b : otherwise; }

// 2^63 is exact as a double, INT64_MAX is not.
static bool float_as_int(double f, int64_t *out) {
  if (!(f >= -9223372036854775808.0 && f < 9223372036854775808.0)) return false;
  *out = (int64_t)f;
  return (double)*out == f;
}

int64_t qd_json_get_int(const qd_json *v, int64_t otherwise) {
  int64_t i;
  if (qd_json_type_of(v) == QD_JSON_INT) return v->u.i;
  return qd_json_type_of(v) == QD_JSON_FLOAT && float_as_int(v->u.f, &i) ? i : otherwise;
}

double qd_json_get_float(const qd_json *v, double otherwise) {
  if (qd_json_type_of(v) == QD_JSON_INT) return (double)v->u.i;
  return qd_json_type_of(v) == QD_JSON_FLOAT ? v->u.f : otherwise;
}

qd_slice qd_json_get_string(const qd_json *v, qd_slice otherwise) {
  return qd_json_type_of(v) == QD_JSON_STRING ? (qd_slice){v->u.s.p, v->u.s.n} : otherwise;
}

const char *qd_json_get_cstr(const qd_json *v, const char *otherwise) {
  return qd_json_type_of(v) == QD_JSON_STRING ? v->u.s.p : otherwise;
}

size_t qd_json_count(const qd_json *v) {
  if (qd_json_type_of(v) == QD_JSON_ARRAY) return v->u.a.n;
  return qd_json_type_of(v) == QD_JSON_OBJECT ? v->u.o.n : 0;
}

const qd_json *qd_json_at(const qd_json *array, size_t i) {
  return qd_json_type_of(array) == QD_JSON_ARRAY && i < array->u.a.n ? array->u.a.v[i] : NULL;
}

qd_json *qd_json_edit_at(qd_json *array, size_t i) {
  return qd_json_type_of(array) == QD_JSON_ARRAY && i < array->u.a.n ? array->u.a.v[i] : NULL;
}

qd_json *qd_json_swap_at(qd_json *array, size_t i, qd_json *item) {
  qd_json *was = array->u.a.v[i];
  array->u.a.v[i] = item;
  return was;
}

qd_json *qd_json_remove_at(qd_json *array, size_t i) {
  if (qd_json_type_of(array) != QD_JSON_ARRAY || i >= array->u.a.n) return NULL;
  qd_json *item = array->u.a.v[i];
  memmove(&array->u.a.v[i], &array->u.a.v[i + 1], (array->u.a.n - i - 1) * sizeof(void *));
  array->u.a.n--;
  return item;
}

const qd_json *qd_json_path(const qd_json *v, const char *dotted) {
  while (v) {
    size_t n = strcspn(dotted, ".");
    v = qd_json_member_slice(v, (qd_slice){dotted, n});
    if (dotted[n] == '\0') break;
    dotted += n + 1;
  }
  return v;
}

static bool equal_numbers(const qd_json *a, const qd_json *b) {
  int64_t i;
  if (a->type == QD_JSON_INT && b->type == QD_JSON_INT) return a->u.i == b->u.i;
  if (a->type == QD_JSON_FLOAT && b->type == QD_JSON_FLOAT) return a->u.f == b->u.f;
  if (a->type == QD_JSON_INT) return float_as_int(b->u.f, &i) && i == a->u.i;
  return float_as_int(a->u.f, &i) && i == b->u.i;
}

static bool is_number(const qd_json *v) { return v->type == QD_JSON_INT || v->type == QD_JSON_FLOAT; }

bool qd_json_equal(const qd_json *a, const qd_json *b) {
  if (qd_json_is_null(a) || qd_json_is_null(b)) return qd_json_is_null(a) && qd_json_is_null(b);
  if (is_number(a) && is_number(b)) return equal_numbers(a, b);
  if (a->type != b->type || qd_json_count(a) != qd_json_count(b)) return false;
  if (a->type == QD_JSON_BOOL) return a->u.b == b->u.b;
  if (a->type == QD_JSON_STRING) return qd_slice_eq((qd_slice){a->u.s.p, a->u.s.n}, (qd_slice){b->u.s.p, b->u.s.n});
  for (size_t i = 0; i < qd_json_count(a); i++) {
    qd_slice key = {NULL, 0};
    const qd_json *mine = a->type == QD_JSON_ARRAY ? a->u.a.v[i] : qd_json_member_at(a, i, &key);
    size_t at = a->type == QD_JSON_ARRAY ? i : qd__json_find(&b->u.o, key);
    if (at == (size_t)-1) return false;
    if (!qd_json_equal(mine, a->type == QD_JSON_ARRAY ? b->u.a.v[at] : b->u.o.v[at].value)) return false;
  }
  return true;
}
