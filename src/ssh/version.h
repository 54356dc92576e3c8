// Version of the library that this room owns.
#ifndef QD_SSH_VERSION_H
#define QD_SSH_VERSION_H

// libssh2, as it is loaded ("1.10.0").
const char *qd_ssh_libssh2_version(void);

#endif
