// libarchive on first use. Contract in archive_lib.h.
#include "data/archive_lib.h"

#include <dlfcn.h>
#include <locale.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static qd__archive_lib lib;
static const char *missing;  // what could not be had; NULL: all is there
static locale_t c_locale;

static void open_library(void) {
  void *handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);  // stays open: threads may be inside
  if (!handle) {
    missing = "libarchive.so.13";
    return;
  }
#define QD_LOAD(name)                          \
  do {                                         \
    void *symbol = dlsym(handle, #name);       \
    if (!symbol) missing = #name;              \
    memcpy(&lib.name, &symbol, sizeof symbol); \
  } while (0);
  QD_ARCHIVE_FUNCTIONS(QD_LOAD)
#undef QD_LOAD
  c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

qd_status qd__archive_lib_get(const qd__archive_lib **out, qd_error *err) {
  (void)pthread_once(&once, open_library);
  if (!missing) {
    *out = &lib;
    return QD_OK;
  }
  (void)qd_fail(err, QD_UNSUPPORTED, "no_libarchive", "tar archives need libarchive, which is not installed here");
  (void)qd_why(err, "%s was not found", missing);
  return qd_hint(err, "apt-get install libarchive13 (Debian 13: libarchive13t64)");
}

void *qd__archive_locale_c(void) { return c_locale ? (void *)uselocale(c_locale) : NULL; }

void qd__archive_locale_back(void *before) {
  if (before) (void)uselocale((locale_t)before);
}
