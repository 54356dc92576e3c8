// A file of profiles, a project file beside it, and selectors: whatever they hold, each name that is selected is a profile's, once,
// and every profile can be asked for. The input: selectors to the first newline, the project's length as one byte (in 16 bytes), the
// project file, the file.
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "profile/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_for_all(const qd_profiles *p) {
  for (size_t i = 0; i < qd_profiles_count(p); i++) {
    qd_slice name = qd_slice_of(qd_profiles_name_at(p, i));
    if (!qd_profiles_find(p, name)) abort();
    qd_json *profile = NULL;
    qd_error err = QD_ERROR_INIT;
    if (qd_profiles_get(p, name, &profile, &err) == QD_OK) qd_json_free(profile);
  }
}

static void select_of(const qd_profiles *p, const char *selectors) {
  qd_json *names = NULL;
  qd_error err = QD_ERROR_INIT;
  if (qd_profiles_select(p, &selectors, 1, &names, &err) != QD_OK) return;
  if (qd_json_count(names) == 0 || qd_json_count(names) > qd_profiles_count(p)) abort();
  for (size_t i = 0; i < qd_json_count(names); i++) {
    qd_slice name = qd_json_get_string(qd_json_at(names, i), QD_SLICE(""));
    if (!qd_profiles_find(p, name)) abort();
    for (size_t j = 0; j < i; j++) {
      if (qd_slice_eq(name, qd_json_get_string(qd_json_at(names, j), QD_SLICE("")))) abort();
    }
  }
  qd_json_free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 20000) return 0;
  qd_slice rest = {(const char *)data, size};
  const char *newline = size > 0 ? memchr(rest.p, '\n', rest.n) : NULL;
  if (!newline || newline + 1 == rest.p + rest.n) return 0;
  char *selectors = qd_xstrndup(rest.p, (size_t)(newline - rest.p));
  size_t n = (unsigned char)newline[1] * 16u;
  rest = (qd_slice){newline + 2, size - (size_t)(newline + 2 - rest.p)};
  if (n > rest.n) n = rest.n;
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  if (qd_profiles_parse((qd_slice){rest.p + n, rest.n - n}, "f", &p, &err) == QD_OK) {
    if (qd_profiles_extend(p, (qd_slice){rest.p, n}, "/p/f", &err) != QD_OK) err = (qd_error)QD_ERROR_INIT;
    ask_for_all(p);
    select_of(p, selectors);
  }
  qd_profiles_free(p);
  free(selectors);
  return 0;
}
