// docker's own functions (docker/cli, templates): json split join title lower upper pad truncate.
// pad and truncate count bytes, as docker's do.
#include "data/template_int.h"

typedef uint32_t map_rune(uint32_t r, bool after_separator);

static uint32_t to_lower(uint32_t r, bool after) { return (void)after, qd__to_lower(r); }
static uint32_t to_upper(uint32_t r, bool after) { return (void)after, qd__to_upper(r); }
static uint32_t to_title(uint32_t r, bool after) { return after ? qd__to_title(r) : r; }

// strings.Title's idea of a word boundary.
static bool is_separator(uint32_t r) {
  if (r <= 0x7F) return !(qd__is_letter(r) || qd__is_digit(r) || r == '_');
  return !qd__is_letter(r) && qd__is_space(r);
}

static qd__value mapped(qd__exec *x, qd_slice s, map_rune *map) {
  qd_buf b;
  bool after = true;
  qd_buf_init(&b, QD__VALUE_MAX);
  for (size_t i = 0; i < s.n;) {
    uint32_t r;
    i += qd__rune(s, i, &r);
    qd__rune_add(&b, map(r, after));
    after = is_separator(r);
  }
  qd__value v = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  return v;
}

static qd__value f_lower(qd__exec *x, qd__value *v, size_t n) { return (void)n, mapped(x, v[0].s, to_lower); }
static qd__value f_upper(qd__exec *x, qd__value *v, size_t n) { return (void)n, mapped(x, v[0].s, to_upper); }
static qd__value f_title(qd__exec *x, qd__value *v, size_t n) { return (void)n, mapped(x, v[0].s, to_title); }

static qd__value f_json(qd__exec *x, qd__value *v, size_t n) {
  (void)n;
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  qd__json_write(x, &v[0], &b);
  qd__value out = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  return out;
}

// Length of the piece of s up to the separator (an empty one: one rune), and of the separator behind it.
static size_t piece(qd_slice s, qd_slice sep, bool *last) {
  uint32_t r;
  if (sep.n == 0) {
    size_t n = qd__rune(s, 0, &r);
    *last = n == s.n;
    return n;
  }
  const char *at = s.n >= sep.n ? memmem(s.p, s.n, sep.p, sep.n) : NULL;
  *last = at == NULL;
  return at ? (size_t)(at - s.p) : s.n;
}

static qd__value f_split(qd__exec *x, qd__value *v, size_t n) {
  (void)n;
  qd_slice sep = v[1].s;
  size_t count = 0;
  size_t pieces = 0;
  qd_slice *strings = NULL;
  for (int pass = 0; pass < 2; pass++) {
    qd_slice s = v[0].s;
    bool last = s.n == 0 && sep.n == 0;
    for (pieces = 0; !last; pieces++) {
      size_t len = piece(s, sep, &last);
      if (pass) strings[pieces] = (qd_slice){s.p, len};
      len += last ? 0 : sep.n;
      s = (qd_slice){s.p + len, s.n - len};
    }
    if (pass) break;
    count = pieces;
    if (x->arena.total + count * sizeof *strings > QD__VALUE_MAX) return qd__call_fail(x, "values larger than %u bytes", QD__VALUE_MAX);
    strings = qd__arena_alloc(&x->arena, count * sizeof *strings);
  }
  return (qd__value){.kind = K_SLICE, .type = &qd__t_strings, .strings = strings, .n = count};
}

static qd__value f_join(qd__exec *x, qd__value *v, size_t n) {
  (void)n;
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  for (size_t i = 0; i < v[0].n; i++) {
    qd__value s = qd__slice_at(x, &v[0], i);
    if (i) (void)qd_buf_add(&b, v[1].s.p, v[1].s.n);
    (void)qd_buf_add(&b, s.s.p, s.s.n);
  }
  qd__value out = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  return out;
}

static qd__value f_pad(qd__exec *x, qd__value *v, size_t n) {
  (void)n;
  if (v[0].s.n == 0) return v[0];
  if (v[1].i < 0 || v[2].i < 0) return qd__call_fail(x, "strings: negative Repeat count");
  if (v[1].i > (int64_t)QD__VALUE_MAX || v[2].i > (int64_t)QD__VALUE_MAX) return qd__call_fail(x, "strings: Repeat output length overflow");
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  qd__fmt f = {.out = &b};
  qd__fmt_padding(&f, (int)v[1].i);
  (void)qd_buf_add(&b, v[0].s.p, v[0].s.n);
  qd__fmt_padding(&f, (int)v[2].i);
  qd__value out = qd__value_string(x, &b);
  qd_buf_deinit(&b);
  return out;
}

static qd__value f_truncate(qd__exec *x, qd__value *v, size_t n) {
  (void)n;
  if (v[1].i < 0) return qd__call_fail(x, "runtime error: slice bounds out of range [:%lld]", (long long)v[1].i);
  if ((uint64_t)v[1].i < v[0].s.n) v[0].s.n = (size_t)v[1].i;
  return v[0];
}

const qd__func qd__funcs_text[] = {
    {.name = "json", .in = {&qd__t_iface}, .fixed = 1, .call = f_json},
    {.name = "split", .in = {&qd__t_string, &qd__t_string}, .fixed = 2, .call = f_split},
    {.name = "join", .in = {&qd__t_strings, &qd__t_string}, .fixed = 2, .call = f_join},
    {.name = "title", .in = {&qd__t_string}, .fixed = 1, .call = f_title},
    {.name = "lower", .in = {&qd__t_string}, .fixed = 1, .call = f_lower},
    {.name = "upper", .in = {&qd__t_string}, .fixed = 1, .call = f_upper},
    {.name = "pad", .in = {&qd__t_string, &qd__t_int, &qd__t_int}, .fixed = 3, .call = f_pad},
    {.name = "truncate", .in = {&qd__t_string, &qd__t_int}, .fixed = 2, .call = f_truncate},
    {.name = NULL},
};

// docker's HeaderFunctions: the name of a column stays as it is.
static qd__value f_same(qd__exec *x, qd__value *v, size_t n) { return (void)x, (void)n, v[0]; }

const qd__func *qd__func_for_header(const qd__func *f) {
  static const qd__func header[] = {
      {.name = "json", .in = {&qd__t_string}, .fixed = 1, .call = f_same},
      {.name = "split", .in = {&qd__t_string, &qd__t_string}, .fixed = 2, .call = f_same},
      {.name = "join", .in = {&qd__t_string, &qd__t_string}, .fixed = 2, .call = f_same},
      {.name = "title", .in = {&qd__t_string}, .fixed = 1, .call = f_same},
      {.name = "lower", .in = {&qd__t_string}, .fixed = 1, .call = f_same},
      {.name = "upper", .in = {&qd__t_string}, .fixed = 1, .call = f_same},
      {.name = "truncate", .in = {&qd__t_string, &qd__t_int}, .fixed = 2, .call = f_same},
  };
  for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
    if (strcmp(header[i].name, f->name) == 0) return &header[i];
  return f;
}
