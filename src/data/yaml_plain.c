// A quick reader for the YAML that people write: block mappings and lists, scalars and flow collections that end on their line,
// literal blocks, anchors and aliases. What it does not know in full it refuses (false), and libyaml reads the text; so it
// needs no messages. Where it does not refuse, its events are libyaml's (tests/fuzz/fuzz_yaml_plain.c).
#include <stdlib.h>

#include "base/mem.h"
#include "data/utf8.h"
#include "data/yaml_build.h"

// Behind this a key is none for libyaml; a little less, since that counts characters.
enum { KEY_MAX = 1000, ANCHORS_MAX = 0xFFFFFF };

typedef struct reader {
  const char *p, *end;
  const char *line;  // where the current one begins
  size_t indent;     // of the current line
  bool over;         // no line is left
  unsigned depth, max_depth;
  size_t max_events;
  qd__yaml_events *out;
} reader;

static bool node(reader *r, size_t column, long above);

static bool is_blank(char c) { return c == ' ' || c == '\n'; }

static qd__yaml_packed *push(reader *r, yaml_event_type_t type) {
  qd__yaml_events *out = r->out;
  if (out->n == out->room) {
    out->room = out->room ? out->room * 2 : 1024;
    out->v = qd_xrealloc(out->v, out->room * sizeof *out->v);
  }
  qd__yaml_packed *e = &out->v[out->n++];
  *e = (qd__yaml_packed){.type = (unsigned)type & 63};
  return e;
}

static bool set_anchor(reader *r, size_t i, qd_slice name) {
  qd__yaml_events *out = r->out;
  if (!name.n) return true;
  if (out->anchor_count == out->anchor_room) {
    out->anchor_room = out->anchor_room ? out->anchor_room * 2 : 8;
    out->anchors = qd_xrealloc(out->anchors, out->anchor_room * sizeof *out->anchors);
  }
  out->anchors[out->anchor_count++] = name;
  out->v[i].anchor = (unsigned)out->anchor_count & ANCHORS_MAX;
  return out->anchor_count < ANCHORS_MAX;
}

static bool push_scalar(reader *r, qd_slice text, bool plain, qd_slice anchor) {
  qd__yaml_packed *e = push(r, YAML_SCALAR_EVENT);
  e->p = text.p;
  e->n = (uint32_t)text.n;
  e->plain = plain;
  return r->out->n <= r->max_events && set_anchor(r, r->out->n - 1, anchor);
}

// Room for what a scalar's text becomes, behind what is there; never more than the text has.
static char *made(reader *r) {
  if (!r->out->made) r->out->made = qd_xmalloc(r->out->text_n + 1);
  return r->out->made + r->out->made_n;
}

// Eight bytes from 0x20 to 0x7e.
static bool are_printable(const char *p) {
  const uint64_t ones = UINT64_MAX / 255;
  uint64_t w;
  memcpy(&w, p, 8);
  uint64_t below = (w - ones * 0x20) & ~w;
  uint64_t above = w | (w + ones);  // 0x7f too
  return !((below | above) & (ones << 7));
}

// Characters that libyaml takes for line breaks or refuses, and tabs, which are allowed in some places only.
static bool is_readable(qd_slice text) {
  for (size_t i = 0; i < text.n;) {
    if (text.n - i >= 8 && are_printable(text.p + i)) {
      i += 8;
      continue;
    }
    unsigned char c = (unsigned char)text.p[i];
    if ((c >= 0x20 && c < 0x7f) || c == '\n') {
      i++;
      continue;
    }
    size_t n = c < 0x80 ? 0 : qd_utf8_sequence(text.p + i, text.n - i);
    const char *s = text.p + i;
    if (n == 0 || (c == 0xC2 && (unsigned char)s[1] < 0xA0)) return false;
    if (memcmp(s, "\xE2\x80\xA8", n) == 0 || memcmp(s, "\xE2\x80\xA9", n) == 0 || memcmp(s, "\xEF\xBB\xBF", n) == 0) return false;
    if (n == 3 && memcmp(s, "\xEF\xBF", 2) == 0 && (unsigned char)s[2] >= 0xBE) return false;
    i += n;
  }
  return true;
}

// ---- lines

// To the next line with something on it. Marks of documents and directives are libyaml's.
static bool next_line(reader *r) {
  for (;;) {
    r->line = r->p;
    while (r->p < r->end && *r->p == ' ') r->p++;
    r->indent = (size_t)(r->p - r->line);
    if (r->p < r->end && *r->p == '#') {
      const char *end = memchr(r->p, '\n', (size_t)(r->end - r->p));
      r->p = end ? end : r->end;
    }
    if (r->p == r->end) {
      r->over = true;
      return true;
    }
    if (*r->p != '\n') break;
    r->p++;
  }
  if (r->indent > 0) return true;
  size_t left = (size_t)(r->end - r->p);
  return *r->p != '%' && !(left >= 3 && (memcmp(r->p, "---", 3) == 0 || memcmp(r->p, "...", 3) == 0));
}

static void skip_spaces(reader *r) {
  while (r->p < r->end && *r->p == ' ') r->p++;
}

static bool at_line_end(const reader *r) { return r->p == r->end || *r->p == '\n'; }

static bool at(const reader *r, char c) { return r->p < r->end && *r->p == c; }

// `c` with a blank behind it.
static bool at_indicator(const reader *r, char c) { return at(r, c) && (r->p + 1 == r->end || is_blank(r->p[1])); }

// Nothing but a comment, with a space in front of it, is left on the line: goes to the next one.
static bool end_line(reader *r) {
  skip_spaces(r);
  if (at(r, '#')) {
    if (r->p[-1] != ' ') return false;
    const char *end = memchr(r->p, '\n', (size_t)(r->end - r->p));
    r->p = end ? end : r->end;
  }
  if (!at_line_end(r)) return false;
  if (r->p < r->end) r->p++;
  return next_line(r);
}

// ---- scalars

static bool read_name(reader *r, qd_slice *out) {
  const char *from = ++r->p;
  while (r->p < r->end && ((*r->p >= '0' && *r->p <= '9') || (*r->p >= 'A' && *r->p <= 'Z') || (*r->p >= 'a' && *r->p <= 'z') ||
                           *r->p == '_' || *r->p == '-'))
    r->p++;
  *out = (qd_slice){from, (size_t)(r->p - from)};
  return out->n > 0;
}

// The text from `from` up to r->p, as the beginning of one that is made.
static char *copied(reader *r, const char *from) {
  char *to = made(r);
  memcpy(to, from, (size_t)(r->p - from));
  return to + (r->p - from);
}

// At the closing quote of what begins at `from`; `to` is the end of what was made of it, NULL: nothing.
static void close_quote(reader *r, const char *from, const char *to, qd_slice *out) {
  *out = (qd_slice){from, (size_t)(r->p - from)};
  if (to) *out = (qd_slice){made(r), (size_t)(to - made(r))};
  if (to) r->out->made_n += out->n;
  r->p++;
}

static bool read_single(reader *r, qd_slice *out) {
  const char *from = ++r->p;
  char *to = NULL;
  for (;; r->p++) {
    if (at_line_end(r)) return false;
    if (*r->p == '\'') {
      if (r->p + 1 == r->end || r->p[1] != '\'') break;
      if (!to) to = copied(r, from);
      r->p++;
    }
    if (to) *to++ = *r->p;
  }
  close_quote(r, from, to, out);
  return true;
}

static bool read_double(reader *r, qd_slice *out) {
  static const char escapes[] = "\\\"nt/";
  static const char meant[] = "\\\"\n\t/";
  const char *from = ++r->p;
  char *to = NULL;
  for (;; r->p++) {
    if (at_line_end(r)) return false;
    if (*r->p == '"') break;
    if (*r->p != '\\') {
      if (to) *to++ = *r->p;
      continue;
    }
    const char *known = r->p + 1 < r->end ? strchr(escapes, r->p[1]) : NULL;
    if (!known) return false;
    if (!to) to = copied(r, from);
    *to++ = meant[known - escapes];
    r->p++;
  }
  close_quote(r, from, to, out);
  return true;
}

static bool starts_plain(const reader *r) {
  if (r->p == r->end || strchr("?:,[]{}#&*!|>'\"%@` \n", *r->p)) return false;
  return *r->p != '-' || (r->p + 1 < r->end && !is_blank(r->p[1]));
}

// What is to be looked at in a plain scalar; in a flow collection more.
enum { ALWAYS = 1, IN_FLOW = 2 };
static const unsigned char signs[256] = {['\n'] = ALWAYS, [' '] = ALWAYS,  [':'] = ALWAYS,  [','] = IN_FLOW, ['['] = IN_FLOW,
                                         [']'] = IN_FLOW, ['{'] = IN_FLOW, ['}'] = IN_FLOW, ['?'] = IN_FLOW};

// Whether a plain scalar ends at a sign. *right becomes false where only libyaml knows.
static bool ends_plain(char sign, char next, bool flow, bool *right) {
  switch (sign) {
    case ' ':
      return next == '#';
    case ':':
      if (is_blank(next)) return true;
      *right = !flow || !strchr(",?[]{}", next);
      return !*right;
    case '?':
      *right = false;
      return true;
    default:
      return true;
  }
}

// Up to a colon that ends a key, a comment or the line's end; in a flow collection up to its signs too.
static bool read_plain(reader *r, bool flow, qd_slice *out) {
  const unsigned looked_at = flow ? ALWAYS | IN_FLOW : ALWAYS;
  const char *from = r->p;
  const char *p = r->p;
  const char *behind = p;  // the last character that is no space
  bool right = true;
  for (;; p++) {
    const char *run = p;
    while (p < r->end && !(signs[(unsigned char)*p] & looked_at)) p++;
    if (p > run) behind = p;
    if (p == r->end || ends_plain(*p, p + 1 < r->end ? p[1] : '\n', flow, &right)) break;
    if (*p != ' ') behind = p + 1;
  }
  r->p = p;
  *out = (qd_slice){from, (size_t)(behind - from)};
  return right && out->n > 0;
}

// The lines of a literal block, to `to`. The end of the last one that has something on it; NULL: libyaml has to read it.
static char *literal_lines(reader *r, long above, char *to) {
  size_t indent = 0;
  char *last = NULL;
  for (;;) {
    const char *line = r->p;
    skip_spaces(r);
    size_t spaces = (size_t)(r->p - line);
    if (at(r, '\n') && spaces == 0) {
      r->p++;
      *to++ = '\n';
      continue;
    }
    if (at_line_end(r) && spaces) return NULL;
    if (!indent) indent = spaces;
    if (r->p == r->end || spaces < indent || spaces == 0) {
      r->p = line;
      return last;
    }
    const char *end = memchr(r->p, '\n', (size_t)(r->end - r->p));
    if ((long)indent <= above || !end) return NULL;
    size_t n = (size_t)(end + 1 - (line + indent));
    memcpy(to, line + indent, n);
    last = to += n;
    r->p = end + 1;
  }
}

// |, |-
static bool read_literal(reader *r, long above, qd_slice anchor) {
  r->p++;
  bool strip = at(r, '-');
  if (strip) r->p++;
  skip_spaces(r);
  if (!at(r, '\n')) return false;
  r->p++;
  char *from = made(r);
  const char *end = literal_lines(r, above, from);
  if (!end) return false;
  r->out->made_n += (size_t)(end - from);
  return push_scalar(r, (qd_slice){from, (size_t)(end - from) - strip}, false, anchor) && next_line(r);
}

// ---- flow collections, on one line

static bool flow_node(reader *r, qd_slice anchor);

static bool flow_key(reader *r) {
  qd_slice text;
  const char *from = r->p;
  bool plain = false;
  if (at(r, '"')) {
    if (!read_double(r, &text)) return false;
  } else if (at(r, '\'')) {
    if (!read_single(r, &text)) return false;
  } else {
    plain = true;
    if (!starts_plain(r) || !read_plain(r, true, &text)) return false;
  }
  skip_spaces(r);
  if (!at_indicator(r, ':') || r->p - from > KEY_MAX) return false;
  r->p++;
  skip_spaces(r);
  return push_scalar(r, text, plain, (qd_slice){NULL, 0});
}

static bool flow_collection(reader *r, bool mapping, qd_slice anchor) {
  static const qd_slice none = {NULL, 0};
  char close = mapping ? '}' : ']';
  push(r, mapping ? YAML_MAPPING_START_EVENT : YAML_SEQUENCE_START_EVENT)->flow = true;
  if (!set_anchor(r, r->out->n - 1, anchor)) return false;
  r->p++;
  skip_spaces(r);
  while (!at(r, close)) {
    if (at_line_end(r) || *r->p == ',' || (mapping && !flow_key(r)) || !flow_node(r, none)) return false;
    skip_spaces(r);
    if (at(r, ',')) {
      r->p++;
      skip_spaces(r);
    } else if (!at(r, close)) {
      return false;
    }
  }
  r->p++;
  (void)push(r, mapping ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT);
  return r->out->n <= r->max_events;
}

static bool push_alias(reader *r) {
  qd_slice name;
  if (!read_name(r, &name)) return false;
  qd__yaml_packed *e = push(r, YAML_ALIAS_EVENT);
  e->p = name.p;
  e->n = (uint32_t)name.n;
  return r->out->n <= r->max_events;
}

// A value inside a flow collection, or one that begins in block context; what follows it is the caller's to look at.
static bool flow_node(reader *r, qd_slice anchor) {
  qd_slice text;
  if (at_line_end(r)) return false;
  switch (*r->p) {
    case '[':
    case '{': {
      if (++r->depth > r->max_depth) return false;
      bool right = flow_collection(r, *r->p == '{', anchor);
      r->depth--;
      return right;
    }
    case '"':
      return read_double(r, &text) && push_scalar(r, text, false, anchor);
    case '\'':
      return read_single(r, &text) && push_scalar(r, text, false, anchor);
    case '*':
      return !anchor.n && push_alias(r);
    default:
      return starts_plain(r) && read_plain(r, true, &text) && push_scalar(r, text, true, anchor);
  }
}

// ---- block collections

// A value that is no block collection, up to the end of its line.
static bool inline_node(reader *r, long above, qd_slice anchor) {
  qd_slice text;
  if (*r->p == '|') return read_literal(r, above, anchor);
  if (strchr("[{\"'*", *r->p)) return flow_node(r, anchor) && end_line(r);
  return starts_plain(r) && read_plain(r, false, &text) && push_scalar(r, text, true, anchor) && end_line(r);
}

// A value that does not begin on the line of its key or dash.
static bool value_below(reader *r, size_t above, bool in_mapping, qd_slice anchor) {
  if (!end_line(r)) return false;
  bool same = in_mapping && !r->over && r->indent == above && at_indicator(r, '-');
  if (r->over || (r->indent <= above && !same)) return !anchor.n && push_scalar(r, (qd_slice){"", 0}, true, anchor);
  size_t first = r->out->n;
  if (!node(r, r->indent, (long)above)) return false;
  if (!anchor.n) return true;
  return r->out->v[first].type != YAML_ALIAS_EVENT && set_anchor(r, first, anchor);
}

// Behind "key:" or "-" of a collection in column `above`: the value, on this line or the next ones.
static bool value(reader *r, size_t above, bool in_mapping) {
  qd_slice anchor = {NULL, 0};
  skip_spaces(r);
  if (at(r, '&')) {
    if (!read_name(r, &anchor) || (!at_line_end(r) && *r->p != ' ')) return false;
    skip_spaces(r);
  }
  if (at_line_end(r) || *r->p == '#') return value_below(r, above, in_mapping, anchor);
  return inline_node(r, (long)above, anchor);
}

// The key at r->p and its colon; false with *none: there is no key, nothing was read.
static bool key(reader *r, bool *none) {
  const char *from = r->p;
  size_t made_n = r->out->made_n;
  qd_slice text;
  *none = false;
  bool plain = !at(r, '"') && !at(r, '\'');
  if (at(r, '*')) {
    qd_slice name;
    if (!read_name(r, &name)) return false;
    skip_spaces(r);
    *none = !at_indicator(r, ':');
    if (*none) r->p = from;
    return false;  // an alias for a key is libyaml's
  }
  if (plain && !starts_plain(r)) {
    *none = true;
    return false;
  }
  if (plain ? !read_plain(r, false, &text) : at(r, '"') ? !read_double(r, &text) : !read_single(r, &text)) return false;
  skip_spaces(r);
  if (!at_indicator(r, ':')) {
    r->p = from;
    r->out->made_n = made_n;
    *none = true;
    return false;
  }
  if (r->p - from > KEY_MAX) return false;
  r->p++;
  return push_scalar(r, text, plain, (qd_slice){NULL, 0});
}

static bool sequence(reader *r, size_t column) {
  (void)push(r, YAML_SEQUENCE_START_EVENT);
  do {
    r->p++;
    const char *dash = r->p;
    skip_spaces(r);
    // a collection may begin behind the dash
    if (at_line_end(r) || *r->p == '#' || *r->p == '&') {
      r->p = dash;
      if (!value(r, column, false)) return false;
    } else if (!node(r, (size_t)(r->p - r->line), (long)column)) {
      return false;
    }
  } while (!r->over && r->indent == column && at_indicator(r, '-'));
  (void)push(r, YAML_SEQUENCE_END_EVENT);
  return r->out->n <= r->max_events;
}

static bool mapping(reader *r, size_t column) {
  bool none;
  do {
    if (!value(r, column, true)) return false;
  } while (!r->over && r->indent == column && key(r, &none));
  (void)push(r, YAML_MAPPING_END_EVENT);
  return r->over || r->indent < column;
}

// A node that begins at r->p, in `column`, inside a collection in column `above` (-1: the document).
static bool node(reader *r, size_t column, long above) {
  bool none = false;
  bool right = false;
  if (++r->depth > r->max_depth) return false;
  if (at_indicator(r, '-')) {
    right = sequence(r, column);
  } else {
    size_t first = r->out->n;
    (void)push(r, YAML_MAPPING_START_EVENT);
    if (key(r, &none)) {
      right = mapping(r, column);
    } else if (none && above >= 0) {
      r->out->n = first;
      right = inline_node(r, above, (qd_slice){NULL, 0});
    }
  }
  r->depth--;
  return right && (r->over || (long)r->indent <= above);
}

bool qd__yaml_read_plain(qd_slice text, const qd_yaml_limits *limits, qd__yaml_events *out) {
  *out = (qd__yaml_events){.text_n = text.n};
  if (text.n > UINT32_MAX) return false;
  if (text.n >= 4 && memcmp(text.p, "---\n", 4) == 0) text = (qd_slice){text.p + 4, text.n - 4};
  if (!text.n || !is_readable(text)) return false;
  reader r = {.p = text.p, .end = text.p + text.n, .max_depth = limits->max_depth, .max_events = limits->max_nodes * 2 + 16, .out = out};
  if (!next_line(&r) || r.over) return false;
  (void)push(&r, YAML_DOCUMENT_START_EVENT);
  if (!node(&r, r.indent, -1) || !r.over) return false;
  (void)push(&r, YAML_DOCUMENT_END_EVENT);
  (void)push(&r, YAML_STREAM_END_EVENT);
  return true;
}

qd__yaml_event qd__yaml_unpack(const qd__yaml_events *events, size_t i) {
  const qd__yaml_packed *e = &events->v[i];
  qd__yaml_event out = {.type = (yaml_event_type_t)e->type, .plain = e->plain, .flow = e->flow};
  if (out.type == YAML_ALIAS_EVENT) {
    out.anchor = (qd_slice){e->p, e->n};
  } else {
    out.text = (qd_slice){e->p, e->n};
    if (e->anchor) out.anchor = events->anchors[e->anchor - 1];
  }
  return out;
}

void qd__yaml_events_deinit(qd__yaml_events *e) {
  free(e->v);
  free(e->anchors);
  free(e->made);
}
