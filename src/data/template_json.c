// {{json .X}}: Go's encoder without HTML escapes (docker turns them off), one line. Rows of docker's tables have them all the
// same: those types write themselves (MarshalJSON), and what that made stays.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/template_int.h"

typedef struct encoder {
  qd__exec *x;
  qd_buf *out;
  bool html;  // inside such a row
} encoder;

static void encode(encoder *e, const qd__value *v);

static void add(encoder *e, const char *s) { (void)qd_buf_adds(e->out, s); }

static void encode_string(encoder *e, qd_slice s) {
  static const char controls[] = "\b\f\n\r\t";
  add(e, "\"");
  for (size_t i = 0; i < s.n;) {
    uint32_t r;
    unsigned n = qd__rune(s, i, &r);
    const char *named = r && r < 0x20 ? strchr(controls, (int)r) : NULL;
    if (n == 1 && r == QD__RUNE_ERROR)
      add(e, "\\ufffd");
    else if (r == '"' || r == '\\')
      (void)qd_buf_addf(e->out, "\\%c", (char)r);
    else if (named)
      (void)qd_buf_addf(e->out, "\\%c", "bfnrt"[named - controls]);
    else if (r < 0x20 || r == 0x2028 || r == 0x2029 || (e->html && (r == '<' || r == '>' || r == '&')))
      (void)qd_buf_addf(e->out, "\\u%04x", r);
    else
      (void)qd_buf_add(e->out, s.p + i, n);
    i += n;
  }
  add(e, "\"");
}

static void encode_float(encoder *e, double d) {
  double size = fabs(d);
  if (isnan(d) || isinf(d)) {
    (void)qd__call_fail(e->x, "json: unsupported value: %s", isnan(d) ? "NaN" : d > 0 ? "+Inf" : "-Inf");
    return;
  }
  bool exponent = size != 0 && (size < 1e-6 || size >= 1e21);
  qd__float_shortest(d, exponent ? 'e' : 'f', e->out);
  size_t n = e->out->n;
  char *p = e->out->p;
  if (exponent && n >= 4 && p[n - 4] == 'e' && p[n - 3] == '-' && p[n - 2] == '0') {  // e-09 is e-9 in JSON
    p[n - 2] = p[n - 1];
    e->out->n--;
  }
}

static bool is_empty(const qd__value *v) { return v->kind != K_STRUCT && !qd__truth(v); }

// Fields of a struct and of those embedded in it, in order.
static void encode_fields(encoder *e, const qd__value *v, bool *first, unsigned depth) {
  for (size_t i = 0; i < v->type->n && !e->out->overflow; i++) {
    const qd__field *f = &v->type->fields[i];
    qd__value item = qd__struct_at(e->x, v, i);
    if (strcmp(f->json, ".") == 0) {
      bool nil;
      item = qd__indirect(e->x, item, &nil);
      if (!nil && item.kind == K_STRUCT && depth) encode_fields(e, &item, first, depth - 1);
      continue;
    }
    if (!f->json[0] || (f->omitempty && is_empty(&item))) continue;
    if (!*first) add(e, ",");
    *first = false;
    encode_string(e, qd_slice_of(f->json));
    add(e, ":");
    encode(e, &item);
  }
}

static void encode_members(encoder *e, const qd__value *v, bool sorted) {
  size_t n = qd_json_count(v->node);
  qd__member *m = sorted ? qd__map_sorted(v, &n) : NULL;
  add(e, "{");
  for (size_t i = 0; i < n && !e->out->overflow; i++) {
    qd__member one;
    if (m)
      one = m[i];
    else
      one.node = qd_json_member_at(v->node, i, &one.key);
    if (i) add(e, ",");
    encode_string(e, one.key);
    add(e, ":");
    qd__value item = qd__value_of(e->x, one.node, v->type->elem ? v->type->elem : &qd__t_iface);
    encode(e, &item);
  }
  add(e, "}");
  free(m);
}

static void encode_struct(encoder *e, const qd__value *v) {
  if (v->type->special == S_TIME) {
    encode_string(e, qd_json_get_string(v->node, QD_SLICE("0001-01-01T00:00:00Z")));
    return;
  }
  if (v->type->dynamic) {
    e->html = true;
    encode_members(e, v, false);
    e->html = false;
    return;
  }
  bool first = true;
  add(e, "{");
  encode_fields(e, v, &first, 8);
  add(e, "}");
}

static void encode_slice(encoder *e, const qd__value *v) {
  if (v->nil) {
    add(e, "null");
    return;
  }
  if (v->type->special == S_RAWJSON) {
    qd_json_style style = {0};
    (void)qd_json_write(v->node, &style, e->out);
    return;
  }
  add(e, "[");
  for (size_t i = 0; i < v->n && !e->out->overflow; i++) {
    qd__value item = qd__slice_at(e->x, v, i);
    if (i) add(e, ",");
    encode(e, &item);
  }
  add(e, "]");
}

static void encode(encoder *e, const qd__value *v) {
  switch (v->kind) {
    case K_INVALID:
    case K_IFACE:
      add(e, "null");
      break;
    case K_BOOL:
      add(e, v->b ? "true" : "false");
      break;
    case K_INT:
      (void)qd_buf_addf(e->out, "%lld", (long long)v->i);
      break;
    case K_UINT:
      (void)qd_buf_addf(e->out, "%llu", (unsigned long long)v->u);
      break;
    case K_FLOAT:
      encode_float(e, v->f);
      break;
    case K_COMPLEX:
      (void)qd__call_fail(e->x, "json: unsupported type: complex128");
      break;
    case K_STRING:
      if (v->type->special == S_NUMBER)
        (void)qd_buf_add(e->out, v->s.p, v->s.n);
      else
        encode_string(e, v->s);
      break;
    case K_SLICE:
      encode_slice(e, v);
      break;
    case K_MAP:
      if (v->nil)
        add(e, "null");
      else  // a tree without types keeps the engine's order, which is that of docker's structs
        encode_members(e, v, e->x->options->raw || e->x->options->types);
      break;
    case K_STRUCT:
      encode_struct(e, v);
      break;
    case K_PTR: {
      if (v->nil) {
        add(e, "null");
        break;
      }
      qd__value elem = qd__ptr_elem(e->x, v);
      encode(e, &elem);
      break;
    }
  }
}

void qd__json_write(qd__exec *x, const qd__value *v, qd_buf *out) {
  encoder e = {.x = x, .out = out};
  encode(&e, v);
}
