// eq ne lt le gt ge: basic kinds compare with their own, integers whatever their sign; nil compares with nil.
#include "data/template_int.h"

typedef enum basic { B_NONE, B_BOOL, B_COMPLEX, B_INT, B_FLOAT, B_STRING, B_UINT } basic;

static basic basic_of(const qd__value *v) {
  switch (v->kind) {
    case K_BOOL:
      return B_BOOL;
    case K_INT:
      return B_INT;
    case K_UINT:
      return B_UINT;
    case K_FLOAT:
      return B_FLOAT;
    case K_COMPLEX:
      return B_COMPLEX;
    case K_STRING:
      return B_STRING;
    default:
      return B_NONE;
  }
}

static int compare_strings(qd_slice a, qd_slice b) {
  size_t n = a.n < b.n ? a.n : b.n;
  int c = n ? memcmp(a.p, b.p, n) : 0;
  return c ? c : (a.n > b.n) - (a.n < b.n);
}

static bool is_nil(const qd__value *v) {
  return v->kind == K_INVALID || v->kind == K_IFACE || ((v->kind == K_MAP || v->kind == K_PTR || v->kind == K_SLICE) && v->nil);
}

static bool same_basic(basic k, const qd__value *a, const qd__value *b) {
  switch (k) {
    case B_BOOL:
      return a->b == b->b;
    case B_COMPLEX:
      return a->f == b->f && a->imag == b->imag;
    case B_FLOAT:
      return a->f == b->f;
    case B_INT:
      return a->i == b->i;
    case B_UINT:
      return a->u == b->u;
    default:
      return compare_strings(a->s, b->s) == 0;
  }
}

// Neither is of a basic kind.
static bool same_other(qd__exec *x, const qd__value *a, const qd__value *b) {
  if (a->kind != b->kind && a->kind != K_INVALID && b->kind != K_INVALID) {
    qd_buf p;
    qd_buf q;
    qd_buf_init(&p, 150);
    qd_buf_init(&q, 150);
    qd__print_value(x, a, 's', &p);
    qd__print_value(x, b, 'v', &q);
    (void)qd__call_fail(x, "non-comparable types %s: %s, %s: %s", p.p ? p.p : "", a->type->name, b->type->name, q.p ? q.p : "");
    qd_buf_deinit(&p);
    qd_buf_deinit(&q);
    return false;
  }
  if (is_nil(a) || is_nil(b)) return is_nil(a) == is_nil(b);
  if (b->kind == K_SLICE || b->kind == K_MAP) {
    qd_buf p;
    qd_buf_init(&p, 300);
    qd__print_value(x, b, 's', &p);
    (void)qd__call_fail(x, "non-comparable type %s: %s", p.p ? p.p : "", b->type->name);
    qd_buf_deinit(&p);
    return false;
  }
  return a->kind == K_PTR ? a->node == b->node : qd_json_equal(a->node, b->node);
}

static bool equal(qd__exec *x, qd__value a, qd__value b) {
  a = qd__unwrap(a);
  b = qd__unwrap(b);
  basic p = basic_of(&a);
  basic q = basic_of(&b);
  if (p == q && p != B_NONE) return same_basic(p, &a, &b);
  if (p == q) return same_other(x, &a, &b);
  if (p == B_INT && q == B_UINT) return a.i >= 0 && (uint64_t)a.i == b.u;
  if (p == B_UINT && q == B_INT) return b.i >= 0 && a.u == (uint64_t)b.i;
  if (a.kind != K_INVALID && b.kind != K_INVALID) (void)qd__call_fail(x, "incompatible types for comparison");
  return false;
}

static bool less(qd__exec *x, qd__value a, qd__value b) {
  a = qd__unwrap(a);
  b = qd__unwrap(b);
  basic p = basic_of(&a);
  basic q = basic_of(&b);
  if (p == B_NONE || q == B_NONE) return (void)qd__call_fail(x, "invalid type for comparison"), false;
  if (p == B_INT && q == B_UINT) return a.i < 0 || (uint64_t)a.i < b.u;
  if (p == B_UINT && q == B_INT) return b.i >= 0 && a.u < (uint64_t)b.i;
  if (p != q) return (void)qd__call_fail(x, "incompatible types for comparison"), false;
  switch (p) {
    case B_FLOAT:
      return a.f < b.f;
    case B_INT:
      return a.i < b.i;
    case B_UINT:
      return a.u < b.u;
    case B_STRING:
      return compare_strings(a.s, b.s) < 0;
    default:
      (void)qd__call_fail(x, "invalid type for comparison");
      return false;
  }
}

static qd__value f_eq(qd__exec *x, qd__value *v, size_t n) {
  if (n < 2) return qd__call_fail(x, "missing argument for comparison");
  for (size_t i = 1; i < n && !x->failed; i++)
    if (equal(x, v[0], v[i])) return qd__make_bool(true);
  return qd__make_bool(false);
}
static qd__value f_ne(qd__exec *x, qd__value *v, size_t n) { return (void)n, qd__make_bool(!equal(x, v[0], v[1])); }
static qd__value f_lt(qd__exec *x, qd__value *v, size_t n) { return (void)n, qd__make_bool(less(x, v[0], v[1])); }
static qd__value f_ge(qd__exec *x, qd__value *v, size_t n) { return (void)n, qd__make_bool(!less(x, v[0], v[1])); }
// <= is < or ==, as Go computes it (it matters for NaN and for types that only == takes).
static bool at_most(qd__exec *x, const qd__value *v) { return less(x, v[0], v[1]) || (!x->failed && equal(x, v[0], v[1])); }
static qd__value f_le(qd__exec *x, qd__value *v, size_t n) { return (void)n, qd__make_bool(at_most(x, v)); }
static qd__value f_gt(qd__exec *x, qd__value *v, size_t n) { return (void)n, qd__make_bool(!at_most(x, v)); }

const qd__func qd__funcs_compare[] = {
    {.name = "eq", .fixed = 1, .variadic = true, .reflect = true, .call = f_eq},
    {.name = "ne", .fixed = 2, .call = f_ne},
    {.name = "lt", .fixed = 2, .call = f_lt},
    {.name = "le", .fixed = 2, .call = f_le},
    {.name = "gt", .fixed = 2, .call = f_gt},
    {.name = "ge", .fixed = 2, .call = f_ge},
    {.name = NULL},
};
