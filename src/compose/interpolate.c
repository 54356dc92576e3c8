// Variables in values: $NAME, ${NAME}, ${NAME:-default}, ${NAME:?message}, ${NAME:+instead} and the same without the colon.
// (compose-spec, 12-interpolation.)
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "compose/model.h"

#define MAX_NESTING 50
#define MAX_VALUE ((size_t)1 << 20)

typedef struct expansion {
  const qd_json *env, *below;
  qd_json *unset;
  qd_error *err;
} expansion;

static bool starts_name(char c) { return isalpha((unsigned char)c) || c == '_'; }

static size_t name_length(qd_slice text) {
  if (text.n == 0 || !starts_name(text.p[0])) return 0;
  size_t n = 1;
  while (n < text.n && (starts_name(text.p[n]) || isdigit((unsigned char)text.p[n]))) n++;
  return n;
}

// Index of the brace that closes the one at the beginning of `text`; text.n when there is none.
static size_t closing_brace(qd_slice text) {
  size_t open = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '}' && --open == 0) return i;
    if (text.p[i] != '{') continue;
    open++;
    i++;  // an empty name: the brace behind it closes nothing
  }
  return text.n;
}

static qd_slice from(qd_slice text, size_t n) { return (qd_slice){text.p + n, text.n - n}; }

static qd_status too_long(expansion *x) { return qd_fail(x->err, QD_CONFIG, "bad_interpolation", "the value becomes too long"); }

static bool lookup(expansion *x, qd_slice name, qd_slice *out) {
  const qd_json *v = qd_json_member_slice(x->env, name);
  if (!v) v = qd_json_member_slice(x->below, name);
  *out = qd_json_get_string(v, (qd_slice){"", 0});
  return v != NULL;
}

static qd_status expand(expansion *x, qd_slice text, unsigned depth, qd_buf *out);

static qd_status required(expansion *x, qd_slice name, qd_slice message, unsigned depth) {
  qd_buf b;
  qd_buf_init(&b, MAX_VALUE);
  qd_status st = expand(x, message, depth + 1, &b);
  if (st == QD_OK) {
    (void)qd_fail(x->err, QD_CONFIG, "required_variable", "the variable %.*s is required and has no value", (int)name.n, name.p);
    if (b.n) (void)qd_why(x->err, "%s", b.p);
    st = qd_hint(x->err, "set it in the environment or in .env: %.*s=...", (int)name.n, name.p);
  }
  qd_buf_deinit(&b);
  return st;
}

static qd_status no_reference(expansion *x, qd_slice inner) {
  (void)qd_fail(x->err, QD_CONFIG, "bad_interpolation", "${%.*s} is no reference to a variable", (int)(inner.n < 100 ? inner.n : 100),
                inner.p);
  return qd_hint(x->err, "write $$ for a dollar sign");
}

static qd_status put(expansion *x, qd_slice name, qd_buf *out) {
  qd_slice value;
  if (!lookup(x, name, &value) && x->unset) qd_json_append(x->unset, qd_json_string(name));
  return qd_buf_add(out, value.p, value.n) ? QD_OK : too_long(x);
}

// What stands between the braces.
static qd_status expand_braced(expansion *x, qd_slice inner, unsigned depth, qd_buf *out) {
  size_t n = name_length(inner);
  qd_slice name = {inner.p, n};
  qd_slice rest = n ? from(inner, n) : inner;
  qd_slice value;
  if (n && rest.n == 0) return put(x, name, out);
  bool colon = rest.n && rest.p[0] == ':';
  if (colon) rest = from(rest, 1);
  if (n == 0 || rest.n == 0 || !strchr("-?+", rest.p[0])) return no_reference(x, inner);
  bool has = lookup(x, name, &value) && (!colon || value.n > 0);
  char op = rest.p[0];
  rest = from(rest, 1);
  if (op == '+') return has ? expand(x, rest, depth + 1, out) : QD_OK;
  if (has) return qd_buf_add(out, value.p, value.n) ? QD_OK : too_long(x);
  return op == '-' ? expand(x, rest, depth + 1, out) : required(x, name, rest, depth);
}

// A reference at the beginning of `text` (a dollar sign); *used is its length.
static qd_status expand_reference(expansion *x, qd_slice text, unsigned depth, size_t *used, qd_buf *out) {
  qd_slice rest = from(text, 1);
  size_t n = name_length(rest);
  if (rest.n && rest.p[0] == '{') {
    size_t end = closing_brace(rest);
    *used = end + 2;
    if (end < rest.n) return expand_braced(x, (qd_slice){rest.p + 1, end - 1}, depth, out);
    (void)qd_fail(x->err, QD_CONFIG, "bad_interpolation", "the brace of %.*s is not closed", (int)(text.n < 100 ? text.n : 100), text.p);
    return qd_hint(x->err, "write $$ for a dollar sign");
  }
  *used = 1 + (rest.n && rest.p[0] == '$' ? 1 : n);
  if (n == 0) return qd_buf_addc(out, '$') ? QD_OK : too_long(x);
  return put(x, (qd_slice){rest.p, n}, out);
}

static qd_status expand(expansion *x, qd_slice text, unsigned depth, qd_buf *out) {
  if (depth > MAX_NESTING) return qd_fail(x->err, QD_CONFIG, "bad_interpolation", "references are nested too deeply");
  while (text.n) {
    const char *dollar = memchr(text.p, '$', text.n);
    size_t plain = dollar ? (size_t)(dollar - text.p) : text.n;
    if (!qd_buf_add(out, text.p, plain)) return too_long(x);
    text = from(text, plain);
    if (text.n == 0) break;
    size_t used = 0;
    qd_status st = expand_reference(x, text, depth, &used, out);
    if (st != QD_OK) return st;
    text = from(text, used);
  }
  return QD_OK;
}

qd_status qd__expand_variables(qd_slice text, const qd_json *env, const qd_json *below, qd_buf *out, qd_error *err) {
  expansion x = {env, below, NULL, err};
  return expand(&x, text, 0, out);
}

qd_status qd_compose_interpolate(qd_slice text, const qd_json *environment, qd_json *unset, qd_buf *out, qd_error *err) {
  expansion x = {environment, NULL, unset, err};
  return expand(&x, text, 0, out);
}

// true, y, yes, on and their opposites in any case; no digits.
bool qd__read_flag(qd_slice text, bool *out) {
  static const char *const words[] = {"true", "y", "yes", "on", "false", "n", "no", "off"};
  char lower[8] = "";
  if (text.n >= sizeof lower) return false;
  for (size_t i = 0; i < text.n; i++) lower[i] = (char)tolower((unsigned char)text.p[i]);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(lower, words[i]) != 0) continue;
    *out = i < 4;
    return true;
  }
  return false;
}

// strconv.ParseInt with base 10.
static bool read_whole(qd_slice text, int64_t *out) {
  char copy[24] = "";
  char *end = NULL;
  size_t sign = text.n && (text.p[0] == '-' || text.p[0] == '+');
  if (text.n == sign || text.n >= sizeof copy) return false;
  for (size_t i = sign; i < text.n; i++)
    if (!isdigit((unsigned char)text.p[i])) return false;
  memcpy(copy, text.p, text.n);
  errno = 0;
  *out = strtoll(copy, &end, 10);
  return errno == 0 && *end == '\0';
}

static qd_json *cast_real(qd_slice text) {
  qd_json *v = NULL;
  qd_error ignored = QD_ERROR_INIT;
  if (text.n && text.p[0] == '+') text = from(text, 1);
  bool point = text.n && text.p[0] == '.';
  qd_buf b;
  qd_buf_init(&b, 400);
  bool fits = qd_buf_addf(&b, "%s%.*s", point ? "0" : "", (int)(text.n < 300 ? text.n : 300), text.p);
  if (fits && b.n && b.p[b.n - 1] == '.') fits = qd_buf_addc(&b, '0');
  if (!fits || qd_json_parse(qd_buf_slice(&b), NULL, &v, &ignored) != QD_OK) v = NULL;
  qd_buf_deinit(&b);
  qd_json_type type = qd_json_type_of(v);
  if (type == QD_JSON_INT || type == QD_JSON_FLOAT) return v;
  qd_json_free(v);
  return NULL;
}

// The string as what the shape says; NULL: it is none.
qd_json *qd__cast(qd_slice text, qd__value as) {
  bool flag;
  int64_t whole;
  if (as == QD__FLAG) return qd__read_flag(text, &flag) ? qd_json_bool(flag) : NULL;
  if (as == QD__REAL) return cast_real(text);
  return read_whole(text, &whole) ? qd_json_int(whole) : NULL;
}

// The error of a reference, with the place of the value.
static qd_status at_place(qd__load *l, const qd__at *at) {
  qd_error was = *l->err;
  (void)qd__bad(l, at, "%s", was.message);
  l->err->code = was.code;
  if (was.why[0]) (void)qd_why(l->err, "%s", was.why);
  if (was.hint[0]) (void)qd_hint(l->err, "%s", was.hint);
  return l->err->category;
}

static qd_status substitute(qd__load *l, const qd__at *at, qd_json **v) {
  qd_buf b;
  qd_buf_init(&b, MAX_VALUE);
  qd_json *unset = qd_json_array();
  qd_status st = qd_compose_interpolate(qd__slice(*v), l->env, unset, &b, l->err);
  if (st == QD_OK) {
    qd_json_free(*v);
    *v = qd_json_string(qd_buf_slice(&b));
  } else {
    st = at_place(l, at);
  }
  for (size_t i = 0; i < qd_json_count(unset); i++) qd_json_set(l->unset, qd__slice(qd_json_at(unset, i)), qd_json_bool(true));
  qd_json_free(unset);
  qd_buf_deinit(&b);
  return st;
}

static qd_status interpolate_string(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v) {
  static const char *const kinds[] = {[QD__FLAG] = "a boolean (true or false)", [QD__WHOLE] = "a whole number", [QD__REAL] = "a number"};
  qd_slice text = qd__slice(*v);
  if (!l->o->no_interpolate && memchr(text.p, '$', text.n)) {
    qd_status st = substitute(l, at, v);
    if (st != QD_OK) return st;
  }
  if (!shape || !shape->cast) return QD_OK;
  qd_slice now = qd__slice(*v);
  qd_json *cast = qd__cast(now, shape->value);
  if (!cast) return qd__bad(l, at, "\"%.*s\" is not %s", (int)(now.n < 100 ? now.n : 100), now.p, kinds[shape->value]);
  qd_json_free(*v);
  *v = cast;
  return QD_OK;
}

static qd_status walk(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **v) {
  qd_status st = QD_OK;
  if (qd_json_type_of(*v) == QD_JSON_STRING) return interpolate_string(l, at, shape, v);
  for (size_t i = 0; st == QD_OK && i < qd_json_count(*v); i++) {
    qd_slice key;
    qd_json **item = qd_json_place(*v, i, &key);
    st = walk(l, QD__INSIDE(at, key, i), qd__shape_inside(shape, key), item);
  }
  return st;
}

qd_status qd__interpolate(qd__load *l, const qd__shape *shape, qd_json **v) { return walk(l, NULL, shape, v); }
