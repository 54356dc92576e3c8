// Contract in version.h.
#include "ssh/version.h"

#include "ssh/lib.h"

const char *qd_ssh_libssh2_version(void) {
  qd_error err = QD_ERROR_INIT;
  return qd__ssh_library_ready(&err) == QD_OK ? libssh2_version(0) : "not installed";
}

qd_status qd_ssh_ready(qd_error *err) { return qd__ssh_library_ready(err); }
