// White space of a JSON text set anew, nothing else changed. Contract in json.h.
#include "data/json.h"

enum { MAX_DEPTH = 1000 };

typedef struct layout {
  qd_slice in;
  size_t at;
  unsigned indent;
  unsigned depth;
  char open[MAX_DEPTH];  // the brackets that are open
  qd_buf *out;
  bool ok;  // false: the cap was reached
} layout;

static qd_status bad(const layout *l, const char *why, qd_error *err) {
  (void)qd_fail(err, QD_FAIL, "bad_json", "not valid JSON: byte %zu", l->at + 1);
  return qd_why(err, "%s", why);
}

static void put(layout *l, const char *p, size_t n) { l->ok = l->ok && qd_buf_add(l->out, p, n); }

static void newline(layout *l) {
  static const char SPACES[] = "                                ";
  if (!l->indent) return;
  put(l, "\n", 1);
  for (size_t left = (size_t)l->depth * l->indent; left > 0;) {
    size_t n = left < sizeof SPACES - 1 ? left : sizeof SPACES - 1;
    put(l, SPACES, n);
    left -= n;
  }
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static void skip_space(layout *l) {
  while (l->at < l->in.n && is_space(l->in.p[l->at])) l->at++;
}

static qd_status string(layout *l, qd_error *err) {
  size_t i = l->at + 1;
  while (i < l->in.n && l->in.p[i] != '"') i += l->in.p[i] == '\\' ? 2 : 1;
  if (i >= l->in.n) return bad(l, "a string has no end", err);
  put(l, l->in.p + l->at, i + 1 - l->at);
  l->at = i + 1;
  return QD_OK;
}

static qd_status opening(layout *l, char c, qd_error *err) {
  if (l->depth == MAX_DEPTH) return bad(l, "too many levels of nesting", err);
  l->open[l->depth++] = c;
  put(l, &c, 1);
  l->at++;
  skip_space(l);
  if (l->at < l->in.n && l->in.p[l->at] != '}' && l->in.p[l->at] != ']') newline(l);
  return QD_OK;
}

static qd_status closing(layout *l, char c, qd_error *err) {
  char before = l->out->n ? l->out->p[l->out->n - 1] : 0;
  if (l->depth == 0 || l->open[l->depth - 1] != (c == '}' ? '{' : '[')) return bad(l, "a bracket closes what was not opened", err);
  l->depth--;
  if (before != '{' && before != '[') newline(l);  // what stands in a string ends in a quote
  put(l, &c, 1);
  l->at++;
  return QD_OK;
}

static void other(layout *l) {
  size_t from = l->at;
  while (l->at < l->in.n && !is_space(l->in.p[l->at]) && !memchr(",:{}[]\"", l->in.p[l->at], 7)) l->at++;
  put(l, l->in.p + from, l->at - from);
}

static qd_status token(layout *l, qd_error *err) {
  char c = l->in.p[l->at];
  switch (c) {
    case '"':
      return string(l, err);
    case '{':
    case '[':
      return opening(l, c, err);
    case '}':
    case ']':
      return closing(l, c, err);
    case ',':
      put(l, ",", 1);
      newline(l);
      l->at++;
      return QD_OK;
    case ':':
      put(l, ": ", l->indent ? 2 : 1);
      l->at++;
      return QD_OK;
    default:
      other(l);
      return QD_OK;
  }
}

qd_status qd_json_reformat(qd_slice text, unsigned indent, qd_buf *out, qd_error *err) {
  layout l = {.in = text, .indent = indent, .out = out, .ok = true};
  for (skip_space(&l); l.at < text.n; skip_space(&l)) {
    qd_status st = token(&l, err);
    if (st != QD_OK) return st;
    if (!l.ok) return bad(&l, "the text gets too large", err);
  }
  return l.depth ? bad(&l, "the document ends too early", err) : QD_OK;
}
