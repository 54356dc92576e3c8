// Demultiplexer of stdcopy frames. Contract in frames.h.
#include "docker/frames.h"

static qd_status read_header(qd_frames *f, qd_error *err) {
  const uint8_t *h = f->header;
  if (h[0] > 3 || h[1] || h[2] || h[3]) {
    (void)qd_fail(err, QD_FAIL, "raw_stream", "the stream is not in the engine's frames");
    return qd_why(err, "a frame cannot begin with byte 0x%02x: a container with a terminal sends its output as it is", h[0]);
  }
  f->type = h[0] == 3 ? QD_FRAME_SYSTEM : h[0] == 2 ? QD_FRAME_STDERR : QD_FRAME_STDOUT;
  f->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
  f->have = 0;
  return QD_OK;
}

qd_status qd_frames_next(qd_frames *f, qd_slice *bytes, qd_frame *out, bool *out_got, qd_error *err) {
  *out_got = false;
  while (f->left == 0 && bytes->n) {
    f->header[f->have++] = (uint8_t)*bytes->p++;
    bytes->n--;
    if (f->have == sizeof f->header && read_header(f, err) != QD_OK) return err->category;
  }
  if (bytes->n == 0) return QD_OK;
  size_t n = bytes->n < f->left ? bytes->n : f->left;
  *out = (qd_frame){f->type, {bytes->p, n}};
  *out_got = true;
  bytes->p += n;
  bytes->n -= n;
  f->left -= (uint32_t)n;
  return QD_OK;
}

qd_status qd_frames_finish(const qd_frames *f, qd_error *err) {
  if (f->have == 0 && f->left == 0) return QD_OK;
  (void)qd_fail(err, QD_CONNECT, "truncated_response", "the stream broke off inside a frame");
  err->hint[0] = '\0';
  return err->category;
}
