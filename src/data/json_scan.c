// The checked pass over a JSON text ahead of cJSON: limits, strings, numbers (see qd__json_scanned).
// What cJSON is lenient about (control characters, 01, 1., other white space) ends here.
#include <stdlib.h>

#include "base/mem.h"
#include "data/json_node.h"
#include "data/utf8.h"

enum { MAX_NODES = 4000000, CJSON_DEPTH = 1000 };

typedef struct scanner {
  qd_slice in;
  size_t at;    // next byte of `in`
  size_t stop;  // length of out->text at which to stop: finds the source of a place in the scanned text
  size_t nodes;
  unsigned depth;
  char last;  // first byte of the token before, white space apart
  bool behind_key;
  bool is_object[CJSON_DEPTH + 1];  // of the container at each depth
  qd__json_scanned *out;
  qd_json_limits limits;
  qd_error *err;
} scanner;

static qd_status fail_at(qd_slice in, size_t at, qd_error *err) {
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; i < at && i < in.n; i++) {
    if (in.p[i] == '\n') {
      line++;
      column = 1;
    } else if (((unsigned char)in.p[i] & 0xC0) != 0x80) {
      column++;
    }
  }
  return qd_fail(err, QD_FAIL, "bad_json", "not valid JSON: line %zu, column %zu", line, column);
}

static qd_status unexpected(qd_slice in, size_t at, qd_error *err) {
  (void)fail_at(in, at, err);
  if (at >= in.n) return qd_why(err, "the document ends too early");
  unsigned char c = (unsigned char)in.p[at];
  if (c == '"') return qd_why(err, "a string does not belong here");
  if (c > 0x20 && c < 0x7F) return qd_why(err, "unexpected '%c'", c);
  return qd_why(err, "unexpected byte 0x%02x", c);
}

static qd_status too_big(scanner *s, const char *what, size_t most) {
  (void)fail_at(s->in, s->at, s->err);
  return qd_why(s->err, "more than %zu %s", most, what);
}

static void emit(scanner *s, const char *p, size_t n) { (void)qd_buf_add(&s->out->text, p, n); }

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static int hex4(const char *p) {
  int v = 0;
  for (int i = 0; i < 4; i++) {
    char c = p[i];
    int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    v = v * 16 + digit;
  }
  return v;
}

// The code unit of the \u escape at i, or -1.
static int unit_at(qd_slice in, size_t i) { return in.n - i >= 6 && in.p[i] == '\\' && in.p[i + 1] == 'u' ? hex4(in.p + i + 2) : -1; }

// An escape at s->at; *copied is how far the string was written out already.
static qd_status scan_escape(scanner *s, size_t *copied) {
  size_t i = s->at;
  if (s->in.n - i < 2) return unexpected(s->in, s->in.n, s->err);
  if (s->in.p[i + 1] != 'u') {
    if (s->in.p[i + 1] == '\0' || !strchr("\"\\/bfnrt", s->in.p[i + 1])) return unexpected(s->in, i + 1, s->err);
    s->at = i + 2;
    return QD_OK;
  }
  int unit = unit_at(s->in, i);
  if (unit < 0) {
    (void)fail_at(s->in, i, s->err);
    return qd_why(s->err, "\\u needs four hexadecimal digits");
  }
  s->at = i + 6;
  const char *instead = NULL;
  if (unit == 0) instead = "\xFF";
  if (unit >= 0xDC00 && unit <= 0xDFFF) instead = QD_UTF8_REPLACEMENT;
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    int low = s->at < s->in.n ? unit_at(s->in, s->at) : -1;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      s->at += 6;
    } else {
      instead = QD_UTF8_REPLACEMENT;
    }
  }
  if (instead) {
    emit(s, s->in.p + *copied, i - *copied);
    emit(s, instead, strlen(instead));
    *copied = s->at;
  }
  return QD_OK;
}

static qd_status scan_string(scanner *s) {
  size_t copied = s->at;
  s->at++;
  while (s->at < s->in.n) {
    unsigned char c = (unsigned char)s->in.p[s->at];
    if (c == '"') {
      s->at++;
      emit(s, s->in.p + copied, s->at - copied);
      return QD_OK;
    }
    if (c == '\\') {
      qd_status st = scan_escape(s, &copied);
      if (st != QD_OK) return st;
      continue;
    }
    if (c < 0x20) {
      (void)fail_at(s->in, s->at, s->err);
      return qd_why(s->err, "byte 0x%02x inside a string is not escaped", c);
    }
    size_t n = qd_utf8_sequence(s->in.p + s->at, s->in.n - s->at);
    if (n == 0) {
      emit(s, s->in.p + copied, s->at - copied);
      emit(s, QD_UTF8_REPLACEMENT, 3);
      copied = s->at + 1;
      n = 1;
    }
    s->at += n;
  }
  (void)fail_at(s->in, s->at, s->err);
  return qd_why(s->err, "a string has no end");
}

static size_t skip_digits(const char *p, size_t i, size_t n) {
  while (i < n && is_digit(p[i])) i++;
  return i;
}

// RFC 8259 section 6.
static bool is_number(const char *p, size_t n) {
  size_t i = n && p[0] == '-';
  size_t whole = i;
  i = skip_digits(p, i, n);
  if (i == whole || (p[whole] == '0' && i > whole + 1)) return false;
  if (i < n && p[i] == '.') {
    size_t fraction = ++i;
    i = skip_digits(p, i, n);
    if (i == fraction) return false;
  }
  if (i < n && (p[i] == 'e' || p[i] == 'E')) {
    i++;
    if (i < n && (p[i] == '+' || p[i] == '-')) i++;
    size_t exponent = i;
    i = skip_digits(p, i, n);
    if (i == exponent) return false;
  }
  return i == n;
}

static qd_status scan_number(scanner *s) {
  size_t start = s->at;
  while (s->at < s->in.n && (is_digit(s->in.p[s->at]) || (s->in.p[s->at] && strchr("+-.eE", s->in.p[s->at])))) s->at++;
  qd_slice text = {s->in.p + start, s->at - start};
  if (!is_number(text.p, text.n)) {
    (void)fail_at(s->in, start, s->err);
    return qd_why(s->err, "\"%.*s\" is not a number", (int)(text.n < 40 ? text.n : 40), text.p);
  }
  qd__json_scanned *out = s->out;
  if (out->count == out->room) {
    out->room = out->room ? out->room * 2 : 32;
    out->numbers = qd_xrealloc(out->numbers, out->room * sizeof *out->numbers);
  }
  if (!qd__json_number_read(text, &out->numbers[out->count])) {
    (void)fail_at(s->in, start, s->err);
    return qd_why(s->err, "the number is too large");
  }
  out->count++;
  emit(s, "0", 1);
  for (size_t left = text.n - 1; left > 0;) {
    size_t n = left < 16 ? left : 16;
    emit(s, "                ", n);
    left -= n;
  }
  return QD_OK;
}

// A byte outside of strings and numbers. Letters are cJSON's to judge.
static qd_status scan_byte(scanner *s) {
  char c = s->in.p[s->at];
  switch (c) {
    case '[':
    case '{':
      if (s->depth == s->limits.max_depth) return too_big(s, "levels of nesting", s->limits.max_depth);
      s->is_object[++s->depth] = c == '{';
      s->nodes++;
      break;
    case ',':
      s->nodes++;
      break;
    case ']':
    case '}':
      if (s->depth > 0) s->depth--;
      break;
    case ':':
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      break;
    default:
      if (c < 'a' || c > 'z') return unexpected(s->in, s->at, s->err);
  }
  if (s->nodes > MAX_NODES) return too_big(s, "values", MAX_NODES);
  emit(s, &c, 1);
  s->at++;
  return QD_OK;
}

// cJSON misses the place of something else than a string in a key's place by one byte; so keys are looked at here.
static bool fits(scanner *s, char c) {
  if (is_space(c)) return true;
  bool wants_key = s->last == '{' || (s->last == ',' && s->is_object[s->depth]);
  bool right = s->behind_key ? c == ':' : !wants_key || c == '"' || (c == '}' && s->last == '{');
  s->behind_key = wants_key && c == '"';
  s->last = c;
  return right;
}

static qd_status scan(scanner *s) {
  if (s->in.n > s->limits.max_bytes) return too_big(s, "bytes", s->limits.max_bytes);
  qd_buf_init(&s->out->text, s->in.n * 3 + 1);
  if (s->in.n >= 3 && memcmp(s->in.p, "\xEF\xBB\xBF", 3) == 0) s->at = 3;
  while (s->at < s->in.n && s->out->text.n < s->stop) {
    char c = s->in.p[s->at];
    if (!fits(s, c)) return unexpected(s->in, s->at, s->err);
    qd_status st = c == '"' ? scan_string(s) : is_digit(c) || c == '-' ? scan_number(s) : scan_byte(s);
    if (st != QD_OK) return st;
  }
  return QD_OK;
}

qd_status qd__json_scan(qd_slice text, const qd_json_limits *limits, qd__json_scanned *out, qd_error *err) {
  *out = (qd__json_scanned){.count = 0};
  scanner s = {.in = text, .stop = (size_t)-1, .out = out, .limits = limits ? *limits : QD_JSON_LIMITS_DEFAULT, .err = err};
  if (s.limits.max_depth > CJSON_DEPTH) s.limits.max_depth = CJSON_DEPTH;
  return scan(&s);
}

void qd__json_scanned_deinit(qd__json_scanned *s) {
  qd_buf_deinit(&s->text);
  free(s->numbers);
  s->numbers = NULL;
}

qd_status qd__json_scan_error(qd_slice text, size_t offset, qd_error *err) {
  qd__json_scanned out = {.count = 0};
  qd_json_limits none = {(size_t)-1, CJSON_DEPTH};
  scanner s = {.in = text, .stop = offset, .out = &out, .limits = none, .err = err};
  qd_status st = scan(&s);
  qd__json_scanned_deinit(&out);
  return st != QD_OK ? st : unexpected(text, s.at, err);
}
