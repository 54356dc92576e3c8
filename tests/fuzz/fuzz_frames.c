// The stdcopy demultiplexer: what comes out is never more than what went in.
#include <stdint.h>
#include <stdlib.h>

#include "docker/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Takes all payload out of one piece; false when it is not in frames.
static bool take(qd_frames *f, qd_slice bytes, size_t *out, qd_error *err) {
  for (;;) {
    qd_frame frame;
    bool got = false;
    if (qd_frames_next(f, &bytes, &frame, &got, err) != QD_OK) return false;
    if (!got) break;
    if (frame.bytes.n == 0) abort();
    *out += frame.bytes.n;
  }
  if (bytes.n) abort();
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  size_t piece = (size_t)data[0] + 1;
  qd_frames f = QD_FRAMES_INIT;
  qd_error err = QD_ERROR_INIT;
  size_t out = 0;
  for (size_t at = 1; at < size; at += piece) {
    qd_slice bytes = {(const char *)data + at, size - at < piece ? size - at : piece};
    if (!take(&f, bytes, &out, &err)) return 0;
  }
  if (out > size || f.have >= sizeof f.header) abort();
  if (qd_frames_finish(&f, &err) == QD_OK && f.left) abort();
  return 0;
}
