// The engine's multiplexed stdout and stderr ("stdcopy": Engine API, "Stream format" of POST /containers/{id}/attach):
// 8-byte header (type, 0, 0, 0, length as big-endian u32), then that many bytes; at any split, nothing is buffered.
#ifndef QD_DOCKER_FRAMES_H
#define QD_DOCKER_FRAMES_H

#include "base/error.h"
#include "base/slice.h"

#include <stdint.h>

typedef enum qd_frame_type { QD_FRAME_STDOUT, QD_FRAME_STDERR, QD_FRAME_SYSTEM } qd_frame_type;  // system: an error text of the daemon

typedef struct qd_frames {
  uint8_t header[8];
  unsigned have;  // header bytes so far
  uint32_t left;  // payload bytes to come
  qd_frame_type type;
} qd_frames;

#define QD_FRAMES_INIT \
  { {0}, 0, 0, QD_FRAME_STDOUT }

// A piece of payload; borrowed from the bytes given to qd_frames_next.
typedef struct qd_frame {
  qd_frame_type type;
  qd_slice bytes;
} qd_frame;

// Takes the next piece of payload off the front of `bytes`. *out_got false: all bytes are used up. Errors (QD_FAIL):
// "raw_stream" (not a frame: the container has a terminal, or something else answers).
QD_MUST_USE qd_status qd_frames_next(qd_frames *f, qd_slice *bytes, qd_frame *out, bool *out_got, qd_error *err);
// At the end of the stream. Errors: QD_CONNECT "truncated_response" inside a frame.
QD_MUST_USE qd_status qd_frames_finish(const qd_frames *f, qd_error *err);

#endif
