// Bytes sealed by a passphrase (Argon2id, XSalsa20-Poly1305) and SHA-256, by libsodium, which is opened on first use.
#ifndef QD_SEAL_SEAL_H
#define QD_SEAL_SEAL_H

#include "base/buf.h"
#include "base/error.h"

#define QD_SHA256_HEX 65  // with its NUL

// Fails with `unsupported` "no_libsodium" where the library is not installed.
qd_status qd_seal_ready(qd_error *err);

// Appends the sealed form of `plain` to `out`.
qd_status qd_seal_close(qd_slice passphrase, qd_slice plain, qd_buf *out, qd_error *err);
// Appends what was sealed to `out`. QD_AUTH "wrong_passphrase": another passphrase, or the bytes were changed.
qd_status qd_seal_open(qd_slice passphrase, qd_slice sealed, qd_buf *out, qd_error *err);

// A running SHA-256. qd_seal_ready() must have succeeded. Freed with free().
typedef struct qd_sha256 qd_sha256;
qd_sha256 *qd_sha256_new(void);
void qd_sha256_add(qd_sha256 *h, qd_slice bytes);
// Of what was added so far; the hash goes on.
void qd_sha256_hex(const qd_sha256 *h, char out[QD_SHA256_HEX]);

#endif
