// Contract in lib.h.
#include "web/lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static qd__curl_lib lib;
static bool ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool find(void *handle, const char *name, void *slot) {
  void *symbol = dlsym(handle, name);
  memcpy(slot, &symbol, sizeof symbol);  // ISO C has no cast from an object's to a function's address
  return symbol != NULL;
}

static void load(void) {
  static const char *const NAMES[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib", "libcurl.dylib"};
  void *handle = NULL;
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES && !handle; i++) handle = dlopen(NAMES[i], RTLD_NOW | RTLD_LOCAL);
  if (!handle) return;  // else it stays open
  bool all = true;
#define QD_FIND(name) all = find(handle, #name, &lib.name) && all;
  QD__CURL_FUNCTIONS(QD_FIND)
#undef QD_FIND
  ready = all && lib.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const qd__curl_lib *qd__curl_library(qd_error *err) {
  (void)pthread_once(&once, load);
  if (ready) return &lib;
  (void)qd_fail(err, QD_UNSUPPORTED, "no_libcurl", "libcurl is not installed on this machine");
  (void)qd_hint(err, "install it: apt-get install libcurl4");
  return NULL;
}
