// Secret registry, redaction and the debug log. Contract in log.h.
#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/context.h"
#include "base/mem.h"

#define SHORTEST_SECRET 3
#define LINE_CAP (64u << 10)

static struct {
  qd_slice *v;
  size_t n;
  int holders;
} secrets;
static pthread_mutex_t secrets_lock = PTHREAD_MUTEX_INITIALIZER;  // one registry for all hosts: what is secret to one is to none

static void add_copy(char *value, size_t n) {  // takes value
  for (size_t i = 0; i < secrets.n; i++) {
    if (qd_slice_eq(secrets.v[i], (qd_slice){value, n})) {
      qd_wipe(value, n);
      free(value);
      return;
    }
  }
  secrets.v = qd_xrealloc(secrets.v, (secrets.n + 1) * sizeof *secrets.v);
  // Longest first, so that a secret which contains another is blanked whole.
  size_t at = secrets.n;
  while (at > 0 && secrets.v[at - 1].n < n) at--;
  memmove(secrets.v + at + 1, secrets.v + at, (secrets.n - at) * sizeof *secrets.v);
  secrets.v[at] = (qd_slice){value, n};
  secrets.n++;
}

static char *base64_of(const char *s, size_t n, size_t *out_n) {
  static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *out = qd_xmalloc((n + 2) / 3 * 4 + 1);
  size_t k = 0;
  for (size_t i = 0; i < n; i += 3) {
    size_t left = n - i;
    unsigned v = (unsigned)(unsigned char)s[i] << 16;
    if (left > 1) v |= (unsigned)(unsigned char)s[i + 1] << 8;
    if (left > 2) v |= (unsigned char)s[i + 2];
    out[k++] = abc[v >> 18];
    out[k++] = abc[v >> 12 & 63];
    if (left > 1) out[k++] = abc[v >> 6 & 63];
    if (left > 2) out[k++] = abc[v & 63];
  }
  *out_n = k;  // no padding: the unpadded form is a prefix of the padded one
  return out;
}

static char *percent_of(const char *s, size_t n, size_t *out_n) {
  char *out = qd_xmalloc(n * 3 + 1);
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    if (isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~')
      out[k++] = (char)c;
    else
      k += (size_t)snprintf(out + k, 4, "%%%02X", c);
  }
  *out_n = k;
  return out;
}

void qd_secret_add(const char *value, size_t n) {
  if (n < SHORTEST_SECRET) return;
  size_t k;
  char *form = base64_of(value, n, &k);
  (void)pthread_mutex_lock(&secrets_lock);
  add_copy(form, k);
  form = percent_of(value, n, &k);
  add_copy(form, k);
  add_copy(qd_xstrndup(value, n), n);
  (void)pthread_mutex_unlock(&secrets_lock);
}

static void clear_secrets(void) {
  for (size_t i = 0; i < secrets.n; i++) {
    char *p = (char *)secrets.v[i].p;  // a copy of our own
    qd_wipe(p, secrets.v[i].n);
    free(p);
  }
  free(secrets.v);
  secrets.v = NULL;
  secrets.n = 0;
}

void qd_secret_clear(void) {
  (void)pthread_mutex_lock(&secrets_lock);
  clear_secrets();
  (void)pthread_mutex_unlock(&secrets_lock);
}

void qd_secret_hold(void) {
  (void)pthread_mutex_lock(&secrets_lock);
  secrets.holders++;
  (void)pthread_mutex_unlock(&secrets_lock);
}

void qd_secret_release(void) {
  (void)pthread_mutex_lock(&secrets_lock);
  if (--secrets.holders == 0) clear_secrets();
  (void)pthread_mutex_unlock(&secrets_lock);
}

void qd_redact(qd_slice text, qd_buf *out) {
  size_t from = 0;
  (void)pthread_mutex_lock(&secrets_lock);
  for (size_t i = 0; i < text.n && secrets.n;) {
    size_t hit = 0;
    for (size_t s = 0; s < secrets.n && !hit; s++) {
      qd_slice v = secrets.v[s];
      if (v.p[0] == text.p[i] && v.n <= text.n - i && memcmp(v.p, text.p + i, v.n) == 0) hit = v.n;
    }
    if (hit) {
      (void)qd_buf_add(out, text.p + from, i - from);
      (void)qd_buf_adds(out, "[redacted]");
      i += hit;
      from = i;
    } else {
      i++;
    }
  }
  (void)pthread_mutex_unlock(&secrets_lock);
  (void)qd_buf_add(out, text.p + from, text.n - from);
}

void qd_log_setup(qd_log_level level, int fd) {
  qd_context *c = qd_context_now();
  atomic_store(&c->log_fd, fd);
  atomic_store(&c->log_level, (int)level);
}

bool qd_log_on(qd_log_level level) { return atomic_load(&qd_context_now()->log_level) >= (int)level && level != QD_LOG_QUIET; }

static void put_line(qd_slice line) {
  qd_context *c = qd_context_now();
  int fd = atomic_load(&c->log_fd);
  if (fd < 0 && c->log) {
    if (pthread_equal(c->thread, pthread_self())) c->log(c->log_ctx, line.p, line.n);
    return;
  }
  if (fd < 0) fd = STDERR_FILENO;
  for (size_t at = 0; at < line.n;) {
    ssize_t w = write(fd, line.p + at, line.n - at);
    if (w < 0 && errno != EINTR) break;
    if (w > 0) at += (size_t)w;
  }
}

void qd_log(qd_log_level level, const char *area, const char *fmt, ...) {
  if (!qd_log_on(level)) return;
  struct timespec now;
  struct tm tm;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  (void)localtime_r(&now.tv_sec, &tm);
  char line[2048];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(line, sizeof line, fmt, ap);
  va_end(ap);
  qd_buf out;
  qd_buf_init(&out, LINE_CAP);
  (void)qd_buf_addf(&out, "%02d:%02d:%02d.%03ld %s: ", tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000, area);
  qd_redact(qd_slice_of(line), &out);
  (void)qd_buf_addc(&out, '\n');
  put_line(qd_buf_slice(&out));
  qd_buf_deinit(&out);
}
