// Authentication in the worker thread: between the files that do it. RFC 4252, 4256.
#ifndef QD_SSH_AUTH_H
#define QD_SSH_AUTH_H

#include "ssh/agent.h"
#include "ssh/keyfile.h"

typedef struct qd__candidate {
  const qd__keyfile *file;  // NULL: a key of the agent alone
  qd_slice blob;            // empty: unknown without the passphrase
  const char *label;        // path or comment
  bool from_agent;          // the agent signs
} qd__candidate;

typedef struct qd__auth {
  qd__worker *w;
  qd__agent agent;
  qd__keyfile *files;
  size_t n_files;
  qd__candidate *keys;  // in the order in which they are offered
  size_t n, next;
  size_t offered;     // that the server saw
  bool rsa_left_out;  // keys that only ssh itself could use
  bool fido_left_out;
  char problem[256];  // about a key that could not be used; "" = none
  char methods[256];  // the server's list
  bool listed;        // methods is up to date
  int attempts;       // passwords (or keyboard-interactive answers) refused so far
  int questions;
  int answered;         // questions answered in the present keyboard-interactive round
  bool no_interactive;  // keyboard-interactive did not ask anything
  bool declined;
  qd_status failed;  // a wait inside a libssh2 callback failed with `err`
  qd_error err;
} qd__auth;

// Loads the key files, asks the agent, puts the candidates in order. Errors: key_file_*, timeout, cancelled.
QD_MUST_USE qd_status qd__auth_gather(qd__auth *a, qd_error *err);
void qd__auth_drop(qd__auth *a);

// What one try came to. Anything that ends the login is an error status instead.
typedef enum qd__outcome { QD__REFUSED, QD__ACCEPTED, QD__MAYBE_PARTIAL } qd__outcome;
QD_MUST_USE qd_status qd__auth_try_key(qd__auth *a, const qd__candidate *key, qd__outcome *out, qd_error *err);
QD_MUST_USE qd_status qd__auth_try_interactive(qd__auth *a, qd__outcome *out, qd_error *err);
QD_MUST_USE qd_status qd__auth_try_password(qd__auth *a, qd__outcome *out, qd_error *err);
// Turns a libssh2 result that is neither success nor refusal into an error.
qd_status qd__auth_broken(qd__auth *a, int rc, qd_error *err);
// Asks, with the count of questions capped. *out NULL: declined.
QD_MUST_USE qd_status qd__auth_ask(qd__auth *a, const qd_ssh_question *q, char **out, qd_error *err);
void qd__auth_forget(char *secret);  // wipes and frees; NULL ok

#endif
