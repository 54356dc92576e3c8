// What plain scalars mean: the core schema when reading, and every schema that readers use when writing.
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "data/json_node.h"
#include "data/yaml_doc.h"

static bool is_one_of(qd_slice text, const char *const *words) {
  for (; *words; words++)
    if (qd_slice_is(text, *words)) return true;
  return false;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static size_t digits(qd_slice text, size_t i) {
  size_t start = i;
  while (i < text.n && is_digit(text.p[i])) i++;
  return i - start;
}

static int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

// 0o17, 0xff. false: not of that form, or beyond int64_t.
static bool read_based(qd_slice text, int64_t *out) {
  if (text.n < 3 || text.p[0] != '0' || (text.p[1] != 'o' && text.p[1] != 'x')) return false;
  int base = text.p[1] == 'o' ? 8 : 16;
  int64_t v = 0;
  for (size_t i = 2; i < text.n; i++) {
    int digit = digit_value(text.p[i]);
    if (digit >= base || v > (INT64_MAX - digit) / base) return false;
    v = v * base + digit;
  }
  *out = v;
  return true;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
static bool is_decimal(qd_slice text, bool *whole) {
  size_t i = text.n && (text.p[0] == '-' || text.p[0] == '+');
  size_t before = digits(text, i);
  size_t behind = 0;
  i += before;
  *whole = i == text.n;
  if (i < text.n && text.p[i] == '.') {
    behind = digits(text, i + 1);
    i += 1 + behind;
  }
  if (before + behind == 0) return false;
  if (i < text.n && (text.p[i] == 'e' || text.p[i] == 'E')) {
    i++;
    if (i < text.n && (text.p[i] == '-' || text.p[i] == '+')) i++;
    size_t exponent = digits(text, i);
    if (exponent == 0) return false;
    i += exponent;
  }
  return i == text.n;
}

static qd_json *resolve_decimal(qd_slice text, qd__yaml_kind kind) {
  bool whole;
  qd__json_number number;
  if (!is_decimal(text, &whole)) return NULL;
  if (text.p[0] == '+') text = (qd_slice){text.p + 1, text.n - 1};
  if (!qd__json_number_read(text, &number)) return NULL;  // too large for a double: a string
  if (kind == QD__YAML_INT && !number.is_int) return NULL;
  if (number.is_int && kind != QD__YAML_FLOAT) return qd_json_int(number.u.i);
  return qd_json_float(number.is_int ? (double)number.u.i : number.u.f);
}

static qd_json *resolve_special_float(qd_slice text) {
  if (text.n < 4 || text.n > 5) return NULL;
  static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
  static const char *const inf[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", NULL};
  static const char *const minus_inf[] = {"-.inf", "-.Inf", "-.INF", NULL};
  if (is_one_of(text, nan)) return qd_json_float((double)NAN);
  if (is_one_of(text, inf)) return qd_json_float((double)INFINITY);
  return is_one_of(text, minus_inf) ? qd_json_float(-(double)INFINITY) : NULL;
}

static qd_json *resolve_word(qd_slice text, qd__yaml_kind kind) {
  if (text.n > 5 || (text.n && !strchr("~nNtTfF", text.p[0]))) return NULL;
  static const char *const null[] = {"", "~", "null", "Null", "NULL", NULL};
  static const char *const yes[] = {"true", "True", "TRUE", NULL};
  static const char *const no[] = {"false", "False", "FALSE", NULL};
  if ((kind == QD__YAML_ANY || kind == QD__YAML_NULL) && is_one_of(text, null)) return qd_json_null();
  if (kind != QD__YAML_ANY && kind != QD__YAML_BOOL) return NULL;
  if (is_one_of(text, yes)) return qd_json_bool(true);
  return is_one_of(text, no) ? qd_json_bool(false) : NULL;
}

qd_json *qd__yaml_resolve(qd_slice text, qd__yaml_kind kind) {
  int64_t i;
  qd_json *v = resolve_word(text, kind);
  if (v || kind == QD__YAML_NULL || kind == QD__YAML_BOOL) return v;
  if (kind != QD__YAML_FLOAT && read_based(text, &i)) return qd_json_int(i);
  v = resolve_decimal(text, kind);
  return v || kind == QD__YAML_INT ? v : resolve_special_float(text);
}

// strconv.ParseInt with base 0 after the underscores are gone: [+-]? ( 0x | 0o | 0b | 0 )? digits. Beyond int64_t: false.
static bool read_go_int(qd_slice text, int64_t *out) {
  size_t i = text.n && (text.p[0] == '-' || text.p[0] == '+');
  bool minus = i && text.p[0] == '-';
  uint64_t base = 10;
  if (i + 1 < text.n && text.p[i] == '0') {
    char mark = (char)(text.p[i + 1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    i += base != 8 || mark == 'o' ? 2 : 1;
  }
  if (i == text.n) return false;
  uint64_t v = 0;
  uint64_t most = (uint64_t)INT64_MAX + (minus ? 1 : 0);
  for (; i < text.n; i++) {
    uint64_t digit = (uint64_t)digit_value(text.p[i]);
    if (digit >= base || v > (most - digit) / base) return false;
    v = v * base + digit;
  }
  *out = minus ? (int64_t)(0 - v) : (int64_t)v;
  return true;
}

static bool looks_go_number(qd_slice text) {
  return text.n && (is_digit(text.p[0]) || text.p[0] == '-' || text.p[0] == '+' || text.p[0] == '.');
}

static qd_json *resolve_go_number(qd_slice text, qd__yaml_kind kind) {
  char *plain = qd_xmalloc(text.n + 1);
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] != '_' || text.p[0] == '.') plain[n++] = text.p[i];
  qd_slice bare = {plain, n};
  int64_t i;
  bool whole;
  qd__json_number number;
  qd_json *v = NULL;
  if (kind != QD__YAML_FLOAT && read_go_int(bare, &i)) {
    v = qd_json_int(i);
  } else if (kind != QD__YAML_INT && is_decimal(bare, &whole)) {
    if (bare.p[0] == '+') bare = (qd_slice){bare.p + 1, bare.n - 1};
    // a leading zero here is a number that is no octal one (08)
    if (qd__json_number_read(bare, &number)) v = qd_json_float(number.is_int ? (double)number.u.i : number.u.f);
  }
  free(plain);
  return v;
}

qd_json *qd__yaml_resolve_go(qd_slice text, qd__yaml_kind kind) {
  qd_json *v = resolve_word(text, kind);
  if (v || kind == QD__YAML_NULL || kind == QD__YAML_BOOL) return v;
  if (looks_go_number(text)) v = resolve_go_number(text, kind);
  return v || kind == QD__YAML_INT ? v : resolve_special_float(text);
}

// Wider than the integers, floats, sexagesimals and dates of YAML 1.1, but spares addresses (10.0.0.5).
static bool looks_numeric(qd_slice text) {
  size_t i = text.n && (text.p[0] == '-' || text.p[0] == '+' || text.p[0] == '.');
  if (i >= text.n || !is_digit(text.p[i])) return false;
  if (text.n > 5 && digits(text, 0) == 4 && text.p[4] == '-' && is_digit(text.p[5])) return true;
  size_t dots = 0;
  for (size_t k = 0; k < text.n; k++) {
    if (text.p[k] == '.') dots++;
    if (text.p[k] == '\0' || (digit_value(text.p[k]) > 15 && !strchr("_:.+-xo", text.p[k]))) return false;
  }
  return dots < 2;
}

bool qd__yaml_is_ambiguous(qd_slice text) {
  static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", NULL};
  for (const char *const *w = words; *w; w++)
    if (strlen(*w) == text.n && strncasecmp(*w, text.p, text.n) == 0) return true;
  if (qd_slice_is(text, "=") || qd_slice_is(text, "<<") || looks_numeric(text)) return true;
  qd_json *v = qd__yaml_resolve(text, QD__YAML_ANY);
  qd_json_free(v);
  return v != NULL;
}
