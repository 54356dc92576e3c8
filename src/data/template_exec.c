// Running a template: the walk over the nodes that give output, and the state of a run.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_int.h"

// Byte column within the line, and the line, of `pos`.
static void place(qd_slice text, size_t pos, unsigned *line, size_t *column) {
  size_t start = 0;
  *line = 1;
  for (size_t i = 0; i < pos && i < text.n; i++) {
    if (text.p[i] != '\n') continue;
    ++*line;
    start = i + 1;
  }
  *column = pos - start;
}

qd__value qd__exec_fail(qd__exec *x, const char *fmt, ...) {
  if (x->failed) return qd__invalid();
  x->failed = true;
  char why[512];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  unsigned line;
  size_t column;
  qd_buf name;
  qd_buf source;
  qd_buf_init(&name, 256);
  qd_buf_init(&source, 2048);
  qd__quote(x->name, '"', false, &name);
  if (x->node) qd__node_write(x->node, &source);
  place(x->t->text, x->node ? x->node->pos : 0, &line, &column);
  (void)qd_fail(x->err, QD_USAGE, "bad_template", "template: :%u:%zu: executing %s at <%s>: %s", line, column, name.p ? name.p : "\"\"",
                source.p ? source.p : "", why);
  qd_buf_deinit(&name);
  qd_buf_deinit(&source);
  return qd__invalid();
}

bool qd__exec_enter(qd__exec *x) {
  if (x->depth++ < QD__EVAL_MAX) return true;
  (void)qd__exec_fail(x, "nested deeper than %d levels", QD__EVAL_MAX);
  return false;
}

void qd__exec_leave(qd__exec *x) { x->depth--; }

static void push_var(qd__exec *x, qd_slice name, qd__value value) {
  if (x->vars_n == x->vars_room) {
    x->vars_room = x->vars_room ? x->vars_room * 2 : 16;
    x->vars = qd_xrealloc(x->vars, x->vars_room * sizeof *x->vars);
  }
  x->vars[x->vars_n].name = name;
  x->vars[x->vars_n++].value = value;
}

static qd__value *find_var(qd__exec *x, qd_slice name) {
  for (size_t i = x->vars_n; i > x->vars_base; i--)
    if (qd_slice_eq(x->vars[i - 1].name, name)) return &x->vars[i - 1].value;
  (void)qd__exec_fail(x, "undefined variable: %.*s", (int)name.n, name.p);
  return NULL;
}

qd__value qd__eval_variable(qd__exec *x, qd__value dot, const qd__node *n, size_t argc, const qd__node *const *args,
                            const qd__value *final) {
  x->node = n;
  qd__value *var = find_var(x, n->names[0]);
  if (!var) return qd__invalid();
  qd__value v = *var;
  if (n->names_n == 1) {
    if (argc > 1 || final) return qd__exec_fail(x, "can't give argument to non-function %.*s", (int)n->names[0].n, n->names[0].p);
    return v;
  }
  for (size_t i = 1; i < n->names_n && !x->failed; i++) {
    bool last = i + 1 == n->names_n;
    v = qd__eval_field(x, n->names[i], n, last ? argc : 0, args, dot, last ? final : NULL, v);
  }
  return v;
}

// Runs the commands; each gets the value before it as its last argument. Variables declared stay until popped.
qd__value qd__eval_command(qd__exec *x, qd__value dot, const qd__node *cmd, const qd__value *final);

qd__value qd__eval_pipe(qd__exec *x, qd__value dot, const qd__node *pipe) {
  if (!qd__exec_enter(x)) return qd__invalid();
  x->node = pipe;
  qd__value v = qd__invalid();
  for (size_t i = 0; i < pipe->n && !x->failed; i++) v = qd__unwrap(qd__eval_command(x, dot, pipe->items[i], i ? &v : NULL));
  for (size_t i = 0; i < pipe->names_n && !x->failed; i++) {
    if (!pipe->assign) {
      push_var(x, pipe->names[i], v);
      continue;
    }
    qd__value *var = find_var(x, pipe->names[i]);
    if (var) *var = v;
    x->assigned = true;
  }
  qd__exec_leave(x);
  return x->failed ? qd__invalid() : v;
}

static void write_out(qd__exec *x, qd_slice s) {
  if (!x->failed && !qd_buf_add(x->out, s.p, s.n)) (void)qd__exec_fail(x, "output larger than %zu bytes", x->out->cap);
}

static void print(qd__exec *x, const qd__node *n, qd__value v) {
  x->node = n;
  bool nil = false;
  if (v.kind == K_PTR) v = qd__indirect(x, v, &nil);
  if (v.kind == K_INVALID) {
    write_out(x, QD_SLICE("<no value>"));
    return;
  }
  qd__sprint(x, &v, 1, x->out);
  if (x->out->overflow) (void)qd__exec_fail(x, "output larger than %zu bytes", x->out->cap);
}

static void walk(qd__exec *x, qd__value dot, const qd__node *n);

static void walk_action(qd__exec *x, qd__value dot, const qd__node *n) {
  if (n->pipe->names_n) {
    (void)qd__eval_pipe(x, dot, n->pipe);
    return;
  }
  bool assigned = x->assigned;
  qd__mark mark = qd__arena_mark(&x->arena);
  x->assigned = false;
  qd__value v = qd__eval_pipe(x, dot, n->pipe);
  if (!x->failed) print(x, n, v);
  if (!x->assigned) qd__arena_reset(&x->arena, mark);  // an assignment in parentheses would keep some of it
  x->assigned = x->assigned || assigned;
}

static void walk_branch(qd__exec *x, qd__value dot, const qd__node *n) {
  size_t vars = x->vars_n;
  qd__value v = qd__eval_pipe(x, dot, n->pipe);
  if (x->failed) return;
  if (qd__truth(&v))
    walk(x, n->kind == N_WITH ? v : dot, n->list);
  else if (n->otherwise)
    walk(x, dot, n->otherwise);
  x->vars_n = vars;
}

// One turn of a loop; false ends it.
static bool turn(qd__exec *x, const qd__node *n, qd__value index, qd__value elem) {
  if (++x->loops > QD__LOOP_MAX) {
    (void)qd__exec_fail(x, "more than %d loop steps", QD__LOOP_MAX);
    return false;
  }
  const qd__node *pipe = n->pipe;
  if (pipe->names_n && pipe->assign) {
    qd__value *first = find_var(x, pipe->names[0]);
    qd__value *second = pipe->names_n > 1 ? find_var(x, pipe->names[1]) : NULL;
    if (first) *first = pipe->names_n > 1 ? index : elem;
    if (second) *second = elem;
    x->assigned = true;
  } else if (pipe->names_n) {
    x->vars[x->vars_n - 1].value = elem;
    if (pipe->names_n > 1) x->vars[x->vars_n - 2].value = index;
  }
  size_t vars = x->vars_n;
  bool assigned = x->assigned;
  qd__mark mark = qd__arena_mark(&x->arena);
  x->assigned = false;
  walk(x, elem, n->list);
  x->vars_n = vars;
  if (!x->assigned) qd__arena_reset(&x->arena, mark);
  x->assigned = x->assigned || assigned;
  x->in_continue = false;
  bool stop = x->in_break || x->failed;
  x->in_break = false;
  return !stop;
}

// false: nothing to loop over.
static bool loop(qd__exec *x, const qd__node *n, const qd__value *v) {
  if (v->kind == K_SLICE) {
    for (size_t i = 0; i < v->n; i++)
      if (!turn(x, n, qd__make_int((int64_t)i), qd__slice_at(x, v, i))) break;
    return v->n != 0;
  }
  if (v->kind == K_MAP) {
    size_t count;
    qd__member *m = qd__map_sorted(v, &count);
    for (size_t i = 0; i < count; i++) {
      qd__value key = qd__make_str(m[i].key);
      key.type = v->type->key;
      if (!turn(x, n, key, qd__value_of(x, m[i].node, v->type->elem))) break;
    }
    free(m);
    return count != 0;
  }
  if (n->pipe->names_n > 1) {
    (void)qd__exec_fail(x, "can't use %lld to iterate over more than one variable", (long long)v->i);
    return true;
  }
  for (int64_t i = 0; i < v->i; i++) {
    qd__value elem = *v;
    elem.i = i;
    if (!turn(x, n, qd__invalid(), elem)) break;
  }
  return v->i > 0;
}

static void walk_range(qd__exec *x, qd__value dot, const qd__node *n) {
  size_t vars = x->vars_n;
  bool nil;
  qd__value v = qd__indirect(x, qd__eval_pipe(x, dot, n->pipe), &nil);
  if (x->failed) return;
  bool empty = v.kind == K_INVALID;
  if (!empty && v.kind != K_SLICE && v.kind != K_MAP && v.kind != K_INT && v.kind != K_UINT) {
    qd_buf b;
    qd_buf_init(&b, 400);
    qd__print_value(x, &v, 'v', &b);
    (void)qd__exec_fail(x, "range can't iterate over %s", b.p ? b.p : "");
    qd_buf_deinit(&b);
  } else if ((empty || !loop(x, n, &v)) && n->otherwise && !x->failed) {
    walk(x, dot, n->otherwise);
  }
  x->vars_n = vars;
}

// The called template sees the argument alone: as dot and as $.
static void walk_template(qd__exec *x, qd__value dot, const qd__node *n) {
  const qd__define *d = qd__define_find(x->t, n->text);
  if (!d) {
    qd_buf b;
    qd_buf_init(&b, 300);
    qd__quote(n->text, '"', false, &b);
    (void)qd__exec_fail(x, "template %s not defined", b.p ? b.p : "");
    qd_buf_deinit(&b);
    return;
  }
  if (x->calls >= QD__NEST_MAX) {
    (void)qd__exec_fail(x, "exceeded maximum template depth (%d)", QD__NEST_MAX);
    return;
  }
  if (++x->loops > QD__LOOP_MAX) {
    (void)qd__exec_fail(x, "more than %d loop steps", QD__LOOP_MAX);
    return;
  }
  qd__value arg = n->pipe ? qd__eval_pipe(x, dot, n->pipe) : qd__invalid();
  if (x->failed) return;
  size_t vars = x->vars_n;
  size_t base = x->vars_base;
  qd_slice name = x->name;
  x->vars_base = vars;
  x->name = d->name;
  x->calls++;
  push_var(x, QD_SLICE("$"), arg);
  walk(x, arg, d->root);
  x->calls--;
  if (!x->failed) x->name = name;
  x->vars_base = base;
  x->vars_n = vars;
}

static void walk(qd__exec *x, qd__value dot, const qd__node *n) {
  if (!qd__exec_enter(x)) return;
  x->node = n;
  switch (n->kind) {
    case N_LIST:
      for (size_t i = 0; i < n->n && !x->failed && !x->in_break && !x->in_continue; i++) walk(x, dot, n->items[i]);
      break;
    case N_TEXT:
      write_out(x, n->text);
      break;
    case N_ACTION:
      walk_action(x, dot, n);
      break;
    case N_IF:
    case N_WITH:
      walk_branch(x, dot, n);
      break;
    case N_RANGE:
      walk_range(x, dot, n);
      break;
    case N_TEMPLATE:
      walk_template(x, dot, n);
      break;
    case N_BREAK:
      x->in_break = true;
      break;
    case N_CONTINUE:
      x->in_continue = true;
      break;
    default:
      break;
  }
  qd__exec_leave(x);
}

static qd__value root_value(qd__exec *x, const qd_json *root, qd__type *named) {
  const char *name = x->options->type_name;
  if (!name) return qd__unwrap(qd__value_of(x, root, &qd__t_iface));
  bool pointer = name[0] == '*';
  const qd__type *known = x->options->types ? qd__types_find(x->options->types, name + pointer) : NULL;
  named[0] = (qd__type){.kind = K_STRUCT, .name = name + pointer, .dynamic = true};
  named[1] = (qd__type){.kind = K_PTR, .name = name, .elem = known ? known : &named[0]};
  return qd__value_of(x, root, pointer ? &named[1] : named[1].elem);
}

qd_status qd_template_run(const qd_template *t, const qd_json *root, const qd_template_options *options, qd_buf *out, qd_error *err) {
  static const qd_template_options none = {0};
  qd__exec x = {.t = t, .options = options ? options : &none, .root = root, .out = out, .err = err};
  qd__type named[2];
  const qd__define *main = qd__define_find(t, QD_SLICE(""));
  qd__value dot = root_value(&x, root, named);
  push_var(&x, QD_SLICE("$"), dot);
  walk(&x, dot, main->root);
  free(x.vars);
  qd__arena_free(&x.arena);
  return x.failed ? err->category : QD_OK;
}
