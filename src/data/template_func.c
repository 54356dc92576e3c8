// Go's built-in functions: and or not, index slice len, print printf println, html js urlquery, call.
#include "data/template_int.h"

// ---- index, slice, len

// An index into something of `cap` items; SIZE_MAX (and failed) when it is none.
static size_t index_arg(qd__exec *x, const qd__value *v, size_t cap) {
  if (v->kind == K_INVALID || v->kind == K_IFACE) return (void)qd__call_fail(x, "cannot index slice/array with nil"), SIZE_MAX;
  if (v->kind != K_INT && v->kind != K_UINT)
    return (void)qd__call_fail(x, "cannot index slice/array with type %s", v->type->name), SIZE_MAX;
  if (v->i < 0 || (uint64_t)v->i > cap) return (void)qd__call_fail(x, "index out of range: %lld", (long long)v->i), SIZE_MAX;
  return (size_t)v->i;
}

static qd__value index_one(qd__exec *x, const qd__value *item, const qd__value *i) {
  if (item->kind == K_MAP) {
    const qd__type *key = item->type->key;
    if (i->kind == K_INVALID) return qd__call_fail(x, "value is nil; should be of type %s", key->name);
    if (strcmp(i->type->name, key->name) != 0) return qd__call_fail(x, "value has type %s; should be %s", i->type->name, key->name);
    qd__value found = qd__map_get(x, item, i->s);
    return found.kind == K_INVALID ? qd__value_of(x, NULL, item->type->elem) : found;
  }
  if (item->kind != K_SLICE && item->kind != K_STRING) return qd__call_fail(x, "can't index item of type %s", item->type->name);
  size_t n = qd__len(item);
  size_t at = index_arg(x, i, n);
  if (x->failed) return qd__invalid();
  if (at == n) return qd__call_fail(x, "reflect: %s index out of range", item->kind == K_STRING ? "string" : "slice");
  if (item->kind == K_SLICE) return qd__slice_at(x, item, at);
  return (qd__value){.kind = K_UINT, .type = &qd__t_uint8, .u = (unsigned char)item->s.p[at]};
}

static qd__value f_index(qd__exec *x, qd__value *v, size_t n) {
  qd__value item = qd__unwrap(v[0]);
  if (item.kind == K_INVALID) return qd__call_fail(x, "index of untyped nil");
  for (size_t i = 1; i < n && !x->failed; i++) {
    bool nil;
    qd__value at = qd__unwrap(v[i]);
    item = qd__indirect(x, item, &nil);
    if (nil) return qd__call_fail(x, "index of nil pointer");
    item = index_one(x, &item, &at);
  }
  return item;
}

static qd__value f_slice(qd__exec *x, qd__value *v, size_t n) {
  qd__value item = qd__unwrap(v[0]);
  if (item.kind == K_INVALID) return qd__call_fail(x, "slice of untyped nil");
  if (n > 4) return qd__call_fail(x, "too many slice indexes: %zu", n - 1);
  if (item.kind == K_STRING && n == 4) return qd__call_fail(x, "cannot 3-index slice a string");
  if (item.kind != K_STRING && item.kind != K_SLICE) return qd__call_fail(x, "can't slice item of type %s", item.type->name);
  size_t at[3] = {0, qd__len(&item), qd__len(&item)};
  for (size_t i = 1; i < n && !x->failed; i++) {
    if (v[i].iface) return qd__call_fail(x, "cannot index slice/array with type %s", qd__t_iface.name);  // Go does not look inside here
    at[i - 1] = index_arg(x, &v[i], qd__len(&item));
  }
  if (x->failed) return qd__invalid();
  if (at[0] > at[1]) return qd__call_fail(x, "invalid slice index: %zu > %zu", at[0], at[1]);
  if (at[1] > at[2]) return qd__call_fail(x, "invalid slice index: %zu > %zu", at[1], at[2]);
  if (item.kind == K_STRING) {
    item.s = (qd_slice){item.s.p + at[0], at[1] - at[0]};
  } else {
    item.from += at[0];
    item.n = at[1] - at[0];
  }
  return item;
}

static qd__value f_len(qd__exec *x, qd__value *v, size_t n) {
  bool nil;
  (void)n;
  if (v[0].kind == K_INVALID) return qd__call_fail(x, "reflect: call of reflect.Value.Type on zero Value");
  qd__value item = qd__indirect(x, v[0], &nil);
  if (nil) return qd__call_fail(x, "len of nil pointer");
  if (item.kind == K_STRING || item.kind == K_SLICE || item.kind == K_MAP) return qd__make_int((int64_t)qd__len(&item));
  return qd__call_fail(x, "len of type %s", item.type->name);
}

// ---- printing

static qd__value f_print(qd__exec *x, qd__value *v, size_t n) {
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  qd__sprint(x, v, n, &b);
  qd__value out = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  return out;
}

static qd__value f_println(qd__exec *x, qd__value *v, size_t n) {
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  qd__sprintln(x, v, n, &b);
  qd__value out = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  return out;
}

static qd__value f_printf(qd__exec *x, qd__value *v, size_t n) {
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  qd__sprintf(x, v[0].s, v + 1, n - 1, &b);
  qd__value out = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  return out;
}

// ---- escaping: the arguments printed as an action prints them, then escaped

static void escape_html(qd_slice s, qd_buf *out) {
  for (size_t i = 0; i < s.n; i++) switch (s.p[i]) {
      case '\0':
        qd__rune_add(out, QD__RUNE_ERROR);
        break;
      case '"':
        (void)qd_buf_adds(out, "&#34;");
        break;
      case '\'':
        (void)qd_buf_adds(out, "&#39;");
        break;
      case '&':
        (void)qd_buf_adds(out, "&amp;");
        break;
      case '<':
        (void)qd_buf_adds(out, "&lt;");
        break;
      case '>':
        (void)qd_buf_adds(out, "&gt;");
        break;
      default:
        (void)qd_buf_addc(out, s.p[i]);
        break;
    }
}

static void escape_js(qd_slice s, qd_buf *out) {
  for (size_t i = 0; i < s.n;) {
    uint32_t r;
    unsigned n = qd__rune(s, i, &r);
    if (r == '\\' || r == '\'' || r == '"')
      (void)qd_buf_addf(out, "\\%c", (char)r);
    else if (r >= ' ' && r != '<' && r != '>' && r != '&' && r != '=' && (r < 0x80 || qd__is_print(r)))
      (void)qd_buf_add(out, s.p + i, n);
    else
      (void)qd_buf_addf(out, "\\u%04X", r);
    i += n;
  }
}

static void escape_query(qd_slice s, qd_buf *out) {
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c < 0x80 && (qd__is_letter(c) || qd__is_digit(c) || (c && strchr("-_.~", c))))
      (void)qd_buf_addc(out, (char)c);
    else if (c == ' ')
      (void)qd_buf_addc(out, '+');
    else
      (void)qd_buf_addf(out, "%%%02X", c);
  }
}

static qd__value escaped(qd__exec *x, qd__value *v, size_t n, void (*escape)(qd_slice, qd_buf *)) {
  qd_buf plain;
  qd_buf b;
  qd_buf_init(&plain, QD__VALUE_MAX);
  qd_buf_init(&b, QD__VALUE_MAX);
  for (size_t i = 0; i < n; i++) {
    bool nil = false;
    if (v[i].kind == K_PTR) v[i] = qd__indirect(x, v[i], &nil);
    if (v[i].kind == K_INVALID || v[i].kind == K_IFACE) v[i] = qd__make_str(QD_SLICE("<no value>"));
  }
  qd__sprint(x, v, n, &plain);
  escape(qd_buf_slice(&plain), &b);
  qd__value out = qd__value_string(x, &b);
  qd_buf_deinit(&plain);
  qd_buf_deinit(&b);
  return out;
}

static qd__value f_html(qd__exec *x, qd__value *v, size_t n) { return escaped(x, v, n, escape_html); }
static qd__value f_js(qd__exec *x, qd__value *v, size_t n) { return escaped(x, v, n, escape_js); }
static qd__value f_urlquery(qd__exec *x, qd__value *v, size_t n) { return escaped(x, v, n, escape_query); }

static qd__value f_not(qd__exec *x, qd__value *v, size_t n) { return (void)x, (void)n, qd__make_bool(!qd__truth(&v[0])); }

// docker's data holds no functions, so that this only ever fails.
static qd__value f_call(qd__exec *x, qd__value *v, size_t n) {
  (void)n;
  qd__value fn = qd__unwrap(v[0]);
  if (fn.kind == K_INVALID) return qd__call_fail(x, "call of nil");
  qd_buf b;
  qd_buf_init(&b, 200);
  if (x->node->kind == N_COMMAND && x->node->n > 1)
    qd__node_write(x->node->items[1], &b);
  else if (fn.kind == K_STRING)
    (void)qd_buf_add(&b, fn.s.p, fn.s.n);
  else
    (void)qd_buf_addf(&b, "<%s Value>", fn.type->name);
  (void)qd__call_fail(x, "non-function %s of type %s", b.p ? b.p : "", fn.type->name);
  qd_buf_deinit(&b);
  return qd__invalid();
}

const qd__func qd__funcs_basic[] = {
    {.name = "and", .fixed = 1, .variadic = true, .reflect = true, .short_circuit = true},
    {.name = "or", .fixed = 1, .variadic = true, .reflect = true, .short_circuit = true},
    {.name = "not", .fixed = 1, .call = f_not},
    {.name = "index", .fixed = 1, .variadic = true, .reflect = true, .call = f_index},
    {.name = "slice", .fixed = 1, .variadic = true, .reflect = true, .call = f_slice},
    {.name = "len", .fixed = 1, .call = f_len},
    {.name = "print", .variadic = true, .call = f_print},
    {.name = "println", .variadic = true, .call = f_println},
    {.name = "printf", .in = {&qd__t_string}, .fixed = 1, .variadic = true, .call = f_printf},
    {.name = "html", .variadic = true, .call = f_html},
    {.name = "js", .variadic = true, .call = f_js},
    {.name = "urlquery", .variadic = true, .call = f_urlquery},
    {.name = "call", .fixed = 1, .variadic = true, .reflect = true, .call = f_call},
    {.name = NULL},
};
