#include "docker/frames.h"

#include "base/buf.h"
#include "qd_test.h"

// "1:abc|2:err|" for what comes out; the error's code at the end when there is one.
static void run(qd_slice input, size_t piece, qd_buf *out) {
  qd_frames f = QD_FRAMES_INIT;
  qd_error err = QD_ERROR_INIT;
  int last = -1;
  for (size_t at = 0; at < input.n; at += piece) {
    qd_slice bytes = {input.p + at, input.n - at < piece ? input.n - at : piece};
    for (;;) {
      qd_frame frame;
      bool got = false;
      if (qd_frames_next(&f, &bytes, &frame, &got, &err) != QD_OK) {
        (void)qd_buf_addf(out, "!%s", err.code);
        return;
      }
      if (!got) break;
      if ((int)frame.type != last) (void)qd_buf_addf(out, "%d:", frame.type);
      last = (int)frame.type;
      (void)qd_buf_add(out, frame.bytes.p, frame.bytes.n);
    }
  }
  if (qd_frames_finish(&f, &err) != QD_OK) (void)qd_buf_addf(out, "!%s", err.code);
}

static void expect(qd_slice input, const char *wanted) {
  for (size_t piece = 1; piece <= input.n + 1; piece++) {
    qd_buf b;
    qd_buf_init(&b, 1 << 16);
    (void)qd_buf_adds(&b, "");
    run(input, piece, &b);
    cr_assert_str_eq(b.p, wanted, "in pieces of %zu: %s", piece, b.p);
    qd_buf_deinit(&b);
  }
}

QD_TEST(docker_frames, splits_outputs_at_any_cut) {
  expect(QD_SLICE("\1\0\0\0\0\0\0\3out"
                  "\2\0\0\0\0\0\0\4err!"
                  "\1\0\0\0\0\0\0\0"
                  "\0\0\0\0\0\0\0\2in"
                  "\3\0\0\0\0\0\0\1x"),
         "0:out1:err!0:in2:x");
  expect(QD_SLICE(""), "");
}

QD_TEST(docker_frames, notices_a_raw_stream) {
  expect(QD_SLICE("hello world, this is a terminal"), "!raw_stream");
  expect(QD_SLICE("\1\0\0\1\0\0\0\1x"), "!raw_stream");
  expect(QD_SLICE("\4\0\0\0\0\0\0\1x"), "!raw_stream");
}

QD_TEST(docker_frames, notices_a_cut) {
  expect(QD_SLICE("\1\0\0\0\0"), "!truncated_response");
  expect(QD_SLICE("\1\0\0\0\0\0\0\5abc"), "0:abc!truncated_response");
}

QD_TEST(docker_frames, streams_a_frame_that_claims_four_gigabytes) {
  qd_frames f = QD_FRAMES_INIT;
  qd_error err = QD_ERROR_INIT;
  qd_slice bytes = QD_SLICE(
      "\2\0\0\0\xff\xff\xff\xff"
      "abc");
  qd_frame frame;
  bool got = false;
  cr_assert_eq(qd_frames_next(&f, &bytes, &frame, &got, &err), QD_OK);
  cr_assert(got && frame.bytes.n == 3 && frame.type == QD_FRAME_STDERR);
  cr_assert_eq(f.left, 0xffffffffu - 3);
}
