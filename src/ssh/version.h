// Version of the library that this room owns.
#ifndef QD_SSH_VERSION_H
#define QD_SSH_VERSION_H

#include "base/error.h"

// libssh2, as it is loaded ("1.10.0").
const char *qd_ssh_libssh2_version(void);
// Whether this room's libraries are installed; what hashes and compares keys needs them. Errors: QD_UNSUPPORTED, "no_libssh2".
QD_MUST_USE qd_status qd_ssh_ready(qd_error *err);

#endif
