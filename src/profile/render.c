// YAML text of new values. Contract in render.h.
#include "profile/render.h"

#include <ctype.h>
#include <strings.h>

static bool is_ipv4(qd_slice s) {
  size_t dots = 0;
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == '.')
      dots++;
    else if (!isdigit((unsigned char)s.p[i]))
      return false;
  }
  return dots == 3 && s.p[0] != '.' && s.p[s.n - 1] != '.';
}

// Numbers of YAML 1.1 and 1.2, dates and sexagesimals; rather one too many.
static bool looks_numeric(qd_slice s) {
  if (!isdigit((unsigned char)s.p[0]) && s.p[0] != '.') return false;
  for (size_t i = 0; i < s.n; i++) {
    if (!isxdigit((unsigned char)s.p[i]) && !strchr("xo_.:+-", s.p[i])) return false;
  }
  return !is_ipv4(s);
}

static bool is_reserved_word(qd_slice s) {
  static const char *const WORDS[] = {"~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"};
  for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
    if (s.n == strlen(WORDS[i]) && strncasecmp(s.p, WORDS[i], s.n) == 0) return true;
  }
  return false;
}

static bool plain_is_safe(qd_slice s, bool in_flow) {
  if (s.n == 0 || s.n > 512 || memchr(s.p, '\0', s.n)) return false;
  if (!isalnum((unsigned char)s.p[0]) && !strchr("_/.~", s.p[0])) return false;
  for (size_t i = 0; i < s.n; i++) {
    if (!isalnum((unsigned char)s.p[i]) && !strchr(in_flow ? "_/.~@+=-" : "_/.~@+=-:,", s.p[i])) return false;
  }
  if (s.p[s.n - 1] == ':') return false;
  return !is_reserved_word(s) && !looks_numeric(s);
}

static void add_double_quoted(qd_slice s, qd_buf *out) {
  qd_buf_addc(out, '"');
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c == '"' || c == '\\')
      qd_buf_addf(out, "\\%c", c);
    else if (c == '\n')
      qd_buf_adds(out, "\\n");
    else if (c == '\t')
      qd_buf_adds(out, "\\t");
    else if (c < 0x20 || c == 0x7f)
      qd_buf_addf(out, "\\x%02x", c);
    else
      qd_buf_addc(out, (char)c);
  }
  qd_buf_addc(out, '"');
}

static bool single_quotes_hold(qd_slice s) {
  for (size_t i = 0; i < s.n; i++) {
    if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) return false;
  }
  return true;
}

static void add_single_quoted(qd_slice s, qd_buf *out) {
  qd_buf_addc(out, '\'');
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == '\'') qd_buf_addc(out, '\'');
    qd_buf_addc(out, s.p[i]);
  }
  qd_buf_addc(out, '\'');
}

static void add_string(qd_slice s, char quote, bool in_flow, qd_buf *out) {
  if (quote == '\'' && single_quotes_hold(s))
    add_single_quoted(s, out);
  else if (quote == 0 && plain_is_safe(s, in_flow))
    qd_buf_add(out, s.p, s.n);
  else
    add_double_quoted(s, out);
}

static void add_items(const qd_json *v, qd_buf *out) {
  bool map = qd_json_type_of(v) == QD_JSON_OBJECT;
  qd_buf_addc(out, map ? '{' : '[');
  for (size_t i = 0; i < qd_json_count(v); i++) {
    if (i > 0) qd_buf_adds(out, ", ");
    qd_slice key = {NULL, 0};
    const qd_json *item = map ? qd_json_member_at(v, i, &key) : qd_json_at(v, i);
    if (map) {
      add_string(key, 0, true, out);
      qd_buf_adds(out, ": ");
    }
    qd__render_inline(item, 0, true, out);
  }
  qd_buf_addc(out, map ? '}' : ']');
}

void qd__render_inline(const qd_json *v, char quote, bool in_flow, qd_buf *out) {
  switch (qd_json_type_of(v)) {
    case QD_JSON_STRING:
      add_string(qd_json_get_string(v, QD_SLICE("")), quote, in_flow, out);
      break;
    case QD_JSON_ARRAY:
    case QD_JSON_OBJECT:
      add_items(v, out);
      break;
    default: {
      static const qd_json_style ONE_LINE = {0};
      (void)qd_json_write(v, &ONE_LINE, out);
    }
  }
}

static void add_blanks(size_t n, qd_buf *out) {
  while (n-- > 0) qd_buf_addc(out, ' ');
}

void qd__render_pair(qd_slice key, const qd_json *v, size_t column, const char *eol, qd_buf *out) {
  add_string(key, 0, false, out);
  qd_buf_addc(out, ':');
  if (qd_json_type_of(v) == QD_JSON_OBJECT && qd_json_count(v) > 0) {
    qd_buf_adds(out, eol);
    qd__render_lines(v, column + 2, eol, out);
    return;
  }
  qd_buf_addc(out, ' ');
  qd__render_inline(v, 0, false, out);
}

void qd__render_lines(const qd_json *map, size_t column, const char *eol, qd_buf *out) {
  for (size_t i = 0; i < qd_json_count(map); i++) {
    qd_slice key;
    const qd_json *v = qd_json_member_at(map, i, &key);
    if (i > 0) qd_buf_adds(out, eol);
    add_blanks(column, out);
    qd__render_pair(key, v, column, eol, out);
  }
}
