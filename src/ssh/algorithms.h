// Which algorithms a login offers, and why a key exchange found none: RFC 4253 section 7.1.
#ifndef QD_SSH_ALGORITHMS_H
#define QD_SSH_ALGORITHMS_H

#include "base/buf.h"
#include "ssh/lib.h"

// Host key types of the KEXINIT lists that share one key type: "ssh-rsa" covers rsa-sha2-256 and rsa-sha2-512.
typedef struct qd__algorithms {
  qd_buf kex, host_key, cipher, mac;  // comma lists
} qd__algorithms;

typedef struct qd__algorithm_policy {
  const char *const *known;  // key types to offer first, in order (known_hosts words); n_known of them
  size_t n_known;
  const char *const *avoid;  // key types not to offer; n_avoid of them
  size_t n_avoid;
  bool legacy;  // ssh-rsa with SHA-1, ssh-dss, SHA-1 and MD5 MACs, CBC, group1 too
} qd__algorithm_policy;

// Lists from what this libssh2 can do, its own order kept (host keys: known ones first, then ed25519, ECDSA, RSA).
void qd__algorithms_choose(LIBSSH2_SESSION *session, const qd__algorithm_policy *policy, qd__algorithms *out);
void qd__algorithms_deinit(qd__algorithms *a);
// Makes the session offer them. False: libssh2 refused (a list is empty).
bool qd__algorithms_apply(LIBSSH2_SESSION *session, const qd__algorithms *a);
// Whether this libssh2 signs and verifies RSA with SHA-2 (1.11 and later).
bool qd__algorithms_rsa_sha2(void);

// The server's lists out of the first bytes it sent (identification line, then KEXINIT in clear). Slices borrow.
typedef struct qd__kexinit {
  qd_slice identification;              // "SSH-2.0-OpenSSH_9.2p1"
  qd_slice kex, host_key, cipher, mac;  // client to server
} qd__kexinit;
// False: the bytes hold no whole KEXINIT (identification may be set all the same).
bool qd__kexinit_parse(qd_slice heard, qd__kexinit *out);
// Whether a name of list `a` is in list `b`.
bool qd__lists_meet(qd_slice a, qd_slice b);
// Explains a key exchange that failed, if one of the lists is the reason: unsupported rsa_needs_openssh or no_common_algorithm.
// QD_OK: the lists are not the reason.
qd_status qd__kexinit_explain(const qd__kexinit *server, const qd__algorithms *ours, const char *name, bool legacy, qd_error *err);
// OpenSSH's version as major * 100 + minor (9.2 -> 902) out of the identification; 0: not OpenSSH.
int qd__openssh_version(qd_slice identification);

#endif
