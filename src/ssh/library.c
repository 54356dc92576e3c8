// libssh2's one-time set-up. Contract in raw.h.
#include <uv.h>

#include "ssh/raw.h"

static void init(void) { (void)libssh2_init(0); }

void qd__ssh_library_init(void) {
  static uv_once_t once = UV_ONCE_INIT;
  uv_once(&once, init);
}

// Through an integer: ISO C has no conversion between function and object pointers.
void qd__ssh_callback_set(LIBSSH2_SESSION *session, int type, uintptr_t fn) {
#if LIBSSH2_VERSION_NUM >= 0x010b01
  (void)libssh2_session_callback_set2(session, type, (libssh2_cb_generic *)fn);
#else
  (void)libssh2_session_callback_set(session, type, (void *)fn);
#endif
}
