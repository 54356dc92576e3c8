// Whether a presented host key is to be trusted. Pinned fingerprint > @revoked > match > changed, other type, unknown.
#ifndef QD_SSH_HOSTKEY_H
#define QD_SSH_HOSTKEY_H

#include "ssh/known_hosts.h"
#include "ssh/ssh.h"

typedef enum qd__trust {
  QD__TRUST_YES,
  QD__TRUST_ASK,  // first use: the user decides
  QD__TRUST_NO,   // err says why
} qd__trust;

typedef struct qd__hostkey {
  qd_slice blob;
  char type[64];
  char fingerprint[QD_FINGERPRINT_SIZE];
} qd__hostkey;

// Fills type and fingerprint from the blob (borrowed). False: the blob is no key.
bool qd__hostkey_of(qd_slice blob, qd__hostkey *out);
// Judges it. On ASK `question` is filled. On NO: auth host_key_changed, host_key_revoked, host_key_unknown (asking is not allowed).
qd__trust qd__hostkey_judge(const qd_ssh_target *target, const qd_known_hosts *kh, const qd__hostkey *key, qd_ssh_question *question,
                            qd_error *err);
// The error for a key that the user did not accept.
qd_status qd__hostkey_declined(const qd_ssh_target *target, const qd__hostkey *key, qd_error *err);
// Name and port under which the host's key is looked up and stored: HostKeyAlias (port 0), else host and port.
const char *qd__hostkey_name(const qd_ssh_target *target, int *port);

#endif
