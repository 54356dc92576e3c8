// Methods of the few types in docker's answers that have any: String, and what people call in templates.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/c_locale.h"
#include "data/template_int.h"
#include "data/units.h"

// Also through a pointer, as in Go.
bool qd__is_stringer(const qd__value *v) {
  if (!v->type) return false;
  qd__special s = v->type->special;
  if (v->kind == K_PTR) {
    qd__special of = v->type->elem->special;
    return !v->nil && (of == S_TIME || of == S_ULIMIT || of == S_WEIGHT || of == S_RATE);
  }
  return s != S_NONE && s != S_RAWJSON;
}

// time.Time.String from RFC 3339: "2024-05-01T10:00:00.5+02:00" -> "2024-05-01 10:00:00.5 +0200 +0200".
static void point_in_time(const qd_json *node, qd_buf *out) {
  qd_slice s = qd_json_get_string(node, QD_SLICE("0001-01-01T00:00:00Z"));
  if (s.n < 20 || s.p[10] != 'T') {
    (void)qd_buf_add(out, s.p, s.n);
    return;
  }
  size_t end = 19;
  while (end < s.n && (s.p[end] == '.' || (s.p[end] >= '0' && s.p[end] <= '9'))) end++;
  size_t kept = end;
  while (kept > 19 && s.p[kept - 1] == '0') kept--;
  if (kept == 20) kept = 19;
  (void)qd_buf_addf(out, "%.10s %.*s ", s.p, (int)(kept - 11), s.p + 11);
  if (s.n - end != 6) {
    (void)qd_buf_adds(out, "+0000 UTC");
    return;
  }
  char zone[8];
  (void)snprintf(zone, sizeof zone, "%.3s%.2s", s.p + end, s.p + end + 4);
  (void)qd_buf_addf(out, "%s %s", zone, zone);
}

// fs.FileMode.String of permission bits and Go's high bits: -rwxr-xr-x.
static void file_mode(uint64_t mode, qd_buf *out) {
  static const char high[] = "dalTLDpSugct?";
  static const char low[] = "rwxrwxrwx";
  size_t before = out->n;
  for (unsigned i = 0; i < sizeof high - 1; i++)
    if (mode & (UINT64_C(1) << (31 - i))) (void)qd_buf_addc(out, high[i]);
  if (out->n == before) (void)qd_buf_addc(out, '-');
  for (unsigned i = 0; i < sizeof low - 1; i++) (void)qd_buf_addc(out, mode & (UINT64_C(1) << (8 - i)) ? low[i] : '-');
}

static void member_text(const qd_json *node, const char *before, const char *name, qd_buf *out) {
  const qd_json *m = qd_json_member(node, name);
  (void)qd_buf_adds(out, before);
  if (qd_json_type_of(m) == QD_JSON_STRING)
    (void)qd_buf_adds(out, qd_json_get_cstr(m, ""));
  else
    (void)qd_buf_addf(out, "%" PRId64, qd_json_get_int(m, 0));
}

// nofile=1024:2048
static void ulimit_text(const qd_json *node, qd_buf *out) {
  member_text(node, "", "Name", out);
  member_text(node, "=", "Soft", out);
  member_text(node, ":", "Hard", out);
}

// /dev/sda:500
static void device_text(const qd_json *node, const char *what, qd_buf *out) {
  member_text(node, "", "Path", out);
  member_text(node, ":", what, out);
}

void qd__stringer(const qd__value *v, qd_buf *out) {
  switch (v->kind == K_PTR ? v->type->elem->special : v->type->special) {
    case S_NUMBER:
      (void)qd_buf_add(out, v->s.p, v->s.n);
      break;
    case S_DURATION:
      qd_units_print_duration(v->i, out);
      break;
    case S_FILEMODE:
      file_mode(v->u, out);
      break;
    case S_ULIMIT:
      ulimit_text(v->node, out);
      break;
    case S_WEIGHT:
      device_text(v->node, "Weight", out);
      break;
    case S_RATE:
      device_text(v->node, "Rate", out);
      break;
    case S_TIME:
      point_in_time(v->node, out);
      break;
    default:
      break;
  }
}

static qd__value as_float(double f) { return (qd__value){.kind = K_FLOAT, .type = &qd__t_float, .f = f}; }

static qd__value as_int64(int64_t i) {
  qd__value v = qd__make_int(i);
  v.type = qd__types_find(NULL, "int64");
  return v;
}

static bool duration_method(const qd__value *v, qd_slice name, qd__value *out) {
  double ns = (double)v->i;
  if (qd_slice_is(name, "Seconds")) return *out = as_float(ns / 1e9), true;
  if (qd_slice_is(name, "Minutes")) return *out = as_float(ns / 6e10), true;
  if (qd_slice_is(name, "Hours")) return *out = as_float(ns / 3.6e12), true;
  if (qd_slice_is(name, "Nanoseconds")) return *out = as_int64(v->i), true;
  if (qd_slice_is(name, "Microseconds")) return *out = as_int64(v->i / 1000), true;
  if (qd_slice_is(name, "Milliseconds")) return *out = as_int64(v->i / 1000000), true;
  return false;
}

static qd_slice without_nul(qd_slice s, char text[32]) {
  (void)snprintf(text, 32, "%.*s", (int)(s.n < 31 ? s.n : 31), s.p);
  return s;
}

static bool number_method(qd__exec *x, const qd__value *v, qd_slice name, qd__value *out) {
  char text[32];
  char *end = NULL;
  bool whole = qd_slice_is(name, "Int64");
  if (!whole && !qd_slice_is(name, "Float64")) return false;
  (void)without_nul(v->s, text);
  *out = whole ? as_int64(strtoll(text, &end, 10)) : as_float(qd__c_strtod(text));
  if (end && *end)
    *out = qd__exec_fail(x, "error calling %.*s: strconv.Parse%s: parsing \"%s\": invalid syntax", (int)name.n, name.p,
                         whole ? "Int" : "Float", text);
  return true;
}

// nat.Port: "80/tcp".
static bool port_method(const qd__value *v, qd_slice name, qd__value *out) {
  const char *slash = v->s.n ? memchr(v->s.p, '/', v->s.n) : NULL;
  qd_slice number = {v->s.p, slash ? (size_t)(slash - v->s.p) : v->s.n};
  if (qd_slice_is(name, "Port")) return *out = qd__make_str(number), true;
  if (qd_slice_is(name, "Proto")) {
    *out = qd__make_str(slash ? (qd_slice){slash + 1, v->s.n - number.n - 1} : QD_SLICE("tcp"));
    return true;
  }
  if (!qd_slice_is(name, "Int")) return false;
  char text[32];
  (void)without_nul(number, text);
  *out = qd__make_int(strtoll(text, NULL, 10));
  return true;
}

// Words that a mode is one of: "host|container:" ("container:" and whatever follows); "!" in front: none of them.
typedef struct mode {
  const char *type, *method, *words;
} mode;

static const mode modes[] = {
    {"container.NetworkMode", "IsHost", "host"},
    {"container.NetworkMode", "IsNone", "none"},
    {"container.NetworkMode", "IsBridge", "bridge"},
    {"container.NetworkMode", "IsDefault", "default"},
    {"container.NetworkMode", "IsContainer", "container:"},
    {"container.NetworkMode", "IsPrivate", "!host|container:"},
    {"container.NetworkMode", "IsUserDefined", "!default|bridge|host|none|container:"},
    {"container.IpcMode", "IsPrivate", "private"},
    {"container.IpcMode", "IsHost", "host"},
    {"container.IpcMode", "IsShareable", "shareable"},
    {"container.IpcMode", "IsContainer", "container:"},
    {"container.IpcMode", "IsNone", "none"},
    {"container.IpcMode", "IsEmpty", ""},
    {"container.PidMode", "IsHost", "host"},
    {"container.PidMode", "IsContainer", "container:"},
    {"container.PidMode", "IsPrivate", "!host|container:"},
    {"container.UTSMode", "IsHost", "host"},
    {"container.UTSMode", "IsPrivate", "!host"},
    {"container.UsernsMode", "IsHost", "host"},
    {"container.UsernsMode", "IsPrivate", "!host"},
    {"container.CgroupnsMode", "IsHost", "host"},
    {"container.CgroupnsMode", "IsPrivate", "private"},
    {"container.CgroupnsMode", "IsEmpty", ""},
    {"container.Isolation", "IsDefault", "|default"},
    {"container.RestartPolicy", "IsNone", "|no"},
    {"container.RestartPolicy", "IsAlways", "always"},
    {"container.RestartPolicy", "IsOnFailure", "on-failure"},
    {"container.RestartPolicy", "IsUnlessStopped", "unless-stopped"},
};

static bool is_one_of(qd_slice s, const char *words) {
  bool negated = words[0] == '!';
  for (const char *p = words + negated;;) {
    size_t n = strcspn(p, "|");
    bool prefix = n && p[n - 1] == ':';
    if ((prefix ? s.n >= n : s.n == n) && (n == 0 || memcmp(s.p, p, n) == 0)) return !negated;
    if (!p[n]) return negated;
    p += n + 1;
  }
}

static bool mode_method(const char *type, qd_slice s, qd_slice name, qd__value *out) {
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
    if (strcmp(modes[i].type, type) == 0 && qd_slice_is(name, modes[i].method)) {
      *out = qd__make_bool(is_one_of(s, modes[i].words));
      return true;
    }
  return false;
}

// container.NetworkMode: "bridge", "host", "none", "default", "container:ID", or a network's name.
static bool network_method(qd_slice s, qd_slice name, qd__value *out) {
  bool container = is_one_of(s, "container:");
  if (qd_slice_is(name, "UserDefined")) {
    *out = qd__make_str(is_one_of(s, "!default|bridge|host|none|container:") ? s : QD_SLICE(""));
    return true;
  }
  if (qd_slice_is(name, "ConnectedContainer")) {
    *out = qd__make_str(container ? (qd_slice){s.p + 10, s.n - 10} : QD_SLICE(""));
    return true;
  }
  if (!qd_slice_is(name, "NetworkName")) return false;
  *out = qd__make_str(container ? QD_SLICE("container") : s);
  return true;
}

bool qd__method(qd__exec *x, const qd__value *v, qd_slice name, qd__value *out) {
  if (!v->type) return false;
  if (qd__is_stringer(v) && qd_slice_is(name, "String")) {
    qd_buf b;
    qd_buf_init(&b, 4096);
    qd__stringer(v, &b);
    *out = qd__value_string(x, &b);
    qd_buf_deinit(&b);
    return true;
  }
  if (v->type->special == S_DURATION) return duration_method(v, name, out);
  if (v->type->special == S_NUMBER) return number_method(x, v, name, out);
  if (strcmp(v->type->name, "nat.Port") == 0) return port_method(v, name, out);
  if (v->kind == K_STRING && mode_method(v->type->name, v->s, name, out)) return true;
  if (strcmp(v->type->name, "container.NetworkMode") == 0) return network_method(v->s, name, out);
  if (strcmp(v->type->name, "container.RestartPolicy") != 0) return false;
  qd__value policy;
  return qd__struct_get(x, v, QD_SLICE("Name"), &policy) && mode_method(v->type->name, policy.s, name, out);
}
