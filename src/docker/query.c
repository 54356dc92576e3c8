// Paths and queries of the Engine API. Rules in engine.h.
#include "docker/engine.h"

#include <inttypes.h>
#include <stdio.h>

enum { FILTERS_MAX = 1 << 20 };

static bool unreserved(char c) {  // RFC 3986, 2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static void encode(qd_slice text, const char *also, qd_buf *out) {
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (unreserved(c) || (c != '\0' && strchr(also, c)))
      (void)qd_buf_addc(out, c);
    else
      (void)qd_buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
  }
}

void qd_engine_escape(qd_slice text, bool slashes, qd_buf *out) {
  // Whole segments of dots would be taken out of the path before it is matched.
  if (qd_slice_is(text, ".") || qd_slice_is(text, "..")) {
    for (size_t i = 0; i < text.n; i++) (void)qd_buf_adds(out, "%2E");
    return;
  }
  encode(text, slashes ? "/:@" : ":@", out);
}

// The text of a scalar; false for arrays and objects.
static bool scalar(const qd_json *v, qd_buf *out) {
  switch (qd_json_type_of(v)) {
    case QD_JSON_BOOL:
      return qd_buf_adds(out, qd_json_get_bool(v, false) ? "1" : "0");
    case QD_JSON_INT:
      return qd_buf_addf(out, "%" PRId64, qd_json_get_int(v, 0));
    case QD_JSON_FLOAT:
      return qd_json_write(v, &(qd_json_style){0}, out);
    case QD_JSON_STRING: {
      qd_slice s = qd_json_get_string(v, (qd_slice){"", 0});
      return qd_buf_add(out, s.p, s.n);
    }
    default:
      return false;
  }
}

static void set_value(qd_json *values, const qd_json *v) {
  if (qd_json_type_of(v) == QD_JSON_BOOL) {  // dangling = true
    qd_json_set(values, qd_slice_of(qd_json_get_bool(v, false) ? "true" : "false"), qd_json_bool(true));
    return;
  }
  qd_buf b;
  qd_buf_init(&b, FILTERS_MAX);
  (void)qd_buf_adds(&b, "");
  if (scalar(v, &b)) qd_json_set(values, qd_buf_slice(&b), qd_json_bool(true));
  qd_buf_deinit(&b);
}

// One filter's {"value": true, ...}; caller frees.
static qd_json *filter_values(const qd_json *v) {
  qd_json *values = qd_json_object();
  qd_json_type type = qd_json_type_of(v);
  if (type == QD_JSON_ARRAY) {
    for (size_t i = 0; i < qd_json_count(v); i++) set_value(values, qd_json_at(v, i));
  } else if (type == QD_JSON_OBJECT) {
    for (size_t i = 0; i < qd_json_count(v); i++) {
      qd_slice key;
      if (qd_json_get_bool(qd_json_member_at(v, i, &key), false)) qd_json_set(values, key, qd_json_bool(true));
    }
  } else {
    set_value(values, v);
  }
  return values;
}

static qd_json *filters(const qd_json *v) {
  qd_json *all = qd_json_object();
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    const qd_json *value = qd_json_member_at(v, i, &key);
    if (qd_json_is_null(value)) continue;
    qd_json *values = filter_values(value);
    if (qd_json_count(values))
      qd_json_set(all, key, values);
    else
      qd_json_free(values);
  }
  return all;
}

static void add(qd_buf *out, size_t start, qd_slice key, qd_slice value) {
  (void)qd_buf_addc(out, out->n == start ? '?' : '&');
  encode(key, "", out);
  (void)qd_buf_addc(out, '=');
  encode(value, ":,/@", out);
}

static bool add_document(qd_buf *out, size_t start, qd_slice key, const qd_json *v) {
  qd_buf text;
  qd_buf_init(&text, FILTERS_MAX);
  bool ok = qd_json_write(v, &(qd_json_style){0}, &text);
  if (ok) add(out, start, key, qd_buf_slice(&text));
  qd_buf_deinit(&text);
  return ok;
}

static bool add_scalar(qd_buf *out, size_t start, qd_slice key, const qd_json *v) {
  qd_buf text;
  qd_buf_init(&text, FILTERS_MAX);
  (void)qd_buf_adds(&text, "");
  bool ok = scalar(v, &text);
  if (ok) add(out, start, key, qd_buf_slice(&text));
  qd_buf_deinit(&text);
  return ok;
}

static bool add_filters(qd_buf *out, size_t start, qd_slice key, const qd_json *v) {
  qd_json *all = filters(v);
  bool ok = qd_json_count(all) == 0 || add_document(out, start, key, all);
  qd_json_free(all);
  return ok;
}

static bool add_member(qd_buf *out, size_t start, qd_slice key, const qd_json *v) {
  if (qd_json_is_null(v)) return true;
  bool is_filters = qd_slice_is(key, "filters");
  switch (qd_json_type_of(v)) {
    case QD_JSON_OBJECT:
      return is_filters ? add_filters(out, start, key, v) : add_document(out, start, key, v);
    case QD_JSON_ARRAY:
      for (size_t i = 0; i < qd_json_count(v); i++)
        if (is_filters || !add_scalar(out, start, key, qd_json_at(v, i))) return is_filters && qd_json_count(v) == 0;
      return true;
    default:
      return add_scalar(out, start, key, v);
  }
}

qd_status qd_engine_query(const qd_json *query, qd_buf *out, qd_error *err) {
  if (qd_json_is_null(query)) return QD_OK;
  if (qd_json_type_of(query) != QD_JSON_OBJECT && qd_json_count(query))
    return qd_fail(err, QD_USAGE, "bad_query", "a query must be a table with named fields");
  size_t start = out->n;
  for (size_t i = 0; i < qd_json_count(query); i++) {
    qd_slice key;
    const qd_json *v = qd_json_member_at(query, i, &key);
    if (!add_member(out, start, key, v))
      return qd_fail(err, QD_USAGE, "bad_query", "the query field '%.*s' cannot be sent", (int)(key.n < 60 ? key.n : 60), key.p);
  }
  if (out->overflow) return qd_fail(err, QD_USAGE, "bad_query", "the query is too long");
  return QD_OK;
}
