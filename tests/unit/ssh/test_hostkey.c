#include "ssh/hostkey.h"

#include "qd_test.h"

#define A_64 "AAAAC3NzaC1lZDI1NTE5AAAAIMQQxf06iE+x0i58QVCm0DWkuCNrdY1wj0CkYrF6zs1S"
#define B_64 "AAAAC3NzaC1lZDI1NTE5AAAAIEJlgqDtR12VzDHdLPCdrxTOav5YRokkDH5I7/tvDsHe"
#define KEY_A "ssh-ed25519 " A_64
#define KEY_B "ssh-ed25519 " B_64
#define KEY_E                                                                                                                    \
  "ecdsa-sha2-nistp256 "                                                                                                         \
  "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDhcbYVy3jCYujvdVIlqyM+easrSiWf/n0jY/QULy6OTO6eTm68fpXESvxjRqDkNCSaqByeO" \
  "Ic9WyyMxNXjcVs0="
#define PRINT_A "SHA256:qvM4HsKgT015SFiqpKYAqCPps8k8t/1FzsIqgAZ2pug"
#define PRINT_B "SHA256:v+tfOHyFKW1Vb7tUKUv1raNyUV8c16YESoAxWig3pgQ"

static qd_error err;
static qd_ssh_question question;

// The host presents key A.
static qd__trust judge(const qd_ssh_target *t, const char *text) {
  qd_known_hosts kh;
  int port;
  const char *name = qd__hostkey_name(t, &port);
  qd_known_hosts_init(&kh, name, port);
  qd_known_hosts_add(&kh, qd_slice_of(text), "/kh");
  qd_buf blob;
  qd_buf_init(&blob, 1000);
  cr_assert(qd__b64_decode(QD_SLICE(A_64), &blob));
  qd__hostkey key;
  cr_assert(qd__hostkey_of(qd_buf_slice(&blob), &key));
  err = (qd_error)QD_ERROR_INIT;
  qd__trust trust = qd__hostkey_judge(t, &kh, &key, &question, &err);
  qd_buf_deinit(&blob);
  qd_known_hosts_deinit(&kh);
  return trust;
}

static const qd_ssh_target NAS = {.host = "10.0.0.5", .alias = "nas1", .port = 22, .user = "admin"};

QD_TEST(hostkey, known_and_unknown) {
  cr_expect_eq(judge(&NAS, "10.0.0.5 " KEY_A "\n"), QD__TRUST_YES);
  cr_expect_eq(judge(&NAS, "nas1 " KEY_A "\n"), QD__TRUST_ASK, "as in ssh the address counts, not what was typed");
  cr_expect_eq(question.kind, QD_SSH_ASK_HOST_KEY);
  cr_expect_str_eq(question.fingerprint, PRINT_A);
  cr_expect_str_eq(question.key_type, "ssh-ed25519");
  cr_expect_str_eq(question.text, "The host key of nas1 (10.0.0.5) is not known.");
}

QD_TEST(hostkey, alias_replaces_host_and_port) {
  qd_ssh_target t = NAS;
  t.port = 2222;
  t.host_key_alias = "The-NAS";
  cr_expect_eq(judge(&t, "the-nas " KEY_A "\n"), QD__TRUST_YES);
  cr_expect_eq(judge(&t, "[10.0.0.5]:2222 " KEY_A "\n"), QD__TRUST_ASK);
}

QD_TEST(hostkey, unknown_without_a_prompt) {
  qd_ssh_target t = NAS;
  t.no_prompt = true;
  t.profile = "prod";
  cr_expect_eq(judge(&t, ""), QD__TRUST_NO);
  cr_expect_eq(err.category, QD_AUTH);
  cr_expect_str_eq(err.code, "host_key_unknown");
  cr_expect(strstr(err.why, PRINT_A));
  cr_expect(strstr(err.hint, "qnap-docker profile trust prod --fingerprint " PRINT_A));
  cr_expect_eq(judge(&t, "10.0.0.5 " KEY_E "\n"), QD__TRUST_NO);
  cr_expect(strstr(err.why, "other keys of it are known (ecdsa-sha2-nistp256, /kh:1)"));
  cr_expect_eq(judge(&t, "@cert-authority 10.* " KEY_B "\n"), QD__TRUST_NO);
  cr_expect(strstr(err.why, "the @cert-authority of /kh:1 is not supported"));
}

QD_TEST(hostkey, changed_is_never_a_question) {
  cr_expect_eq(judge(&NAS, "\n10.0.0.5 " KEY_B "\n"), QD__TRUST_NO);
  cr_expect_eq(err.category, QD_AUTH);
  cr_expect_str_eq(err.code, "host_key_changed");
  cr_expect(strstr(err.why, PRINT_A) && strstr(err.why, PRINT_B) && strstr(err.why, "/kh:2"));
  cr_expect(strstr(err.hint, "qnap-docker profile trust nas1 --replace"));
}

QD_TEST(hostkey, revoked) {
  cr_expect_eq(judge(&NAS, "10.0.0.5 " KEY_A "\n@revoked * " KEY_A "\n"), QD__TRUST_NO);
  cr_expect_eq(err.category, QD_AUTH);
  cr_expect_str_eq(err.code, "host_key_revoked");
  cr_expect(strstr(err.why, "/kh:2"));
}

QD_TEST(hostkey, pin_wins) {
  qd_ssh_target t = NAS;
  static const char *const good[] = {PRINT_A, PRINT_A "=", "qvM4HsKgT015SFiqpKYAqCPps8k8t/1FzsIqgAZ2pug"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    t.pinned_key = good[i];
    cr_expect_eq(judge(&t, "10.0.0.5 " KEY_B "\n"), QD__TRUST_YES, "%s", good[i]);
  }
  static const char *const bad[] = {PRINT_B, "SHA256:", "", "SHA256:qvM4HsKgT015SFiqpKYAqCPps8k8t/1FzsIqgAZ2pu", "MD5:00:11"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    t.pinned_key = bad[i];
    cr_expect_eq(judge(&t, "10.0.0.5 " KEY_A "\n"), QD__TRUST_NO, "%s", bad[i]);
    cr_expect_str_eq(err.code, "host_key_changed");
  }
}

QD_TEST(hostkey, junk_is_no_key) {
  qd__hostkey key;
  cr_expect_not(qd__hostkey_of(QD_SLICE(""), &key));
  cr_expect_not(qd__hostkey_of(QD_SLICE("\0\0\0\3a\nb"), &key));
  cr_expect_not(qd__hostkey_of(QD_SLICE("\377\0\0\3abc"), &key));
}
