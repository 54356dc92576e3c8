// Number and character constants by Go's rules: 0x1F, 0b11, 0o17, 017, 1_000, 1e3, 0x1p4, 'a', 1+2i.
#include <stdio.h>

#include "data/c_locale.h"
#include "data/template_int.h"

static bool one_of(char c, const char *set) { return c && strchr(set, c); }

// Underscores stand between digits, or between a base prefix and a digit.
static bool underscores_ok(const char *s) {
  char before = '^';  // '^' start, '0' digit or prefix, '_' underscore, '!' else
  bool hex = false;
  if (one_of(s[0], "+-")) s++;
  if (s[0] == '0' && one_of(s[1], "bBoOxX")) {
    before = '0';
    hex = one_of(s[1], "xX");
    s += 2;
  }
  for (; *s; s++) {
    if ((*s >= '0' && *s <= '9') || (hex && one_of(*s, "abcdefABCDEF"))) {
      before = '0';
    } else if (*s == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

static void without_underscores(const char *s, char *out) {
  for (; *s; s++)
    if (*s != '_') *out++ = *s;
  *out = '\0';
}

// strconv.ParseUint(s, 0, 64) on text without underscores and sign.
static bool parse_uint(const char *s, uint64_t *out) {
  unsigned base = 10;
  if (s[0] == '0' && s[1]) {
    base = one_of(s[1], "xX") ? 16 : one_of(s[1], "bB") ? 2 : 8;
    s += one_of(s[1], "xXbBoO") ? 2 : 1;
  }
  uint64_t v = 0;
  if (!*s) return false;
  for (; *s; s++) {
    unsigned d = *s >= '0' && *s <= '9' ? (unsigned)(*s - '0') : one_of(*s, "abcdefABCDEF") ? (unsigned)((*s | 32) - 'a') + 10 : 99;
    if (d >= base || v > (UINT64_MAX - d) / base) return false;
    v = v * base + d;
  }
  *out = v;
  return true;
}

// Digits of the base at *p are passed over; how many.
static size_t run(const char **p, bool hex) {
  const char *start = *p;
  while ((**p >= '0' && **p <= '9') || (hex && one_of(**p, "abcdefABCDEF"))) ++*p;
  return (size_t)(*p - start);
}

// Go's floating point literal: digits with a point and an exponent; hexadecimal ones need the exponent.
static bool is_float(const char *p) {
  if (one_of(*p, "+-")) p++;
  bool hex = p[0] == '0' && one_of(p[1], "xX");
  if (hex) p += 2;
  size_t n = run(&p, hex);
  if (*p == '.') {
    p++;
    n += run(&p, hex);
  }
  if (n == 0 || (hex && !one_of(*p, "pP"))) return false;
  if (one_of(*p, hex ? "pP" : "eE")) {
    p++;
    if (one_of(*p, "+-")) p++;
    if (run(&p, false) == 0) return false;
  }
  return *p == '\0';
}

// strconv.ParseFloat; false also when the number is too large.
static bool parse_float(const char *s, double *out) {
  if (!is_float(s)) return false;
  *out = qd__c_strtod(s);
  return *out <= 1.7976931348623157e308 && *out >= -1.7976931348623157e308;
}

static void from_float(qd__node *n, double f) {
  n->is_float = true;
  n->f = f;
  if (f >= -9223372036854775808.0 && f < 9223372036854775808.0 && (double)(int64_t)f == f) {
    n->is_int = true;
    n->i = (int64_t)f;
  }
  if (f >= 0 && f < 18446744073709551616.0 && (double)(uint64_t)f == f) {
    n->is_uint = true;
    n->u = (uint64_t)f;
  }
}

static void set_complex(qd__node *n, double re, double im) {
  n->is_complex = true;
  n->f = re;
  n->imag = im;
  if (im == 0) from_float(n, re);
}

static bool illegal(const char *text, const char *words, char *why, size_t size) {
  qd_buf b;
  qd_buf_init(&b, 4096);
  qd__quote(qd_slice_of(text), '"', false, &b);
  (void)snprintf(why, size, "%s: %s", words, b.p ? b.p : "");
  qd_buf_deinit(&b);
  return false;
}

static bool parse_char(qd__node *n, char *why, size_t size) {
  size_t at = 1;
  uint32_t r;
  bool byte;
  if (!qd__unquote_char(n->text, &at, '\'', &r, &byte)) {
    (void)snprintf(why, size, "invalid syntax");
    return false;
  }
  if (at != n->text.n - 1) {
    (void)snprintf(why, size, "malformed character constant: %.*s", (int)n->text.n, n->text.p);
    return false;
  }
  n->is_int = n->is_uint = n->is_float = true;
  n->i = (int64_t)r;
  n->u = r;
  n->f = (double)r;
  return true;
}

// "1+2i" and "2i"; the text has no underscores.
static bool parse_complex(qd__node *n, char *text) {
  size_t len = strlen(text);
  if (len < 2 || text[len - 1] != 'i') return false;
  text[len - 1] = '\0';
  size_t cut = 0;
  for (size_t i = 1; text[i]; i++)
    if (one_of(text[i], "+-") && !one_of(text[i - 1], "eEpP")) cut = i;
  double re = 0;
  double im;
  if (!parse_float(text + cut, &im)) return false;
  if (cut) {
    text[cut] = '\0';
    if (!parse_float(text, &re)) return false;
  }
  set_complex(n, re, im);
  return true;
}

bool qd__number_parse(qd__node *n, qd__tok_kind kind, char *why, size_t size) {
  if (kind == T_CHARCONST) return parse_char(n, why, size);
  char source[400];
  char text[400];
  if (n->text.n >= sizeof source) {
    (void)snprintf(why, size, "illegal number syntax: too long");
    return false;
  }
  memcpy(source, n->text.p, n->text.n);
  source[n->text.n] = '\0';
  if (!underscores_ok(source)) return illegal(source, "illegal number syntax", why, size);
  without_underscores(source, text);
  if (text[strlen(text) - 1] == 'i' && !(text[0] == '0' && one_of(text[1], "xX") && !strpbrk(text, "pP")))
    return parse_complex(n, text) || illegal(source, "illegal number syntax", why, size);
  const char *digits = text + (one_of(text[0], "+-") ? 1 : 0);
  uint64_t u;
  if (parse_uint(digits, &u)) {
    bool negative = text[0] == '-';
    n->is_uint = digits == text || u == 0;
    n->u = u;
    n->is_int = u <= (uint64_t)INT64_MAX + negative;
    n->i = negative ? (int64_t)(0 - u) : (int64_t)u;
    n->is_float = n->is_int || n->is_uint;
    n->f = n->is_int ? (double)n->i : (double)u;
    if (n->is_float) return true;
  }
  double f;
  if (!parse_float(text, &f)) return illegal(source, "illegal number syntax", why, size);
  if (!strpbrk(text, ".eEpP")) return illegal(source, "integer overflow", why, size);
  from_float(n, f);
  return true;
}
