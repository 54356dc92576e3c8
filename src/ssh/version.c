// Contract in version.h.
#include "ssh/version.h"

#include <libssh2.h>

const char *qd_ssh_libssh2_version(void) { return libssh2_version(0); }
