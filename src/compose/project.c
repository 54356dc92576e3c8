// The last form: every value as its type, what has the type's zero value left out. This is what `config` prints.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "compose/model.h"
#include "data/units.h"

static qd_status walk(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v);

// The scalar's text, as Go's %v gives it.
static qd_json *as_text(const qd_json *v) {
  qd_buf b;
  qd_buf_init(&b, QD_COMPOSE_FILE_MAX);
  if (qd_json_type_of(v) == QD_JSON_STRING) return qd_json_dup(v);
  if (!qd_json_is_null(v)) (void)qd_json_write(v, NULL, &b);
  qd_json *text = qd_json_string(qd_buf_slice(&b));
  qd_buf_deinit(&b);
  return text;
}

static void replace(qd_json **v, qd_json *by) {
  qd_json_free(*v);
  *v = by;
}

static qd_status wrong(qd__load *l, const qd__at *at, const qd_json *v, const char *what) {
  qd_slice s = qd__slice(v);
  return qd__bad(l, at, "\"%.*s\" is not %s", (int)(s.n < 100 ? s.n : 100), s.p, what);
}

static qd_status to_scalar(qd__load *l, const qd__at *at, qd__value as, qd_json **v) {
  qd_json_type type = qd_json_type_of(*v);
  if (type == QD_JSON_NULL) return QD_OK;
  if (type == QD_JSON_STRING) {
    qd_json *cast = qd__cast(qd__slice(*v), as);
    if (!cast) return wrong(l, at, *v, as == QD__FLAG ? "a boolean (true or false)" : "a number");
    replace(v, cast);
  } else if (type == QD_JSON_FLOAT && as == QD__WHOLE) {
    replace(v, qd_json_int((int64_t)qd_json_get_float(*v, 0)));
  }
  return QD_OK;
}

// Bytes as a decimal string.
static qd_status to_bytes(qd__load *l, const qd__at *at, qd_json **v) {
  int64_t bytes = 0;  // a fraction of a byte is none
  if (qd_json_type_of(*v) == QD_JSON_NULL) return QD_OK;
  if (qd_json_type_of(*v) == QD_JSON_INT) bytes = qd_json_get_int(*v, 0);
  if (qd_json_type_of(*v) == QD_JSON_STRING) {
    qd_error ignored = QD_ERROR_INIT;
    qd_slice s = qd__slice(*v);
    bool plain = s.n && isdigit((unsigned char)s.p[0]) && !memchr(s.p, 'e', s.n) && !memchr(s.p, 'E', s.n) && s.p[s.n - 1] != ' ';
    if (!plain || qd_units_size(s, &bytes, &ignored) != QD_OK) return wrong(l, at, *v, "a size (such as 512m)");
  }
  char text[32];
  (void)snprintf(text, sizeof text, "%lld", (long long)bytes);
  replace(v, qd__str(bytes == 0 ? "" : text));
  return QD_OK;
}

static qd_status to_duration(qd__load *l, const qd__at *at, qd_json **v) {
  int64_t ns = 0;
  qd_error ignored = QD_ERROR_INIT;
  if (qd_json_type_of(*v) == QD_JSON_NULL) return QD_OK;
  if (qd_units_duration(qd__slice(*v), &ns, &ignored) != QD_OK) return wrong(l, at, *v, "a duration (such as 1m30s)");
  qd_buf b;
  qd_buf_init(&b, 64);
  qd_units_print_duration(ns, &b);
  replace(v, qd_json_string(qd_buf_slice(&b)));
  qd_buf_deinit(&b);
  return QD_OK;
}

static qd_status to_words(qd__load *l, const qd__at *at, qd_json **v) {
  qd_json *words = NULL;
  if (qd_json_type_of(*v) != QD_JSON_STRING) return QD_OK;
  if (!qd__split_words(qd__slice(*v), &words)) return wrong(l, at, *v, "a command: a quote or a bracket is not closed");
  replace(v, words);
  return QD_OK;
}

static void to_test(qd_json **v) {
  if (qd_json_type_of(*v) != QD_JSON_STRING) return;
  qd_json *list = qd_json_array();
  if (qd__slice(*v).n) {
    qd_json_append(list, qd__str("CMD-SHELL"));
    qd_json_append(list, *v);
  } else {
    qd_json_free(*v);
  }
  *v = list;
}

// NAME=value, or a name alone.
static void add_pair(qd_json *map, qd_slice pair, bool labels) {
  const char *equals = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
  qd_slice key = {pair.p, equals ? (size_t)(equals - pair.p) : pair.n};
  if (equals) {
    qd_json_set(map, key, qd_json_string((qd_slice){equals + 1, pair.n - key.n - 1}));
  } else {
    qd_json_set(map, key, labels ? qd__str("") : qd_json_null());
  }
}

// NAME -> string; a name without a value: null for variables, "" for labels.
static void to_pairs(qd_json **v, bool labels) {
  qd_json *map = qd_json_object();
  bool list = qd_json_type_of(*v) == QD_JSON_ARRAY;
  for (size_t i = 0; i < qd_json_count(*v); i++) {
    if (list) {
      add_pair(map, qd__slice(qd_json_at(*v, i)), labels);
      continue;
    }
    qd_slice key;
    const qd_json *item = qd_json_member_at(*v, i, &key);
    bool none = qd_json_is_null(item);
    qd_json_add(map, key, none && !labels ? qd_json_null() : none ? qd__str("") : as_text(item));
  }
  replace(v, map);
}

static int by_text(const void *pa, const void *pb) {
  return strcmp(qd_json_get_cstr(*(qd_json *const *)pa, ""), qd_json_get_cstr(*(qd_json *const *)pb, ""));
}

static void add_host(qd_json *hosts, qd_slice host, qd_slice ip) {
  if (ip.n >= 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']') ip = (qd_slice){ip.p + 1, ip.n - 2};
  char *text = qd_xasprintf("%.*s=%.*s", (int)host.n, host.p, (int)ip.n, ip.p);
  qd_json_append(hosts, qd__str(text));
  free(text);
}

static void sort_strings(qd_json *list) {
  size_t n = qd_json_count(list);
  qd_json **items = qd_xmalloc((n ? n : 1) * sizeof *items);
  for (size_t i = 0; i < n; i++) items[i] = qd_json_edit_at(list, i);
  qsort(items, n, sizeof *items, by_text);
  for (size_t i = 0; i < n; i++) (void)qd_json_swap_at(list, i, items[i]);
  free(items);
}

// host=address or host:address.
static bool add_listed_host(qd_json *hosts, qd_slice s) {
  const char *sign = s.n ? memchr(s.p, '=', s.n) : NULL;
  if (!sign) sign = s.n ? memchr(s.p, ':', s.n) : NULL;
  if (!sign) return false;
  size_t n = (size_t)(sign - s.p);
  add_host(hosts, (qd_slice){s.p, n}, (qd_slice){sign + 1, s.n - n - 1});
  return true;
}

static void add_mapped_host(qd_json *hosts, qd_slice host, const qd_json *addresses) {
  if (qd_json_type_of(addresses) != QD_JSON_ARRAY) add_host(hosts, host, qd__slice(addresses));
  for (size_t i = 0; i < qd_json_count(addresses); i++) add_host(hosts, host, qd__slice(qd_json_at(addresses, i)));
}

static qd_status to_hosts(qd__load *l, const qd__at *at, qd_json **v) {
  qd_json *hosts = qd_json_array();
  qd_status st = QD_OK;
  bool list = qd_json_type_of(*v) == QD_JSON_ARRAY;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(*v); i++) {
    qd_slice key;
    const qd_json *item = list ? qd_json_at(*v, i) : qd_json_member_at(*v, i, &key);
    if (!list) {
      add_mapped_host(hosts, key, item);
    } else if (!add_listed_host(hosts, qd__slice(item))) {
      st = wrong(l, QD__ITEM(at, i), item, "of the form host=address");
    }
  }
  sort_strings(hosts);
  replace(v, hosts);
  return st;
}

static bool is_zero(const qd_json *v) {
  switch (qd_json_type_of(v)) {
    case QD_JSON_NULL:
      return true;
    case QD_JSON_BOOL:
      return !qd_json_get_bool(v, false);
    case QD_JSON_INT:
    case QD_JSON_FLOAT:
      return qd_json_get_float(v, 1) == 0;
    case QD_JSON_STRING:
      return qd__slice(v).n == 0;
    default:
      return qd_json_count(v) == 0;
  }
}

// Takes the member's value; *out is what it becomes, NULL: it is left out.
static qd_status to_member(qd__load *l, const qd__at *at, const qd__field *f, qd_json *item, qd_json **out) {
  qd_status st = f->keep == QD__NEVER ? QD_OK : walk(l, QD__MEMBER(at, qd_slice_of(f->name)), f->shape, &item);
  bool drop = f->keep == QD__DROP_ZERO ? is_zero(item) : f->keep == QD__NEVER || (f->keep == QD__KEEP_SET && qd_json_is_null(item));
  if (drop) qd_json_free(item);
  *out = drop ? NULL : item;
  return st;
}

static void capitalize(qd_json **v) {
  qd_json *out = qd_json_object();
  for (size_t i = 0; i < qd_json_count(*v); i++) {
    qd_slice key;
    char name[16];
    qd_json *item = qd_json_edit_member_at(*v, i, &key);
    (void)snprintf(name, sizeof name, "%.*s", (int)key.n, key.p);
    name[0] = (char)toupper((unsigned char)name[0]);
    qd__set(out, name, item);
    (void)qd_json_swap_member_at(*v, i, NULL);
  }
  replace(v, out);
}

// An object with its fields only; what is kept always is made.
static qd_status to_object(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v) {
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(*v); i++) {
    qd_slice key;
    qd_json **item = qd_json_place(*v, i, &key);
    const qd__field *f = qd__field_of(shape, key);
    qd_json *was = *item;
    *item = NULL;
    if (f) {
      st = to_member(l, at, f, was, item);
    } else {
      qd_json_free(was);
    }
  }
  qd_json_close_up(*v);
  for (const qd__field *f = shape->fields; st == QD_OK && f->name; f++) {
    if (f->keep != QD__KEEP_ALWAYS || qd_json_member(*v, f->name)) continue;
    qd_json *made = NULL;
    st = to_member(l, at, f, f->shape->fields ? qd_json_object() : qd_json_null(), &made);
    if (made) qd_json_add(*v, qd_slice_of(f->name), made);
  }
  if (shape->capital) capitalize(v);
  return st;
}

static qd_status to_items(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json *v) {
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(v); i++) {
    qd_slice key;
    qd_json **item = qd_json_place(v, i, &key);
    const qd__shape *of = qd__shape_inside(shape, key);
    if (of && !qd_json_is_null(*item)) st = walk(l, QD__INSIDE(at, key, i), of, item);
  }
  return st;
}

// deploy's and gpus' count: "all" is -1.
static qd_status to_as_is(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v) {
  if (shape->forms != (QD__INT | QD__STRING) || qd_json_type_of(*v) != QD_JSON_STRING) return QD_OK;
  if (qd_slice_is(qd__slice(*v), "all")) {
    replace(v, qd_json_int(-1));
    return QD_OK;
  }
  return to_scalar(l, at, QD__WHOLE, v);
}

static qd_status walk(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v) {
  qd_json_type type = qd_json_type_of(*v);
  if (type == QD_JSON_OBJECT && shape->fields) return to_object(l, at, shape, v);
  if (type == QD_JSON_INT && shape->merge == QD__MERGE_ULIMIT && is_zero(*v)) {  // compose v2 knows no single limit of 0
    replace(v, qd_json_object());
    return QD_OK;
  }
  switch (shape->value) {
    case QD__AS_IS:
      if (type == QD_JSON_OBJECT || type == QD_JSON_ARRAY) return to_items(l, at, shape, *v);
      return to_as_is(l, at, shape, v);
    case QD__TEXT:
      if (type != QD_JSON_NULL) replace(v, as_text(*v));
      return QD_OK;
    case QD__FLAG:
    case QD__WHOLE:
    case QD__REAL:
      return to_scalar(l, at, shape->value, v);
    case QD__BYTES:
      return to_bytes(l, at, v);
    case QD__DURATION:
      return to_duration(l, at, v);
    case QD__WORDS:
      return to_words(l, at, v);
    case QD__TEST:
      to_test(v);
      return QD_OK;
    case QD__ARGS:
      to_pairs(v, false);
      return QD_OK;
    case QD__LABELS:
      to_pairs(v, true);
      return QD_OK;
    case QD__HOSTS:
      break;
  }
  return to_hosts(l, at, v);
}

qd_status qd__to_project(qd__load *l, const qd__shape *shape, qd_json **v) {
  qd_json *extensions = qd_json_object();
  for (size_t i = 0; i < qd_json_count(*v); i++) {
    qd_slice key;
    const qd_json *item = qd_json_member_at(*v, i, &key);
    if (qd__is_extension(key)) qd_json_set(extensions, key, qd_json_dup(item));
  }
  qd_status st = to_object(l, NULL, shape, v);
  for (size_t i = 0; i < qd_json_count(extensions); i++) {
    qd_slice key;
    (void)qd_json_member_at(extensions, i, &key);
    qd_json_set(*v, key, qd_json_swap_member_at(extensions, i, NULL));
  }
  qd_json_free(extensions);
  return st;
}
