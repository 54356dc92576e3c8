// Environment files, in the form that compose reads. (compose-spec, 05-services, "env_file"; docker's "Syntax for environment files".)
#include <ctype.h>
#include <stdlib.h>

#include "compose/model.h"

#define MAX_VALUE ((size_t)1 << 20)

typedef struct reader {
  const char *name;
  qd_slice rest;
  size_t line;
  const qd_json *environment;
  qd_json *into;
  qd_error *err;
} reader;

// White space, the line's end apart.
static size_t blank_at(qd_slice s, size_t i) {
  unsigned char c = (unsigned char)s.p[i];
  if (c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r') return 1;
  if (c == 0xC2 && i + 1 < s.n && ((unsigned char)s.p[i + 1] == 0x85 || (unsigned char)s.p[i + 1] == 0xA0)) return 2;
  return 0;
}

static void drop(reader *r, size_t n) { r->rest = (qd_slice){r->rest.p + n, r->rest.n - n}; }

static void skip_blanks(reader *r) {
  while (r->rest.n && blank_at(r->rest, 0)) drop(r, blank_at(r->rest, 0));
}

static size_t line_length(qd_slice s) {
  const char *end = s.n ? memchr(s.p, '\n', s.n) : NULL;
  return end ? (size_t)(end - s.p) : s.n;
}

// White space, empty lines and comments in front of a statement.
static void skip_to_statement(reader *r) {
  for (;;) {
    skip_blanks(r);
    if (r->rest.n && r->rest.p[0] == '#') drop(r, line_length(r->rest));
    if (r->rest.n == 0 || r->rest.p[0] != '\n') return;
    r->line++;
    drop(r, 1);
  }
}

static qd_status bad(reader *r, const char *what) {
  (void)qd_fail(r->err, QD_CONFIG, "bad_env_file", "%s:%zu: %s", r->name, r->line, what);
  return qd_hint(r->err, "write NAME=value, one a line");
}

static void skip_export(reader *r) {
  if (r->rest.n < 7 || memcmp(r->rest.p, "export", 6) != 0) return;
  if (r->rest.p[6] != '\n' && !blank_at(r->rest, 6)) return;
  drop(r, 6);
  skip_blanks(r);
}

// [A-Za-z0-9_.-], brackets, and what is no ASCII (letters of other scripts).
static bool may_be_in_name(char c) { return isalnum((unsigned char)c) || strchr("_.-[]", c) || (unsigned char)c >= 0x80; }

// The name up to = or :, or to the line's end (bare: it takes its value from the environment).
static qd_status read_name(reader *r, qd_slice *name, bool *bare) {
  size_t i = 0;
  while (i < r->rest.n && r->rest.p[i] != '=' && r->rest.p[i] != ':' && r->rest.p[i] != '\n') {
    size_t blank = blank_at(r->rest, i);
    if (!blank && (r->rest.p[i] == '\0' || !may_be_in_name(r->rest.p[i]))) return bad(r, "a variable's name may not have this character");
    i += blank ? blank : 1;
  }
  *bare = i == r->rest.n || r->rest.p[i] == '\n';
  *name = (qd_slice){r->rest.p, i};
  while (name->n && isspace((unsigned char)name->p[name->n - 1])) name->n--;
  if (name->n == 0) return bad(r, "there is no name in front of the value");
  if (memchr(name->p, ' ', name->n)) return bad(r, "a variable's name may not have a space in it");
  drop(r, i + (i < r->rest.n));
  return QD_OK;
}

// References in a value see the environment first, then what stands above.
static qd_status expand(reader *r, qd_slice value, qd_buf *out) {
  if (!memchr(value.p ? value.p : "", '$', value.n)) return qd_buf_add(out, value.p, value.n) ? QD_OK : bad(r, "the value is too long");
  qd_status st = qd__expand_variables(value, r->environment, r->into, out, r->err);
  if (st != QD_OK) (void)qd_wrap(r->err, "%s:%zu", r->name, r->line);
  return st;
}

// \n, \t and their like, \0 and up to three octal digits; \$ is a dollar sign that begins no reference.
static void unescape(qd_slice s, qd_buf *out) {
  static const char from[] = "abfnrtv\"\\";
  static const char to[] = "\a\b\f\n\r\t\v\"\\";
  for (size_t i = 0; i < s.n; i++) {
    const char *at = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] ? strchr(from, s.p[i + 1]) : NULL;
    if (at) {
      (void)qd_buf_addc(out, to[at - from]);
      i++;
    } else if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '$') {
      (void)qd_buf_adds(out, "$$");
      i++;
    } else if (s.p[i] == '\\' && i + 4 < s.n && s.p[i + 1] == '0' && strspn(s.p + i + 2, "01234567") >= 3 && s.p[i + 2] < '4') {
      (void)qd_buf_addc(out, (char)((s.p[i + 2] - '0') * 64 + (s.p[i + 3] - '0') * 8 + (s.p[i + 4] - '0')));
      i += 4;
    } else {
      (void)qd_buf_addc(out, s.p[i]);
    }
  }
}

// Behind the opening quote. A backslash protects the quote and is kept before everything else.
static qd_status read_quoted(reader *r, char quote, qd_buf *out) {
  qd_buf raw;
  qd_buf_init(&raw, MAX_VALUE);
  size_t begun = r->line;
  bool escape = false;
  size_t i = 1;
  for (; i < r->rest.n; i++) {
    char c = r->rest.p[i];
    if (c == '\n') r->line++;
    if (c == quote && !escape) break;
    if (c == '\\' && !escape) {
      escape = true;
      continue;
    }
    if (escape && c != quote) (void)qd_buf_addc(&raw, '\\');
    escape = false;
    (void)qd_buf_addc(&raw, c);
  }
  qd_status st = QD_OK;
  if (raw.overflow || i == r->rest.n) {
    r->line = begun;
    st = bad(r, raw.overflow ? "the value is too long" : "the quote of this value is not closed");
  } else if (quote == '\'') {
    (void)qd_buf_add(out, raw.p, raw.n);
  } else {
    qd_buf plain;
    qd_buf_init(&plain, MAX_VALUE * 2);
    unescape(qd_buf_slice(&raw), &plain);
    st = expand(r, qd_buf_slice(&plain), out);
    qd_buf_deinit(&plain);
  }
  qd_buf_deinit(&raw);
  if (st == QD_OK) drop(r, i + 1);
  return st;
}

static qd_status read_value(reader *r, qd_buf *out) {
  skip_blanks(r);
  if (r->rest.n && (r->rest.p[0] == '"' || r->rest.p[0] == '\'')) return read_quoted(r, r->rest.p[0], out);
  qd_slice value = {r->rest.p, line_length(r->rest)};
  size_t used = value.n + (value.n < r->rest.n);
  for (size_t i = 0; i + 1 < value.n; i++)
    if (value.p[i] == ' ' && value.p[i + 1] == '#') value.n = i;
  while (value.n && isspace((unsigned char)value.p[value.n - 1])) value.n--;
  qd_status st = expand(r, value, out);
  if (used > line_length(r->rest)) r->line++;
  drop(r, used);
  return st;
}

static qd_status read_statement(reader *r) {
  qd_slice name = {NULL, 0};
  bool bare = false;
  skip_export(r);
  qd_status st = read_name(r, &name, &bare);
  if (st != QD_OK) return st;
  if (bare) {
    const qd_json *v = qd_json_member_slice(r->environment, name);
    if (v) qd_json_set(r->into, name, qd_json_dup(v));
    r->line++;
    return QD_OK;
  }
  qd_buf value;
  qd_buf_init(&value, MAX_VALUE);
  st = read_value(r, &value);
  if (st == QD_OK) qd_json_set(r->into, name, qd_json_string(qd_buf_slice(&value)));
  qd_buf_deinit(&value);
  return st;
}

qd_status qd_compose_dotenv(qd_slice text, const char *name, const qd_json *environment, qd_json *into, qd_error *err) {
  reader r = {name, text, 1, environment, into, err};
  if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) drop(&r, 3);
  for (skip_to_statement(&r); r.rest.n; skip_to_statement(&r)) {
    qd_status st = read_statement(&r);
    if (st != QD_OK) return st;
  }
  return QD_OK;
}
