// One login in its worker thread: known_hosts, TCP, key exchange, host key, authentication. Contract in worker.h.
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "ssh/algorithms.h"
#include "ssh/hostkey.h"
#include "ssh/worker.h"

#define CONNECT_MS 15000
#define LOGIN_MS 60000
#define MAX_TYPES 16
#define WIPED_MAX ((size_t)1024)
#define MAX_ROUNDS 4  // connections for one pinned key whose type is not known

typedef struct attempt {
  qd__worker *w;
  qd_known_hosts kh;
  qd__algorithms ours;
  const char *known[MAX_TYPES];
  size_t n_known;
  char avoided[MAX_ROUNDS][64];
  const char *avoid[MAX_ROUNDS];
  size_t n_avoid;
} attempt;

// The library's own reading, and a copy of the first bytes: both sides' algorithm lists pass in clear.
static ssize_t on_recv(libssh2_socket_t fd, void *buffer, size_t length, int flags, void **abstract) {
  ssize_t n = recv(fd, buffer, length, flags);
  if (n < 0) return errno == EINTR ? -EAGAIN : -errno;
  qd__worker *w = *abstract;
  if (w == NULL) return n;
  size_t room = w->heard.cap - w->heard.n;
  (void)qd_buf_add(&w->heard, buffer, (size_t)n < room ? (size_t)n : room);
  return n;
}

static void end_session(qd__worker *w) {
  if (w->session) {
    // Best effort: one packet that tells the server, and nothing is waited for.
    (void)libssh2_session_disconnect(w->session, "");
    for (int i = 0; i < 8 && libssh2_session_free(w->session) == LIBSSH2_ERROR_EAGAIN; i++) {
    }
  }
  w->session = NULL;
  if (w->fd >= 0) (void)close(w->fd);
  w->fd = -1;
}

static qd_status load_known_hosts(attempt *at, qd_error *err) {
  const qd_ssh_target *t = at->w->target;
  int port;
  const char *name = qd__hostkey_name(t, &port);
  qd_known_hosts_init(&at->kh, name, port);
  for (const char *const *p = t->known_hosts; p && *p; p++) {
    qd_status st = qd_known_hosts_load(&at->kh, *p, err);
    if (st != QD_OK) return st;
  }
  at->n_known = qd_known_hosts_types(&at->kh, at->known, MAX_TYPES);
  for (size_t i = 0; t->pinned_key && i < at->kh.n; i++) {  // the pinned key's type, if it is on file
    const qd_kh_key *key = &at->kh.keys[i];
    if (strcmp(key->fingerprint, t->pinned_key) != 0) continue;
    at->known[0] = key->type;
    at->n_known = 1;
    break;
  }
  return QD_OK;
}

// A host known by its RSA key alone, and a libssh2 that could only check it with SHA-1.
static qd_status check_rsa_only(const attempt *at, qd_error *err) {
  const qd_ssh_target *t = at->w->target;
  if (qd__algorithms_rsa_sha2() || t->legacy_crypto || t->scan_only || at->n_known != 1 || strcmp(at->known[0], "ssh-rsa") != 0)
    return QD_OK;
  (void)qd_fail(err, QD_UNSUPPORTED, "rsa_needs_openssh", "%s is known by its RSA host key, which libssh2 %s cannot check", t->alias,
                libssh2_version(0));
  (void)qd_why(err, "RSA with SHA-2 came with libssh2 1.11");
  return qd_hint(err, "set transport: openssh in the profile (it uses the ssh program)");
}

static qd_status handshake_failed(attempt *at, int rc, qd_error *err) {
  qd__worker *w = at->w;
  const char *alias = w->target->alias;
  qd_slice heard = qd_buf_slice(&w->heard);
  qd__kexinit server;
  if (qd__kexinit_parse(heard, &server)) {
    qd_status st = qd__kexinit_explain(&server, &at->ours, alias, w->target->legacy_crypto, err);
    if (st != QD_OK) return st;
  }
  if (rc == LIBSSH2_ERROR_TIMEOUT || rc == LIBSSH2_ERROR_SOCKET_TIMEOUT)
    return qd_fail(err, QD_TIMEOUT, "timeout", "%s did not answer in time during the key exchange", alias);
  (void)qd_fail(err, QD_CONNECT, "ssh_handshake", "%s port %d: the SSH connection could not be set up", alias, w->target->port);
  if (heard.n == 0) {
    (void)qd_why(err, "it ended the connection before it said anything: too many logins at once, or this address is blocked there");
    return qd_hint(err, "wait a minute and try again; on the NAS look at Security > IP Access Protection");
  }
  char line[120];
  qd__clean_text(line, sizeof line, heard);
  if (strncmp(line, "Not allowed at this time", 24) == 0 || strncmp(line, "Exceeded MaxStartups", 20) == 0) {
    (void)qd_why(err, "the NAS turns this address away for a while ('%.24s'): too many logins at once, or too many that failed", line);
    return qd_hint(err, "wait a minute and try again");
  }
  if (server.identification.n == 0) {
    (void)qd_why(err, "this is no SSH server; it said '%s'", line);
    return qd_hint(err, "check the port: Control Panel > Network & File Services > Telnet/SSH");
  }
  char said[200];
  qd__session_error(w->session, said, sizeof said);
  return qd_why(err, "%s%s%s (%d)", w->bye, w->bye[0] ? "; " : "", said, rc);
}

static void on_bye(LIBSSH2_SESSION *session, int reason, const char *message, int n, const char *lang, int lang_n, void **abstract) {
  (void)session;
  (void)reason;
  (void)lang;
  (void)lang_n;
  qd__worker *w = *abstract;
  if (w && n > 0) qd__clean_text(w->bye, sizeof w->bye, (qd_slice){message, (size_t)n});
}

// libssh2's memory. What it frees may have held a password or a key: small blocks are wiped (packets of data are not worth the time).
static LIBSSH2_ALLOC_FUNC(ssh_alloc) {
  (void)abstract;
  return malloc(count);
}

static LIBSSH2_FREE_FUNC(ssh_free) {
  (void)abstract;
  size_t n = ptr ? malloc_usable_size(ptr) : 0;
  if (n <= WIPED_MAX) qd_wipe(ptr, n);
  free(ptr);
}

static LIBSSH2_REALLOC_FUNC(ssh_realloc) {
  size_t had = ptr ? malloc_usable_size(ptr) : 0;
  if (!ptr || had > WIPED_MAX) return realloc(ptr, count);
  void *moved = malloc(count);
  if (!moved) return NULL;
  memcpy(moved, ptr, had < count ? had : count);
  ssh_free(ptr, abstract);
  return moved;
}

static qd_status connect_and_handshake(attempt *at, qd_error *err) {
  qd__worker *w = at->w;
  const qd_ssh_target *t = w->target;
  qd__worker_phase(w, "connecting", t->connect_ms ? t->connect_ms : CONNECT_MS);
  qd_status st = qd__worker_connect(w, t->host, t->port, &w->fd, err);
  if (st != QD_OK) return st;
  qd__worker_phase(w, "setting up the SSH connection", t->login_ms ? t->login_ms : LOGIN_MS);
  qd_buf_clear(&w->heard);
  w->session = libssh2_session_init_ex(ssh_alloc, ssh_free, ssh_realloc, w);
  if (w->session == NULL) return qd_fail(err, QD_INTERNAL, "libssh2", "libssh2 gave no session");
  libssh2_session_set_blocking(w->session, 0);
  qd__ssh_callback_set(w->session, LIBSSH2_CALLBACK_RECV, (uintptr_t)on_recv);
  qd__ssh_callback_set(w->session, LIBSSH2_CALLBACK_DISCONNECT, (uintptr_t)on_bye);
  qd__algorithms_deinit(&at->ours);
  qd__algorithms_choose(
      w->session,
      &(qd__algorithm_policy){
          .known = at->known, .n_known = at->n_known, .avoid = at->avoid, .n_avoid = at->n_avoid, .legacy = t->legacy_crypto},
      &at->ours);
  if (!qd__algorithms_apply(w->session, &at->ours))
    return qd_fail(err, QD_UNSUPPORTED, "no_common_algorithm", "this libssh2 (%s) offers no acceptable algorithm", libssh2_version(0));
  int rc;
  QD__DRIVE(w, rc, st, err, libssh2_session_handshake(w->session, w->fd));
  return st != QD_OK ? st : rc != 0 ? handshake_failed(at, rc, err) : QD_OK;
}

static void text_of(char *out, size_t size, const char *value) { qd__clean_text(out, size, qd_slice_of(value ? value : "")); }

static void fill_info(qd__worker *w) {
  qd_ssh_info *info = &w->info;
  text_of(info->server_version, sizeof info->server_version, libssh2_session_banner_get(w->session));
  text_of(info->kex, sizeof info->kex, libssh2_session_methods(w->session, LIBSSH2_METHOD_KEX));
  text_of(info->cipher, sizeof info->cipher, libssh2_session_methods(w->session, LIBSSH2_METHOD_CRYPT_CS));
  text_of(info->mac, sizeof info->mac, libssh2_session_methods(w->session, LIBSSH2_METHOD_MAC_CS));
  info->peer_fd = w->fd;
}

static qd_status present_key(qd__worker *w, qd__hostkey *key, qd_error *err) {
  size_t n = 0;
  int type = 0;
  const char *blob = libssh2_session_hostkey(w->session, &n, &type);
  if (blob == NULL || !qd__hostkey_of((qd_slice){blob, n}, key))
    return qd_fail(err, QD_CONNECT, "ssh_handshake", "%s showed no usable host key", w->target->alias);
  (void)snprintf(w->info.host_key, sizeof w->info.host_key, "%s", key->fingerprint);
  (void)snprintf(w->info.host_key_type, sizeof w->info.host_key_type, "%s", key->type);
  qd_buf_clear(&w->host_key);
  (void)qd_buf_add(&w->host_key, blob, n);
  return QD_OK;
}

static qd_status accept_key(qd__worker *w, const qd__hostkey *key, const qd_ssh_question *q, qd_error *err) {
  const qd_ssh_target *t = w->target;
  char *answer = NULL;
  qd_status st = w->ask(w, q, &answer, err);
  bool yes = answer && (strcmp(answer, "yes") == 0 || strcmp(answer, key->fingerprint) == 0);
  free(answer);
  if (st != QD_OK) return st;
  if (!yes) return qd__hostkey_declined(t, key, err);
  int port;
  const char *name = qd__hostkey_name(t, &port);
  return t->known_hosts && t->known_hosts[0] ? qd_known_hosts_append(t->known_hosts[0], name, port, key->blob, err) : QD_OK;
}

// Whether another connection could bring another key to light: the server has further types that we can check. Notes the one
// to leave out; *rsa: it only has RSA beside, which this libssh2 cannot check.
static bool other_key_possible(attempt *at, const qd__hostkey *key, bool *rsa) {
  qd__worker *w = at->w;
  qd__kexinit server;
  *rsa = false;
  if (at->n_avoid >= MAX_ROUNDS || !qd__kexinit_parse(qd_buf_slice(&w->heard), &server)) return false;
  (void)snprintf(at->avoided[at->n_avoid], sizeof at->avoided[0], "%s", key->type);
  at->avoid[at->n_avoid] = at->avoided[at->n_avoid];
  at->n_avoid++;
  qd__algorithms rest;
  qd__algorithms_choose(w->session, &(qd__algorithm_policy){.avoid = at->avoid, .n_avoid = at->n_avoid, .legacy = w->target->legacy_crypto},
                        &rest);
  bool possible = qd__lists_meet(qd_buf_slice(&rest.host_key), server.host_key);
  qd__algorithms_deinit(&rest);
  *rsa = !possible && !qd__algorithms_rsa_sha2() && qd__lists_meet(QD_SLICE("rsa-sha2-512,rsa-sha2-256"), server.host_key);
  return possible;
}

// Connects until the host's key is trusted; more than once only for a pinned fingerprint, which does not tell the key's type.
static qd_status reach(attempt *at, qd_error *err) {
  qd__worker *w = at->w;
  const qd_ssh_target *t = w->target;
  for (int round = 0;; round++) {
    qd__hostkey key = {.blob = {NULL, 0}};
    qd_ssh_question q;
    qd_status st = connect_and_handshake(at, err);
    if (st == QD_OK) st = present_key(w, &key, err);
    if (st != QD_OK) return st;
    fill_info(w);
    qd__trust trust = t->scan_only && t->pinned_key == NULL ? QD__TRUST_YES : qd__hostkey_judge(t, &at->kh, &key, &q, err);
    if (trust == QD__TRUST_YES) return QD_OK;
    if (trust == QD__TRUST_ASK) return accept_key(w, &key, &q, err);
    bool rsa = false;
    if (t->pinned_key && round + 1 < MAX_ROUNDS && other_key_possible(at, &key, &rsa)) {
      end_session(w);
      continue;
    }
    if (rsa) {
      (void)qd_fail(err, QD_UNSUPPORTED, "rsa_needs_openssh", "%s may have its pinned key as an RSA key, which libssh2 %s cannot check",
                    t->alias, libssh2_version(0));
      (void)qd_hint(err, "set transport: openssh in the profile, or pin its %s key", key.type);
    }
    return err->category;
  }
}

qd_status qd__worker_login(qd__worker *w, qd__ssh_raw *out, qd_error *err) {
  attempt at = {.w = w};
  qd_status st = qd__ssh_library_ready(err);
  if (st == QD_OK) st = load_known_hosts(&at, err);
  if (st == QD_OK) st = check_rsa_only(&at, err);
  if (st == QD_OK) st = reach(&at, err);
  if (st == QD_OK && !w->target->scan_only) {
    w->phase = "logging in";
    st = qd__worker_authenticate(w, err);
  }
  if (st == QD_OK && !w->target->scan_only) {
    *out = (qd__ssh_raw){.session = w->session, .fd = w->fd, .info = w->info};
    (void)snprintf(out->name, sizeof out->name, "%s", w->name);
    qd__ssh_callback_set(w->session, LIBSSH2_CALLBACK_DISCONNECT, 0);
    *libssh2_session_abstract(w->session) = NULL;
    w->session = NULL;
    w->fd = -1;
  }
  end_session(w);
  qd__algorithms_deinit(&at.ours);
  qd_known_hosts_deinit(&at.kh);
  return st;
}
