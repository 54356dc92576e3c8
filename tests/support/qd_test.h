// QD_TEST(suite, name) { ... }: a Criterion test that also fails on a leak (Criterion alone stays green over leaks).
#ifndef QD_TEST_H
#define QD_TEST_H

#include <criterion/criterion.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#define QD_TEST_LEAKS() cr_assert_eq(__lsan_do_recoverable_leak_check(), 0, "the test leaked memory")
#else
#define QD_TEST_LEAKS() ((void)0)
#endif

#define QD_TEST(suite, name)                  \
  static void qd_test_##suite##_##name(void); \
  Test(suite, name) {                         \
    qd_test_##suite##_##name();               \
    QD_TEST_LEAKS();                          \
  }                                           \
  static void qd_test_##suite##_##name(void)

#endif
