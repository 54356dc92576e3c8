// Tokens -> nodes: a recursive descent with the look-ahead of Go's text/template/parse, so that its error texts and
// lines come out. Every tree ({{define}}, {{block}}) has a parser of its own over the one lexer.
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_parse.h"

#define TEXT_MAX (1u << 20)

// ---- errors

void *qd__parse_fail(qd__parser *p, const char *fmt, ...) {
  if (p->run->failed) return NULL;
  char text[480];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  p->run->failed = true;
  (void)qd_fail(p->run->err, QD_USAGE, "bad_template", "template: :%u: %s", p->tok[0].line, text);
  return NULL;
}

// As Go prints a token: keywords in <>, long ones cut to ten characters.
static void tok_text(const qd__tok *t, char *out, size_t size) {
  if (t->kind == T_EOF) {
    (void)snprintf(out, size, "EOF");
    return;
  }
  if (t->kind == T_ERROR || t->kind > T_KEYWORD) {
    (void)snprintf(out, size, t->kind == T_ERROR ? "%.*s" : "<%.*s>", (int)t->text.n, t->text.p);
    return;
  }
  qd_buf b;
  qd_buf_init(&b, 256);
  qd__fmt f = {.out = &b, .has_prec = t->text.n > 10, .prec = 10};
  qd__fmt_quoted(&f, t->text);
  (void)snprintf(out, size, t->text.n > 10 ? "%s..." : "%s", b.p);
  qd_buf_deinit(&b);
}

void *qd__parse_unexpected(qd__parser *p, const qd__tok *t, const char *context) {
  char text[160];
  tok_text(t, text, sizeof text);
  if (t->kind != T_ERROR) return qd__parse_fail(p, "unexpected %s in %s", text, context);
  if (p->action_line == 0 || p->action_line == t->line) return qd__parse_fail(p, "%s", text);
  size_t n = strlen(text);
  bool action = n >= 7 && strcmp(text + n - 7, " action") == 0;
  return qd__parse_fail(p, "%s%s started at :%u", text, action ? "" : " in action", p->action_line);
}

// ---- tokens

qd__tok qd__parse_next(qd__parser *p) {
  if (p->peeked)
    p->peeked--;
  else
    p->tok[0] = qd__lex_next(&p->run->lexer);
  return p->tok[p->peeked];
}

void qd__parse_backup(qd__parser *p) { p->peeked++; }

qd__tok qd__parse_peek(qd__parser *p) {
  if (!p->peeked) {
    p->peeked = 1;
    p->tok[0] = qd__lex_next(&p->run->lexer);
  }
  return p->tok[p->peeked - 1];
}

qd__tok qd__parse_next_word(qd__parser *p) {
  qd__tok t;
  do t = qd__parse_next(p);
  while (t.kind == T_SPACE);
  return t;
}

qd__tok qd__parse_peek_word(qd__parser *p) {
  qd__tok t = qd__parse_next_word(p);
  qd__parse_backup(p);
  return t;
}

// ---- nodes

qd__node *qd__node_new(qd__parser *p, qd__node_kind kind, size_t pos) {
  qd__node *n = qd__arena_alloc(&p->run->t->arena, sizeof *n);
  n->kind = kind;
  n->pos = pos;
  return n;
}

void qd__node_add(qd__parser *p, qd__node *n, qd__node *item) {
  if (n->n == n->room) {
    size_t room = n->room ? n->room * 2 : 4;
    qd__node **items = qd__arena_alloc(&p->run->t->arena, room * sizeof *items);
    if (n->n) memcpy(items, n->items, n->n * sizeof *items);
    n->items = items;
    n->room = room;
  }
  n->items[n->n++] = item;
}

bool qd__parse_deeper(qd__parser *p) {
  if (p->run->depth++ < QD__NEST_MAX) return true;
  (void)qd__parse_fail(p, "nested deeper than %d levels", QD__NEST_MAX);
  return false;
}

// ---- trees

static void parser_init(qd__parser *p, qd__parse_run *run) {
  *p = (qd__parser){.run = run};
  qd__parse_var(p, QD_SLICE("$"));
}

static void parser_deinit(qd__parser *p) { free(p->vars); }

// Go's Tree.add: an empty definition gives way to a full one, two full ones are an error.
static bool add_define(qd__parser *p, qd_slice name, qd__node *root) {
  qd__define *d = qd__define_find(p->run->t, name);
  if (!d) {
    d = qd__arena_alloc(&p->run->t->arena, sizeof *d);
    *d = (qd__define){name, root, p->run->t->defines};
    p->run->t->defines = d;
  } else if (qd__node_empty(d->root)) {
    d->root = root;
  } else if (!qd__node_empty(root)) {
    qd_buf b;
    qd_buf_init(&b, 4096);
    qd__quote(name, '"', false, &b);
    (void)qd__parse_fail(p, "template: multiple definition of template %s", b.p ? b.p : "\"\"");
    qd_buf_deinit(&b);
    return false;
  }
  return true;
}

// A list up to {{end}} as a tree of its own (variables, range depth and look-ahead start afresh).
bool qd__parse_tree(qd__parser *outer, qd_slice name, const char *context) {
  qd__parser p;
  parser_init(&p, outer->run);
  if (context[0] == 'd') p.tok[0] = outer->tok[0];
  qd__node *end = NULL;
  qd__node *list = qd__parse_list(&p, &end);
  bool ok = list != NULL;
  if (ok && end->kind != N_END) {
    (void)qd__parse_fail(context[0] == 'd' ? &p : outer, "unexpected {{else}} in %s", context);
    ok = false;
  }
  ok = ok && add_define(&p, name, list);
  parser_deinit(&p);
  return ok;
}

static bool parse_define(qd__parser *p) {
  const char *context = "define clause";
  qd__tok t = qd__parse_next_word(p);
  if (t.kind != T_STRING && t.kind != T_RAWSTRING) return qd__parse_unexpected(p, &t, context) != NULL;
  qd_slice name;
  if (!qd__parse_quoted(p, t.text, &name)) return false;
  t = qd__parse_next_word(p);
  if (t.kind != T_RDELIM) return qd__parse_unexpected(p, &t, context) != NULL;
  if (!qd__parse_deeper(p)) return false;
  bool ok = qd__parse_tree(p, name, context);
  p->run->depth--;
  return ok;
}

static qd__node *parse_root(qd__parser *p) {
  qd__node *root = qd__node_new(p, N_LIST, 0);
  for (;;) {
    qd__tok t = qd__parse_peek(p);
    if (t.kind == T_EOF) return root;
    if (t.kind == T_LDELIM) {
      qd__tok delim = qd__parse_next(p);
      if (qd__parse_next_word(p).kind == T_DEFINE) {
        if (!parse_define(p)) return NULL;
        continue;
      }
      p->tok[1] = delim;
      p->peeked = 2;
    }
    qd__node *n = qd__parse_item(p);
    if (!n) return NULL;
    if (n->kind == N_END || n->kind == N_ELSE) return qd__parse_fail(p, "unexpected {{%s}}", n->kind == N_END ? "end" : "else");
    qd__node_add(p, root, n);
  }
}

qd_status qd_template_parse(qd_slice text, qd_template **out, qd_error *err) {
  if (text.n > TEXT_MAX) return qd_fail(err, QD_USAGE, "bad_template", "template: longer than %u bytes", TEXT_MAX);
  qd_template *t = qd_xcalloc(1, sizeof *t);
  t->text = qd__arena_dup(&t->arena, text);
  qd__parse_run run = {.t = t, .err = err};
  qd__lex_init(&run.lexer, t->text);
  qd__parser p;
  parser_init(&p, &run);
  qd__node *root = parse_root(&p);
  if (root) (void)add_define(&p, QD_SLICE(""), root);
  parser_deinit(&p);
  if (run.failed) {
    qd_template_free(t);
    return err->category;
  }
  *out = t;
  return QD_OK;
}

void qd_template_free(qd_template *t) {
  if (!t) return;
  qd__arena_free(&t->arena);
  free(t);
}
