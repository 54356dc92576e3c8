// A later file's values onto an earlier one's. (compose-spec, 13-merge.)
#include <stdlib.h>

#include "compose/model.h"

static qd_status merge_value(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over);

static qd_status cannot(qd__load *l, const qd__at *at, qd_json *over) {
  qd_json_free(over);
  return qd__bad(l, at, "a later file has another kind of value here");
}

// Members of `over` onto those of `base`, both mappings.
static qd_status merge_members(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json *base, qd_json *over) {
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(over); i++) {
    qd_slice key;
    (void)qd_json_member_at(over, i, &key);
    qd_json *value = qd_json_swap_member_at(over, i, qd_json_null());
    if (!qd_json_member_slice(base, key)) {
      qd_json_add(base, key, value);
      continue;
    }
    qd_json *was = qd_json_swap(base, key, qd_json_null());
    st = merge_value(l, QD__MEMBER(at, key), qd__shape_of(shape, key), &was, value);
    qd_json_set(base, key, was);
  }
  qd_json_free(over);
  return st;
}

static void append_all(qd_json *list, qd_json *more) {
  for (size_t i = 0; i < qd_json_count(more); i++) qd_json_append(list, qd_json_swap_at(more, i, NULL));
  qd_json_free(more);
}

// The text that Go's %v gives a scalar.
static void write_scalar(const qd_json *v, qd_buf *out) {
  if (qd_json_type_of(v) == QD_JSON_STRING) {
    qd_slice s = qd__slice(v);
    (void)qd_buf_add(out, s.p, s.n);
  } else {
    (void)qd_json_write(v, NULL, out);
  }
}

static void append_pair(qd_json *list, qd_slice key, const qd_json *v) {
  qd_buf b;
  qd_buf_init(&b, QD_COMPOSE_FILE_MAX);
  (void)qd_buf_add(&b, key.p, key.n);
  if (!qd_json_is_null(v)) {
    (void)qd_buf_addc(&b, '=');
    write_scalar(v, &b);
  }
  qd_json_append(list, qd_json_string(qd_buf_slice(&b)));
  qd_buf_deinit(&b);
}

// Takes `v`; a mapping becomes NAME=VALUE in the order of its names, a string a list of one, anything else no item.
static qd_json *as_sequence(qd_json *v) {
  qd_json_type type = qd_json_type_of(v);
  if (type == QD_JSON_ARRAY) return v;
  qd_json *list = qd_json_array();
  if (type == QD_JSON_STRING) {
    qd_json_append(list, v);
    return list;
  }
  if (type == QD_JSON_OBJECT) qd_json_sort(v);
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    const qd_json *item = qd_json_member_at(v, i, &key);
    if (qd_json_type_of(item) != QD_JSON_ARRAY) append_pair(list, key, item);
    for (size_t k = 0; k < qd_json_count(item) && qd_json_type_of(item) == QD_JSON_ARRAY; k++) append_pair(list, key, qd_json_at(item, k));
  }
  qd_json_free(v);
  return list;
}

static qd_json *dependency(void) {
  qd_json *v = qd_json_object();
  qd__set_text(v, "condition", "service_started");
  qd__set(v, "required", qd_json_bool(true));
  return v;
}

static qd_json *no_value(void) { return qd_json_null(); }

// Takes `v`; a list becomes a mapping with `make`'s values.
static qd_json *as_mapping(qd_json *v, qd_json *(*make)(void)) {
  if (qd_json_type_of(v) == QD_JSON_OBJECT) return v;
  qd_json *map = qd_json_object();
  for (size_t i = 0; i < qd_json_count(v) && qd_json_type_of(v) == QD_JSON_ARRAY; i++)
    if (qd_json_type_of(qd_json_at(v, i)) == QD_JSON_STRING) qd_json_set(map, qd__slice(qd_json_at(v, i)), make());
  qd_json_free(v);
  return map;
}

static qd_json *as_build(qd_json *v) {
  if (qd_json_type_of(v) == QD_JSON_OBJECT) return v;
  qd_json *map = qd_json_object();
  if (qd_json_type_of(v) == QD_JSON_STRING) {
    qd__set(map, "context", v);
  } else {
    qd_json_free(v);
  }
  return map;
}

static qd_status merge_hosts(qd_json **base, qd_json *over) {
  *base = as_sequence(*base);
  over = as_sequence(over);
  size_t n = qd_json_count(*base);
  for (size_t i = 0; i < qd_json_count(over); i++) {
    bool known = false;
    for (size_t k = 0; k < n && !known; k++) known = qd_json_equal(qd_json_at(*base, k), qd_json_at(over, i));
    if (!known) qd_json_append(*base, qd_json_dup(qd_json_at(over, i)));
  }
  qd_json_free(over);
  return QD_OK;
}

// Options of another driver mean nothing to this one.
static qd_status merge_logging(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over) {
  if (qd_json_type_of(*base) != QD_JSON_OBJECT || qd_json_type_of(over) != QD_JSON_OBJECT) return cannot(l, at, over);
  const qd_json *was = qd_json_member(*base, "driver");
  const qd_json *now = qd_json_member(over, "driver");
  if (!was || !now || qd_json_equal(was, now)) return merge_members(l, at, shape, *base, over);
  qd_json_free(*base);
  *base = over;
  return QD_OK;
}

// The later pools count; each takes over what an earlier one of its subnet says beside.
static qd_status merge_ipam(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over) {
  if (qd_json_type_of(*base) != QD_JSON_ARRAY || qd_json_type_of(over) != QD_JSON_ARRAY) return cannot(l, at, over);
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(over); i++) {
    const qd_json *subnet = qd_json_member(qd_json_at(over, i), "subnet");
    for (size_t k = 0; st == QD_OK && k < qd_json_count(*base); k++) {
      const qd_json *was = qd_json_at(*base, k);
      if (qd_json_type_of(was) != QD_JSON_OBJECT || !qd_json_equal(qd_json_member(was, "subnet"), subnet)) continue;
      qd_json *pool = qd_json_swap_at(*base, k, qd_json_null());
      st = merge_members(l, QD__ITEM(at, i), shape ? shape->items : NULL, pool, qd_json_swap_at(over, i, qd_json_null()));
      qd_json_free(qd_json_swap_at(over, i, pool));
      break;
    }
  }
  qd_json_free(*base);
  *base = over;
  return st;
}

static qd_status replace(qd_json **base, qd_json *over) {
  qd_json_free(*base);
  *base = over;
  return QD_OK;
}

static qd_status merge_by_form(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over) {
  qd_json_type type = qd_json_type_of(*base);
  if (qd_json_is_null(over)) {
    qd_json_free(over);
    return QD_OK;
  }
  if (type == QD_JSON_OBJECT) return qd_json_type_of(over) == type ? merge_members(l, at, shape, *base, over) : cannot(l, at, over);
  if (type != QD_JSON_ARRAY) return replace(base, over);
  if (qd_json_type_of(over) != type) return cannot(l, at, over);
  append_all(*base, over);
  return QD_OK;
}

static qd_status merge_as_mappings(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over,
                                   qd_json *(*make)(void)) {
  *base = as_mapping(*base, make);
  return merge_members(l, at, shape, *base, as_mapping(over, make));
}

static qd_status merge_value(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over) {
  switch (shape ? shape->merge : QD__BY_FORM) {
    case QD__BY_FORM:
      break;
    case QD__REPLACE:
      return replace(base, over);
    case QD__SEQUENCE:
      *base = as_sequence(*base);
      append_all(*base, as_sequence(over));
      return QD_OK;
    case QD__MERGE_BUILD:
      *base = as_build(*base);
      return merge_members(l, at, shape, *base, as_build(over));
    case QD__MERGE_DEPENDS:
      return merge_as_mappings(l, at, shape, base, over, dependency);
    case QD__MERGE_NETWORKS:
      return merge_as_mappings(l, at, shape, base, over, no_value);
    case QD__MERGE_HOSTS:
      return merge_hosts(base, over);
    case QD__MERGE_LOGGING:
      return merge_logging(l, at, shape, base, over);
    case QD__MERGE_ULIMIT:
      if (qd_json_type_of(*base) != QD_JSON_OBJECT || qd_json_type_of(over) != QD_JSON_OBJECT) return replace(base, over);
      break;
    case QD__MERGE_IPAM:
      return merge_ipam(l, at, shape, base, over);
  }
  return merge_by_form(l, at, shape, base, over);
}

qd_status qd__merge_into(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over) {
  return merge_value(l, at, shape, base, over);
}
