// Commands, operands, fields, and the arguments of functions, checked as Go's reflection checks them.
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_int.h"

qd__value qd__eval_command(qd__exec *x, qd__value dot, const qd__node *cmd, const qd__value *final);

static qd__value fail_about(qd__exec *x, const char *before, const qd__node *n, const char *after) {
  qd_buf b;
  qd_buf_init(&b, 400);
  qd__node_write(n, &b);
  (void)qd__exec_fail(x, "%s%s%s", before, b.p ? b.p : "", after);
  qd_buf_deinit(&b);
  return qd__invalid();
}

static qd__value no_arguments(qd__exec *x, const qd__node *first) {
  return fail_about(x, "can't give argument to non-function ", first, "");
}

// ---- constants

qd__value qd__eval_constant(qd__exec *x, const qd__node *n) {
  x->node = n;
  if (n->kind == N_BOOL) return qd__make_bool(n->truth);
  if (n->kind == N_STRING) return qd__make_str(n->value);
  if (n->is_complex) return (qd__value){.kind = K_COMPLEX, .type = &qd__t_complex, .f = n->f, .imag = n->imag};
  const char *p = n->text.p;
  bool hex = n->text.n > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && !memchr(p, 'p', n->text.n) && !memchr(p, 'P', n->text.n);
  bool point = false;
  for (size_t i = 0; i < n->text.n; i++) point = point || strchr(".eEpP", p[i]);
  if (n->is_float && !hex && p[0] != '\'' && point) return (qd__value){.kind = K_FLOAT, .type = &qd__t_float, .f = n->f};
  if (n->is_int) return qd__make_int(n->i);
  return fail_about(x, "", n, " overflows int");
}

// ---- fields

static qd__value call_method(qd__exec *x, qd_slice name, const qd__node *node, size_t argc, const qd__node *const *args, qd__value dot,
                             const qd__value *final, const qd_json *table) {
  size_t count = (argc ? argc - 1 : 0) + (final != NULL);
  if (count != 1) return qd__exec_fail(x, "wrong number of args for %.*s: want 1 got %zu", (int)name.n, name.p, count);
  qd__value arg = final ? qd__validate(x, *final, &qd__t_string) : qd__eval_arg(x, dot, &qd__t_string, args[1]);
  if (x->failed) return qd__invalid();
  x->node = node;
  return qd__make_str(qd_json_get_string(qd_json_member_slice(table, arg.s), QD_SLICE("")));
}

// Members of a root that has only a type's name stand for methods without arguments, as docker's formatters have them.
static qd__value struct_field(qd__exec *x, qd_slice name, size_t extra, const qd__value *receiver, qd__value found) {
  if (extra && receiver->type->dynamic)
    return qd__exec_fail(x, "wrong number of args for %.*s: want 0 got %zu", (int)name.n, name.p, extra);
  if (extra) return qd__exec_fail(x, "%.*s has arguments but cannot be invoked as function", (int)name.n, name.p);
  return found;
}

static qd__value map_entry(qd__exec *x, qd_slice name, size_t extra, const qd__value *receiver) {
  if (extra) return qd__exec_fail(x, "%.*s is not a method but has arguments", (int)name.n, name.p);
  qd__value found = qd__map_get(x, receiver, name);
  if (found.kind != K_INVALID || !x->options->strict) return found;
  return qd__exec_fail(x, "map has no entry for key \"%.*s\"", (int)name.n, name.p);
}

// A field, a map's entry, or why there is none. `v` is `receiver` without its pointers.
static qd__value member(qd__exec *x, qd_slice name, size_t extra, const qd__value *v, const char *type) {
  qd__value found = qd__invalid();
  if (v->kind == K_STRUCT && qd__struct_get(x, v, name, &found)) return struct_field(x, name, extra, v, found);
  if (v->kind == K_MAP && v->type->key == &qd__t_string) return map_entry(x, name, extra, v);
  if (v->kind == K_PTR) {
    qd__value empty = qd__value_of(x, NULL, v->type->elem);
    if (empty.kind != K_STRUCT || qd__struct_get(x, &empty, name, &found))
      return qd__exec_fail(x, "nil pointer evaluating %s.%.*s", type, (int)name.n, name.p);
  }
  return qd__exec_fail(x, "can't evaluate field %.*s in type %s", (int)name.n, name.p, type);
}

qd__value qd__eval_field(qd__exec *x, qd_slice name, const qd__node *node, size_t argc, const qd__node *const *args, qd__value dot,
                         const qd__value *final, qd__value receiver) {
  if (receiver.kind == K_INVALID) {
    if (x->options->strict) return qd__exec_fail(x, "nil data; no entry for key \"%.*s\"", (int)name.n, name.p);
    return receiver;
  }
  const char *type = qd__type_name(&receiver);
  bool nil;
  qd__value v = qd__indirect(x, receiver, &nil);
  if (v.kind == K_IFACE) return qd__exec_fail(x, "nil pointer evaluating %s.%.*s", type, (int)name.n, name.p);
  size_t extra = (argc ? argc - 1 : 0) + (final != NULL);
  if (x->options->methods && !nil && v.node == x->root && (v.kind == K_STRUCT || v.kind == K_MAP)) {
    const qd_json *table = qd_json_member_slice(x->options->methods, name);
    if (table) return call_method(x, name, node, argc, args, dot, final, table);
  }
  qd__value found;
  if (nil || !qd__method(x, &v, name, &found)) return member(x, name, extra, &v, type);
  if (extra) return qd__exec_fail(x, "wrong number of args for %.*s: want 0 got %zu", (int)name.n, name.p, extra);
  return found;
}

static qd__value field_chain(qd__exec *x, qd__value dot, qd__value v, const qd__node *n, size_t argc, const qd__node *const *args,
                             const qd__value *final) {
  for (size_t i = 0; i < n->names_n && !x->failed; i++) {
    bool last = i + 1 == n->names_n;
    v = qd__eval_field(x, n->names[i], n, last ? argc : 0, args, dot, last ? final : NULL, v);
  }
  return v;
}

qd__value qd__eval_field_node(qd__exec *x, qd__value dot, const qd__node *n, size_t argc, const qd__node *const *args,
                              const qd__value *final) {
  x->node = n;
  return field_chain(x, dot, dot, n, argc, args, final);
}

qd__value qd__eval_chain(qd__exec *x, qd__value dot, const qd__node *n, size_t argc, const qd__node *const *args, const qd__value *final) {
  x->node = n;
  if (n->pipe->kind == N_NIL) return fail_about(x, "indirection through explicit nil in ", n, "");
  qd__value v = qd__eval_arg(x, dot, NULL, n->pipe);
  return x->failed ? qd__invalid() : field_chain(x, dot, v, n, argc, args, final);
}

// ---- commands

qd__value qd__eval_command(qd__exec *x, qd__value dot, const qd__node *cmd, const qd__value *final) {
  const qd__node *first = cmd->items[0];
  const qd__node *const *args = (const qd__node *const *)cmd->items;
  switch (first->kind) {
    case N_FIELD:
      return qd__eval_field_node(x, dot, first, cmd->n, args, final);
    case N_CHAIN:
      return qd__eval_chain(x, dot, first, cmd->n, args, final);
    case N_IDENT:
      x->node = first;
      return qd__eval_call(x, dot, first->func, cmd, cmd->n, args, final);
    case N_VARIABLE:
      return qd__eval_variable(x, dot, first, cmd->n, args, final);
    case N_PIPE:
      if (cmd->n > 1 || final) return no_arguments(x, first);
      return qd__eval_pipe(x, dot, first);
    default:
      break;
  }
  x->node = first;
  if (cmd->n > 1 || final) return no_arguments(x, first);
  if (first->kind == N_DOT) return dot;
  if (first->kind == N_NIL) return qd__exec_fail(x, "nil is not a command");
  return qd__eval_constant(x, first);
}

// ---- arguments. type NULL: Go's reflect.Value, anything at all.

static bool can_be_nil(const qd__type *type) {
  return !type || type->kind == K_IFACE || type->kind == K_MAP || type->kind == K_PTR || type->kind == K_SLICE;
}

// Go's assignability between different types: a named slice or map goes where the bare type of the same elements is wanted.
static bool assignable(const qd__type *from, const qd__type *to) {
  if (strcmp(from->name, to->name) == 0) return true;
  bool bare = to->kind == K_SLICE ? to->name[0] == '[' : to->kind == K_MAP && strncmp(to->name, "map[", 4) == 0;
  if (!bare || from->kind != to->kind || strcmp(from->elem->name, to->elem->name) != 0) return false;
  return to->kind == K_SLICE || strcmp(from->key->name, to->key->name) == 0;
}

qd__value qd__validate(qd__exec *x, qd__value v, const qd__type *type) {
  if (x->failed) return qd__invalid();
  if (v.kind == K_INVALID) {
    if (!type || type->kind == K_IFACE) return v;
    if (can_be_nil(type)) return qd__value_of(x, NULL, type);
    return qd__exec_fail(x, "invalid value; expected %s", type->name);
  }
  if (!type || type->kind == K_IFACE) return v;
  const char *got = qd__type_name(&v);
  if (v.iface && v.kind != K_IFACE) {
    v.iface = false;
    got = v.type->name;
  }
  if (!v.iface && assignable(v.type, type)) return v;
  if (v.kind == K_PTR && strcmp(v.type->elem->name, type->name) == 0) {
    if (v.nil) return qd__exec_fail(x, "dereference of nil pointer of type %s", type->name);
    return qd__ptr_elem(x, &v);
  }
  return qd__exec_fail(x, "wrong type for value; expected %s; got %s", type->name, got);
}

// A literal for a parameter of a known type.
static qd__value literal(qd__exec *x, const qd__type *type, const qd__node *n) {
  x->node = n;
  if (type->kind == K_STRING) return n->kind == N_STRING ? qd__make_str(n->value) : fail_about(x, "expected string; found ", n, "");
  if (type->kind == K_INT) return n->kind == N_NUMBER && n->is_int ? qd__make_int(n->i) : fail_about(x, "expected integer; found ", n, "");
  qd_buf b;
  qd_buf_init(&b, 200);
  (void)qd_buf_addf(&b, " for arg of type %s", type->name);
  (void)fail_about(x, "can't handle ", n, b.p);
  qd_buf_deinit(&b);
  return qd__invalid();
}

qd__value qd__eval_arg(qd__exec *x, qd__value dot, const qd__type *type, const qd__node *n) {
  x->node = n;
  switch (n->kind) {
    case N_DOT:
      return qd__validate(x, dot, type);
    case N_NIL:
      if (can_be_nil(type)) return type && type->kind != K_IFACE ? qd__value_of(x, NULL, type) : qd__invalid();
      return qd__exec_fail(x, "cannot assign nil to %s", type->name);
    case N_FIELD:
      return qd__validate(x, qd__eval_field_node(x, dot, n, 1, &n, NULL), type);
    case N_VARIABLE:
      return qd__validate(x, qd__eval_variable(x, dot, n, 0, NULL, NULL), type);
    case N_PIPE:
      return qd__validate(x, qd__eval_pipe(x, dot, n), type);
    case N_IDENT:
      return qd__validate(x, qd__eval_call(x, dot, n->func, n, 0, NULL, NULL), type);
    case N_CHAIN:
      return qd__validate(x, qd__eval_chain(x, dot, n, 0, NULL, NULL), type);
    default:
      break;
  }
  return type && type->kind != K_IFACE ? literal(x, type, n) : qd__eval_constant(x, n);
}
