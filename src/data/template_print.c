// Values printed as Go's fmt prints them: [a b], map[k:v], {a b}, &{a b}, <nil>.
#include <stdlib.h>

#include "data/template_print.h"

#define DEPTH_MAX 220  // above what the JSON tree may have

static void print(qd__printer *p, const qd__value *v, uint32_t verb, unsigned depth);

static void add(qd__printer *p, const char *s) { (void)qd_buf_adds(p->f.out, s); }

// Go's nil interface. Every other value has a type.
static bool is_nothing(const qd__value *v) { return v->kind == K_INVALID || v->kind == K_IFACE || !v->type; }

static void bad_verb(qd__printer *p, const qd__value *v, uint32_t verb) {
  add(p, "%!");
  qd__rune_add(p->f.out, verb);
  add(p, "(");
  if (is_nothing(v)) {
    add(p, "<nil>");
  } else {
    p->erroring = true;
    add(p, v->type->name);
    add(p, "=");
    print(p, v, 'v', 0);
    p->erroring = false;
  }
  add(p, ")");
}

static void print_integer(qd__printer *p, const qd__value *v, uint32_t verb) {
  bool is_signed = v->kind == K_INT;
  qd__fmt *f = &p->f;
  switch (verb) {
    case 'v':
      if (f->sharp_v && !is_signed) {
        bool sharp = f->sharp;
        f->sharp = true;
        qd__fmt_integer(f, v->u, 16, false, 'v', qd__ldigits);
        f->sharp = sharp;
        break;
      }
      qd__fmt_integer(f, v->u, 10, is_signed, 'v', qd__ldigits);
      break;
    case 'd':
      qd__fmt_integer(f, v->u, 10, is_signed, 'd', qd__ldigits);
      break;
    case 'b':
      qd__fmt_integer(f, v->u, 2, is_signed, 'b', qd__ldigits);
      break;
    case 'o':
    case 'O':
      qd__fmt_integer(f, v->u, 8, is_signed, (char)verb, qd__ldigits);
      break;
    case 'x':
      qd__fmt_integer(f, v->u, 16, is_signed, 'x', qd__ldigits);
      break;
    case 'X':
      qd__fmt_integer(f, v->u, 16, is_signed, 'X', qd__udigits);
      break;
    case 'c':
      qd__fmt_char(f, v->u);
      break;
    case 'q':
      qd__fmt_quoted_char(f, v->u);
      break;
    case 'U':
      qd__fmt_unicode(f, v->u);
      break;
    default:
      bad_verb(p, v, verb);
      break;
  }
}

static bool float_verb(qd__printer *p, double d, uint32_t verb) {
  switch (verb) {
    case 'v':
      qd__fmt_float(&p->f, d, 'g', -1);
      return true;
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      qd__fmt_float(&p->f, d, (char)verb, -1);
      return true;
    case 'f':
    case 'e':
    case 'E':
      qd__fmt_float(&p->f, d, (char)verb, 6);
      return true;
    case 'F':
      qd__fmt_float(&p->f, d, 'f', 6);
      return true;
    default:
      return false;
  }
}

static void print_complex(qd__printer *p, const qd__value *v, uint32_t verb) {
  if (verb > 127 || !strchr("vbgGxXfFeE", (int)verb)) {
    bad_verb(p, v, verb);
    return;
  }
  bool plus = p->f.plus;
  add(p, "(");
  (void)float_verb(p, v->f, verb);
  p->f.plus = true;
  (void)float_verb(p, v->imag, verb);
  add(p, "i)");
  p->f.plus = plus;
}

static void print_string(qd__printer *p, const qd__value *v, qd_slice s, uint32_t verb) {
  qd__fmt *f = &p->f;
  if (verb == 's' || (verb == 'v' && !f->sharp_v))
    qd__fmt_string(f, s);
  else if (verb == 'q' || verb == 'v')
    qd__fmt_quoted(f, s);
  else if (verb == 'x')
    qd__fmt_hex(f, s, qd__ldigits);
  else if (verb == 'X')
    qd__fmt_hex(f, s, qd__udigits);
  else
    bad_verb(p, v, verb);
}

// An address that Go would show differently in every run.
static void print_pointer(qd__printer *p, const qd__value *v, uint32_t verb) {
  qd__fmt *f = &p->f;
  bool can_point = v->kind == K_PTR || v->kind == K_MAP || v->kind == K_SLICE;
  qd__value address = {.kind = K_UINT, .type = &qd__t_uint8, .u = v->nil ? 0 : 0xc000010000};
  bool sharp = f->sharp;
  if (!can_point || verb > 127 || !strchr("vpbodxX", (int)verb)) {
    bad_verb(p, v, verb);
  } else if (verb == 'v' && f->sharp_v) {
    (void)qd_buf_addf(f->out, "(%s)(", v->type->name);
    f->sharp = true;
    if (v->nil)
      add(p, "nil");
    else
      qd__fmt_integer(f, address.u, 16, false, 'v', qd__ldigits);
    f->sharp = sharp;
    add(p, ")");
  } else if (verb == 'v' && v->nil) {
    qd__fmt_pad(f, QD_SLICE("<nil>"));
  } else if (verb == 'v' || verb == 'p') {
    f->sharp = !f->sharp;
    qd__fmt_integer(f, address.u, 16, false, 'v', qd__ldigits);
    f->sharp = sharp;
  } else {
    print_integer(p, &address, verb);
  }
}

static void separator(qd__printer *p, size_t i) {
  if (i) add(p, p->f.sharp_v ? ", " : " ");
}

static void print_map(qd__printer *p, const qd__value *v, uint32_t verb, unsigned depth) {
  add(p, p->f.sharp_v ? v->type->name : "map");
  if (p->f.sharp_v && v->nil) {
    add(p, "(nil)");
    return;
  }
  add(p, p->f.sharp_v ? "{" : "[");
  size_t n;
  qd__member *m = qd__map_sorted(v, &n);
  for (size_t i = 0; i < n && !p->f.out->overflow; i++) {
    qd__value key = qd__make_str(m[i].key);
    qd__value item = qd__value_of(p->x, m[i].node, v->type->elem);
    key.type = v->type->key;
    separator(p, i);
    print(p, &key, verb, depth + 1);
    add(p, ":");
    print(p, &item, verb, depth + 1);
  }
  free(m);
  add(p, p->f.sharp_v ? "}" : "]");
}

static void print_struct(qd__printer *p, const qd__value *v, uint32_t verb, unsigned depth) {
  if (p->f.sharp_v) add(p, v->type->name);
  add(p, "{");
  size_t n = v->type->dynamic ? qd_json_count(v->node) : v->type->n;
  for (size_t i = 0; i < n && !p->f.out->overflow; i++) {
    qd_slice name = {0};
    qd__value item;
    if (v->type->dynamic) {
      const qd_json *node = qd_json_member_at(v->node, i, &name);
      item = qd__value_of(p->x, node, &qd__t_iface);
    } else {
      name = qd_slice_of(v->type->fields[i].name);
      item = qd__struct_at(p->x, v, i);
    }
    separator(p, i);
    if (p->f.plus_v || p->f.sharp_v) {
      (void)qd_buf_add(p->f.out, name.p, name.n);
      add(p, ":");
    }
    print(p, &item, verb, depth + 1);
  }
  add(p, "}");
}

static void print_slice(qd__printer *p, const qd__value *v, uint32_t verb, unsigned depth) {
  if (p->f.sharp_v) add(p, v->type->name);
  if (p->f.sharp_v && v->nil) {
    add(p, "(nil)");
    return;
  }
  add(p, p->f.sharp_v ? "{" : "[");
  for (size_t i = 0; i < v->n && !p->f.out->overflow; i++) {
    qd__value item = qd__slice_at(p->x, v, i);
    separator(p, i);
    print(p, &item, verb, depth + 1);
  }
  add(p, p->f.sharp_v ? "}" : "]");
}

// json.Number, time.Time and time.Duration print through their String method.
static bool print_stringer(qd__printer *p, const qd__value *v, uint32_t verb) {
  if (p->erroring || p->f.sharp_v || verb > 127 || !strchr("vsxXq", (int)verb) || !qd__is_stringer(v)) return false;
  qd_buf b;
  qd_buf_init(&b, 4096);
  qd__stringer(v, &b);
  print_string(p, v, qd_buf_slice(&b), verb);
  qd_buf_deinit(&b);
  return true;
}

static void print_nil(qd__printer *p, const qd__value *v, uint32_t verb, unsigned depth) {
  if (depth == 0 && (verb == 'v' || verb == 'T'))
    qd__fmt_pad(&p->f, QD_SLICE("<nil>"));
  else if (depth && p->f.sharp_v)
    add(p, "interface {}(nil)");
  else if (depth && v->kind == K_IFACE)
    add(p, "<nil>");
  else
    bad_verb(p, v, verb);
}

static void print(qd__printer *p, const qd__value *v, uint32_t verb, unsigned depth) {
  if (depth > DEPTH_MAX || print_stringer(p, v, verb)) return;
  switch (v->kind) {
    case K_INVALID:
    case K_IFACE:
      print_nil(p, v, verb, depth);
      break;
    case K_BOOL:
      if (verb == 't' || verb == 'v')
        qd__fmt_pad(&p->f, v->b ? QD_SLICE("true") : QD_SLICE("false"));
      else
        bad_verb(p, v, verb);
      break;
    case K_INT:
    case K_UINT:
      print_integer(p, v, verb);
      break;
    case K_FLOAT:
      if (!float_verb(p, v->f, verb)) bad_verb(p, v, verb);
      break;
    case K_COMPLEX:
      print_complex(p, v, verb);
      break;
    case K_STRING:
      print_string(p, v, v->s, verb);
      break;
    case K_MAP:
      print_map(p, v, verb, depth);
      break;
    case K_STRUCT:
      print_struct(p, v, verb, depth);
      break;
    case K_SLICE:
      print_slice(p, v, verb, depth);
      break;
    case K_PTR: {
      qd__kind k = v->type->elem->kind;
      if (depth || v->nil || (k != K_SLICE && k != K_STRUCT && k != K_MAP)) {
        print_pointer(p, v, verb);
        break;
      }
      qd__value elem = qd__ptr_elem(p->x, v);
      add(p, "&");
      print(p, &elem, verb, depth + 1);
      break;
    }
  }
}

void qd__print_arg(qd__printer *p, const qd__value *v, uint32_t verb) {
  bool nil = is_nothing(v);
  bool simple = v->kind <= K_STRING && v->type && v->type->special == S_NONE;
  if (verb == 'T' && !nil)
    qd__fmt_string(&p->f, qd_slice_of(v->type->name));
  else if (verb == 'p' && !nil)
    print_pointer(p, v, 'p');
  else if (verb == 'w' && !nil && !simple)
    bad_verb(p, v, 'w');
  else
    print(p, v, verb, 0);
}
