// What the halves of the template parser share: template_parse.c (tokens, trees), template_action.c (actions),
// template_pipe.c (pipelines and their operands).
#ifndef QD_DATA_TEMPLATE_PARSE_H
#define QD_DATA_TEMPLATE_PARSE_H

#include <stdarg.h>

#include "data/template_int.h"

typedef struct qd__parse_run {
  qd_template *t;
  qd__lexer lexer;
  qd_error *err;
  bool failed;
  unsigned depth;  // of control structures, parentheses and definitions
} qd__parse_run;

typedef struct qd__parser {
  qd__parse_run *run;
  qd__tok tok[3];  // look-ahead; tok[0] is the newest, its line stands in errors
  unsigned peeked;
  qd_slice *vars;  // declared so far
  size_t vars_n, vars_room;
  unsigned range_depth;
  unsigned action_line;  // where the action being parsed began; 0 outside
} qd__parser;

// All parse functions return NULL or false once an error is recorded.
void *qd__parse_fail(qd__parser *p, const char *fmt, ...) QD_PRINTF(2, 3);
void *qd__parse_unexpected(qd__parser *p, const qd__tok *t, const char *context);
qd__tok qd__parse_next(qd__parser *p);
qd__tok qd__parse_peek(qd__parser *p);
qd__tok qd__parse_next_word(qd__parser *p);  // the next that is no space
qd__tok qd__parse_peek_word(qd__parser *p);
void qd__parse_backup(qd__parser *p);
bool qd__parse_deeper(qd__parser *p);  // the caller takes run->depth back
qd__node *qd__node_new(qd__parser *p, qd__node_kind kind, size_t pos);
void qd__node_add(qd__parser *p, qd__node *n, qd__node *item);
void qd__parse_var(qd__parser *p, qd_slice name);
bool qd__parse_quoted(qd__parser *p, qd_slice literal, qd_slice *out);
bool qd__parse_tree(qd__parser *outer, qd_slice name, const char *context);
qd__node *qd__parse_list(qd__parser *p, qd__node **end);
qd__node *qd__parse_item(qd__parser *p);
qd__node *qd__parse_pipe(qd__parser *p, const char *context, qd__tok_kind end);

#endif
