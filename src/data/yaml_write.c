// YAML text for trees, through libyaml's emitter.
#include <stdlib.h>
#include <yaml.h>

#include "data/json_node.h"
#include "data/utf8.h"
#include "data/yaml_doc.h"

static int on_output(void *data, unsigned char *p, size_t n) { return qd_buf_add(data, p, n); }

// The emitter refuses what is not UTF-8. The result is as long as the emitter accepts.
static void make_valid(qd_slice s, qd_buf *out) {
  qd_buf_init(out, s.n * 3);
  for (size_t i = 0; i < s.n;) {
    size_t n = qd_utf8_sequence(s.p + i, s.n - i);
    (void)(n ? qd_buf_add(out, s.p + i, n) : qd_buf_adds(out, QD_UTF8_REPLACEMENT));
    i += n ? n : 1;
  }
}

static bool emit_scalar(yaml_emitter_t *e, qd_slice text, yaml_scalar_style_t style) {
  yaml_event_t event;
  return text.n < (size_t)INT32_MAX &&
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text.p, (int)text.n, 1, 1, style) &&
         yaml_emitter_emit(e, &event);
}

static bool write_string(yaml_emitter_t *e, qd_slice s) {
  qd_buf valid;
  make_valid(s, &valid);
  qd_slice text = {valid.p ? valid.p : "", valid.n};
  yaml_scalar_style_t style = YAML_PLAIN_SCALAR_STYLE;
  if (qd__yaml_is_ambiguous(text)) {
    style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
  } else if (text.n && memchr(text.p, '\n', text.n)) {
    style = YAML_LITERAL_SCALAR_STYLE;  // the emitter falls back to quotes where the text does not allow it
  }
  bool ok = emit_scalar(e, text, style);
  qd_buf_deinit(&valid);
  return ok;
}

// JSON's digits, with ".0" where YAML would read an integer (or YAML 1.1 a string: it wants a dot).
static bool write_float(yaml_emitter_t *e, double v) {
  qd_buf text;
  qd_buf_init(&text, 64);
  if (v != v) {
    (void)qd_buf_adds(&text, ".nan");
  } else if (v - v != 0) {
    (void)qd_buf_adds(&text, v < 0 ? "-.inf" : ".inf");
  } else {
    qd_buf digits;
    qd_buf_init(&digits, 64);
    (void)qd__json_number_write(v, &digits);
    size_t mantissa = strcspn(digits.p, "e");
    (void)qd_buf_add(&text, digits.p, mantissa);
    if (!memchr(digits.p, '.', mantissa)) (void)qd_buf_adds(&text, ".0");
    (void)qd_buf_adds(&text, digits.p + mantissa);
    qd_buf_deinit(&digits);
  }
  bool ok = emit_scalar(e, qd_buf_slice(&text), YAML_PLAIN_SCALAR_STYLE);
  qd_buf_deinit(&text);
  return ok;
}

static bool write_int(yaml_emitter_t *e, const qd_json *v) {
  qd_buf text;
  qd_buf_init(&text, 32);
  bool ok = qd_json_write(v, NULL, &text) && emit_scalar(e, qd_buf_slice(&text), YAML_PLAIN_SCALAR_STYLE);
  qd_buf_deinit(&text);
  return ok;
}

static bool write_value(yaml_emitter_t *e, const qd_json *v) {
  yaml_event_t event;
  bool is_array = false;
  switch (qd_json_type_of(v)) {
    case QD_JSON_NULL:
      return emit_scalar(e, QD_SLICE("null"), YAML_PLAIN_SCALAR_STYLE);
    case QD_JSON_BOOL:
      return emit_scalar(e, v->u.b ? QD_SLICE("true") : QD_SLICE("false"), YAML_PLAIN_SCALAR_STYLE);
    case QD_JSON_INT:
      return write_int(e, v);
    case QD_JSON_FLOAT:
      return write_float(e, v->u.f);
    case QD_JSON_STRING:
      return write_string(e, (qd_slice){v->u.s.p, v->u.s.n});
    case QD_JSON_ARRAY:
      is_array = true;
      break;
    case QD_JSON_OBJECT:
      break;
  }
  int made = is_array ? yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE)
                      : yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
  if (!made || !yaml_emitter_emit(e, &event)) return false;
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key = {NULL, 0};
    const qd_json *item = is_array ? qd_json_at(v, i) : qd_json_member_at(v, i, &key);
    if (!is_array && !write_string(e, key)) return false;
    if (!write_value(e, item)) return false;
  }
  made = is_array ? yaml_sequence_end_event_initialize(&event) : yaml_mapping_end_event_initialize(&event);
  return made && yaml_emitter_emit(e, &event);
}

bool qd_yaml_write(const qd_json *v, qd_buf *out) {
  yaml_emitter_t e;
  yaml_event_t event;
  if (!yaml_emitter_initialize(&e)) return false;
  yaml_emitter_set_output(&e, on_output, out);
  yaml_emitter_set_unicode(&e, 1);
  yaml_emitter_set_indent(&e, 2);
  yaml_emitter_set_width(&e, -1);
  bool ok = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && yaml_emitter_emit(&e, &event) &&
            yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) && yaml_emitter_emit(&e, &event) && write_value(&e, v) &&
            yaml_document_end_event_initialize(&event, 1) && yaml_emitter_emit(&e, &event) && yaml_stream_end_event_initialize(&event) &&
            yaml_emitter_emit(&e, &event);
  yaml_emitter_delete(&e);
  return ok;
}
