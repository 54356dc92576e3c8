#include "base/log.h"

#include "qd_test.h"

static void redacts(const char *in, const char *want) {
  qd_buf out;
  qd_buf_init(&out, 4096);
  qd_redact(qd_slice_of(in), &out);
  cr_assert_str_eq(out.p, want);
  qd_buf_deinit(&out);
}

QD_TEST(log, redacts_secrets_in_every_form) {
  qd_secret_add("s3cret/pw", 9);
  qd_secret_add("s3cret/pw+more", 14);
  qd_secret_add("ab", 2);
  redacts("x s3cret/pw y", "x [redacted] y");
  redacts("s3cret/pw+more", "[redacted]");
  redacts("q=s3cret%2Fpw&", "q=[redacted]&");
  redacts("Basic czNjcmV0L3B3", "Basic [redacted]");
  redacts("ab stays", "ab stays");
  qd_secret_clear();
  redacts("s3cret/pw", "s3cret/pw");
}
