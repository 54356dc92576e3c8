// libssh2 and libcrypto on first use. Contract in lib.h.
#define QD__SSH_LIB_INSIDE
#include "ssh/lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static qd__ssh_lib lib;
static const char *missing;  // what could not be had; NULL: all is there

// The first of the names that opens. They stay open: threads may be inside.
static void *open_first(const char *const *names) {
  void *handle = NULL;
  for (const char *const *name = names; *name && !handle; name++) handle = dlopen(*name, RTLD_NOW | RTLD_LOCAL);
  if (!handle) missing = names[0];
  return handle;
}

static void open_both(void) {
  static const char *const SSH2[] = {"libssh2.so.1", "libssh2.1.dylib", NULL};
  static const char *const CRYPTO[] = {"libcrypto.so.3", "libcrypto.3.dylib", NULL};
  void *ssh2 = open_first(SSH2);
  void *crypto = ssh2 ? open_first(CRYPTO) : NULL;
  if (!crypto) return;
#define QD_LOAD(handle, name)                  \
  do {                                         \
    void *symbol = dlsym(handle, #name);       \
    if (!symbol) missing = #name;              \
    memcpy(&lib.name, &symbol, sizeof symbol); \
  } while (0);
#define QD_LOAD_SSH2(name) QD_LOAD(ssh2, name)
#define QD_LOAD_CRYPTO(name) QD_LOAD(crypto, name)
  QD__SSH2_FUNCTIONS(QD_LOAD_SSH2)
  QD__CRYPTO_FUNCTIONS(QD_LOAD_CRYPTO)
  if (!missing && lib.libssh2_init(0) != 0) missing = "libssh2_init";
}

qd_status qd__ssh_library_ready(qd_error *err) {
  (void)pthread_once(&once, open_both);
  if (!missing) return QD_OK;
  (void)qd_fail(err, QD_UNSUPPORTED, "no_libssh2", "SSH needs libssh2 and OpenSSL's libcrypto, which are not installed here");
  (void)qd_why(err, "%s was not found", missing);
  return qd_hint(err, "apt-get install libssh2-1 libssl3 (Debian 13: libssh2-1t64 libssl3t64)");
}

const qd__ssh_lib *qd__ssh_library(void) {
  qd_error err = QD_ERROR_INIT;
  if (qd__ssh_library_ready(&err) == QD_OK) return &lib;
  (void)fprintf(stderr, "error: %s\n  why:  %s\n  try:  %s\n", err.message, err.why, err.hint);
  _exit(qd_status_exit_code(QD_UNSUPPORTED));
}

// Through an integer: ISO C has no conversion between function and object pointers.
void qd__ssh_callback_set(LIBSSH2_SESSION *session, int type, uintptr_t fn) {
#if LIBSSH2_VERSION_NUM >= 0x010b01
  (void)qd__ssh_library()->libssh2_session_callback_set2(session, type, (libssh2_cb_generic *)fn);
#else
  (void)qd__ssh_library()->libssh2_session_callback_set(session, type, (void *)fn);
#endif
}
