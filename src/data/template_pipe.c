// Pipelines, commands, operands.
#include "data/template_parse.h"

static bool starts_operand(qd__tok_kind k) {
  switch (k) {
    case T_BOOL:
    case T_CHARCONST:
    case T_COMPLEX:
    case T_DOT:
    case T_FIELD:
    case T_IDENT:
    case T_NUMBER:
    case T_NIL:
    case T_RAWSTRING:
    case T_STRING:
    case T_VARIABLE:
    case T_LPAREN:
      return true;
    default:
      return false;
  }
}

static void add_name(qd__parser *p, qd__node *n, qd_slice name) {
  qd_slice *names = qd__arena_alloc(&p->run->t->arena, (n->names_n + 1) * sizeof *names);
  if (n->names_n) memcpy(names, n->names, n->names_n * sizeof *names);
  names[n->names_n++] = name;
  n->names = names;
}

// The term and the fields behind it: $x.Y.Z and .X.Y are one node, (pipe).Y is a chain.
static qd__node *number(qd__parser *p, const qd__tok *t) {
  qd__node *n = qd__node_new(p, N_NUMBER, t->pos);
  char why[128];
  n->text = t->text;
  return qd__number_parse(n, t->kind, why, sizeof why) ? n : qd__parse_fail(p, "%s", why);
}

static qd__node *variable(qd__parser *p, const qd__tok *t) {
  qd__node *n = qd__node_new(p, N_VARIABLE, t->pos);
  add_name(p, n, t->text);
  for (size_t i = 0; i < p->vars_n; i++)
    if (qd_slice_eq(p->vars[i], t->text)) return n;
  qd_buf b;
  qd_buf_init(&b, 4096);
  qd__quote(t->text, '"', false, &b);
  (void)qd__parse_fail(p, "undefined variable %s", b.p ? b.p : "");
  qd_buf_deinit(&b);
  return NULL;
}

static qd__node *identifier(qd__parser *p, const qd__tok *t) {
  qd__node *n = qd__node_new(p, N_IDENT, t->pos);
  n->text = t->text;
  n->func = qd__func_find(t->text);
  if (n->func) return n;
  qd_buf b;
  qd_buf_init(&b, 4096);
  qd__quote(t->text, '"', false, &b);
  (void)qd__parse_fail(p, "function %s not defined", b.p ? b.p : "");
  qd_buf_deinit(&b);
  return NULL;
}

static qd__node *parenthesised(qd__parser *p) {
  if (!qd__parse_deeper(p)) return NULL;
  qd__node *n = qd__parse_pipe(p, "parenthesized pipeline", T_RPAREN);
  p->run->depth--;
  return n;
}

// NULL without an error: the next token begins no term.
static qd__node *term(qd__parser *p) {
  qd__tok t = qd__parse_next_word(p);
  qd__node *n;
  switch (t.kind) {
    case T_IDENT:
      return identifier(p, &t);
    case T_DOT:
      return qd__node_new(p, N_DOT, t.pos);
    case T_NIL:
      return qd__node_new(p, N_NIL, t.pos);
    case T_VARIABLE:
      return variable(p, &t);
    case T_FIELD:
      n = qd__node_new(p, N_FIELD, t.pos);
      add_name(p, n, (qd_slice){t.text.p + 1, t.text.n - 1});
      return n;
    case T_BOOL:
      n = qd__node_new(p, N_BOOL, t.pos);
      n->truth = t.text.p[0] == 't';
      return n;
    case T_CHARCONST:
    case T_COMPLEX:
    case T_NUMBER:
      return number(p, &t);
    case T_LPAREN:
      return parenthesised(p);
    case T_STRING:
    case T_RAWSTRING:
      n = qd__node_new(p, N_STRING, t.pos);
      n->text = t.text;
      return qd__parse_quoted(p, t.text, &n->value) ? n : NULL;
    default:
      qd__parse_backup(p);
      return NULL;
  }
}

static qd__node *operand(qd__parser *p) {
  qd__node *n = term(p);
  if (!n || qd__parse_peek(p).kind != T_FIELD) return n;
  size_t pos = qd__parse_peek(p).pos;
  if (n->kind == N_BOOL || n->kind == N_STRING || n->kind == N_NUMBER || n->kind == N_NIL || n->kind == N_DOT) {
    while (qd__parse_peek(p).kind == T_FIELD) (void)qd__parse_next(p);
    qd_buf source;
    qd_buf b;
    qd_buf_init(&source, 4096);
    qd_buf_init(&b, 8192);
    qd__node_write(n, &source);
    qd__quote(qd_buf_slice(&source), '"', false, &b);
    (void)qd__parse_fail(p, "unexpected . after term %s", b.p ? b.p : "");
    qd_buf_deinit(&source);
    qd_buf_deinit(&b);
    return NULL;
  }
  if (n->kind != N_FIELD && n->kind != N_VARIABLE) {
    qd__node *chain = qd__node_new(p, N_CHAIN, pos);
    chain->pipe = n;
    n = chain;
  }
  n->pos = pos;
  while (qd__parse_peek(p).kind == T_FIELD) {
    qd_slice field = qd__parse_next(p).text;
    add_name(p, n, (qd_slice){field.p + 1, field.n - 1});
  }
  return n;
}

static qd__node *command(qd__parser *p) {
  qd__node *cmd = qd__node_new(p, N_COMMAND, qd__parse_peek_word(p).pos);
  for (;;) {
    (void)qd__parse_peek_word(p);
    qd__node *n = operand(p);
    if (p->run->failed) return NULL;
    if (n) qd__node_add(p, cmd, n);
    qd__tok t = qd__parse_next(p);
    if (t.kind == T_SPACE) continue;
    if (t.kind == T_RDELIM || t.kind == T_RPAREN)
      qd__parse_backup(p);
    else if (t.kind != T_PIPE)
      return qd__parse_unexpected(p, &t, "operand");
    return cmd->n ? cmd : qd__parse_fail(p, "empty command");
  }
}

// Puts the last tokens back: the variable, and the space behind it if there was one.
static void put_back(qd__parser *p, qd__tok var, qd__tok after) {
  if (after.kind == T_SPACE) {
    p->tok[1] = after;
    p->tok[2] = var;
    p->peeked = 3;
  } else {
    p->tok[1] = var;
    p->peeked = 2;
  }
}

// "$x :=", "$x =", in range "$i, $x :=". false: an error.
static bool declarations(qd__parser *p, qd__node *pipe, bool range, const char *context) {
  while (qd__parse_peek_word(p).kind == T_VARIABLE) {
    qd__tok v = qd__parse_next(p);
    qd__tok after = qd__parse_peek(p);
    qd__tok next = qd__parse_peek_word(p);
    bool comma = next.kind == T_CHAR && next.text.p[0] == ',';
    if (!comma && next.kind != T_ASSIGN && next.kind != T_DECLARE) {
      put_back(p, v, after);
      return true;
    }
    (void)qd__parse_next_word(p);
    add_name(p, pipe, v.text);
    qd__parse_var(p, v.text);
    if (!comma) {
      pipe->assign = next.kind == T_ASSIGN;
      return true;
    }
    if (!range || pipe->names_n >= 2) return qd__parse_fail(p, "too many declarations in %s", context) != NULL;
    qd__tok_kind k = qd__parse_peek_word(p).kind;
    if (k != T_VARIABLE && k != T_RDELIM && k != T_RPAREN) return qd__parse_fail(p, "range can only initialize variables") != NULL;
  }
  return true;
}

static qd__node *check(qd__parser *p, qd__node *pipe, const char *context) {
  if (pipe->n == 0) return qd__parse_fail(p, "missing value for %s", context);
  for (size_t i = 1; i < pipe->n; i++) {
    qd__node_kind k = pipe->items[i]->items[0]->kind;
    if (k == N_BOOL || k == N_DOT || k == N_NIL || k == N_NUMBER || k == N_STRING)
      return qd__parse_fail(p, "non executable command in pipeline stage %zu", i + 1);
  }
  return pipe;
}

qd__node *qd__parse_pipe(qd__parser *p, const char *context, qd__tok_kind end) {
  qd__node *pipe = qd__node_new(p, N_PIPE, qd__parse_peek_word(p).pos);
  if (!declarations(p, pipe, context[0] == 'r', context)) return NULL;
  for (;;) {
    qd__tok t = qd__parse_next_word(p);
    if (t.kind == end) return check(p, pipe, context);
    if (!starts_operand(t.kind)) return qd__parse_unexpected(p, &t, context);
    qd__parse_backup(p);
    qd__node *cmd = command(p);
    if (!cmd) return NULL;
    qd__node_add(p, pipe, cmd);
  }
}
