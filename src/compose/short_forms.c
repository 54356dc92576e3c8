// Ports, volumes and devices in one string. (compose-spec, 05-services; docker's port and volume flags.)
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "compose/model.h"

#define MAX_PORTS 65536

static int show(qd_slice s) { return (int)(s.n < 100 ? s.n : 100); }

// ---- ports: [[ip:]published:]target[/protocol]

typedef struct port_range {
  unsigned first, last;
} port_range;

static bool read_port(qd_slice s, unsigned *out) {
  unsigned long v = 0;
  if (s.n == 0 || s.n > 10) return false;
  for (size_t i = 0; i < s.n; i++) {
    if (!isdigit((unsigned char)s.p[i])) return false;
    v = v * 10 + (unsigned long)(s.p[i] - '0');
  }
  *out = (unsigned)v;
  return v <= 65535;
}

static bool read_range(qd_slice s, port_range *out) {
  const char *dash = s.n ? memchr(s.p, '-', s.n) : NULL;
  size_t n = dash ? (size_t)(dash - s.p) : s.n;
  if (!read_port((qd_slice){s.p, n}, &out->first)) return false;
  out->last = out->first;
  if (dash && !read_port((qd_slice){dash + 1, s.n - n - 1}, &out->last)) return false;
  return out->last >= out->first;
}

// From the end: the part behind the last `c`, which is cut off with it. false: there is no `c`, `s` is left alone.
static bool cut_last(qd_slice *s, char c, qd_slice *tail) {
  for (size_t i = s->n; i > 0; i--) {
    if (s->p[i - 1] != c) continue;
    *tail = (qd_slice){s->p + i, s->n - i};
    s->n = i - 1;
    return true;
  }
  return false;
}

static qd_status check_address(qd__load *l, const qd__at *at, qd_slice ip, char out[INET6_ADDRSTRLEN + 2]) {
  unsigned char binary[16];
  if (ip.n >= 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']') ip = (qd_slice){ip.p + 1, ip.n - 2};
  if (ip.n > INET6_ADDRSTRLEN) return qd__bad(l, at, "%.*s is no IP address", show(ip), ip.p);
  memcpy(out, ip.p, ip.n);
  out[ip.n] = '\0';
  if (inet_pton(AF_INET, out, binary) == 1 || inet_pton(AF_INET6, out, binary) == 1) return QD_OK;
  return qd__bad(l, at, "%.*s is no IP address", show(ip), ip.p);
}

typedef struct port_spec {
  char ip[INET6_ADDRSTRLEN + 2];
  char protocol[8];
  qd_slice published;
  port_range target, host;
} port_spec;

static qd_status read_protocol(qd__load *l, const qd__at *at, qd_slice *target, char out[8]) {
  const char *slash = memchr(target->p, '/', target->n);
  qd_slice name = {"tcp", 3};
  if (slash) {
    name = (qd_slice){slash + 1, target->n - (size_t)(slash - target->p) - 1};
    target->n = (size_t)(slash - target->p);
    const char *second = memchr(name.p, '/', name.n);
    if (second) name.n = (size_t)(second - name.p);
    if (name.n == 0) name = QD_SLICE("tcp");
  }
  for (size_t i = 0; i < 8; i++) out[i] = i < name.n && i < 7 ? (char)tolower((unsigned char)name.p[i]) : '\0';
  if (name.n < 7 && (strcmp(out, "tcp") == 0 || strcmp(out, "udp") == 0 || strcmp(out, "sctp") == 0)) return QD_OK;
  return qd__bad(l, at, "%.*s is no protocol (tcp, udp, sctp)", show(name), name.p);
}

static qd_status read_port_spec(qd__load *l, const qd__at *at, qd_slice spec, port_spec *out) {
  qd_slice left = spec;
  qd_slice target = spec;
  *out = (port_spec){.published = {NULL, 0}};
  bool has_host = cut_last(&left, ':', &target);
  bool has_ip = has_host && cut_last(&left, ':', &out->published);
  if (has_host && !has_ip) out->published = left;
  if (has_ip && left.n) {
    qd_status st = check_address(l, at, left, out->ip);
    if (st != QD_OK) return st;
  }
  qd_status st = target.n ? read_protocol(l, at, &target, out->protocol) : QD_OK;
  if (st != QD_OK) return st;
  if (target.n == 0) return qd__bad(l, at, "\"%.*s\" names no port in the container", show(spec), spec.p);
  if (!read_range(target, &out->target)) return qd__bad(l, at, "\"%.*s\" is no port in the container", show(target), target.p);
  if (out->published.n == 0) return QD_OK;
  if (!read_range(out->published, &out->host)) return qd__bad(l, at, "\"%.*s\" is no port", show(out->published), out->published.p);
  unsigned width = out->target.last - out->target.first;
  if (width == 0 || width == out->host.last - out->host.first) return QD_OK;
  return qd__bad(l, at, "the ranges %.*s and %.*s have different lengths", show(out->published), out->published.p, show(target), target.p);
}

static qd_json *make_port(const port_spec *s, unsigned i) {
  qd_json *v = qd_json_object();
  qd_buf b;
  qd_buf_init(&b, 64);
  bool one_target = s->target.first == s->target.last;
  if (s->published.n) (void)qd_buf_addf(&b, "%u", s->host.first + i);
  if (s->published.n && one_target && s->host.first != s->host.last) (void)qd_buf_addf(&b, "-%u", s->host.last);
  qd__set_text(v, "mode", "ingress");
  if (s->ip[0]) qd__set_text(v, "host_ip", s->ip);
  qd__set(v, "target", qd_json_int(s->target.first + i));
  if (b.n) qd__set_text(v, "published", b.p);
  qd__set_text(v, "protocol", s->protocol);
  qd_buf_deinit(&b);
  return v;
}

static int by_target_text(const void *pa, const void *pb) {
  char a[16];
  char b[16];
  (void)snprintf(a, sizeof a, "%lld", (long long)qd_json_get_int(qd_json_member(*(qd_json *const *)pa, "target"), 0));
  (void)snprintf(b, sizeof b, "%lld", (long long)qd_json_get_int(qd_json_member(*(qd_json *const *)pb, "target"), 0));
  return strcmp(a, b);
}

// A range's ports, in the order of their numbers' text, as compose v2 has them.
static void append_ports(qd_json *list, const port_spec *s) {
  unsigned n = s->target.last - s->target.first + 1;
  qd_json **made = qd_xmalloc(n * sizeof *made);
  for (unsigned i = 0; i < n; i++) made[i] = make_port(s, i);
  qsort(made, n, sizeof *made, by_target_text);
  for (unsigned i = 0; i < n; i++) qd_json_append(list, made[i]);
  free(made);
}

qd_status qd__expand_ports(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  qd_status st = QD_OK;
  qd_json *list = qd_json_array();
  for (size_t i = 0; st == QD_OK && i < qd_json_count(v); i++) {
    const qd_json *item = qd_json_at(v, i);
    qd_json_type type = qd_json_type_of(item);
    char number[32];
    port_spec spec = {.published = {NULL, 0}};
    if (type == QD_JSON_OBJECT) {
      qd_json_append(list, qd_json_swap_at(v, i, NULL));
      continue;
    }
    (void)snprintf(number, sizeof number, "%lld", (long long)qd_json_get_int(item, 0));
    if (type != QD_JSON_INT && type != QD_JSON_STRING) {
      st = qd__bad(l, QD__ITEM(at, i), "a port must be a whole number or a string");
    } else {
      st = read_port_spec(l, QD__ITEM(at, i), type == QD_JSON_STRING ? qd__slice(item) : qd_slice_of(number), &spec);
    }
    if (st == QD_OK && qd_json_count(list) + spec.target.last - spec.target.first > MAX_PORTS) st = qd__bad(l, at, "too many ports");
    if (st == QD_OK) append_ports(list, &spec);
  }
  qd_json_free(v);
  *out = list;
  return st;
}

// ---- volumes: [source:]target[:options]

typedef struct volume_spec {
  qd_slice source, target, options;
} volume_spec;

// The end of the part that begins at `i`: the next colon that is not a drive's (C:\).
static size_t part_end(qd_slice s, size_t i) {
  size_t end = i;
  for (; end < s.n; end++)
    if (s.p[end] == ':' && !(end == i + 1 && isalpha((unsigned char)s.p[i]))) break;
  return end;
}

static qd_status read_volume(qd__load *l, const qd__at *at, qd_slice spec, volume_spec *out) {
  *out = (volume_spec){{NULL, 0}, {NULL, 0}, {NULL, 0}};
  if (spec.n == 0) return qd__bad(l, at, "an empty string is no volume");
  if (spec.n <= 2) {
    out->target = spec;
    return QD_OK;
  }
  qd_slice *parts[] = {&out->source, &out->target, &out->options};
  size_t n = 0;
  for (size_t i = 0;; i++) {
    size_t end = part_end(spec, i);
    if (end == i) return qd__bad(l, at, "\"%.*s\" has an empty part between its colons", show(spec), spec.p);
    if (n == 3) return qd__bad(l, at, "\"%.*s\" has too many colons", show(spec), spec.p);
    *parts[n++] = (qd_slice){spec.p + i, end - i};
    i = end;
    if (end == spec.n) break;
  }
  if (n == 1) {
    out->target = out->source;
    out->source = (qd_slice){NULL, 0};
  }
  return QD_OK;
}

static bool is_path(qd_slice s) {
  if (s.n == 0) return false;
  if (strchr("./~", s.p[0])) return s.p[0] != '\0';
  if (s.n >= 2 && s.p[0] == '\\' && s.p[1] == '\\') return true;
  return s.n >= 2 && isalpha((unsigned char)s.p[0]) && s.p[1] == ':';
}

static qd_json *edit_bind(qd_json *v) {
  if (!qd_json_member(v, "bind")) qd__set(v, "bind", qd_json_object());
  return qd_json_edit(v, "bind");
}

static void set_volume_option(qd_json *v, qd_slice option) {
  static const char *const propagations[] = {"rprivate", "private", "rshared", "shared", "rslave", "slave"};
  char word[16] = "";
  if (option.n >= sizeof word) return;
  memcpy(word, option.p, option.n);
  if (strcmp(word, "ro") == 0 || strcmp(word, "rw") == 0) qd__set(v, "read_only", qd_json_bool(word[1] == 'o'));
  if (strcmp(word, "nocopy") == 0) {
    qd_json *volume = qd_json_object();
    qd__set(volume, "nocopy", qd_json_bool(true));
    qd__set(v, "volume", volume);
  }
  if (strcmp(word, "z") == 0 || strcmp(word, "Z") == 0) qd__set_text(edit_bind(v), "selinux", word);
  for (size_t i = 0; i < sizeof propagations / sizeof *propagations; i++)
    if (strcmp(word, propagations[i]) == 0) qd__set_text(edit_bind(v), "propagation", word);
}

// path.Clean, but "" stays.
static qd_json *clean_target(qd_slice target) {
  char *copy = qd_xstrndup(target.p ? target.p : "", target.n);
  char *clean = *copy ? qd__join_path("", copy) : qd_xstrdup("");
  qd_json *v = qd_json_string(qd_slice_of(clean));
  free(clean);
  free(copy);
  return v;
}

static qd_json *make_volume(const volume_spec *s, bool tiny) {
  qd_json *v = qd_json_object();
  bool bind = is_path(s->source);
  qd__set_text(v, "type", bind ? "bind" : "volume");
  if (s->source.n) qd__set(v, "source", qd_json_string(s->source));
  qd__set(v, "target", clean_target(s->target));
  if (bind) {
    qd_json *options = qd_json_object();
    qd__set(options, "create_host_path", qd_json_bool(true));
    qd__set(v, "bind", options);
  } else if (!tiny) {
    qd__set(v, "volume", qd_json_object());
  }
  qd_slice left = s->options;
  while (left.n) {
    const char *comma = memchr(left.p, ',', left.n);
    size_t n = comma ? (size_t)(comma - left.p) : left.n;
    set_volume_option(v, (qd_slice){left.p, n});
    left = (qd_slice){left.p + n + (comma != NULL), left.n - n - (comma != NULL)};
  }
  return v;
}

qd_status qd__expand_volume(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  *out = v;
  if (qd_json_type_of(v) == QD_JSON_OBJECT) {
    if (qd_json_type_of(qd_json_member(v, "target")) == QD_JSON_STRING) {
      qd_json *clean = clean_target(qd__slice(qd_json_member(v, "target")));
      qd__set(v, "target", clean);
    }
    return QD_OK;
  }
  volume_spec spec;
  qd_status st = read_volume(l, at, qd__slice(v), &spec);
  if (st != QD_OK) return st;
  *out = make_volume(&spec, qd__slice(v).n <= 2);
  qd_json_free(v);
  return QD_OK;
}

// ---- devices: source[:target[:permissions]]

static qd_status read_device(qd__load *l, const qd__at *at, qd_slice spec, qd_slice parts[3], size_t *n) {
  qd_slice left = spec;
  for (*n = 0; *n < 3;) {
    const char *colon = left.n ? memchr(left.p, ':', left.n) : NULL;
    size_t length = colon ? (size_t)(colon - left.p) : left.n;
    parts[(*n)++] = (qd_slice){left.p, length};
    if (!colon) return QD_OK;
    left = (qd_slice){colon + 1, left.n - length - 1};
  }
  return qd__bad(l, at, "\"%.*s\" has too many colons for a device", show(spec), spec.p);
}

qd_status qd__expand_device(qd__load *l, const qd__at *at, qd_json *v, qd_json **out) {
  *out = v;
  if (qd_json_type_of(v) == QD_JSON_OBJECT) return QD_OK;
  qd_slice parts[3];
  size_t n = 0;
  qd_status st = read_device(l, at, qd__slice(v), parts, &n);
  if (st != QD_OK) return st;
  *out = qd_json_object();
  qd__set(*out, "source", qd_json_string(parts[0]));
  qd__set(*out, "target", qd_json_string(n > 1 && parts[1].n ? parts[1] : parts[0]));
  qd__set(*out, "permissions", qd_json_string(n > 2 ? parts[2] : QD_SLICE("rwm")));
  qd_json_free(v);
  return QD_OK;
}

qd_status qd__short_target(qd__load *l, const qd__at *at, qd_slice spec, bool device, qd_buf *out) {
  qd_slice target;
  if (device) {
    qd_slice parts[3];
    size_t n = 0;
    qd_status st = read_device(l, at, spec, parts, &n);
    if (st != QD_OK) return st;
    target = n > 1 && parts[1].n ? parts[1] : parts[0];
  } else {
    volume_spec v;
    qd_status st = read_volume(l, at, spec, &v);
    if (st != QD_OK) return st;
    target = v.target;
  }
  (void)qd_buf_add(out, target.p, target.n);
  return QD_OK;
}
