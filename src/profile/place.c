// Places of keys and values in YAML text. Contract in place.h.
#include "profile/place.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }
static bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

size_t qd__line_start(qd_slice text, size_t at) {
  while (at > 0 && text.p[at - 1] != '\n') at--;
  if (at == 0 && text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) at = 3;  // a BOM belongs to no line
  return at;
}

size_t qd__line_end(qd_slice text, size_t at) {
  const char *nl = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
  return nl ? (size_t)(nl - text.p) + 1 : text.n;
}

size_t qd__comments_end(qd_slice text, size_t at, size_t column) {
  for (;;) {
    size_t first = at;
    while (first < text.n && is_blank(text.p[first])) first++;
    if (first >= text.n || text.p[first] != '#' || first - at < column) return at;
    at = qd__line_end(text, at);
  }
}

// Behind white space and comments.
static size_t skip(qd_slice text, size_t at) {
  while (at < text.n) {
    if (is_space(text.p[at]))
      at++;
    else if (text.p[at] == '#' && (at == 0 || is_space(text.p[at - 1])))
      at = qd__line_end(text, at);
    else
      break;
  }
  return at;
}

// Behind anchors and tags too.
static size_t content_start(qd_slice text, size_t at) {
  at = skip(text, at);
  while (at < text.n && (text.p[at] == '&' || text.p[at] == '!')) {
    while (at < text.n && !is_space(text.p[at])) at++;
    at = skip(text, at);
  }
  return at;
}

// Back over white space and whole comment lines. May stop too early when the last line of a block scalar looks like a
// comment: the caller also looks at the scalars' own ends.
static size_t back_over_comments(qd_slice text, size_t at) {
  for (;;) {
    while (at > 0 && is_space(text.p[at - 1])) at--;
    size_t line = qd__line_start(text, at);
    size_t first = line;
    while (first < at && is_blank(text.p[first])) first++;
    if (first == at || text.p[first] != '#') return at;
    at = line;
  }
}

static bool mark_ok(const qd__yaml *y, const qd_yaml_mark *m) { return m->offset <= m->end && m->end <= y->text.n; }

static bool is_flow_start(const qd__yaml *y, size_t at) { return at < y->text.n && (y->text.p[at] == '{' || y->text.p[at] == '['); }

static size_t later(size_t a, size_t b) { return a > b ? a : b; }

// The end of a node that begins at or behind `from`; `from` for one that is written before it (an alias's anchor).
// The depth is bounded by the parser's limit.
static size_t node_end(const qd__yaml *y, const qd_json *v, size_t from) {
  qd_yaml_mark m;
  if (!qd_yaml_mark_of(y->doc, v, &m) || !mark_ok(y, &m) || m.offset < from) return from;
  qd_json_type type = qd_json_type_of(v);
  if (type != QD_JSON_OBJECT && type != QD_JSON_ARRAY) return m.end;
  if (is_flow_start(y, content_start(y->text, m.offset))) return m.end;
  size_t end = later(back_over_comments(y->text, m.end), m.offset);
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    const qd_json *child = type == QD_JSON_OBJECT ? qd_json_member_at(v, i, &key) : qd_json_at(v, i);
    end = later(end, node_end(y, child, m.offset));
  }
  return end;
}

bool qd__map_place(const qd__yaml *y, const qd_json *map, qd__map *out) {
  qd_yaml_mark m;
  if (!qd_yaml_mark_of(y->doc, map, &m) || !mark_ok(y, &m)) return false;
  size_t start = content_start(y->text, m.offset);
  if (start >= y->text.n || y->text.p[start] == '*') return false;
  *out = (qd__map){.flow = y->text.p[start] == '{', .start = start, .end = m.end, .column = start - qd__line_start(y->text, start)};
  return true;
}

// Whether only blanks stand in front of `at` on its line.
static bool first_on_line(qd_slice text, size_t at) {
  size_t line = qd__line_start(text, at);
  while (line < at && text.p[line] == ' ') line++;
  return line == at;
}

static bool is_own(const qd__yaml *y, const qd__map *map, const qd_yaml_mark *key) {
  if (!mark_ok(y, key) || key->offset < map->start) return false;
  if (map->flow) return key->end <= map->end;
  return first_on_line(y->text, key->offset) && key->offset - qd__line_start(y->text, key->offset) == map->column;
}

// Behind the last line's end; with "keep" (|+) the blank lines that follow are content too.
static size_t block_scalar_end(qd_slice text, size_t start, size_t end) {
  bool keep = false;
  for (size_t i = start; i < text.n && !is_space(text.p[i]); i++) keep = keep || text.p[i] == '+';
  end = qd__line_end(text, end);
  while (keep) {
    size_t at = end;
    while (at < text.n && (is_blank(text.p[at]) || text.p[at] == '\r')) at++;
    if (at >= text.n || text.p[at] != '\n') break;
    end = at + 1;
  }
  return end;
}

static size_t alias_end(qd_slice text, size_t at) {
  while (at < text.n && !is_space(text.p[at]) && !strchr(",]}", text.p[at])) at++;
  return at;
}

static bool place_value(const qd__yaml *y, const qd_json *value, qd__pair *pair) {
  qd_slice t = y->text;
  size_t at = pair->key_end;
  while (at < t.n && is_blank(t.p[at])) at++;
  if (at >= t.n || t.p[at] != ':') {  // {a} in a flow mapping
    pair->colon = pair->value = pair->end = pair->key_end;
    pair->kind = QD__EMPTY;
    return true;
  }
  pair->colon = at + 1;
  size_t start = skip(t, pair->colon);
  if (start < t.n && t.p[start] == '*') {
    pair->value = start;
    pair->end = alias_end(t, start);
    pair->kind = QD__ALIAS;
    return true;
  }
  qd_yaml_mark m;
  if (!qd_yaml_mark_of(y->doc, value, &m) || !mark_ok(y, &m) || m.offset < pair->colon) return false;
  if (m.offset == m.end) {
    pair->value = pair->end = pair->colon;
    pair->kind = QD__EMPTY;
    return true;
  }
  pair->value = content_start(t, m.offset);
  pair->end = node_end(y, value, m.offset);
  if (pair->value >= pair->end) {  // an anchor or a tag alone
    pair->value = pair->end;
    pair->kind = QD__EMPTY;
    return true;
  }
  bool collection = qd_json_type_of(value) == QD_JSON_OBJECT || qd_json_type_of(value) == QD_JSON_ARRAY;
  if (collection)
    pair->kind = is_flow_start(y, pair->value) ? QD__FLOW : QD__BLOCK;
  else
    pair->kind = pair->value < t.n && (t.p[pair->value] == '|' || t.p[pair->value] == '>') ? QD__BLOCK_SCALAR : QD__INLINE;
  if (pair->kind == QD__BLOCK_SCALAR) pair->end = block_scalar_end(t, pair->value, pair->end);
  return true;
}

bool qd__pair_place(const qd__yaml *y, const qd__map *map, const qd_json *value, qd__pair *out) {
  qd_yaml_mark key;
  if (!qd_yaml_key_mark_of(y->doc, value, &key) || !is_own(y, map, &key)) return false;
  *out = (qd__pair){.key = key.offset, .key_end = key.end};
  return place_value(y, value, out);
}

bool qd__pair_last(const qd__yaml *y, const qd__map *map, const qd_json *json, qd__pair *out) {
  bool found = false;
  for (size_t i = 0; i < qd_json_count(json); i++) {
    qd_slice key;
    qd__pair pair;
    if (!qd__pair_place(y, map, qd_json_member_at(json, i, &key), &pair)) continue;
    if (found && pair.key < out->key) continue;
    *out = pair;
    found = true;
  }
  return found;
}
