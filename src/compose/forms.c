// Whether a merged file has the forms of the language: kinds of values, names of members, what must be there.
#include <ctype.h>
#include <math.h>

#include "compose/model.h"

static const char *kind_of(const qd_json *v) {
  static const char *const names[] = {"null", "a boolean", "a whole number", "a number", "a string", "a list", "a mapping"};
  return names[qd_json_type_of(v)];
}

// "a string or a list"
static void describe(unsigned forms, qd_buf *out) {
  static const struct {
    unsigned form;
    const char *name;
  } names[] = {{QD__STRING, "a string"}, {QD__INT, "a whole number"}, {QD__NUMBER, "a number"}, {QD__BOOL, "true or false"},
               {QD__LIST, "a list"},     {QD__MAP, "a mapping"},      {QD__NULL, "null"}};
  unsigned left = forms;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!(left & names[i].form)) continue;
    left &= ~names[i].form;
    (void)qd_buf_addf(out, "%s%s", out->n == 0 ? "" : left ? ", " : " or ", names[i].name);
  }
}

static unsigned form_of(const qd_json *v) {
  int64_t whole = qd_json_get_int(v, 0);
  switch (qd_json_type_of(v)) {
    case QD_JSON_NULL:
      return QD__NULL;
    case QD_JSON_BOOL:
      return QD__BOOL;
    case QD_JSON_INT:
      return QD__INT | QD__NUMBER;
    case QD_JSON_FLOAT:
      return qd_json_get_float(v, 0) - (double)whole == 0 ? QD__INT | QD__NUMBER : QD__NUMBER;
    case QD_JSON_STRING:
      return QD__STRING;
    case QD_JSON_ARRAY:
      return QD__LIST;
    case QD_JSON_OBJECT:
      break;
  }
  return QD__MAP;
}

static bool is_word(const char *words, qd_slice text) {
  while (*words) {
    size_t n = strcspn(words, " ");
    if (qd_slice_eq((qd_slice){words, n}, text)) return true;
    words += n + (words[n] == ' ');
  }
  return false;
}

static bool is_name(qd_slice key) {
  for (size_t i = 0; i < key.n; i++)
    if (!isalnum((unsigned char)key.p[i]) && !(key.p[i] && strchr("._-", key.p[i]))) return false;
  return key.n > 0;
}

static qd_status check(qd__load *l, const qd__at *at, const qd__shape *shape, const qd_json *v);

static qd_status check_scalar(qd__load *l, const qd__at *at, const qd__shape *shape, const qd_json *v) {
  int64_t i = qd_json_get_int(v, 0);
  if (qd_json_type_of(v) == QD_JSON_FLOAT && !isfinite(qd_json_get_float(v, 0))) return qd__bad(l, at, "this number is not finite");
  if (shape->min < shape->max && (form_of(v) & QD__INT) && (i < shape->min || i > shape->max)) {
    if (shape->max == INT64_MAX) return qd__bad(l, at, "must be %lld or more", (long long)shape->min);
    return qd__bad(l, at, "must be from %lld to %lld", (long long)shape->min, (long long)shape->max);
  }
  if (!shape->words || qd_json_type_of(v) != QD_JSON_STRING || is_word(shape->words, qd__slice(v))) return QD_OK;
  return qd__bad(l, at, "must be one of: %s", shape->words);
}

// What is the same in two items that are the same. A string's text is taken as it is where all are strings.
static qd_slice likeness(const qd_json *item, bool strings, qd_buf *text) {
  if (strings) return qd__slice(item);
  qd_buf_clear(text);
  (void)qd_json_write(item, &(qd_json_style){.sort_keys = true}, text);
  return qd_buf_slice(text);
}

static qd_status check_unique(qd__load *l, const qd__at *at, const qd_json *v) {
  size_t n = qd_json_count(v);
  bool strings = true;
  for (size_t i = 0; i < n; i++) strings = strings && qd_json_type_of(qd_json_at(v, i)) == QD_JSON_STRING;
  qd_json *seen = qd_json_object();
  qd_buf text;
  qd_buf_init(&text, QD_COMPOSE_FILE_MAX);
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < n; i++) {
    qd_slice key = likeness(qd_json_at(v, i), strings, &text);
    if (qd_json_member_slice(seen, key)) {
      st = qd__bad(l, QD__ITEM(at, i), "stands in the list twice");
    } else {
      qd_json_add(seen, key, qd_json_null());
    }
  }
  qd_buf_deinit(&text);
  qd_json_free(seen);
  return st;
}

static qd_status check_list(qd__load *l, const qd__at *at, const qd__shape *shape, const qd_json *v) {
  size_t n = qd_json_count(v);
  for (size_t i = 0; i < n; i++) {
    qd_status st = check(l, QD__ITEM(at, i), shape->items, qd_json_at(v, i));
    if (st != QD_OK) return st;
  }
  if (!shape->unique || n < 2) return QD_OK;
  return check_unique(l, at, v);
}

static qd_status unknown_member(qd__load *l, const qd__at *at, const qd__shape *shape, qd_slice key) {
  const qd__at here = {at, key, 0};
  if (shape->names) return qd__bad(l, &here, "a name may have letters, digits and . _ - only");
  return qd__bad(l, &here, "%.*s is not known here", (int)(key.n < 100 ? key.n : 100), key.p);
}

static qd_status check_mapping(qd__load *l, const qd__at *at, const qd__shape *shape, const qd_json *v) {
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    const qd_json *item = qd_json_member_at(v, i, &key);
    const qd__shape *of = qd__shape_of(shape, key);
    bool free_member = !shape->fields;
    if (!of && free_member) continue;
    if (!of && !shape->open && !(qd__is_extension(key) && !shape->closed)) return unknown_member(l, at, shape, key);
    if (free_member && shape->names && !is_name(key)) return unknown_member(l, at, shape, key);
    qd_status st = of ? check(l, QD__MEMBER(at, key), of, item) : QD_OK;
    if (st != QD_OK) return st;
  }
  for (const char *r = shape->required; r && *r;) {
    size_t n = strcspn(r, " ");
    if (!qd_json_member_slice(v, (qd_slice){r, n})) return qd__bad(l, at, "%.*s is missing", (int)n, r);
    r += n + (r[n] == ' ');
  }
  return QD_OK;
}

static qd_status check(qd__load *l, const qd__at *at, const qd__shape *shape, const qd_json *v) {
  if (!shape) return QD_OK;
  if (!(shape->forms & form_of(v))) {
    qd_buf wanted;
    qd_buf_init(&wanted, 200);
    describe(shape->forms, &wanted);
    qd_status st = qd__bad(l, at, "must be %s, not %s", wanted.p, kind_of(v));
    qd_buf_deinit(&wanted);
    return st;
  }
  if (qd_json_type_of(v) == QD_JSON_ARRAY) return check_list(l, at, shape, v);
  if (qd_json_type_of(v) == QD_JSON_OBJECT) return check_mapping(l, at, shape, v);
  return check_scalar(l, at, shape, v);
}

qd_status qd__check_forms(qd__load *l, const qd__shape *shape, const qd_json *v) { return check(l, NULL, shape, v); }
