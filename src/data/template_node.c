// Nodes: looking through them, and their source text as error messages show it.
#include "data/template_int.h"

qd__define *qd__define_find(const qd_template *t, qd_slice name) {
  for (qd__define *d = t->defines; d; d = d->next)
    if (qd_slice_eq(d->name, name)) return d;
  return NULL;
}

bool qd__node_empty(const qd__node *n) {
  if (n->kind == N_TEXT) {
    for (size_t i = 0; i < n->text.n;) {
      uint32_t r;
      i += qd__rune(n->text, i, &r);
      if (!qd__is_space(r)) return false;
    }
    return true;
  }
  if (n->kind != N_LIST) return false;
  for (size_t i = 0; i < n->n; i++)
    if (!qd__node_empty(n->items[i])) return false;
  return true;
}

static void write_names(const qd__node *n, const char *before_first, const char *between, qd_buf *out) {
  for (size_t i = 0; i < n->names_n; i++) {
    (void)qd_buf_adds(out, i ? between : before_first);
    (void)qd_buf_add(out, n->names[i].p, n->names[i].n);
  }
}

static void write_term(const qd__node *n, qd_buf *out) {
  bool paren = n->kind == N_PIPE;
  if (paren) (void)qd_buf_addc(out, '(');
  qd__node_write(n, out);
  if (paren) (void)qd_buf_addc(out, ')');
}

static void write_items(const qd__node *n, const char *between, qd_buf *out) {
  for (size_t i = 0; i < n->n; i++) {
    if (i) (void)qd_buf_adds(out, between);
    if (n->kind == N_COMMAND)
      write_term(n->items[i], out);
    else
      qd__node_write(n->items[i], out);
  }
}

static void write_pipe(const qd__node *n, qd_buf *out) {
  if (n->names_n) {
    write_names(n, "", ", ", out);
    (void)qd_buf_adds(out, n->assign ? " = " : " := ");
  }
  write_items(n, " | ", out);
}

static void write_template(const qd__node *n, qd_buf *out) {
  (void)qd_buf_adds(out, "{{template ");
  qd__quote(n->text, '"', false, out);
  if (n->pipe) {
    (void)qd_buf_addc(out, ' ');
    write_pipe(n->pipe, out);
  }
  (void)qd_buf_adds(out, "}}");
}

// Only what can stand in an error: operands, commands, pipelines and template calls. Depth is the parser's.
void qd__node_write(const qd__node *n, qd_buf *out) {
  switch (n->kind) {
    case N_PIPE:
      write_pipe(n, out);
      break;
    case N_COMMAND:
      write_items(n, " ", out);
      break;
    case N_VARIABLE:
      write_names(n, "", ".", out);
      break;
    case N_FIELD:
      write_names(n, ".", ".", out);
      break;
    case N_CHAIN:
      write_term(n->pipe, out);
      write_names(n, ".", ".", out);
      break;
    case N_DOT:
      (void)qd_buf_addc(out, '.');
      break;
    case N_NIL:
      (void)qd_buf_adds(out, "nil");
      break;
    case N_BOOL:
      (void)qd_buf_adds(out, n->truth ? "true" : "false");
      break;
    case N_TEMPLATE:
      write_template(n, out);
      break;
    case N_ACTION:
      (void)qd_buf_adds(out, "{{");
      write_pipe(n->pipe, out);
      (void)qd_buf_adds(out, "}}");
      break;
    default:
      (void)qd_buf_add(out, n->text.p, n->text.n);
      break;
  }
}

static bool mentions(const qd__node *n, qd_slice field) {
  if (!n) return false;
  bool first_is_var = n->kind == N_VARIABLE;
  if (n->kind == N_FIELD || n->kind == N_CHAIN || first_is_var)
    for (size_t i = first_is_var; i < n->names_n; i++)
      if (qd_slice_eq(n->names[i], field)) return true;
  for (size_t i = 0; i < n->n; i++)
    if (mentions(n->items[i], field)) return true;
  return mentions(n->pipe, field) || mentions(n->list, field) || mentions(n->otherwise, field);
}

bool qd_template_uses(const qd_template *t, const char *field) {
  for (const qd__define *d = t->defines; d; d = d->next)
    if (mentions(d->root, qd_slice_of(field))) return true;
  return false;
}
