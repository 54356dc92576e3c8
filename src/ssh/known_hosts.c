// Reading known_hosts: lines, host patterns, verdicts. No I/O here. Contract in known_hosts.h.
#include "ssh/known_hosts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define KEY_CAP (64u << 10)  // decoded key blob; the largest real ones have 2 KiB

static bool blank(char c) { return c == ' ' || c == '\t'; }

static qd_slice word(qd_slice *rest) {
  while (rest->n && blank(*rest->p)) {
    rest->p++;
    rest->n--;
  }
  qd_slice w = {rest->p, 0};
  while (w.n < rest->n && !blank(w.p[w.n])) w.n++;
  rest->p += w.n;
  rest->n -= w.n;
  return w;
}

static qd_slice next_line(qd_kh_reader *r) {
  const char *end = memchr(r->rest.p, '\n', r->rest.n);
  qd_slice line = {r->rest.p, end ? (size_t)(end - r->rest.p) : r->rest.n};
  size_t used = end ? line.n + 1 : line.n;
  r->rest.p += used;
  r->rest.n -= used;
  r->number++;
  while (line.n && line.p[line.n - 1] == '\r') line.n--;
  return line;
}

static bool parse_line(qd_slice line, qd_kh_line *out) {
  qd_slice rest = line;
  *out = (qd_kh_line){.marker = QD_KH_PLAIN, .whole = line};
  qd_slice first = word(&rest);
  if (first.n && first.p[0] == '@') {
    if (qd_slice_is(first, "@revoked"))
      out->marker = QD_KH_REVOKED;
    else if (qd_slice_is(first, "@cert-authority"))
      out->marker = QD_KH_AUTHORITY;
    else
      return false;
    first = word(&rest);
  }
  out->hosts = first;
  out->type = word(&rest);
  out->key64 = word(&rest);
  return out->key64.n >= 4 && memchr(line.p, '\0', line.n) == NULL;
}

bool qd_kh_next(qd_kh_reader *r, qd_kh_line *out) {
  while (r->rest.n) {
    qd_slice line = next_line(r);
    qd_slice rest = line;
    qd_slice first = word(&rest);
    if (first.n == 0 || first.p[0] == '#') continue;
    if (parse_line(line, out)) {
      out->number = r->number;
      return true;
    }
    r->malformed++;
  }
  return false;
}

bool qd_kh_glob(qd_slice pattern, qd_slice text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = SIZE_MAX;  // behind the last '*' seen
  size_t mark = 0;         // where its run would end next
  while (t < text.n) {
    if (p < pattern.n && pattern.p[p] == '*') {
      star = ++p;
      mark = t;
    } else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == text.p[t])) {
      p++;
      t++;
    } else if (star != SIZE_MAX) {
      p = star;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.n && pattern.p[p] == '*') p++;
  return p == pattern.n;
}

// "|1|" base64 salt "|" base64 HMAC-SHA1(salt, name)
static bool hashed_is(qd_slice hosts, const char *name) {
  if (hosts.n < 4 || memcmp(hosts.p, "|1|", 3) != 0) return false;
  qd_slice salt64 = {hosts.p + 3, hosts.n - 3};
  const char *bar = memchr(salt64.p, '|', salt64.n);
  if (bar == NULL) return false;
  qd_slice hash64 = {bar + 1, salt64.n - (size_t)(bar - salt64.p) - 1};
  salt64.n = (size_t)(bar - salt64.p);
  qd_buf salt;
  qd_buf hash;
  qd_buf_init(&salt, 64);
  qd_buf_init(&hash, QD_SHA1_SIZE);
  bool same = false;
  if (qd__b64_decode(salt64, &salt) && qd__b64_decode(hash64, &hash) && hash.n == QD_SHA1_SIZE && salt.n > 0) {
    unsigned char want[QD_SHA1_SIZE];
    qd__hmac_sha1(qd_buf_slice(&salt), qd_slice_of(name), want);
    same = memcmp(want, hash.p, sizeof want) == 0;
  }
  qd_buf_deinit(&salt);
  qd_buf_deinit(&hash);
  return same;
}

bool qd_kh_names(qd_slice hosts, const char *name) {
  if (hosts.n && hosts.p[0] == '|') return hashed_is(hosts, name);
  bool found = false;
  qd_slice text = qd_slice_of(name);
  while (hosts.n) {
    const char *comma = memchr(hosts.p, ',', hosts.n);
    qd_slice one = {hosts.p, comma ? (size_t)(comma - hosts.p) : hosts.n};
    hosts.p += one.n + (comma != NULL);
    hosts.n -= one.n + (comma != NULL);
    bool negated = one.n && one.p[0] == '!';
    if (negated) one = (qd_slice){one.p + 1, one.n - 1};
    char lower[1024];
    if (one.n == 0 || one.n > sizeof lower) continue;
    for (size_t i = 0; i < one.n; i++) lower[i] = (char)tolower((unsigned char)one.p[i]);
    if (!qd_kh_glob((qd_slice){lower, one.n}, text)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

char *qd_kh_name(const char *host, int port) {
  char *name = port == 0 || port == 22 ? qd_xstrdup(host) : qd_xasprintf("[%s]:%d", host, port);
  for (char *p = name; *p; p++) *p = (char)tolower((unsigned char)*p);
  return name;
}

void qd_known_hosts_init(qd_known_hosts *kh, const char *host, int port) {
  *kh = (qd_known_hosts){.name = qd_kh_name(host, port)};
  if (port != 0 && port != 22) kh->bare = qd_kh_name(host, 0);
}

void qd_known_hosts_deinit(qd_known_hosts *kh) {
  for (size_t i = 0; i < kh->n; i++) {
    free(kh->keys[i].file);
    free(kh->keys[i].type);
    free((char *)kh->keys[i].blob.p);
  }
  free(kh->keys);
  free(kh->name);
  free(kh->bare);
  *kh = (qd_known_hosts){0};
}

static void add_key(qd_known_hosts *kh, const qd_kh_line *line, const char *file, bool without_port) {
  qd_buf blob;
  qd_buf_init(&blob, KEY_CAP);
  if (!qd__b64_decode(line->key64, &blob) || !qd_slice_eq(qd__blob_type(qd_buf_slice(&blob)), line->type)) {
    qd_buf_deinit(&blob);
    kh->malformed++;
    return;
  }
  kh->keys = qd_xrealloc(kh->keys, (kh->n + 1) * sizeof *kh->keys);
  qd_kh_key *key = &kh->keys[kh->n++];
  *key = (qd_kh_key){.marker = line->marker,
                     .file = qd_xstrdup(file),
                     .line = line->number,
                     .type = qd_xstrndup(line->type.p, line->type.n),
                     .without_port = without_port};
  size_t n = blob.n;
  key->blob = (qd_slice){qd_buf_take(&blob), n};
  qd__fingerprint(key->blob, key->fingerprint);
}

void qd_known_hosts_add(qd_known_hosts *kh, qd_slice text, const char *file) {
  qd_kh_reader r = {.rest = text};
  qd_kh_line line;
  while (qd_kh_next(&r, &line)) {
    if (qd_kh_names(line.hosts, kh->name))
      add_key(kh, &line, file, false);
    else if (kh->bare && qd_kh_names(line.hosts, kh->bare))
      add_key(kh, &line, file, true);
  }
  kh->malformed += r.malformed;
}

static bool has_own(const qd_known_hosts *kh) {
  for (size_t i = 0; i < kh->n; i++)
    if (kh->keys[i].marker == QD_KH_PLAIN && !kh->keys[i].without_port) return true;
  return false;
}

// What one line says about the key. own: lines for the host's very name are there, so that those for the bare name do not count.
static qd_kh_verdict weigh(const qd_kh_key *key, qd_slice blob, bool own) {
  bool same = qd__same_bytes(key->blob, blob);
  if (key->marker == QD_KH_REVOKED) return same ? QD_KH_IS_REVOKED : QD_KH_UNKNOWN;
  if (key->marker == QD_KH_AUTHORITY || (key->without_port && (own || !same))) return QD_KH_UNKNOWN;
  if (same) return QD_KH_MATCH;
  return qd_slice_is(qd__blob_type(blob), key->type) ? QD_KH_CHANGED : QD_KH_OTHER_TYPE;
}

qd_kh_verdict qd_known_hosts_check(const qd_known_hosts *kh, qd_slice blob, const qd_kh_key **out) {
  qd_kh_verdict verdict = QD_KH_UNKNOWN;
  const qd_kh_key *decided = NULL;
  bool own = has_own(kh);
  for (size_t i = 0; i < kh->n; i++) {
    qd_kh_verdict v = weigh(&kh->keys[i], blob, own);
    if (v <= verdict) continue;
    verdict = v;
    decided = &kh->keys[i];
  }
  if (out) *out = decided;
  return verdict;
}

size_t qd_known_hosts_types(const qd_known_hosts *kh, const char **out, size_t max) {
  size_t n = 0;
  bool own = has_own(kh);
  for (size_t i = 0; i < kh->n && n < max; i++) {
    const qd_kh_key *key = &kh->keys[i];
    if (key->marker != QD_KH_PLAIN || (key->without_port && own)) continue;
    size_t k = 0;
    while (k < n && strcmp(out[k], key->type) != 0) k++;
    if (k == n) out[n++] = key->type;
  }
  return n;
}

const qd_kh_key *qd_known_hosts_authority(const qd_known_hosts *kh) {
  for (size_t i = 0; i < kh->n; i++)
    if (kh->keys[i].marker == QD_KH_AUTHORITY) return &kh->keys[i];
  return NULL;
}
