// Calling functions: how many arguments, of which types, and what Go says when they do not fit.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_int.h"

qd__value qd__call_fail(qd__exec *x, const char *fmt, ...) {
  char text[400];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  const qd__node *n = x->node;
  const qd__node *first = n && n->kind == N_COMMAND ? n->items[0] : n;
  qd_slice name = first ? first->text : QD_SLICE("");
  return qd__exec_fail(x, "error calling %.*s: %s", (int)name.n, name.p, text);
}

const qd__func *qd__func_find(qd_slice name) {
  static const qd__func *const tables[] = {qd__funcs_basic, qd__funcs_compare, qd__funcs_text};
  for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
    for (const qd__func *f = tables[t]; f->name; f++)
      if (qd_slice_is(name, f->name)) return f;
  return NULL;
}

static bool count_fits(qd__exec *x, const qd__func *f, size_t given, const qd__value *final) {
  size_t count = given + (final != NULL);
  if (f->variadic && count < f->fixed) {
    (void)qd__exec_fail(x, "wrong number of args for %s: want at least %u got %zu", f->name, f->fixed, given);
    return false;
  }
  if (!f->variadic && count != f->fixed) {
    (void)qd__exec_fail(x, "wrong number of args for %s: want %u got %zu", f->name, f->fixed, count);
    return false;
  }
  return true;
}

static const qd__type *param(const qd__func *f, size_t i) {
  if (i < f->fixed) return f->in[i];
  return f->reflect ? NULL : &qd__t_iface;
}

// and, or: the first argument that settles it, else the last.
static qd__value short_circuit(qd__exec *x, qd__value dot, const qd__func *f, size_t given, const qd__node *const *args,
                               const qd__value *final) {
  qd__value v = qd__invalid();
  bool is_or = f->name[0] == 'o';
  for (size_t i = 0; i < given && !x->failed; i++) {
    v = qd__eval_arg(x, dot, NULL, args[i]);
    if (qd__truth(&v) == is_or) return v;
  }
  return final && !x->failed ? *final : v;
}

qd__value qd__eval_call(qd__exec *x, qd__value dot, const qd__func *f, const qd__node *node, size_t argc, const qd__node *const *args,
                        const qd__value *final) {
  size_t given = argc ? argc - 1 : 0;
  if (argc) args++;
  if (x->options->header) f = qd__func_for_header(f);
  x->node = node->kind == N_COMMAND ? node->items[0] : node;
  if (!count_fits(x, f, given, final) || !qd__exec_enter(x)) return qd__invalid();
  if (f->short_circuit) {
    qd__value v = short_circuit(x, dot, f, given, args, final);
    qd__exec_leave(x);
    return v;
  }
  size_t n = given + (final != NULL);
  qd__value *argv = qd_xcalloc(n ? n : 1, sizeof *argv);
  for (size_t i = 0; i < given && !x->failed; i++) argv[i] = qd__eval_arg(x, dot, param(f, i), args[i]);
  if (final && !x->failed) argv[given] = qd__validate(x, *final, param(f, given));
  qd__value v = qd__invalid();
  if (!x->failed) {
    const qd__node *at = x->node;
    x->node = node;
    v = f->call(x, argv, n);
    if (!x->failed) x->node = at;
  }
  free(argv);
  qd__exec_leave(x);
  return x->failed ? qd__invalid() : v;
}
