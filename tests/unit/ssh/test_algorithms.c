#include "ssh/algorithms.h"

#include "qd_test.h"
#include "ssh/crypto.h"
#include "ssh/raw.h"

static void kexinit(qd_buf *out, const char *kex, const char *host_key, const char *cipher, const char *mac) {
  qd_buf payload;
  qd_buf_init(&payload, 8192);
  (void)qd_buf_add(&payload, "\4\24................", 18);
  const char *lists[] = {kex, host_key, cipher, cipher, mac, mac, "none", "none", "", ""};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) qd__put_string(&payload, qd_slice_of(lists[i]));
  qd__put_string(out, qd_buf_slice(&payload));
  qd_buf_deinit(&payload);
}

static qd__algorithms choose(const qd__algorithm_policy *policy) {
  LIBSSH2_SESSION *s = libssh2_session_init_ex(NULL, NULL, NULL, NULL);
  qd__algorithms a;
  qd__algorithms_choose(s, policy, &a);
  cr_expect(qd__algorithms_apply(s, &a));
  (void)libssh2_session_free(s);
  return a;
}

QD_TEST(algorithms, modern_unless_legacy) {
  qd__algorithms a = choose(&(qd__algorithm_policy){.legacy = false});
  cr_expect_null(strstr(a.kex.p, "-sha1"));
  cr_expect_null(strstr(a.cipher.p, "cbc"));
  cr_expect_null(strstr(a.cipher.p, "arcfour"));
  cr_expect_null(strstr(a.mac.p, "sha1"));
  cr_expect_null(strstr(a.mac.p, "md5"));
  cr_expect_null(strstr(a.host_key.p, "ssh-dss"));
  cr_expect_null(strstr(a.host_key.p, "-cert-"));
  cr_expect_null(strstr(a.host_key.p, "ssh-rsa"));
  cr_expect_eq(strncmp(a.host_key.p, "ssh-ed25519,ecdsa-sha2-nistp256", 31), 0);
  cr_expect(strstr(a.kex.p, "curve25519-sha256"));
  qd__algorithms_deinit(&a);
  a = choose(&(qd__algorithm_policy){.legacy = true});
  cr_expect(strstr(a.kex.p, "diffie-hellman-group14-sha1"));
  cr_expect(strstr(a.host_key.p, "ssh-rsa"));
  cr_expect_lt(strstr(a.mac.p, "hmac-sha2-256"), strstr(a.mac.p, "hmac-sha1"), "weak ones come last");
  qd__algorithms_deinit(&a);
}

QD_TEST(algorithms, known_types_first_and_avoided_ones_never) {
  const char *known[] = {"ecdsa-sha2-nistp384"};
  const char *avoid[] = {"ssh-ed25519"};
  qd__algorithms a = choose(&(qd__algorithm_policy){.known = known, .n_known = 1, .avoid = avoid, .n_avoid = 1});
  cr_expect_eq(strncmp(a.host_key.p, "ecdsa-sha2-nistp384,ecdsa-sha2-nistp256,", 40), 0, "%s", a.host_key.p);
  cr_expect_null(strstr(a.host_key.p, "ed25519"));
  qd__algorithms_deinit(&a);
}

QD_TEST(algorithms, reads_the_servers_lists) {
  qd_buf heard;
  qd_buf_init(&heard, 16384);
  (void)qd_buf_adds(&heard, "Welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian\r\n");
  qd__kexinit k;
  cr_expect_not(qd__kexinit_parse(qd_buf_slice(&heard), &k));
  cr_expect(qd_slice_is(k.identification, "SSH-2.0-OpenSSH_9.2p1 Debian"));
  cr_expect_eq(qd__openssh_version(k.identification), 902);
  kexinit(&heard, "a,b", "ssh-ed25519", "aes128-ctr", "hmac-sha2-256");
  cr_expect(qd__kexinit_parse(qd_buf_slice(&heard), &k));
  cr_expect(qd_slice_is(k.kex, "a,b"));
  cr_expect(qd_slice_is(k.mac, "hmac-sha2-256"));
  heard.n -= 60;
  cr_expect_not(qd__kexinit_parse(qd_buf_slice(&heard), &k), "cut short");
  cr_expect_not(qd__kexinit_parse((qd_slice){NULL, 0}, &k));
  cr_expect_not(qd__kexinit_parse(QD_SLICE("HTTP/1.1 400 Bad\r\n\r\n"), &k));
  cr_expect_eq(k.identification.n, 0u);
  qd_buf_deinit(&heard);
}

QD_TEST(algorithms, openssh_versions) {
  cr_expect_eq(qd__openssh_version(QD_SLICE("SSH-2.0-OpenSSH_8.8")), 808);
  cr_expect_eq(qd__openssh_version(QD_SLICE("SSH-2.0-OpenSSH_10.0p2 x")), 1000);
  cr_expect_eq(qd__openssh_version(QD_SLICE("SSH-2.0-dropbear_2022.83")), 0);
  cr_expect_eq(qd__openssh_version(QD_SLICE("SSH-2.0-OpenSSH_x")), 0);
  cr_expect_eq(qd__openssh_version(QD_SLICE("")), 0);
}

QD_TEST(algorithms, lists_meet) {
  cr_expect(qd__lists_meet(QD_SLICE("a,b"), QD_SLICE("c,b")));
  cr_expect_not(qd__lists_meet(QD_SLICE("a,b"), QD_SLICE("ab,bb")));
  cr_expect_not(qd__lists_meet(QD_SLICE(""), QD_SLICE("")));
  cr_expect_not(qd__lists_meet(QD_SLICE(","), QD_SLICE(",")));
}

static const char *explain(const char *kex, const char *host_key, const char *cipher, const char *mac, qd_error *err) {
  qd__algorithms ours = choose(&(qd__algorithm_policy){.legacy = false});
  qd__kexinit server = {.kex = qd_slice_of(kex), .host_key = qd_slice_of(host_key), .cipher = qd_slice_of(cipher), .mac = qd_slice_of(mac)};
  *err = (qd_error)QD_ERROR_INIT;
  qd_status st = qd__kexinit_explain(&server, &ours, "nas1", false, err);
  qd__algorithms_deinit(&ours);
  cr_expect(st == QD_OK || st == QD_UNSUPPORTED);
  return st == QD_OK ? "" : err->code;
}

QD_TEST(algorithms, explains_why_nothing_fits) {
  qd_error err;
  cr_expect_str_eq(explain("curve25519-sha256", "ssh-ed25519", "aes128-ctr", "hmac-sha2-256", &err), "");
  cr_expect_str_eq(explain("new-kex", "ssh-ed25519", "aes128-ctr", "hmac-sha2-256", &err), "no_common_algorithm");
  cr_expect(strstr(err.why, "new-kex"));
  cr_expect(strstr(err.hint, "transport: openssh"));
  cr_expect_str_eq(explain("diffie-hellman-group1-sha1", "ssh-ed25519", "aes128-ctr", "hmac-sha2-256", &err), "no_common_algorithm");
  cr_expect(strstr(err.hint, "legacy_crypto: true"));
  cr_expect_str_eq(explain("curve25519-sha256", "ssh-dss", "aes128-ctr", "hmac-sha2-256", &err), "no_common_algorithm");
  cr_expect_str_eq(explain("curve25519-sha256", "ssh-ed25519", "aes128-ctr", "hmac-x\033[1m", &err), "no_common_algorithm");
  cr_expect_null(strchr(err.why, '\033'));
  const char *rsa = explain("curve25519-sha256", "rsa-sha2-512", "aes128-ctr", "hmac-sha2-256", &err);
  cr_expect_str_eq(rsa, qd__algorithms_rsa_sha2() ? "" : "rsa_needs_openssh");
}
