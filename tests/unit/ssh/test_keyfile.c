#include "ssh/keyfile.h"

#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "qd_temp.h"
#include "qd_test.h"

#define PUB_64 "AAAAC3NzaC1lZDI1NTE5AAAAIMQQxf06iE+x0i58QVCm0DWkuCNrdY1wj0CkYrF6zs1S"

// The head of an OpenSSH key file, with no private part behind: only the head is looked at.
static void openssh_text(const char *cipher, qd_buf *out) {
  qd_buf raw;
  qd_buf blob;
  qd_buf_init(&raw, 4096);
  qd_buf_init(&blob, 4096);
  cr_assert(qd__b64_decode(QD_SLICE(PUB_64), &blob));
  (void)qd_buf_add(&raw, "openssh-key-v1", 15);
  qd__put_string(&raw, qd_slice_of(cipher));
  qd__put_string(&raw, QD_SLICE("none"));
  qd__put_string(&raw, QD_SLICE(""));
  qd__put_u32(&raw, 1);
  qd__put_string(&raw, qd_buf_slice(&blob));
  (void)qd_buf_adds(out, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
  qd__b64_encode(qd_buf_slice(&raw), out);
  (void)qd_buf_adds(out, "\r\n-----END OPENSSH PRIVATE KEY-----\n");
  qd_buf_deinit(&raw);
  qd_buf_deinit(&blob);
}

static qd_status look(const char *text, qd__keyfile *k, qd_error *err) {
  *k = (qd__keyfile){.path = NULL};
  return qd__keyfile_look(k, "id", qd_slice_of(text), err);
}

QD_TEST(keyfile, tells_openssh_keys) {
  qd_error err;
  qd__keyfile k;
  for (int encrypted = 0; encrypted < 2; encrypted++) {
    qd_buf text;
    qd_buf_init(&text, 4096);
    openssh_text(encrypted ? "aes256-ctr" : "none", &text);
    cr_assert_eq(look(text.p, &k, &err), QD_OK);
    cr_expect_eq(k.encrypted, encrypted == 1);
    cr_expect_str_eq(k.type, "ssh-ed25519");
    cr_expect_eq(k.blob_n, 51u);
    qd__keyfile_deinit(&k);
    qd_buf_deinit(&text);
  }
}

QD_TEST(keyfile, tells_pem_keys) {
  static const struct {
    const char *text;
    bool encrypted;
    const char *type;
  } rows[] = {
      {"-----BEGIN RSA PRIVATE KEY-----\nMII=\n-----END RSA PRIVATE KEY-----\n", false, "ssh-rsa"},
      {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMII=\n-----END", true, "ssh-rsa"},
      {"-----BEGIN EC PRIVATE KEY-----\nMII=\n", false, ""},
      {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n", true, ""},
      {"-----BEGIN PRIVATE KEY-----\nMII=\n", false, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    qd_error err;
    qd__keyfile k;
    cr_assert_eq(look(rows[i].text, &k, &err), QD_OK, "row %zu", i);
    cr_expect_eq(k.encrypted, rows[i].encrypted, "row %zu", i);
    cr_expect_str_eq(k.type, rows[i].type, "row %zu", i);
    qd__keyfile_deinit(&k);
  }
}

QD_TEST(keyfile, tells_rsa_inside_pkcs8) {
  EVP_PKEY *rsa = EVP_RSA_gen(1024);
  BIO *bio = BIO_new(BIO_s_mem());
  cr_assert_eq(PEM_write_bio_PKCS8PrivateKey(bio, rsa, NULL, NULL, 0, NULL, NULL), 1);
  char text[4096];
  int n = BIO_read(bio, text, sizeof text - 1);
  text[n > 0 ? n : 0] = '\0';
  BIO_free(bio);
  EVP_PKEY_free(rsa);
  qd_error err;
  qd__keyfile k;
  cr_assert_eq(look(text, &k, &err), QD_OK);
  cr_expect_str_eq(k.type, "ssh-rsa");
  qd__keyfile_deinit(&k);
}

QD_TEST(keyfile, explains_what_is_no_key) {
  static const struct {
    const char *text, *why;
  } rows[] = {
      {"", "it holds no private key"},
      {"hello world\n", "it holds no private key"},
      {"ssh-ed25519 AAAA comment", "it holds no private key"},
      {"PuTTY-User-Key-File-2: ssh-rsa\n", "it is in PuTTY's format"},
      {"-----BEGIN DSA PRIVATE KEY-----\n", "DSA keys are no longer accepted anywhere"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "the file is damaged"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r", "the file is damaged"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA////\n-----END OPENSSH PRIVATE KEY-----\n", "the file is damaged"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    qd_error err = QD_ERROR_INIT;
    qd__keyfile k;
    cr_expect_eq(look(rows[i].text, &k, &err), QD_CONFIG, "row %zu", i);
    cr_expect_str_eq(err.code, "key_file_invalid");
    cr_expect_str_eq(err.why, rows[i].why);
    qd__keyfile_deinit(&k);
  }
}

QD_TEST(keyfile, knows_a_public_key) {
  qd_error err;
  qd__keyfile k;
  cr_assert_eq(look("ssh-ed25519 " PUB_64 " me@here\n", &k, &err), QD_OK);
  cr_expect(k.is_public);
  cr_expect_str_eq(k.type, "ssh-ed25519");
  qd__keyfile_deinit(&k);
}

QD_TEST(keyfile, checks_the_file) {
  qd_temp t;
  qd_temp_make(&t);
  qd_error err;
  qd__keyfile k;
  cr_expect_eq(qd__keyfile_load(&k, qd_temp_path(&t, "none"), &err), QD_NOT_FOUND);
  cr_expect_str_eq(err.code, "key_file_missing");
  cr_expect_eq(qd__keyfile_load(&k, t.dir, &err), QD_CONFIG);
  cr_expect_str_eq(err.code, "key_file_unreadable");

  qd_temp_write(&t, "id", "-----BEGIN EC PRIVATE KEY-----\nMII=\n-----END EC PRIVATE KEY-----\n");
  cr_assert_eq(chmod(qd_temp_path(&t, "id"), 0644), 0);
  cr_expect_eq(qd__keyfile_load(&k, qd_temp_path(&t, "id"), &err), QD_CONFIG);
  cr_expect_str_eq(err.code, "key_file_permissions");
  cr_expect_eq(strncmp(err.hint, "chmod 600 ", 10), 0);
  cr_assert_eq(chmod(qd_temp_path(&t, "id"), 0600), 0);
  cr_assert_eq(qd__keyfile_load(&k, qd_temp_path(&t, "id"), &err), QD_OK);
  cr_expect_null(k.blob);
  qd__keyfile_deinit(&k);

  qd_temp_write(&t, "id.pub", "ssh-ed25519 " PUB_64 " c\n");
  cr_assert_eq(qd__keyfile_load(&k, qd_temp_path(&t, "id"), &err), QD_OK);
  cr_expect_eq(k.blob_n, 51u, "from id.pub");
  qd__keyfile_deinit(&k);

  FILE *f = fopen(qd_temp_path(&t, "big"), "w");
  for (int i = 0; i < 70000; i++) (void)fputc('x', f);
  (void)fclose(f);
  cr_expect_eq(qd__keyfile_load(&k, qd_temp_path(&t, "big"), &err), QD_CONFIG);
  cr_expect_str_eq(err.code, "key_file_unreadable");
  qd_temp_remove(&t);
}
