// Contract in version.h.
#include "loop/version.h"

#include <uv.h>

const char *qd_loop_uv_version(void) { return uv_version_string(); }
