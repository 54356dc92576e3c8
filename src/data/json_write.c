// JSON text for trees, byte for byte as Go's encoding/json writes it.
#include <inttypes.h>
#include <stdlib.h>

#include "data/json_node.h"
#include "data/utf8.h"

typedef struct writer {
  qd_json_style style;
  qd_buf *out;
} writer;

static bool write_value(writer *w, const qd_json *v, int level);

// The escape for a byte or sequence that cannot stand as it is; NULL: it can. `small` is room for "\u00XX".
static const char *escape_of(const writer *w, const char *p, size_t sequence, char small[8]) {
  unsigned char c = (unsigned char)*p;
  if (sequence == 0) return "\\ufffd";
  if (sequence == 3 && memcmp(p, "\xE2\x80\xA8", 3) == 0) return "\\u2028";
  if (sequence == 3 && memcmp(p, "\xE2\x80\xA9", 3) == 0) return "\\u2029";
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '<':
    case '>':
    case '&':
      if (!w->style.html_safe) return NULL;
      break;
    default:
      if (c >= 0x20) return NULL;
  }
  static const char hex[] = "0123456789abcdef";
  memcpy(small, "\\u00", 4);
  small[4] = hex[c >> 4];
  small[5] = hex[c & 15];
  small[6] = '\0';
  return small;
}

// Stands as it is in every style.
static bool is_ordinary(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'; }

static bool write_string(writer *w, qd_slice s) {
  if (!qd_buf_addc(w->out, '"')) return false;
  size_t copied = 0;
  for (size_t i = 0; i < s.n;) {
    char small[8];
    if (is_ordinary((unsigned char)s.p[i])) {
      i++;
      continue;
    }
    size_t sequence = qd_utf8_sequence(s.p + i, s.n - i);
    const char *escape = escape_of(w, s.p + i, sequence, small);
    size_t step = sequence ? sequence : 1;
    if (escape) {
      if (!qd_buf_add(w->out, s.p + copied, i - copied) || !qd_buf_adds(w->out, escape)) return false;
      copied = i + step;
    }
    i += step;
  }
  return qd_buf_add(w->out, s.p + copied, s.n - copied) && qd_buf_addc(w->out, '"');
}

static bool new_line(writer *w, int level) {
  if (w->style.indent <= 0) return true;
  if (!qd_buf_addc(w->out, '\n')) return false;
  for (int i = 0; i < level * w->style.indent; i++)
    if (!qd_buf_addc(w->out, ' ')) return false;
  return true;
}

static bool write_array(writer *w, const qd_json *v, int level) {
  if (v->u.a.n == 0) return qd_buf_adds(w->out, "[]");
  bool ok = qd_buf_addc(w->out, '[');
  for (size_t i = 0; ok && i < v->u.a.n; i++)
    ok = (i == 0 || qd_buf_addc(w->out, ',')) && new_line(w, level + 1) && write_value(w, v->u.a.v[i], level + 1);
  return ok && new_line(w, level) && qd_buf_addc(w->out, ']');
}

static bool write_object(writer *w, const qd_json *v, int level) {
  const qd__json_object *o = &v->u.o;
  if (o->n == 0) return qd_buf_adds(w->out, "{}");
  const qd__json_member **sorted = w->style.sort_keys ? qd__json_sorted(o) : NULL;
  bool ok = qd_buf_addc(w->out, '{');
  for (size_t i = 0; ok && i < o->n; i++) {
    const qd__json_member *m = sorted ? sorted[i] : &o->v[i];
    ok = (i == 0 || qd_buf_addc(w->out, ',')) && new_line(w, level + 1) && write_string(w, (qd_slice){m->key, m->n}) &&
         qd_buf_adds(w->out, w->style.indent > 0 ? ": " : ":") && write_value(w, m->value, level + 1);
  }
  free(sorted);
  return ok && new_line(w, level) && qd_buf_addc(w->out, '}');
}

static bool write_value(writer *w, const qd_json *v, int level) {
  switch (qd_json_type_of(v)) {
    case QD_JSON_NULL:
      return qd_buf_adds(w->out, "null");
    case QD_JSON_BOOL:
      return qd_buf_adds(w->out, v->u.b ? "true" : "false");
    case QD_JSON_INT:
      return qd_buf_addf(w->out, "%" PRId64, v->u.i);
    case QD_JSON_FLOAT:
      return qd__json_number_write(v->u.f, w->out);
    case QD_JSON_STRING:
      return write_string(w, (qd_slice){v->u.s.p, v->u.s.n});
    case QD_JSON_ARRAY:
      return write_array(w, v, level);
    case QD_JSON_OBJECT:
      return write_object(w, v, level);
  }
  return false;
}

bool qd_json_write(const qd_json *v, const qd_json_style *style, qd_buf *out) {
  writer w = {style ? *style : (qd_json_style){0, false, false}, out};
  return write_value(&w, v, 0);
}
