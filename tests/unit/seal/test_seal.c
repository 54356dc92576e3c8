#include "seal/seal.h"

#include <stdlib.h>

#include "qd_test.h"

QD_TEST(seal, opens_with_its_passphrase_alone) {
  qd_buf sealed;
  qd_buf plain;
  qd_error err = QD_ERROR_INIT;
  qd_buf_init(&sealed, 4096);
  qd_buf_init(&plain, 4096);
  cr_assert_eq(qd_seal_close(QD_SLICE("open sesame"), QD_SLICE("{\"a\":1}"), &sealed, &err), QD_OK);
  cr_assert_eq(qd_seal_open(QD_SLICE("open sesamf"), qd_buf_slice(&sealed), &plain, &err), QD_AUTH);
  cr_assert_str_eq(err.code, "wrong_passphrase");
  cr_assert_eq(qd_seal_open(QD_SLICE("open sesame"), qd_buf_slice(&sealed), &plain, &err), QD_OK);
  cr_assert(qd_slice_is(qd_buf_slice(&plain), "{\"a\":1}"));
  qd_buf_deinit(&sealed);
  qd_buf_deinit(&plain);
}

QD_TEST(seal, refuses_what_was_changed_or_cut) {
  qd_buf sealed;
  qd_buf plain;
  qd_error err = QD_ERROR_INIT;
  qd_buf_init(&sealed, 4096);
  qd_buf_init(&plain, 4096);
  cr_assert_eq(qd_seal_close(QD_SLICE("x"), QD_SLICE("secret"), &sealed, &err), QD_OK);
  sealed.p[sealed.n - 1] ^= 1;
  cr_assert_eq(qd_seal_open(QD_SLICE("x"), qd_buf_slice(&sealed), &plain, &err), QD_AUTH);
  cr_assert_eq(qd_seal_open(QD_SLICE("x"), (qd_slice){sealed.p, 30}, &plain, &err), QD_CONFIG);
  sealed.p[0] = 'X';
  cr_assert_eq(qd_seal_open(QD_SLICE("x"), qd_buf_slice(&sealed), &plain, &err), QD_CONFIG);
  cr_assert_eq(plain.n, 0);
  qd_buf_deinit(&sealed);
  qd_buf_deinit(&plain);
}

QD_TEST(seal, sha256_of_pieces) {
  char text[QD_SHA256_HEX];
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_seal_ready(&err), QD_OK);
  qd_sha256 *h = qd_sha256_new();
  qd_sha256_add(h, QD_SLICE("a"));
  qd_sha256_add(h, QD_SLICE("bc"));
  qd_sha256_hex(h, text);
  cr_assert_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  free(h);
}
