// libedit on first use. Contract in lib.h.
#include "term/lib.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

qd__edit_lib qd__libedit;
static bool ready;

// The first symbol that is not there; NULL: all are.
static const char *load(void *handle) {
#define QD_LOAD(name)                                  \
  do {                                                 \
    void *symbol = dlsym(handle, #name);               \
    if (!symbol) return #name;                         \
    memcpy(&qd__libedit.name, &symbol, sizeof symbol); \
  } while (0);
  QD__EDIT_FUNCTIONS(QD_LOAD)
#undef QD_LOAD
  return NULL;
}

qd_status qd__edit_library_ready(qd_error *err) {
  static const char *const NAMES[] = {"libedit.so.2", "libedit.so.0", "libedit.3.dylib", "libedit.dylib"};
  if (ready) return QD_OK;
  void *handle = NULL;
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES && !handle; i++) handle = dlopen(NAMES[i], RTLD_NOW | RTLD_LOCAL);
  const char *missing = handle ? load(handle) : NAMES[0];
  ready = !missing;
  if (ready) return QD_OK;
  (void)qd_fail(err, QD_UNSUPPORTED, "no_libedit", "libedit, which edits the lines of the REPL, is not installed on this machine");
  (void)qd_why(err, "%s was not found", missing);
  return qd_hint(err, "apt-get install libedit2");
}
