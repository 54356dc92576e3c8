// Reading one YAML document: libyaml's parser, its complaints, places in the text.
#include <stdlib.h>

#include "base/mem.h"
#include "data/yaml_build.h"

qd_status qd__yaml_fail_at(qd__yaml_builder *b, size_t line, size_t column, const char *why) {
  (void)qd_fail(b->err, QD_CONFIG, "bad_yaml", "%s:%zu:%zu: %s", b->name, line, column, why);
  return QD_CONFIG;
}

qd_status qd__yaml_fail_here(qd__yaml_builder *b, const char *why) {
  return qd__yaml_fail_at(b, b->raw.start_mark.line + 1, b->raw.start_mark.column + 1, why);
}

// Byte offset of a character index. The builder's counters begin behind a byte order mark, which libyaml never sees: it would
// count as a column, and a second key at the line's start would stand further left than the first.
static size_t byte_of(qd__yaml_builder *b, size_t chars) {
  while (b->chars < chars && b->bytes < b->text.n) {
    b->bytes++;
    while (b->bytes < b->text.n && ((unsigned char)b->text.p[b->bytes] & 0xC0) == 0x80) b->bytes++;
    b->chars++;
  }
  while (b->chars > chars && b->bytes > 0) {
    b->bytes--;
    while (b->bytes > 0 && ((unsigned char)b->text.p[b->bytes] & 0xC0) == 0x80) b->bytes--;
    b->chars--;
  }
  return b->bytes;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

qd_yaml_mark qd__yaml_mark_here(qd__yaml_builder *b) {
  qd_yaml_mark mark = {b->raw.start_mark.line + 1, b->raw.start_mark.column + 1, byte_of(b, b->raw.start_mark.index), 0};
  mark.end = byte_of(b, b->raw.end_mark.index);
  while (mark.end > mark.offset && is_blank(b->text.p[mark.end - 1])) mark.end--;
  return mark;
}

static void line_of(qd_slice text, size_t begin, size_t offset, size_t *line, size_t *column) {
  *line = 1;
  *column = 1;
  for (size_t i = begin; i < offset && i < text.n; i++) {
    if (((unsigned char)text.p[i] & 0xC0) != 0x80) ++*column;
    if (text.p[i] == '\n') *column = 1;
    if (text.p[i] == '\n') ++*line;
  }
}

static qd_status parser_failed(qd__yaml_builder *b) {
  const yaml_parser_t *p = &b->parser;
  size_t line = p->problem_mark.line + 1;
  size_t column = p->problem_mark.column + 1;
  if (p->error == YAML_READER_ERROR) line_of(b->text, b->bom, p->problem_offset + b->bom, &line, &column);
  (void)qd__yaml_fail_at(b, line, column, p->problem ? p->problem : "out of memory");
  size_t at = p->error == YAML_READER_ERROR ? b->text.n : byte_of(b, p->problem_mark.index);
  if (at < b->text.n && b->text.p[at] == '\t') {
    (void)qd_hint(b->err, "indent with spaces: YAML does not allow tabs there");
  } else if (at < b->text.n && strchr("@`%", b->text.p[at])) {
    (void)qd_hint(b->err, "put quotes around a value that begins with %c", b->text.p[at]);
  }
  if (!p->context) return QD_CONFIG;
  return qd_why(b->err, "%s that begins at line %zu, column %zu", p->context, p->context_mark.line + 1, p->context_mark.column + 1);
}

static qd__yaml_event event_of(const yaml_event_t *raw) {
  qd__yaml_event e = {.type = raw->type};
  switch (raw->type) {
    case YAML_SCALAR_EVENT:
      e.text = (qd_slice){(const char *)raw->data.scalar.value, raw->data.scalar.length};
      e.anchor = qd_slice_of((const char *)raw->data.scalar.anchor);
      e.tag = (const char *)raw->data.scalar.tag;
      e.plain = raw->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
      break;
    case YAML_ALIAS_EVENT:
      e.anchor = qd_slice_of((const char *)raw->data.alias.anchor);
      break;
    case YAML_SEQUENCE_START_EVENT:
      e.anchor = qd_slice_of((const char *)raw->data.sequence_start.anchor);
      e.tag = (const char *)raw->data.sequence_start.tag;
      e.flow = raw->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
      break;
    case YAML_MAPPING_START_EVENT:
      e.anchor = qd_slice_of((const char *)raw->data.mapping_start.anchor);
      e.tag = (const char *)raw->data.mapping_start.tag;
      e.flow = raw->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
      break;
    default:
      break;
  }
  return e;
}

qd_status qd__yaml_next(qd__yaml_builder *b) {
  if (b->known) {
    b->event = qd__yaml_unpack(b->known, b->ahead++);
    return QD_OK;
  }
  yaml_event_delete(&b->raw);
  if (!yaml_parser_parse(&b->parser, &b->raw)) return parser_failed(b);
  b->event = event_of(&b->raw);
  return QD_OK;
}

void qd__yaml_note_here(qd__yaml_builder *b, const qd_json *v, const char *tag) {
  bool own = tag && strcmp(tag, "!") != 0 && strncmp(tag, "tag:yaml.org,2002:", 18) != 0;
  if (b->no_places && !own) return;
  qd_yaml_mark mark = qd__yaml_mark_here(b);
  qd__yaml_entry *entry = qd__yaml_note(b->doc, v, &mark);
  if (own) entry->tag = qd_xstrdup(tag);
}

// The document whose start is the current event; behind it, the next document's start or the end of the stream.
static qd_status build_document(qd__yaml_builder *b, qd_json **out) {
  qd_status st = qd__yaml_next(b);
  if (st == QD_OK) st = qd__yaml_build(b, 1, out);
  if (st == QD_OK) st = qd__yaml_next(b);  // its end
  return st == QD_OK ? qd__yaml_next(b) : st;
}

static qd_status build_one(qd__yaml_builder *b) {
  if (b->event.type == YAML_STREAM_END_EVENT) {
    b->doc->root = qd_json_null();
    qd__yaml_note_here(b, b->doc->root, NULL);
    return QD_OK;
  }
  qd_status st = build_document(b, &b->doc->root);
  if (st != QD_OK || b->event.type == YAML_STREAM_END_EVENT) return st;
  (void)qd__yaml_fail_here(b, "a second document begins here");
  return qd_hint(b->err, "keep one document in the file (remove the line ---)");
}

static qd_status build_all(qd__yaml_builder *b) {
  qd_status st = QD_OK;
  b->doc->root = qd_json_array();
  qd__yaml_note_here(b, b->doc->root, NULL);
  while (st == QD_OK && b->event.type != YAML_STREAM_END_EVENT) {
    qd_json *root = NULL;
    qd_json_free(b->anchors);  // they belong to one document
    b->anchors = qd_json_object();
    st = build_document(b, &root);
    if (root) qd_json_append(b->doc->root, root);
  }
  return st;
}

// The tree of the events that are known or that the parser gives.
static qd_status build_doc(qd__yaml_builder *b, qd_status (*build)(qd__yaml_builder *b), qd_yaml_doc **out) {
  b->doc = qd_xcalloc(1, sizeof *b->doc);
  b->doc->spare = qd_json_array();
  b->anchors = qd_json_object();
  b->nodes = b->anchor_count = 0;
  qd_status st = qd__yaml_next(b);
  if (st == QD_OK && !b->known) st = qd__yaml_next(b);  // behind the start of the stream
  if (st == QD_OK) st = build(b);
  qd_json_free(b->anchors);
  free(b->anchored);
  b->anchored = NULL;
  b->anchor_room = 0;
  if (st == QD_OK) {
    *out = b->doc;
  } else {
    qd_yaml_free(b->doc);
  }
  return st;
}

// By the quick reader, where no places are wanted. false: libyaml has to read the text, or to say what is wrong with it.
static bool parse_plain(qd__yaml_builder *b, qd_status (*build)(qd__yaml_builder *b), qd_yaml_doc **out) {
  qd__yaml_events events;
  qd_error *err = b->err;
  qd_error ignored = QD_ERROR_INIT;
  b->err = &ignored;
  bool right = qd__yaml_read_plain(b->text, &b->limits, &events);
  b->known = &events;
  right = right && build_doc(b, build, out) == QD_OK;
  b->known = NULL;
  b->err = err;
  qd__yaml_events_deinit(&events);
  return right;
}

static qd_status parse(qd__yaml_builder *b, qd_status (*build)(qd__yaml_builder *b), qd_yaml_doc **out) {
  if (b->text.n > b->limits.max_bytes) {
    (void)qd_fail(b->err, QD_CONFIG, "bad_yaml", "%s is too large", b->name);
    return qd_why(b->err, "it has %zu bytes, at most %zu are read", b->text.n, b->limits.max_bytes);
  }
  if (b->no_places && parse_plain(b, build, out)) return QD_OK;
  if (!yaml_parser_initialize(&b->parser)) return qd_fail(b->err, QD_INTERNAL, "out_of_memory", "out of memory");
  yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
  b->bom = b->text.n >= 3 && memcmp(b->text.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  b->bytes = b->bom;
  yaml_parser_set_input_string(&b->parser, (const unsigned char *)(b->text.n ? b->text.p + b->bom : ""), b->text.n - b->bom);
  qd_status st = build_doc(b, build, out);
  yaml_event_delete(&b->raw);
  yaml_parser_delete(&b->parser);
  return st;
}

qd_status qd_yaml_parse(qd_slice text, const char *name, const qd_yaml_limits *limits, qd_yaml_doc **out, qd_error *err) {
  qd__yaml_builder b = {.text = text, .name = name, .limits = limits ? *limits : QD_YAML_LIMITS_DEFAULT, .err = err};
  return parse(&b, build_one, out);
}

qd_status qd_yaml_parse_all(qd_slice text, const char *name, qd_yaml_dialect dialect, bool places, const qd_yaml_limits *limits,
                            qd_yaml_doc **out, qd_error *err) {
  qd__yaml_builder b = {.text = text, .name = name, .dialect = dialect, .no_places = !places, .err = err};
  b.limits = limits ? *limits : QD_YAML_LIMITS_DEFAULT;
  return parse(&b, build_all, out);
}
