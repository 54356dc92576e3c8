// Sizes, durations and times: whatever is accepted is within its range and can be printed.
#include <stdint.h>
#include <stdlib.h>

#include "data/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd_slice text = {(const char *)data, size};
  qd_error err;
  qd_buf out;
  int64_t a = 0;
  int64_t ns = 0;
  qd_buf_init(&out, 1000);
  if (qd_units_size(text, &a, &err) == QD_OK) {
    if (a < 0) abort();
    qd_units_human_size((double)a, 3, &out);
    qd_units_bytes_size((double)a, &out);
  } else if (err.message[0] == '\0' || err.hint[0] == '\0') {
    abort();
  }
  if (qd_units_duration(text, &a, &err) == QD_OK) qd_units_human_duration(a, &out);
  if (qd_units_time(text, INT64_C(1714567890123456789), &a, &ns, &err) == QD_OK && (ns < 0 || ns > 999999999)) abort();
  if (qd_units_rfc3339(text, &a, &ns, &err) == QD_OK && (ns < 0 || ns > 999999999)) abort();
  if (out.overflow) abort();
  qd_buf_deinit(&out);
  return 0;
}
