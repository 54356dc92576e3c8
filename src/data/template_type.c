// Go types: the ones every template meets, and those a caller describes.
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/template_int.h"

#define TYPE_DEPTH_MAX 20

const qd__type qd__t_bool = {.kind = K_BOOL, .name = "bool"};
const qd__type qd__t_int = {.kind = K_INT, .name = "int"};
const qd__type qd__t_uint8 = {.kind = K_UINT, .name = "uint8"};
const qd__type qd__t_float = {.kind = K_FLOAT, .name = "float64"};
const qd__type qd__t_complex = {.kind = K_COMPLEX, .name = "complex128"};
const qd__type qd__t_string = {.kind = K_STRING, .name = "string"};
const qd__type qd__t_iface = {.kind = K_IFACE, .name = "interface {}"};
const qd__type qd__t_number = {.kind = K_STRING, .name = "json.Number", .special = S_NUMBER};
const qd__type qd__t_strings = {.kind = K_SLICE, .name = "[]string", .elem = &qd__t_string};
const qd__type qd__t_anys = {.kind = K_SLICE, .name = "[]interface {}", .elem = &qd__t_iface};
const qd__type qd__t_strmap = {.kind = K_MAP, .name = "map[string]string", .elem = &qd__t_string, .key = &qd__t_string};
const qd__type qd__t_anymap = {.kind = K_MAP, .name = "map[string]interface {}", .elem = &qd__t_iface, .key = &qd__t_string};
const qd__type qd__t_pointer = {.kind = K_PTR, .name = "*interface {}", .elem = &qd__t_iface};

static const qd__type others[] = {
    {.kind = K_INT, .name = "int8"},
    {.kind = K_INT, .name = "int16"},
    {.kind = K_INT, .name = "int32"},
    {.kind = K_INT, .name = "int64"},
    {.kind = K_UINT, .name = "uint"},
    {.kind = K_UINT, .name = "uint16"},
    {.kind = K_UINT, .name = "uint32"},
    {.kind = K_UINT, .name = "uint64"},
    {.kind = K_FLOAT, .name = "float32"},
    {.kind = K_INT, .name = "time.Duration", .special = S_DURATION},
    {.kind = K_STRUCT, .name = "time.Time", .special = S_TIME},
    {.kind = K_STRUCT, .name = "struct {}"},
    {.kind = K_SLICE, .name = "json.RawMessage", .elem = &qd__t_uint8, .special = S_RAWJSON},
};

typedef struct named {
  qd__type type;
  const qd_json *spec;
} named;

struct qd_template_types {
  qd__arena arena;
  named *names;
  size_t n;
  qd_error *err;  // while parsing
};

const qd__type *qd__types_find(const qd_template_types *types, const char *name) {
  static const qd__type *const plain[] = {&qd__t_bool, &qd__t_int, &qd__t_uint8, &qd__t_float, &qd__t_string, &qd__t_number};
  for (size_t i = 0; types && i < types->n; i++)
    if (strcmp(types->names[i].type.name, name) == 0) return &types->names[i].type;
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
    if (strcmp(plain[i]->name, name) == 0) return plain[i];
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (strcmp(others[i].name, name) == 0) return &others[i];
  if (strcmp(name, "struct{}") == 0) return qd__types_find(NULL, "struct {}");
  if (strcmp(name, "interface{}") == 0 || strcmp(name, "any") == 0) return &qd__t_iface;
  return NULL;
}

static const char *name_of(qd_template_types *t, const char *before, const char *key, const char *after, const char *elem) {
  size_t n = strlen(before) + strlen(key) + strlen(after) + strlen(elem) + 1;
  char *p = qd__arena_alloc(&t->arena, n);
  (void)snprintf(p, n, "%s%s%s%s", before, key, after, elem);
  return p;
}

static const char *copy(qd_template_types *t, qd_slice s) { return qd__arena_dup(&t->arena, s).p; }

static const qd__type *parse_type(qd_template_types *t, qd_slice s, unsigned depth);

static const qd__type *compound(qd_template_types *t, qd__kind kind, const qd__type *key, const qd__type *elem) {
  if (!elem || (kind == K_MAP && !key)) return NULL;
  qd__type *type = qd__arena_alloc(&t->arena, sizeof *type);
  const char *before = kind == K_PTR ? "*" : kind == K_SLICE ? "[]" : "map[";
  *type = (qd__type){.kind = kind, .elem = elem, .key = key};
  if (kind == K_SLICE && elem == &qd__t_uint8) type->special = S_RAWJSON;  // bytes: base64 on both sides
  type->name = name_of(t, before, key ? key->name : "", key ? "]" : "", elem->name);
  return type;
}

// "[2]T"
static const qd__type *parse_array(qd_template_types *t, qd_slice s, unsigned depth) {
  size_t n = 0;
  size_t at = 1;
  for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9' && n < 1000; at++) n = n * 10 + (size_t)(s.p[at] - '0');
  const qd__type *elem = n && at + 1 < s.n && s.p[at] == ']' ? parse_type(t, (qd_slice){s.p + at + 1, s.n - at - 1}, depth + 1) : NULL;
  if (!elem) return NULL;
  qd__type *type = qd__arena_alloc(&t->arena, sizeof *type);
  *type = (qd__type){.kind = K_SLICE, .elem = elem, .fixed = n, .name = name_of(t, "[", "", copy(t, (qd_slice){s.p + 1, at}), elem->name)};
  return type;
}

static const qd__type *parse_type(qd_template_types *t, qd_slice s, unsigned depth) {
  char name[96];
  if (depth > TYPE_DEPTH_MAX || s.n == 0) return NULL;
  if (s.p[0] == '*') return compound(t, K_PTR, NULL, parse_type(t, (qd_slice){s.p + 1, s.n - 1}, depth + 1));
  if (s.n > 2 && memcmp(s.p, "[]", 2) == 0) return compound(t, K_SLICE, NULL, parse_type(t, (qd_slice){s.p + 2, s.n - 2}, depth + 1));
  if (s.n > 4 && memcmp(s.p, "map[", 4) == 0) {
    const char *end = memchr(s.p, ']', s.n);
    if (!end) return NULL;
    const qd__type *key = parse_type(t, (qd_slice){s.p + 4, (size_t)(end - s.p) - 4}, depth + 1);
    return compound(t, K_MAP, key, parse_type(t, (qd_slice){end + 1, (size_t)(s.p + s.n - end) - 1}, depth + 1));
  }
  if (s.p[0] == '[') return parse_array(t, s, depth);
  if (s.n >= sizeof name) return NULL;
  memcpy(name, s.p, s.n);
  name[s.n] = '\0';
  return qd__types_find(t, name);
}

static qd_slice word(qd_slice *s, char end) {
  size_t n = 0;
  while (n < s->n && s->p[n] != end) n++;
  qd_slice w = {s->p, n};
  if (n < s->n) n++;
  *s = (qd_slice){s->p + n, s->n - n};
  return w;
}

static qd_status parse_field(qd_template_types *t, const named *of, qd_slice s, qd__field *out) {
  qd_slice all = s;
  qd_slice name = word(&s, ' ');
  qd_slice type = word(&s, ' ');
  qd_slice json = word(&s, ',');
  *out = (qd__field){.name = copy(t, name), .type = parse_type(t, type, 0), .omitempty = qd_slice_is(s, "omitempty")};
  out->json = json.n == 0 ? out->name : qd_slice_is(json, "-") ? "" : copy(t, json);
  if (name.n && out->type) return QD_OK;
  return qd_fail(t->err, QD_INTERNAL, "bad_types", "template types: %s: bad field \"%.*s\"", of->type.name, (int)all.n, all.p);
}

static qd_status parse_named(qd_template_types *t, named *d) {
  if (qd_json_type_of(d->spec) == QD_JSON_STRING) {
    const qd__type *base = parse_type(t, qd_json_get_string(d->spec, QD_SLICE("")), 0);
    if (!base || base->kind == K_STRUCT) return qd_fail(t->err, QD_INTERNAL, "bad_types", "template types: %s: unknown type", d->type.name);
    const char *name = d->type.name;
    d->type = *base;
    d->type.name = name;
    if (strcmp(name, "fs.FileMode") == 0) d->type.special = S_FILEMODE;
    return QD_OK;
  }
  d->type.n = qd_json_count(d->spec);
  if (strcmp(d->type.name, "units.Ulimit") == 0) d->type.special = S_ULIMIT;
  if (strcmp(d->type.name, "blkiodev.WeightDevice") == 0) d->type.special = S_WEIGHT;
  if (strcmp(d->type.name, "blkiodev.ThrottleDevice") == 0) d->type.special = S_RATE;
  d->type.fields = qd__arena_alloc(&t->arena, d->type.n * sizeof *d->type.fields);
  for (size_t i = 0; i < d->type.n; i++) {
    qd_status st = parse_field(t, d, qd_json_get_string(qd_json_at(d->spec, i), QD_SLICE("")), &d->type.fields[i]);
    if (st) return st;
  }
  return QD_OK;
}

qd_status qd_template_types_parse(const qd_json *spec, qd_template_types **out, qd_error *err) {
  if (qd_json_type_of(spec) != QD_JSON_OBJECT) return qd_fail(err, QD_INTERNAL, "bad_types", "template types: not an object");
  qd_template_types *t = qd_xcalloc(1, sizeof *t);
  qd_status st = QD_OK;
  t->err = err;
  t->n = qd_json_count(spec);
  t->names = qd_xcalloc(t->n ? t->n : 1, sizeof *t->names);
  for (size_t i = 0; i < t->n; i++) {
    qd_slice name;
    named *d = &t->names[i];
    d->spec = qd_json_member_at(spec, i, &name);
    d->type.name = copy(t, name);
    d->type.kind = qd_json_type_of(d->spec) == QD_JSON_STRING ? K_INVALID : K_STRUCT;
  }
  // Plain types first: the fields of structs need their kinds.
  for (size_t i = 0; i < t->n && !st; i++)
    if (t->names[i].type.kind == K_INVALID) st = parse_named(t, &t->names[i]);
  for (size_t i = 0; i < t->n && !st; i++)
    if (t->names[i].type.kind == K_STRUCT) st = parse_named(t, &t->names[i]);
  if (st) {
    qd_template_types_free(t);
    return st;
  }
  *out = t;
  return QD_OK;
}

void qd_template_types_free(qd_template_types *t) {
  if (!t) return;
  qd__arena_free(&t->arena);
  free(t->names);
  free(t);
}
