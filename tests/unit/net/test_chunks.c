#include "net/chunks.h"

#include <stdlib.h>

#include "qd_test.h"

QD_TEST(chunks, keep_order_over_many_sizes) {
  qd_chunks q = {0};
  char in[4000];
  for (size_t i = 0; i < sizeof in; i++) in[i] = (char)(i * 31 % 251);
  size_t added = 0;
  for (size_t n = 1; added + n <= sizeof in; n++) {
    qd_chunks_add(&q, (qd_slice){in + added, n});
    added += n;
  }
  cr_assert_eq(q.bytes, added);
  size_t at = 0;
  while (q.bytes > 0) {
    qd_slice s = qd_chunks_peek(&q);
    cr_assert_gt(s.n, 0);
    cr_assert_eq(memcmp(s.p, in + at, s.n), 0);
    size_t take = s.n > 7 ? 7 : s.n;
    qd_chunks_consume(&q, take);
    at += take;
  }
  cr_assert_eq(at, added);
  cr_assert_null(q.head);
  cr_assert_null(q.tail);
}

QD_TEST(chunks, heads_stay_put_while_more_is_added) {
  qd_chunks q = {0};
  qd_chunks_add(&q, QD_SLICE("first"));
  const char *head = qd_chunks_peek(&q).p;
  for (int i = 0; i < 1000; i++) qd_chunks_add(&q, QD_SLICE("more of it"));
  cr_assert_eq(qd_chunks_peek(&q).p, head);
  qd_chunks other = {0};
  qd_chunks_add(&other, QD_SLICE("zero"));
  qd_chunks_move(&other, &q);
  cr_assert_eq(other.bytes, 4 + 5 + 10 * 1000);
  cr_assert_eq(q.bytes, 0);
  qd_chunks_clear(&other);
  cr_assert_eq(other.bytes, 0);
}
