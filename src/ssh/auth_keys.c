// Public key authentication: candidates in order, agent, plain and encrypted files.
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ssh/algorithms.h"
#include "ssh/auth.h"

#define MAX_PASSPHRASES 3

// ---- candidates ----

// False: not to be offered. Notes keys that only ssh itself could use.
static bool usable(qd__auth *a, const char *type) {
  const qd_ssh_target *t = a->w->target;
  size_t n = strlen(type);
  if (strcmp(type, "ssh-dss") == 0 || (n > 21 && strcmp(type + n - 21, "-cert-v01@openssh.com") == 0)) return false;
  if (strncmp(type, "sk-", 3) == 0) {
    a->fido_left_out = a->fido_left_out || !t->libssh2_only;
    return false;
  }
  // From 8.8 on OpenSSH refuses RSA with SHA-1, and older libssh2 cannot sign with SHA-2.
  if (strcmp(type, "ssh-rsa") == 0 && !qd__algorithms_rsa_sha2() && qd__openssh_version(qd_slice_of(a->w->info.server_version)) >= 808) {
    a->rsa_left_out = a->rsa_left_out || !t->libssh2_only;
    return false;
  }
  return true;
}

static void add(qd__auth *a, qd__candidate c) {
  a->keys = qd_xrealloc(a->keys, (a->n + 1) * sizeof *a->keys);
  a->keys[a->n++] = c;
}

static bool agent_has(const qd__auth *a, qd_slice blob) {
  for (size_t i = 0; i < a->agent.n; i++)
    if (blob.n && qd_slice_eq(a->agent.keys[i].blob, blob)) return true;
  return false;
}

static bool file_has(const qd__auth *a, qd_slice blob) {
  for (size_t i = 0; i < a->n_files; i++)
    if (qd_slice_eq((qd_slice){a->files[i].blob, a->files[i].blob_n}, blob)) return true;
  return false;
}

static qd_status load(qd__auth *a, const char *path, bool named, qd_error *err) {
  qd__keyfile file;
  qd_error problem = QD_ERROR_INIT;
  qd_status st = qd__keyfile_load(&file, path, &problem);
  if (st == QD_OK && file.is_public && !agent_has(a, (qd_slice){file.blob, file.blob_n})) {
    st = qd_fail(&problem, QD_CONFIG, "key_file_invalid", "%s is a public key", path);
    (void)qd_why(&problem, "the agent does not hold its private half");
    (void)qd_hint(&problem, "name the private key file (without .pub)");
    qd__keyfile_deinit(&file);
  }
  if (st == QD_OK) {
    a->files = qd_xrealloc(a->files, (a->n_files + 1) * sizeof *a->files);
    a->files[a->n_files++] = file;
    return QD_OK;
  }
  if (named) *err = problem;
  if (!named && st != QD_NOT_FOUND && a->problem[0] == '\0') (void)snprintf(a->problem, sizeof a->problem, "%.250s", problem.message);
  return named ? st : QD_OK;
}

static qd_status load_files(qd__auth *a, qd_error *err) {
  const qd_ssh_target *t = a->w->target;
  for (const char *const *p = t->identity_files; p && *p; p++) {
    qd_status st = load(a, *p, true, err);
    if (st != QD_OK) return st;
  }
  for (const char *const *p = t->default_identities; p && *p; p++) {
    qd_status st = load(a, *p, false, err);
    if (st != QD_OK) return st;
  }
  return QD_OK;
}

qd_status qd__auth_gather(qd__auth *a, qd_error *err) {
  const qd_ssh_target *t = a->w->target;
  a->agent.fd = -1;
  qd_status st = QD_OK;
  if (!t->no_agent && t->agent_socket) st = qd__agent_open(&a->agent, a->w, t->agent_socket, err);
  if (st == QD_OK) st = load_files(a, err);
  if (st != QD_OK) return st;
  for (size_t i = 0; i < a->n_files; i++) {  // what needs no question first
    const qd__keyfile *f = &a->files[i];
    qd_slice blob = {f->blob, f->blob_n};
    bool agent = agent_has(a, blob);
    if ((agent || !f->encrypted) && usable(a, f->type)) add(a, (qd__candidate){f, blob, f->path, agent});
  }
  for (size_t i = 0; i < a->agent.n && !t->identities_only; i++) {
    const qd__agent_key *k = &a->agent.keys[i];
    if (!file_has(a, k->blob) && usable(a, k->type)) add(a, (qd__candidate){NULL, k->blob, k->comment, true});
  }
  for (size_t i = 0; i < a->n_files; i++) {
    const qd__keyfile *f = &a->files[i];
    qd_slice blob = {f->blob, f->blob_n};
    if (f->encrypted && !agent_has(a, blob) && usable(a, f->type)) add(a, (qd__candidate){f, blob, f->path, false});
  }
  return QD_OK;
}

void qd__auth_drop(qd__auth *a) {
  for (size_t i = 0; i < a->n_files; i++) qd__keyfile_deinit(&a->files[i]);
  free(a->files);
  free(a->keys);
  qd__agent_close(&a->agent);
}

// ---- offering ----

typedef struct signing {
  qd__auth *a;
  const qd__candidate *key;
  bool wanted;  // the server would take this key
  bool sign;    // and it shall be used, not only asked about
} signing;

static int on_sign(LIBSSH2_SESSION *session, unsigned char **sig, size_t *sig_n, const unsigned char *data, size_t n, void **abstract) {
  (void)session;
  signing *s = *abstract;
  s->wanted = true;
  if (!s->sign) return -1;
  qd__auth *a = s->a;
  qd_status st = qd__agent_sign(&a->agent, a->w, s->key->blob, (qd_slice){(const char *)data, n}, sig, sig_n, &a->err);
  if (st == QD_FAIL)
    (void)snprintf(a->problem, sizeof a->problem, "the ssh agent refused to sign with %.150s", s->key->label);
  else
    a->failed = st;
  return st == QD_OK ? 0 : -1;
}

// Offers the public key; with sign, the agent finishes. *wanted tells whether the server would take it.
static qd_status offer(qd__auth *a, const qd__candidate *key, bool sign, bool *wanted, int *rc, qd_error *err) {
  qd__worker *w = a->w;
  signing s = {a, key, false, sign};
  void *abstract = &s;
  qd_status st;
  QD__DRIVE(w, *rc, st, err,
            libssh2_userauth_publickey(w->session, w->target->user, (const unsigned char *)key->blob.p, key->blob.n, on_sign, &abstract));
  a->offered++;
  *wanted = s.wanted;
  if (a->failed != QD_OK) {
    *err = a->err;
    return a->failed;
  }
  return st;
}

static qd_status with_file(qd__auth *a, const qd__candidate *key, const char *passphrase, int *rc, qd_error *err) {
  qd__worker *w = a->w;
  qd_status st;
  QD__DRIVE(w, *rc, st, err,
            libssh2_userauth_publickey_frommemory(w->session, w->target->user, strlen(w->target->user), NULL, 0, key->file->text,
                                                  key->file->n, passphrase));
  return st;
}

// QD_OK with the outcome when rc is the server's word or the key is of no use here; an error when the connection broke.
static qd_status verdict(qd__auth *a, int rc, const qd__candidate *key, qd__outcome *out, qd_error *err) {
  *out = rc == 0 ? QD__ACCEPTED : rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED ? QD__MAYBE_PARTIAL : QD__REFUSED;
  if (rc == 0 || rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED || rc == LIBSSH2_ERROR_AUTHENTICATION_FAILED) return QD_OK;
  if (rc != LIBSSH2_ERROR_FILE && rc != LIBSSH2_ERROR_METHOD_NONE && rc != LIBSSH2_ERROR_KEYFILE_AUTH_FAILED &&
      rc != LIBSSH2_ERROR_PUBLICKEY_PROTOCOL && rc != LIBSSH2_ERROR_METHOD_NOT_SUPPORTED)
    return qd__auth_broken(a, rc, err);
  (void)snprintf(a->problem, sizeof a->problem, "%.200s could not be used", key->label);
  return QD_OK;
}

// Whether a libssh2 result says that the passphrase does not fit (it never reached the server).
static bool wrong_passphrase(int rc) { return rc == LIBSSH2_ERROR_FILE || rc == LIBSSH2_ERROR_KEYFILE_AUTH_FAILED; }

static qd_status try_encrypted(qd__auth *a, const qd__candidate *key, qd__outcome *out, qd_error *err) {
  int rc = LIBSSH2_ERROR_AUTHENTICATION_FAILED;
  qd_status st = QD_OK;
  if (a->w->target->no_prompt) {
    (void)snprintf(a->problem, sizeof a->problem, "%.180s is encrypted, and nobody can be asked here", key->label);
    *out = QD__REFUSED;
    return QD_OK;
  }
  bool wanted = true;  // a key whose public half is not known has to be opened first
  if (key->blob.n) {
    st = offer(a, key, false, &wanted, &rc, err);
    if (st != QD_OK || !wanted) return st != QD_OK ? st : verdict(a, rc, key, out, err);
  }
  for (int attempt = 1; attempt <= MAX_PASSPHRASES; attempt++) {
    qd_ssh_question q = {.kind = QD_SSH_ASK_PASSPHRASE, .attempt = attempt};
    (void)snprintf(q.text, sizeof q.text, "Passphrase for %.400s", key->label);
    char *passphrase = NULL;
    st = qd__auth_ask(a, &q, &passphrase, err);
    bool given = passphrase && passphrase[0];
    if (st == QD_OK && given) st = with_file(a, key, passphrase, &rc, err);
    qd__auth_forget(passphrase);
    if (st != QD_OK) return st;
    if (!given) break;
    if (!wrong_passphrase(rc)) {
      a->offered += key->blob.n == 0;
      return verdict(a, rc, key, out, err);
    }
  }
  (void)snprintf(a->problem, sizeof a->problem, "the passphrase of %.180s was not given", key->label);
  *out = QD__REFUSED;
  return QD_OK;
}

qd_status qd__auth_try_key(qd__auth *a, const qd__candidate *key, qd__outcome *out, qd_error *err) {
  int rc = 0;
  bool wanted = false;
  if (!key->from_agent && key->file->encrypted) return try_encrypted(a, key, out, err);
  qd_status st = key->from_agent ? offer(a, key, true, &wanted, &rc, err) : with_file(a, key, NULL, &rc, err);
  if (!key->from_agent) a->offered++;
  return st == QD_OK ? verdict(a, rc, key, out, err) : st;
}
