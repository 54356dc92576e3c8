// Actions: control structures, definitions, and what stands between them.
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_parse.h"

void qd__parse_var(qd__parser *p, qd_slice name) {
  if (p->vars_n == p->vars_room) {
    p->vars_room = p->vars_room ? p->vars_room * 2 : 8;
    p->vars = qd_xrealloc(p->vars, p->vars_room * sizeof *p->vars);
  }
  p->vars[p->vars_n++] = name;
}

bool qd__parse_quoted(qd__parser *p, qd_slice literal, qd_slice *out) {
  qd_buf b;
  qd_buf_init(&b, literal.n * 3 + 1);
  bool ok = qd__unquote(literal, &b);
  if (ok)
    *out = qd__arena_dup(&p->run->t->arena, qd_buf_slice(&b));
  else
    (void)qd__parse_fail(p, "invalid syntax");
  qd_buf_deinit(&b);
  return ok;
}

// Items up to {{end}} or {{else}}, which goes to *end.
qd__node *qd__parse_list(qd__parser *p, qd__node **end) {
  qd__node *list = qd__node_new(p, N_LIST, qd__parse_peek_word(p).pos);
  while (qd__parse_peek_word(p).kind != T_EOF) {
    qd__node *n = qd__parse_item(p);
    if (!n) return NULL;
    if (n->kind == N_END || n->kind == N_ELSE) {
      *end = n;
      return list;
    }
    qd__node_add(p, list, n);
  }
  return qd__parse_fail(p, "unexpected EOF");
}

static qd__node *jump(qd__parser *p, const qd__tok *t) {
  const char *word = t->kind == T_BREAK ? "{{break}}" : "{{continue}}";
  qd__tok end = qd__parse_next_word(p);
  if (end.kind != T_RDELIM) return qd__parse_unexpected(p, &end, word);
  if (p->range_depth == 0) return qd__parse_fail(p, "%s outside {{range}}", word);
  return qd__node_new(p, t->kind == T_BREAK ? N_BREAK : N_CONTINUE, t->pos);
}

static qd__node *otherwise(qd__parser *p) {
  qd__tok t = qd__parse_peek_word(p);
  if (t.kind != T_IF && t.kind != T_WITH) {  // "{{else if": the word is left for control()
    t = qd__parse_next_word(p);
    if (t.kind != T_RDELIM) return qd__parse_unexpected(p, &t, "else");
  }
  return qd__node_new(p, N_ELSE, t.pos);
}

static qd__node *control(qd__parser *p, qd__node_kind kind, qd__tok_kind again);

static bool else_part(qd__parser *p, qd__node *n, qd__tok_kind again, size_t pos) {
  if (again != T_EOF && qd__parse_peek(p).kind == again) {  // {{else if x}} is {{else}}{{if x}} with one {{end}}
    (void)qd__parse_next(p);
    n->otherwise = qd__node_new(p, N_LIST, pos);
    qd__node *inner = control(p, n->kind, again);
    if (inner) qd__node_add(p, n->otherwise, inner);
    return inner != NULL;
  }
  qd__node *end = NULL;
  n->otherwise = qd__parse_list(p, &end);
  if (!n->otherwise) return false;
  if (end->kind == N_END) return true;
  (void)qd__parse_fail(p, "expected end; found {{else}}");
  return false;
}

static qd__node *control(qd__parser *p, qd__node_kind kind, qd__tok_kind again) {
  static const char *const words[] = {[N_IF] = "if", [N_RANGE] = "range", [N_WITH] = "with"};
  if (!qd__parse_deeper(p)) return NULL;
  size_t vars = p->vars_n;
  qd__node *pipe = qd__parse_pipe(p, words[kind], T_RDELIM);
  if (!pipe) return NULL;
  qd__node *n = qd__node_new(p, kind, pipe->pos);
  n->pipe = pipe;
  qd__node *end = NULL;
  p->range_depth += kind == N_RANGE;
  n->list = qd__parse_list(p, &end);
  p->range_depth -= kind == N_RANGE;
  if (!n->list || !end || (end->kind == N_ELSE && !else_part(p, n, again, end->pos))) return NULL;
  p->vars_n = vars;
  p->run->depth--;
  return n;
}

static bool template_name(qd__parser *p, const char *context, qd__tok *t, qd_slice *name) {
  *t = qd__parse_next_word(p);
  if (t->kind != T_STRING && t->kind != T_RAWSTRING) return qd__parse_unexpected(p, t, context) != NULL;
  return qd__parse_quoted(p, t->text, name);
}

static qd__node *call_template(qd__parser *p) {
  const char *context = "template clause";
  qd__tok t;
  qd_slice name = {NULL, 0};
  if (!template_name(p, context, &t, &name)) return NULL;
  qd__node *n = qd__node_new(p, N_TEMPLATE, t.pos);
  n->text = name;
  if (qd__parse_next_word(p).kind == T_RDELIM) return n;
  qd__parse_backup(p);
  n->pipe = qd__parse_pipe(p, context, T_RDELIM);
  return n->pipe ? n : NULL;
}

static qd__node *block(qd__parser *p) {
  const char *context = "block clause";
  qd__tok t;
  qd_slice name = {NULL, 0};
  if (!template_name(p, context, &t, &name)) return NULL;
  qd__node *n = qd__node_new(p, N_TEMPLATE, t.pos);
  n->text = name;
  n->pipe = qd__parse_pipe(p, context, T_RDELIM);
  if (!n->pipe || !qd__parse_deeper(p) || !qd__parse_tree(p, name, context)) return NULL;
  p->run->depth--;
  return n;
}

static qd__node *action(qd__parser *p) {
  qd__tok t = qd__parse_next_word(p);
  switch (t.kind) {
    case T_BLOCK:
      return block(p);
    case T_BREAK:
    case T_CONTINUE:
      return jump(p, &t);
    case T_ELSE:
      return otherwise(p);
    case T_END: {
      qd__tok end = qd__parse_next_word(p);
      return end.kind == T_RDELIM ? qd__node_new(p, N_END, end.pos) : qd__parse_unexpected(p, &end, "end");
    }
    case T_IF:
      return control(p, N_IF, T_IF);
    case T_RANGE:
      return control(p, N_RANGE, T_EOF);
    case T_TEMPLATE:
      return call_template(p);
    case T_WITH:
      return control(p, N_WITH, T_WITH);
    default:
      break;
  }
  qd__parse_backup(p);
  t = qd__parse_peek(p);
  qd__node *pipe = qd__parse_pipe(p, "command", T_RDELIM);
  if (!pipe) return NULL;
  qd__node *n = qd__node_new(p, N_ACTION, t.pos);
  n->pipe = pipe;
  return n;
}

qd__node *qd__parse_item(qd__parser *p) {
  qd__tok t = qd__parse_next_word(p);
  if (t.kind == T_TEXT) {
    qd__node *n = qd__node_new(p, N_TEXT, t.pos);
    n->text = t.text;
    return n;
  }
  if (t.kind != T_LDELIM) return qd__parse_unexpected(p, &t, "input");
  p->action_line = t.line;
  qd__node *n = action(p);
  p->action_line = 0;
  return n;
}
