// What the strings of frames mean: errors, a session's facts, who to log in to. Contract in wire.h.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/wire.h"
#include "base/mem.h"

void qd__wire_error(qd_buf *b, qd__frame_type type, const qd_error *err) {
  size_t at;
  qd__wire_begin(b, type, &at);
  qd__frame_puts(b, qd_status_name(err->category));
  qd__frame_puts(b, err->code);
  qd__frame_puts(b, err->message);
  qd__frame_puts(b, err->why);
  qd__frame_puts(b, err->hint);
  qd__wire_end(b, at);
}

void qd__frame_error(const qd__frame *f, qd_error *out) {
  char category[32];
  char code[48];
  char text[512];
  qd__frame_cstr(f, 0, category, sizeof category);
  qd__frame_cstr(f, 1, code, sizeof code);
  qd__frame_cstr(f, 2, text, sizeof text);
  qd_status status = qd_status_from_name(category);
  (void)qd_fail(out, status == QD_OK ? QD_INTERNAL : status, qd_code_keep(code, "agent_error"), "%s", text);
  qd__frame_cstr(f, 3, text, sizeof text);
  (void)qd_why(out, "%s", text);
  qd__frame_cstr(f, 4, text, sizeof text);
  (void)qd_hint(out, "%s", text);
}

void qd__wire_info(qd_buf *b, const char *name, const qd_ssh_info *info, qd_slice target) {
  size_t at;
  qd__wire_begin(b, QD__SESSION, &at);
  const char *const strings[] = {name,      info->server_version, info->host_key, info->host_key_type,
                                 info->kex, info->cipher,         info->mac,      info->auth};
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) qd__frame_puts(b, strings[i]);
  qd__frame_put(b, target);
  qd__wire_end(b, at);
}

void qd__frame_info(const qd__frame *f, char name[256], qd_ssh_info *out) {
  *out = (qd_ssh_info){.peer_fd = -1};
  qd__frame_cstr(f, 0, name, 256);
  qd__frame_cstr(f, 1, out->server_version, sizeof out->server_version);
  qd__frame_cstr(f, 2, out->host_key, sizeof out->host_key);
  qd__frame_cstr(f, 3, out->host_key_type, sizeof out->host_key_type);
  qd__frame_cstr(f, 4, out->kex, sizeof out->kex);
  qd__frame_cstr(f, 5, out->cipher, sizeof out->cipher);
  qd__frame_cstr(f, 6, out->mac, sizeof out->mac);
  qd__frame_cstr(f, 7, out->auth, sizeof out->auth);
}

// --- the target

enum { LISTS = 3 };
enum { LIBSSH2_ONLY = 1, IDENTITIES_ONLY = 2, NO_AGENT = 4, LEGACY_CRYPTO = 8 };

static void put_list(qd_buf *b, const char *const *list) {
  size_t n = 0;
  while (list && list[n]) n++;
  qd__frame_putn(b, (long long)n);
  for (size_t i = 0; i < n; i++) qd__frame_puts(b, list[i]);
}

static void put_states(qd_buf *b, const char *const *list) {
  for (; list && *list; list++) {
    struct stat st = {0};
    char text[96] = "-";
    if (stat(*list, &st) == 0)
      (void)snprintf(text, sizeof text, "%llu:%lld:%lld.%09ld", (unsigned long long)st.st_ino, (long long)st.st_size,
                     (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    qd__frame_puts(b, text);
  }
}

void qd__wire_target(qd_buf *b, const qd_ssh_target *t) {
  int flags = (t->libssh2_only ? LIBSSH2_ONLY : 0) | (t->identities_only ? IDENTITIES_ONLY : 0) | (t->no_agent ? NO_AGENT : 0) |
              (t->legacy_crypto ? LEGACY_CRYPTO : 0);
  const char *const strings[] = {t->host, t->alias, t->host_key_alias, t->user, t->agent_socket, t->pinned_key};
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) qd__frame_puts(b, strings[i]);
  qd__frame_putn(b, t->port);
  qd__frame_putn(b, flags);
  put_list(b, t->identity_files);
  put_list(b, t->default_identities);
  put_list(b, t->known_hosts);
  put_states(b, t->identity_files);
  put_states(b, t->default_identities);
  put_states(b, t->known_hosts);
}

typedef struct reader {
  const qd__frame *f;
  size_t at;
  char *text;  // where the next copy goes
  const char **lists;
} reader;

static const char *next_string(reader *r) {
  if (r->at >= r->f->count) return NULL;
  qd_slice s = r->f->strings[r->at++];
  char *out = r->text;
  if (s.n > 0) memcpy(out, s.p, s.n);
  out[s.n] = '\0';
  r->text += s.n + 1;
  return out;
}

static const char *optional(reader *r) {
  const char *s = next_string(r);
  return s && s[0] ? s : NULL;
}

static const char *const *next_list(reader *r) {
  long long n = qd__frame_number(r->f, r->at++);
  const char **out = r->lists;
  if (n < 0 || (size_t)n > r->f->count) return NULL;
  for (long long i = 0; i < n; i++) {
    const char *s = next_string(r);
    if (!s) return NULL;
    *r->lists++ = s;
  }
  *r->lists++ = NULL;
  return out;
}

qd_status qd__frame_target(const qd__frame *f, size_t from, qd__target *out, qd_error *err) {
  size_t room = 1;
  for (size_t i = from; i < f->count; i++) room += f->strings[i].n + 1;
  out->text = qd_xmalloc(room);
  out->lists = qd_xcalloc(f->count + LISTS, sizeof *out->lists);
  reader r = {f, from, out->text, out->lists};
  qd_ssh_target *t = &out->t;
  *t = (qd_ssh_target){.port = 0};
  t->host = optional(&r);
  t->alias = optional(&r);
  t->host_key_alias = optional(&r);
  t->user = optional(&r);
  t->agent_socket = optional(&r);
  t->pinned_key = optional(&r);
  long long port = qd__frame_number(f, r.at++);
  long long flags = qd__frame_number(f, r.at++);
  t->libssh2_only = flags & LIBSSH2_ONLY;
  t->identities_only = flags & IDENTITIES_ONLY;
  t->no_agent = flags & NO_AGENT;
  t->legacy_crypto = flags & LEGACY_CRYPTO;
  t->identity_files = next_list(&r);
  t->default_identities = next_list(&r);
  t->known_hosts = next_list(&r);
  if (t->host && t->user && port > 0 && port < 65536 && t->identity_files && t->default_identities && t->known_hosts) {
    t->port = (int)port;
    return QD_OK;
  }
  qd__target_deinit(out);
  (void)qd_fail(err, QD_CONNECT, "bad_agent_frame", "the command does not say where to log in");
  return err->category;
}

void qd__target_deinit(qd__target *t) {
  free(t->text);
  free(t->lists);
  *t = (qd__target){.text = NULL};
}
