#include "base/buf.h"

#include "qd_test.h"

QD_TEST(buf, refuses_to_pass_its_cap) {
  qd_buf b;
  qd_buf_init(&b, 4);
  cr_assert(qd_buf_adds(&b, "abc"));
  cr_assert_not(qd_buf_adds(&b, "de"));
  cr_assert(b.overflow);
  cr_assert_str_eq(b.p, "abc");
  cr_assert(qd_buf_addc(&b, 'd'));
  qd_buf_deinit(&b);
}

QD_TEST(buf, consumes_from_the_front) {
  qd_buf b;
  qd_buf_init(&b, 100);
  cr_assert(qd_buf_addf(&b, "%s-%d", "hello", 42));
  qd_buf_consume(&b, 6);
  cr_assert_str_eq(b.p, "42");
  qd_buf_consume(&b, 10);
  cr_assert_eq(b.n, 0);
  qd_buf_deinit(&b);
}
