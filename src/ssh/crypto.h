// Digests (libcrypto's), base64 and SSH wire strings for this room.
// Wire types: RFC 4251 section 5.
#ifndef QD_SSH_CRYPTO_H
#define QD_SSH_CRYPTO_H

#include <stdint.h>

#include "base/buf.h"

#define QD_SHA1_SIZE 20
#define QD_FINGERPRINT_SIZE 64  // "SHA256:", 43 characters and NUL fit

void qd__hmac_sha1(qd_slice key, qd_slice text, unsigned char out[QD_SHA1_SIZE]);
// "SHA256:" and the unpadded base64 of the digest, as ssh-keygen -l prints it.
void qd__fingerprint(qd_slice blob, char out[QD_FINGERPRINT_SIZE]);
// Compares without telling by its time where two values differ.
bool qd__same_bytes(qd_slice a, qd_slice b);
// Frees what libcrypto keeps for the calling thread. Pool threads outlive libcrypto's own clean-up, so a job that used it ends with this.
void qd__crypto_thread_end(void);

// Standard alphabet, padded. Appends.
void qd__b64_encode(qd_slice bytes, qd_buf *out);
// Strict: whole groups of four, padding only at the end. Appends; false: not base64 or over the cap (out is then undefined).
bool qd__b64_decode(qd_slice text, qd_buf *out);

// Cursor over wire data. Reading past the end sets `bad` and gives zero or an empty slice from then on.
typedef struct qd__wire {
  qd_slice rest;
  bool bad;
} qd__wire;
uint8_t qd__wire_u8(qd__wire *w);
uint32_t qd__wire_u32(qd__wire *w);
qd_slice qd__wire_string(qd__wire *w);  // borrowed from the data
void qd__put_u32(qd_buf *out, uint32_t v);
void qd__put_string(qd_buf *out, qd_slice s);
// Type name inside a public key blob (its first string); empty when the blob is none.
qd_slice qd__blob_type(qd_slice blob);

#endif
