#include "ssh/crypto.h"

#include "qd_test.h"

QD_TEST(crypto, hmac_sha1_of_rfc_2202) {
  static const unsigned char want[QD_SHA1_SIZE] = {0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f, 0xa2, 0xd2, 0x74,
                                                   0x16, 0xd5, 0xf1, 0x84, 0xdf, 0x9c, 0x25, 0x9a, 0x7c, 0x79};
  unsigned char got[QD_SHA1_SIZE];
  qd__hmac_sha1(QD_SLICE("Jefe"), QD_SLICE("what do ya want for nothing?"), got);
  cr_expect_eq(memcmp(got, want, sizeof want), 0);
}

QD_TEST(crypto, base64_both_ways) {
  static const char *const pairs[][2] = {{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xff\xfe", "//4="}, {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    qd_buf b;
    qd_buf_init(&b, 1000);
    qd__b64_encode(qd_slice_of(pairs[i][0]), &b);
    cr_expect_str_eq(b.p, pairs[i][1]);
    qd_buf_clear(&b);
    cr_expect(qd__b64_decode(qd_slice_of(pairs[i][1]), &b));
    cr_expect_str_eq(b.p, pairs[i][0]);
    qd_buf_deinit(&b);
  }
  char long_text[1000];
  memset(long_text, 'x', sizeof long_text);
  qd_buf text;
  qd_buf back;
  qd_buf_init(&text, 4000);
  qd_buf_init(&back, 4000);
  qd__b64_encode((qd_slice){long_text, sizeof long_text}, &text);
  cr_expect_eq(text.n, 1336u);
  cr_expect(qd__b64_decode(qd_buf_slice(&text), &back));
  cr_expect(qd_slice_eq(qd_buf_slice(&back), (qd_slice){long_text, sizeof long_text}));
  qd_buf_deinit(&text);
  qd_buf_deinit(&back);
}

QD_TEST(crypto, base64_is_strict) {
  static const char *const bad[] = {"", "Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm 8", "Zm9v\n", "Zm9*", "=m9v", "Zm=v"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qd_buf b;
    qd_buf_init(&b, 100);
    cr_expect_not(qd__b64_decode(qd_slice_of(bad[i]), &b), "%s", bad[i]);
    qd_buf_deinit(&b);
  }
  qd_buf small;
  qd_buf_init(&small, 2);
  cr_expect_not(qd__b64_decode(QD_SLICE("Zm9v"), &small), "over the cap");
  qd_buf_deinit(&small);
}

QD_TEST(crypto, wire_never_reads_past_the_end) {
  qd__wire w = {QD_SLICE("\0\0\0\3abc\0\0\0\0\7\377\377\377\377x"), false};
  cr_expect(qd_slice_is(qd__wire_string(&w), "abc"));
  cr_expect_eq(qd__wire_string(&w).n, 0u);
  cr_expect_eq(qd__wire_u8(&w), 7);
  cr_expect_not(w.bad);
  cr_expect_eq(qd__wire_string(&w).n, 0u);
  cr_expect(w.bad);
  cr_expect_eq(qd__wire_u8(&w), 0, "stays bad");
  cr_expect_eq(qd__blob_type(QD_SLICE("\0\0")).n, 0u);
}
