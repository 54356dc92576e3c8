// Authentication: which method next, and what to say when none is left. Contract in worker.h.
#include "ssh/auth.h"

#include <stdio.h>

#include "ssh/algorithms.h"

#define MAX_PASSWORDS 3
#define MAX_STEPS 200  // keys and questions are capped; this ends a server that keeps changing its list

void qd__clean_text(char *out, size_t size, qd_slice text) {
  size_t n = text.n < size - 1 ? text.n : size - 1;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text.p[i];
    out[i] = c < ' ' || c == 127 ? ' ' : (char)c;
  }
  out[n] = '\0';
}

void qd__session_error(LIBSSH2_SESSION *session, char *out, size_t size) {
  char *text = NULL;
  int n = 0;
  (void)libssh2_session_last_error(session, &text, &n, 0);
  qd__clean_text(out, size, (qd_slice){text, text && n > 0 ? (size_t)n : 0});
}

qd_status qd__auth_broken(qd__auth *a, int rc, qd_error *err) {
  const char *bye = a->w->bye;
  char said[256];
  qd__session_error(a->w->session, said, sizeof said);
  if (rc == LIBSSH2_ERROR_TIMEOUT || rc == LIBSSH2_ERROR_SOCKET_TIMEOUT)
    return qd_fail(err, QD_TIMEOUT, "timeout", "%s did not answer in time while logging in", a->w->name);
  if (strstr(bye, "Too many authentication failures") && a->attempts > 0) {
    (void)qd_fail(err, QD_AUTH, "auth_password_rejected", "%s was refused", a->w->name);
    return qd_why(err, "the NAS ended the login after %d wrong passwords", a->attempts);
  }
  if (strstr(bye, "Too many authentication failures")) {
    (void)qd_fail(err, QD_AUTH, "auth_key_rejected", "%s was refused", a->w->name);
    (void)qd_why(err, "the NAS ended the login after %zu keys, before the right one was offered (MaxAuthTries)", a->offered);
    return qd_hint(err, "name the right key: ssh_key_path in the profile, or IdentitiesOnly yes in ~/.ssh/config");
  }
  (void)qd_fail(err, QD_CONNECT, "connection_lost", "the connection to %s broke while logging in", a->w->name);
  (void)qd_why(err, "%s%s%s (%d)", bye, bye[0] ? "; " : "", said, rc);
  return qd_hint(err, "try again; if it goes on, look at the system log of the NAS");
}

// Asks the server which methods may continue (by the method "none").
static qd_status list_methods(qd__auth *a, qd_error *err) {
  qd__worker *w = a->w;
  const char *user = w->target->user;
  const char *list;
  while ((list = libssh2_userauth_list(w->session, user, (unsigned int)strlen(user))) == NULL) {
    if (libssh2_userauth_authenticated(w->session)) {
      (void)snprintf(w->info.auth, sizeof w->info.auth, "none");
      return QD_OK;
    }
    int rc = libssh2_session_last_errno(w->session);
    if (rc != LIBSSH2_ERROR_EAGAIN) return qd__auth_broken(a, rc, err);
    qd_status st = qd__worker_wait_session(w, err);
    if (st != QD_OK) return st;
  }
  qd__clean_text(a->methods, sizeof a->methods, qd_slice_of(list));
  a->listed = true;
  return QD_OK;
}

static bool offers(const qd__auth *a, const char *method) { return qd__lists_meet(qd_slice_of(method), qd_slice_of(a->methods)); }

static qd_status openssh_needed(const qd__auth *a, qd_error *err) {
  if (a->rsa_left_out) {
    (void)qd_fail(err, QD_UNSUPPORTED, "rsa_needs_openssh", "libssh2 %s cannot log in to %s with an RSA key", libssh2_version(0),
                  a->w->name);
    (void)qd_why(err, "OpenSSH 8.8 and later want RSA with SHA-2, which came with libssh2 1.11");
    return qd_hint(err, "use an Ed25519 key (ssh-keygen -t ed25519), or transport: openssh in the profile");
  }
  (void)qd_fail(err, QD_UNSUPPORTED, "fido_needs_openssh", "libssh2 cannot log in to %s with a security key", a->w->name);
  return qd_hint(err, "use another key, or transport: openssh in the profile");
}

static qd_status refused(const qd__auth *a, qd_error *err) {
  const char *name = a->w->name;
  if (a->attempts > 0) {
    (void)qd_fail(err, QD_AUTH, "auth_password_rejected", "%s was refused", name);
    (void)qd_why(err, "the password is wrong (tried %d times)", a->attempts);
    return qd_hint(err, "check the user name and the password; after some failures QNAP locks an address out for minutes");
  }
  if (a->declined) {
    (void)qd_fail(err, QD_ABORTED, "declined", "the login to %s was given up", name);
    return qd_why(err, "no password was given");
  }
  if (a->offered > 0) {
    (void)qd_fail(err, QD_AUTH, "auth_key_rejected", "%s was refused", name);
    (void)qd_why(err, "no key of the agent or of the profile was accepted (tried %zu)%s%s", a->offered, a->problem[0] ? "; " : "",
                 a->problem);
    return qd_hint(err, "put the public key on the NAS (ssh-copy-id), or name the right one: ssh_key_path in the profile");
  }
  (void)qd_fail(err, QD_AUTH, "auth_no_method", "there is no way to log in as %s", name);
  if (a->problem[0])
    (void)qd_why(err, "%s", a->problem);
  else
    (void)qd_why(err, "the NAS accepts %s; there is no key to offer, and nobody can be asked for a password",
                 a->methods[0] ? a->methods : "nothing");
  return qd_hint(err, "make a key known to the NAS (ssh-copy-id), or run it in a terminal or with --password-stdin");
}

static qd_status try_keys(qd__auth *a, qd__outcome *out, qd_error *err) {
  const qd__candidate *key = &a->keys[a->next++];
  qd_status st = qd__auth_try_key(a, key, out, err);
  if (st == QD_OK && *out == QD__ACCEPTED)
    (void)snprintf(a->w->info.auth, sizeof a->w->info.auth, "%s", key->from_agent ? "agent" : "publickey");
  return st;
}

static qd_status try_questions(qd__auth *a, qd__outcome *out, qd_error *err) {
  bool may_ask = !a->w->target->no_prompt && a->attempts < MAX_PASSWORDS && !a->declined;
  bool interactive = may_ask && offers(a, "keyboard-interactive") && !a->no_interactive;
  if (!interactive && !(may_ask && offers(a, "password"))) return refused(a, err);
  qd_status st = interactive ? qd__auth_try_interactive(a, out, err) : qd__auth_try_password(a, out, err);
  if (st == QD_OK && *out == QD__ACCEPTED)
    (void)snprintf(a->w->info.auth, sizeof a->w->info.auth, "%s", interactive ? "keyboard-interactive" : "password");
  return st;
}

static qd_status step(qd__auth *a, qd_error *err) {
  qd__outcome out = QD__REFUSED;
  qd_status st;
  if ((!a->listed || offers(a, "publickey")) && a->next < a->n) {
    st = try_keys(a, &out, err);
  } else if (!a->listed) {
    st = list_methods(a, err);
    // Keys offered before the list was known count only if they were allowed then.
    if (st == QD_OK && a->methods[0] && !offers(a, "publickey")) a->next = 0;
    return st;
  } else if ((a->rsa_left_out || a->fido_left_out) && offers(a, "publickey")) {
    return openssh_needed(a, err);
  } else {
    st = try_questions(a, &out, err);
  }
  if (st == QD_OK && out == QD__MAYBE_PARTIAL) st = list_methods(a, err);
  return st;
}

qd_status qd__worker_authenticate(qd__worker *w, qd_error *err) {
  qd__auth a = {.w = w};
  w->auth = &a;
  qd_status st = qd__auth_gather(&a, err);
  // With one or two keys the list is not asked for first: that saves a round trip.
  if (st == QD_OK && (a.n == 0 || a.n > 2)) st = list_methods(&a, err);
  for (int i = 0; st == QD_OK && !libssh2_userauth_authenticated(w->session); i++) st = i < MAX_STEPS ? step(&a, err) : refused(&a, err);
  w->auth = NULL;
  qd__auth_drop(&a);
  return st;
}
