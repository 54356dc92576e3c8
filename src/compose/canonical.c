// Short forms become long ones, so that everything behind this pass meets one form of each attribute.
#include <stdlib.h>

#include "compose/model.h"

static qd_status walk(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v);

// {name: text}, the text taken.
static qd_json *wrap(const char *name, qd_json *text) {
  qd_json *v = qd_json_object();
  qd__set(v, name, text);
  return v;
}

static bool is_text(const qd_json *v) { return qd_json_type_of(v) == QD_JSON_STRING; }

static qd_status walk_inside(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json *v) {
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(v); i++) {
    qd_slice key;
    qd_json **item = qd_json_place(v, i, &key);
    const qd__shape *of = qd__shape_inside(shape, key);
    if (of) st = walk(l, QD__INSIDE(at, key, i), of, item);
  }
  return st;
}

static qd_status walk(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v) {
  if (shape->wrap && is_text(*v)) *v = wrap(shape->wrap, *v);
  if (shape->expand) {
    qd_json *made = NULL;
    qd_status st = shape->expand(l, at, *v, &made);
    *v = made;
    if (st != QD_OK) return st;
  }
  return qd__is_plain(shape) ? QD_OK : walk_inside(l, at, shape, *v);
}

qd_status qd__canonical(qd__load *l, const qd__shape *shape, qd_json **v) { return walk(l, NULL, shape, v); }

static qd_json *list_of(qd_json *v) {
  qd_json *list = qd_json_array();
  qd_json_append(list, v);
  return list;
}

qd_status qd__expand_strings(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  *out = is_text(v) ? list_of(v) : v;
  return QD_OK;
}

qd_status qd__expand_include(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  *out = is_text(v) ? wrap("path", list_of(v)) : v;
  return QD_OK;
}

qd_status qd__expand_env_file(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  if (is_text(v)) v = list_of(v);
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice none;
    qd_json **place = qd_json_place(v, i, &none);
    if (is_text(*place)) *place = wrap("path", *place);
    qd_json *item = *place;
    if (qd_json_type_of(item) == QD_JSON_OBJECT && !qd_json_member(item, "required")) qd__set(item, "required", qd_json_bool(true));
  }
  *out = v;
  return QD_OK;
}

qd_status qd__expand_networks(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  *out = v;
  if (qd_json_type_of(v) != QD_JSON_ARRAY) return QD_OK;
  *out = qd_json_object();
  for (size_t i = 0; i < qd_json_count(v); i++) qd_json_set(*out, qd__slice(qd_json_at(v, i)), qd_json_null());
  qd_json_free(v);
  return QD_OK;
}

qd_status qd__expand_depends(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  qd_json *map = qd_json_type_of(v) == QD_JSON_ARRAY ? qd_json_object() : v;
  for (size_t i = 0; i < qd_json_count(v) && map != v; i++) {
    qd_json *item = qd_json_object();
    qd__set_text(item, "condition", "service_started");
    qd_json_set(map, qd__slice(qd_json_at(v, i)), item);
  }
  for (size_t i = 0; i < qd_json_count(map); i++) {
    qd_json *item = qd_json_edit_member_at(map, i, NULL);
    if (!qd_json_member(item, "required")) qd__set(item, "required", qd_json_bool(true));
  }
  if (map != v) qd_json_free(v);
  *out = map;
  return QD_OK;
}

// NAME=value in a list -> mapping.
qd_status qd__expand_pairs(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  *out = v;
  if (qd_json_type_of(v) != QD_JSON_ARRAY) return QD_OK;
  *out = qd_json_object();
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice text = qd__slice(qd_json_at(v, i));
    const char *equals = text.n ? memchr(text.p, '=', text.n) : NULL;
    size_t n = equals ? (size_t)(equals - text.p) : text.n;
    qd_json_set(*out, (qd_slice){text.p, n},
                equals ? qd_json_string((qd_slice){text.p + n + 1, text.n - n - 1}) : qd_json_string(QD_SLICE("")));
  }
  qd_json_free(v);
  return QD_OK;
}

// ID: path -> a list of ID=path.
qd_status qd__expand_ssh(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  *out = v;
  if (qd_json_type_of(v) != QD_JSON_OBJECT) return QD_OK;
  *out = qd_json_array();
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    const qd_json *item = qd_json_member_at(v, i, &key);
    qd_buf b;
    qd_buf_init(&b, QD_COMPOSE_FILE_MAX);
    (void)qd_buf_add(&b, key.p, key.n);
    if (qd__slice(item).n) (void)qd_buf_addf(&b, "=%s", qd_json_get_cstr(item, ""));
    qd_json_append(*out, qd_json_string(qd_buf_slice(&b)));
    qd_buf_deinit(&b);
  }
  qd_json_free(v);
  return QD_OK;
}

qd_status qd__expand_gpus(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  (void)l, (void)at;
  *out = v;
  if (!is_text(v)) return QD_OK;
  qd_json_free(v);
  qd_json *all = qd_json_object();
  qd__set(all, "count", qd_json_int(-1));
  *out = list_of(all);
  return QD_OK;
}

// Absent becomes empty; external: {name: x} becomes external and name.
qd_status qd__expand_external(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  if (qd_json_is_null(v)) {
    qd_json_free(v);
    v = qd_json_object();
  }
  *out = v;
  const qd_json *external = qd_json_member(v, "external");
  if (qd_json_type_of(external) != QD_JSON_OBJECT) return QD_OK;
  const char *name = qd__text(external, "name");
  if (name && qd__is_set(v, "name")) {
    if (strcmp(name, qd__text(v, "name")) != 0) return qd__bad(l, at, "name and external.name differ; use name alone");
  }
  if (name) qd__set_text(v, "name", name);
  qd__set(v, "external", qd_json_bool(true));
  return QD_OK;
}
