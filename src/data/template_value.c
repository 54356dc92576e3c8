// Values: the tree seen through Go's types.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_int.h"

qd__value qd__invalid(void) { return (qd__value){.kind = K_INVALID}; }
qd__value qd__make_bool(bool b) { return (qd__value){.kind = K_BOOL, .type = &qd__t_bool, .b = b}; }
qd__value qd__make_int(int64_t i) { return (qd__value){.kind = K_INT, .type = &qd__t_int, .i = i}; }
qd__value qd__make_str(qd_slice s) { return (qd__value){.kind = K_STRING, .type = &qd__t_string, .s = s}; }

qd__value qd__value_string(qd__exec *x, const qd_buf *b) {
  if (b->overflow || x->arena.total > QD__VALUE_MAX) return qd__exec_fail(x, "values larger than %u bytes", QD__VALUE_MAX);
  return qd__make_str(qd__arena_dup(&x->arena, qd_buf_slice(b)));
}

static bool all_strings(const qd_json *node, bool object) {
  size_t n = qd_json_count(node);
  for (size_t i = 0; i < n; i++) {
    qd_slice key;
    const qd_json *item = object ? qd_json_member_at(node, i, &key) : qd_json_at(node, i);
    if (qd_json_type_of(item) != QD_JSON_STRING) return false;
  }
  return true;
}

static qd__value number_text(qd__exec *x, const qd_json *node) {
  qd_buf b;
  qd_json_style style = {0};
  qd_buf_init(&b, 64);
  (void)qd_json_write(node, &style, &b);
  qd__value v = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  v.type = &qd__t_number;
  return v;
}

// What Go's decoder makes of the node without a type.
static qd__value untyped(qd__exec *x, const qd_json *node) {
  bool raw = x->options->raw;
  qd_json_type t = qd_json_type_of(node);
  qd__value v = {.kind = K_IFACE, .type = &qd__t_iface};
  if (raw && (t == QD_JSON_INT || t == QD_JSON_FLOAT)) {
    v = number_text(x, node);
  } else if (t == QD_JSON_BOOL) {
    v = qd__make_bool(qd_json_get_bool(node, false));
  } else if (t == QD_JSON_INT && !x->options->types) {
    v = qd__make_int(qd_json_get_int(node, 0));
  } else if (t == QD_JSON_INT || t == QD_JSON_FLOAT) {
    v = (qd__value){.kind = K_FLOAT, .type = &qd__t_float, .f = qd_json_get_float(node, 0)};
  } else if (t == QD_JSON_STRING) {
    v = qd__make_str(qd_json_get_string(node, QD_SLICE("")));
  } else if (t == QD_JSON_ARRAY) {
    v = (qd__value){.kind = K_SLICE, .node = node, .n = qd_json_count(node)};
    v.type = !raw && all_strings(node, false) ? &qd__t_strings : &qd__t_anys;
  } else if (t == QD_JSON_OBJECT) {
    v = (qd__value){.kind = K_MAP, .node = node};
    v.type = !raw && all_strings(node, true) ? &qd__t_strmap : &qd__t_anymap;
  }
  v.iface = true;
  return v;
}

qd__value qd__value_of(qd__exec *x, const qd_json *node, const qd__type *type) {
  qd__value v = {.kind = type->kind, .type = type};
  qd_json_type t = qd_json_type_of(node);
  switch (type->kind) {
    case K_IFACE:
      return untyped(x, node);
    case K_BOOL:
      v.b = qd_json_get_bool(node, false);
      break;
    case K_INT:
      v.i = qd_json_get_int(node, 0);
      break;
    case K_UINT:
      v.u = (uint64_t)qd_json_get_int(node, 0);
      break;
    case K_FLOAT:
      v.f = qd_json_get_float(node, 0);
      break;
    case K_STRING:
      v.s = qd_json_get_string(node, QD_SLICE(""));
      break;
    case K_SLICE:
      v.node = node;
      v.nil = type->special == S_RAWJSON ? node == NULL : t != QD_JSON_ARRAY;
      v.n = t == QD_JSON_ARRAY ? qd_json_count(node) : 0;
      if (type->special == S_RAWJSON) v.n = node != NULL;
      if (type->fixed) {  // an array: never nil, what the tree lacks is zero
        v.nil = false;
        v.n = type->fixed;
      }
      break;
    case K_MAP:
      v.node = node;
      v.nil = t != QD_JSON_OBJECT;
      break;
    case K_PTR:
      v.node = node;
      v.nil = qd_json_is_null(node);
      break;
    default:
      v.node = node;
      break;
  }
  return v;
}

qd__value qd__unwrap(qd__value v) {
  if (v.kind == K_IFACE) return qd__invalid();
  v.iface = false;
  return v;
}

qd__value qd__ptr_elem(qd__exec *x, const qd__value *v) { return qd__value_of(x, v->node, v->type->elem); }

qd__value qd__indirect(qd__exec *x, qd__value v, bool *nil) {
  *nil = false;
  while (v.kind == K_PTR || v.kind == K_IFACE) {
    if (v.kind == K_IFACE || v.nil) {
      *nil = true;
      return v;
    }
    v = qd__ptr_elem(x, &v);
  }
  v.iface = false;
  return v;
}

bool qd__truth(const qd__value *v) {
  switch (v->kind) {
    case K_BOOL:
      return v->b;
    case K_INT:
      return v->i != 0;
    case K_UINT:
      return v->u != 0;
    case K_FLOAT:
      return v->f != 0;
    case K_COMPLEX:
      return v->f != 0 || v->imag != 0;
    case K_STRING:
      return v->s.n != 0;
    case K_SLICE:
      return v->n != 0;
    case K_MAP:
      return !v->nil && qd_json_count(v->node) != 0;
    case K_STRUCT:
      return true;
    case K_PTR:
      return !v->nil;
    default:
      return false;
  }
}

const char *qd__type_name(const qd__value *v) { return v->iface || !v->type ? qd__t_iface.name : v->type->name; }

size_t qd__len(const qd__value *v) {
  if (v->kind == K_STRING) return v->s.n;
  if (v->kind == K_MAP) return v->nil ? 0 : qd_json_count(v->node);
  return v->n;
}

qd__value qd__slice_at(qd__exec *x, const qd__value *v, size_t i) {
  if (v->strings) return qd__make_str(v->strings[v->from + i]);
  return qd__value_of(x, qd_json_at(v->node, v->from + i), v->type->elem);
}

static int by_key(const void *a, const void *b) {
  qd_slice x = ((const qd__member *)a)->key;
  qd_slice y = ((const qd__member *)b)->key;
  int c = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
  return c ? c : (x.n > y.n) - (x.n < y.n);
}

qd__member *qd__map_sorted(const qd__value *v, size_t *out_n) {
  size_t n = qd__len(v);
  qd__member *m = qd_xcalloc(n ? n : 1, sizeof *m);
  for (size_t i = 0; i < n; i++) m[i].node = qd_json_member_at(v->node, i, &m[i].key);
  qsort(m, n, sizeof *m, by_key);
  *out_n = n;
  return m;
}

qd__value qd__map_get(qd__exec *x, const qd__value *v, qd_slice key) {
  const qd_json *node = v->nil ? NULL : qd_json_member_slice(v->node, key);
  return node ? qd__value_of(x, node, v->type->elem) : qd__invalid();
}

qd__value qd__struct_at(qd__exec *x, const qd__value *v, size_t i) {
  const qd__field *f = &v->type->fields[i];
  bool embedded = strcmp(f->json, ".") == 0;
  const qd_json *node = embedded ? v->node : f->json[0] ? qd_json_member(v->node, f->json) : NULL;
  return qd__value_of(x, node, f->type);
}

// Embedding may go in circles only in a spec that Go would refuse; eight levels are more than docker has.
static bool struct_get(qd__exec *x, const qd__value *v, qd_slice name, unsigned depth, qd__value *out) {
  for (size_t i = 0; i < v->type->n; i++)
    if (qd_slice_is(name, v->type->fields[i].name)) {
      *out = qd__struct_at(x, v, i);
      return true;
    }
  for (size_t i = 0; i < v->type->n && depth; i++) {
    if (strcmp(v->type->fields[i].json, ".") != 0) continue;
    bool nil;
    qd__value inner = qd__indirect(x, qd__struct_at(x, v, i), &nil);
    if (!nil && inner.kind == K_STRUCT && struct_get(x, &inner, name, depth - 1, out)) return true;
  }
  return false;
}

bool qd__struct_get(qd__exec *x, const qd__value *v, qd_slice name, qd__value *out) {
  if (!v->type->dynamic) return struct_get(x, v, name, 8, out);
  const qd_json *node = qd_json_member_slice(v->node, name);
  if (!node) return false;
  // Methods of docker's rows return texts or pointers: null is a nil one of these.
  *out = qd_json_is_null(node) ? qd__value_of(x, node, &qd__t_pointer) : qd__value_of(x, node, &qd__t_iface);
  out->iface = false;  // what a method returns has a type of its own
  return true;
}
