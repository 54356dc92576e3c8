// Private key files: what kind, encrypted or not, which public key. libssh2 does the signing; this only looks.
// Formats: OpenSSH PROTOCOL.key, RFC 1421 (PEM), RFC 5958 (PKCS#8).
#ifndef QD_SSH_KEYFILE_H
#define QD_SSH_KEYFILE_H

#include "ssh/crypto.h"

typedef struct qd__keyfile {
  char *path;
  char *text;  // the file, wiped by deinit
  size_t n;
  bool encrypted;
  bool is_public;  // a public key: only of use when the agent holds its private half
  char type[64];   // "ssh-ed25519"; "" when it cannot be told without the passphrase
  char *blob;      // public key, when the file or its .pub tells it; NULL otherwise
  size_t blob_n;
} qd__keyfile;

// Looks at the text (path is for messages). Fills type, encrypted, is_public and blob. Errors: config key_file_invalid.
QD_MUST_USE qd_status qd__keyfile_look(qd__keyfile *k, const char *path, qd_slice text, qd_error *err);
// Reads the file and, where it helps, its ".pub". Errors: not_found key_file_missing; config key_file_permissions (others may read it),
// key_file_unreadable, key_file_invalid. On an error there is nothing to deinit.
QD_MUST_USE qd_status qd__keyfile_load(qd__keyfile *k, const char *path, qd_error *err);
void qd__keyfile_deinit(qd__keyfile *k);

#endif
