// Client of the user's ssh-agent (draft-miller-ssh-agent): list keys, sign. Our own, because libssh2's blocks without end on an agent
// that hangs. Runs in the login's worker thread.
#ifndef QD_SSH_AGENT_H
#define QD_SSH_AGENT_H

#include "ssh/worker.h"

typedef struct qd__agent_key {
  qd_slice blob;  // owned by the agent
  char type[64];
  char comment[128];  // cleaned
} qd__agent_key;

typedef struct qd__agent {
  int fd;  // -1: not connected
  qd_buf listing;
  qd__agent_key *keys;
  size_t n;
} qd__agent;

// Connects to the socket and lists its keys. An agent that is not there, or talks nonsense, has no keys: that is no error.
// Errors: timeout, cancelled.
QD_MUST_USE qd_status qd__agent_open(qd__agent *a, qd__worker *w, const char *path, qd_error *err);
void qd__agent_close(qd__agent *a);
// Signs `data` (the public key authentication request of RFC 4252 section 7). *sig is the bare signature, malloc'ed, without its
// algorithm name. QD_FAIL: the agent refused. Other errors: timeout, cancelled.
QD_MUST_USE qd_status qd__agent_sign(qd__agent *a, qd__worker *w, qd_slice blob, qd_slice data, unsigned char **sig, size_t *sig_n,
                                     qd_error *err);

// The keys of an identities answer (without its length); for tests and the fuzzer too. False: malformed.
bool qd__agent_parse_keys(qd__agent *a, qd_slice answer);
// Signature flags for the algorithm that the request names: rsa-sha2-256 and -512 need one.
uint32_t qd__agent_flags(qd_slice data);

#endif
