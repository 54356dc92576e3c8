// libssh2's one-time set-up. Contract in raw.h.
#include <uv.h>

#include "ssh/raw.h"

static void init(void) { (void)libssh2_init(0); }

void qd__ssh_library_init(void) {
  static uv_once_t once = UV_ONCE_INIT;
  uv_once(&once, init);
}
