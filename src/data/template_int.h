// Inside of the template engine: tokens, nodes, types, values. The parts are template_lex (text -> tokens),
// template_parse (tokens -> nodes), template_exec/_eval/_field (nodes -> values), template_func/_text/_cmp
// (functions), template_fmt/_num (Go's fmt), template_quote (Go's strconv), template_json and template_type.
#ifndef QD_DATA_TEMPLATE_INT_H
#define QD_DATA_TEMPLATE_INT_H

#include <stdint.h>

#include "data/template.h"

#define QD__NEST_MAX 100
#define QD__EVAL_MAX 400  // levels of C recursion in a run, of every kind together
#define QD__LOOP_MAX 1000000
#define QD__VALUE_MAX (64u << 20)  // bytes of intermediate values in a run

// Blocks freed together.
typedef struct qd__arena {
  struct qd__block *blocks;
  char *p;
  size_t left;
  size_t total;  // bytes handed out
} qd__arena;
void *qd__arena_alloc(qd__arena *a, size_t size);  // zeroed, never NULL
qd_slice qd__arena_dup(qd__arena *a, qd_slice s);
void qd__arena_free(qd__arena *a);
typedef struct qd__mark {
  struct qd__block *block;
  char *p;
  size_t left, total;
} qd__mark;
qd__mark qd__arena_mark(const qd__arena *a);
void qd__arena_reset(qd__arena *a, qd__mark m);  // frees what was handed out since

// ---- tokens
typedef enum qd__tok_kind {
  T_ERROR,
  T_BOOL,
  T_CHAR,
  T_CHARCONST,
  T_COMPLEX,
  T_ASSIGN,
  T_DECLARE,
  T_EOF,
  T_FIELD,
  T_IDENT,
  T_LDELIM,
  T_LPAREN,
  T_NUMBER,
  T_PIPE,
  T_RAWSTRING,
  T_RDELIM,
  T_RPAREN,
  T_SPACE,
  T_STRING,
  T_TEXT,
  T_VARIABLE,
  T_KEYWORD,  // parts plain tokens from the keywords
  T_BLOCK,
  T_BREAK,
  T_CONTINUE,
  T_DOT,
  T_DEFINE,
  T_ELSE,
  T_END,
  T_IF,
  T_NIL,
  T_RANGE,
  T_TEMPLATE,
  T_WITH,
} qd__tok_kind;

typedef struct qd__tok {
  qd__tok_kind kind;
  size_t pos;
  qd_slice text;  // of the source; the message of T_ERROR
  unsigned line;
} qd__tok;

typedef struct qd__lexer {
  qd_slice in;
  size_t pos, start;
  unsigned line, start_line;
  unsigned parens;
  bool in_action, ended;
  char message[96];  // backs the text of T_ERROR
} qd__lexer;
void qd__lex_init(qd__lexer *l, qd_slice text);
qd__tok qd__lex_next(qd__lexer *l);  // T_EOF or T_ERROR again and again at the end

// ---- nodes
typedef enum qd__node_kind {
  N_TEXT,
  N_ACTION,
  N_LIST,
  N_IF,
  N_RANGE,
  N_WITH,
  N_TEMPLATE,
  N_BREAK,
  N_CONTINUE,
  N_END,
  N_ELSE,
  N_PIPE,
  N_COMMAND,
  N_IDENT,
  N_VARIABLE,
  N_FIELD,
  N_CHAIN,
  N_DOT,
  N_NIL,
  N_BOOL,
  N_NUMBER,
  N_STRING,
} qd__node_kind;

typedef struct qd__func qd__func;
typedef struct qd__node qd__node;
struct qd__node {
  qd__node_kind kind;
  size_t pos;
  qd_slice text;     // N_TEXT; name of N_TEMPLATE and N_IDENT; source of N_NUMBER and N_STRING
  qd_slice value;    // N_STRING, unquoted
  qd__node **items;  // N_LIST, N_PIPE (commands), N_COMMAND (arguments)
  size_t n, room;
  qd_slice *names;  // idents of N_VARIABLE, N_FIELD, N_CHAIN; declared variables of N_PIPE
  size_t names_n;
  qd__node *pipe;  // N_ACTION, branches, N_TEMPLATE (may be NULL); the term of N_CHAIN
  qd__node *list, *otherwise;
  bool assign;  // N_PIPE
  bool truth;   // N_BOOL
  bool is_int, is_uint, is_float, is_complex;
  int64_t i;
  uint64_t u;
  double f, imag;
  const qd__func *func;
};

typedef struct qd__define {
  qd_slice name;
  qd__node *root;
  struct qd__define *next;
} qd__define;

struct qd_template {
  qd__arena arena;
  qd_slice text;
  qd__define *defines;  // the main template has the name ""
};

qd__define *qd__define_find(const qd_template *t, qd_slice name);
bool qd__node_empty(const qd__node *n);                                         // nothing but white space
void qd__node_write(const qd__node *n, qd_buf *out);                            // the source again, as Go's String() has it
bool qd__number_parse(qd__node *n, qd__tok_kind kind, char *why, size_t size);  // why: Go's words

// ---- types
typedef enum qd__kind {
  K_INVALID,  // Go's zero reflect.Value: nothing there
  K_BOOL,
  K_INT,
  K_UINT,
  K_FLOAT,
  K_COMPLEX,
  K_STRING,
  K_SLICE,
  K_MAP,
  K_STRUCT,
  K_PTR,
  K_IFACE,
} qd__kind;

typedef enum qd__special { S_NONE, S_NUMBER, S_DURATION, S_TIME, S_RAWJSON, S_FILEMODE, S_ULIMIT, S_WEIGHT, S_RATE } qd__special;

typedef struct qd__type qd__type;
typedef struct qd__field {
  const char *name;
  const char *json;  // "": not in JSON; ".": embedded
  const qd__type *type;
  bool omitempty;
} qd__field;
struct qd__type {
  qd__kind kind;
  const char *name;  // as %T prints it
  const qd__type *elem, *key;
  size_t fixed;  // K_SLICE: of an array, whose length is its type's
  qd__special special;
  bool dynamic;  // a struct whose fields are the members of the tree (a root with no more than a name)
  qd__field *fields;
  size_t n;
};

extern const qd__type qd__t_bool, qd__t_int, qd__t_uint8, qd__t_float, qd__t_complex, qd__t_string, qd__t_iface, qd__t_strings, qd__t_anys,
    qd__t_strmap, qd__t_anymap, qd__t_number, qd__t_pointer;
// NULL when the spec does not have it.
const qd__type *qd__types_find(const qd_template_types *types, const char *name);

// ---- values
typedef struct qd__value {
  qd__kind kind;
  bool iface;               // sits in an interface{} (a member of an untyped container)
  bool nil;                 // K_SLICE, K_MAP, K_PTR; K_IFACE is always nil
  const qd__type *type;     // NULL for K_INVALID
  const qd_json *node;      // containers and pointers; borrowed
  const qd_slice *strings;  // K_SLICE made by split: its items, instead of `node`
  size_t from, n;           // K_SLICE: its window of `node`
  union {
    bool b;
    int64_t i;
    uint64_t u;
    double f;
    qd_slice s;
  };
  double imag;
} qd__value;

typedef struct qd__exec {
  const qd_template *t;
  const qd_template_options *options;
  qd__arena arena;  // values made on the way
  const qd_json *root;
  qd_buf *out;
  qd_error *err;
  bool failed;
  const qd__node *node;  // for error texts
  qd_slice name;         // of the running template
  struct qd__var {
    qd_slice name;
    qd__value value;
  } * vars;
  size_t vars_n, vars_room, vars_base;
  unsigned depth, calls;
  unsigned long loops;
  bool in_break, in_continue;
  bool assigned;  // an outer variable was set: values made in a loop's turn may outlive it
} qd__exec;

// Records the first error: `template: :1:2: executing "" at <.X>: ` and the text. Always returns K_INVALID.
qd__value qd__exec_fail(qd__exec *x, const char *fmt, ...) QD_PRINTF(2, 3);
bool qd__exec_enter(qd__exec *x);  // one level deeper; false (and failed) when too deep
void qd__exec_leave(qd__exec *x);

qd__value qd__value_of(qd__exec *x, const qd_json *node, const qd__type *type);  // type qd__t_iface: what the tree says
qd__value qd__value_string(qd__exec *x, const qd_buf *b);                        // copied into the arena
qd__value qd__make_bool(bool b);
qd__value qd__make_int(int64_t i);
qd__value qd__make_str(qd_slice s);  // borrowed
qd__value qd__invalid(void);
// A value that leaves its interface: K_IFACE becomes K_INVALID.
qd__value qd__unwrap(qd__value v);
// Follows pointers; *nil tells that the end is a nil pointer or interface (returned as such).
qd__value qd__indirect(qd__exec *x, qd__value v, bool *nil);
bool qd__truth(const qd__value *v);
const char *qd__type_name(const qd__value *v);  // with the interface it sits in
qd__value qd__slice_at(qd__exec *x, const qd__value *v, size_t i);
size_t qd__len(const qd__value *v);  // strings, slices, maps
// Members in the order of their keys (bytewise), for printing and range. Caller frees with free().
typedef struct qd__member {
  qd_slice key;
  const qd_json *node;
} qd__member;
qd__member *qd__map_sorted(const qd__value *v, size_t *out_n);
qd__value qd__map_get(qd__exec *x, const qd__value *v, qd_slice key);  // K_INVALID when absent
// Field i of a struct; its type's zero value when the tree lacks it.
qd__value qd__struct_at(qd__exec *x, const qd__value *v, size_t i);
// Finds `name` in the struct or those embedded in it; false: no such field.
bool qd__struct_get(qd__exec *x, const qd__value *v, qd_slice name, qd__value *out);
qd__value qd__ptr_elem(qd__exec *x, const qd__value *v);
bool qd__is_stringer(const qd__value *v);
void qd__stringer(const qd__value *v, qd_buf *out);
// {{.Port.Proto}} and the like; false: the type has no such method.
bool qd__method(qd__exec *x, const qd__value *v, qd_slice name, qd__value *out);

qd__value qd__eval_pipe(qd__exec *x, qd__value dot, const qd__node *pipe);
qd__value qd__eval_field(qd__exec *x, qd_slice name, const qd__node *node, size_t argc, const qd__node *const *args, qd__value dot,
                         const qd__value *final, qd__value receiver);
qd__value qd__eval_call(qd__exec *x, qd__value dot, const qd__func *f, const qd__node *node, size_t argc, const qd__node *const *args,
                        const qd__value *final);
qd__value qd__eval_arg(qd__exec *x, qd__value dot, const qd__type *type, const qd__node *n);
qd__value qd__eval_field_node(qd__exec *x, qd__value dot, const qd__node *n, size_t argc, const qd__node *const *args,
                              const qd__value *final);
qd__value qd__eval_chain(qd__exec *x, qd__value dot, const qd__node *n, size_t argc, const qd__node *const *args, const qd__value *final);
qd__value qd__eval_variable(qd__exec *x, qd__value dot, const qd__node *n, size_t argc, const qd__node *const *args,
                            const qd__value *final);
qd__value qd__eval_constant(qd__exec *x, const qd__node *n);
qd__value qd__validate(qd__exec *x, qd__value v, const qd__type *type);

// ---- functions
struct qd__func {
  const char *name;
  const qd__type *in[3];  // fixed parameters; NULL: any value at all (Go's reflect.Value)
  unsigned fixed;
  bool variadic;       // then any more, as interface{} or reflect.Value
  bool reflect;        // variadic ones are reflect.Value
  bool short_circuit;  // and, or
  // Errors through qd__call_fail.
  qd__value (*call)(qd__exec *x, qd__value *argv, size_t argc);
};
const qd__func *qd__func_find(qd_slice name);
const qd__func *qd__func_for_header(const qd__func *f);  // what takes its place in a line of headers
// An error the called function returned; the caller says "error calling NAME: ".
qd__value qd__call_fail(qd__exec *x, const char *fmt, ...) QD_PRINTF(2, 3);
extern const qd__func qd__funcs_compare[], qd__funcs_text[], qd__funcs_basic[];  // ended by a row without a name

// ---- Go's fmt
void qd__sprint(qd__exec *x, qd__value *argv, size_t argc, qd_buf *out);
void qd__sprintln(qd__exec *x, qd__value *argv, size_t argc, qd_buf *out);
void qd__sprintf(qd__exec *x, qd_slice format, qd__value *argv, size_t argc, qd_buf *out);
void qd__print_value(qd__exec *x, const qd__value *v, char verb, qd_buf *out);  // %v or %s of one value, no flags
void qd__json_write(qd__exec *x, const qd__value *v, qd_buf *out);

typedef struct qd__fmt {
  qd_buf *out;
  bool minus, plus, sharp, space, zero, plus_v, sharp_v, has_width, has_prec;
  int width, prec;
} qd__fmt;
void qd__fmt_pad(qd__fmt *f, qd_slice s);
void qd__fmt_padding(qd__fmt *f, int n);
void qd__fmt_integer(qd__fmt *f, uint64_t u, unsigned base, bool is_signed, char verb, const char *digits);
void qd__fmt_unicode(qd__fmt *f, uint64_t u);
void qd__fmt_float(qd__fmt *f, double v, char verb, int prec);
void qd__fmt_string(qd__fmt *f, qd_slice s);
void qd__fmt_hex(qd__fmt *f, qd_slice s, const char *digits);
void qd__fmt_quoted(qd__fmt *f, qd_slice s);
void qd__fmt_char(qd__fmt *f, uint64_t c);
void qd__fmt_quoted_char(qd__fmt *f, uint64_t c);
extern const char qd__ldigits[], qd__udigits[];
// Shortest text that reads back, as strconv.FormatFloat(v, fmt, -1, 64); fmt: 'e', 'f' or 'g'.
void qd__float_shortest(double v, char format, qd_buf *out);

// ---- Go's strconv and utf8
#define QD__RUNE_ERROR 0xFFFDu
// Bytes of the first rune (>= 1 when n > 0); a byte that is no UTF-8 gives QD__RUNE_ERROR and 1.
unsigned qd__rune(qd_slice s, size_t at, uint32_t *out);
void qd__rune_add(qd_buf *b, uint32_t r);
size_t qd__rune_count(qd_slice s);
bool qd__is_print(uint32_t r);
bool qd__is_letter(uint32_t r);
bool qd__is_digit(uint32_t r);
bool qd__is_space(uint32_t r);  // Unicode's
uint32_t qd__to_upper(uint32_t r);
uint32_t qd__to_lower(uint32_t r);
uint32_t qd__to_title(uint32_t r);
void qd__quote(qd_slice s, char quote, bool ascii, qd_buf *out);
void qd__quote_rune(uint32_t r, char quote, bool ascii, qd_buf *out);  // the escaped rune alone
bool qd__unquote(qd_slice s, qd_buf *out);                             // a whole literal with its quotes; false: Go's "invalid syntax"
// One character or escape at *at; false: invalid. *byte: a \x or octal escape, to be written as one byte.
bool qd__unquote_char(qd_slice s, size_t *at, char quote, uint32_t *out, bool *byte);

#endif
