#include "ssh/known_hosts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "qd_test.h"

#define A_64 "AAAAC3NzaC1lZDI1NTE5AAAAIMQQxf06iE+x0i58QVCm0DWkuCNrdY1wj0CkYrF6zs1S"
#define B_64 "AAAAC3NzaC1lZDI1NTE5AAAAIEJlgqDtR12VzDHdLPCdrxTOav5YRokkDH5I7/tvDsHe"
#define E_64                                                                                                                  \
  "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDhcbYVy3jCYujvdVIlqyM+easrSiWf/n0jY/QULy6OTO6eTm68fpXESvxjRqDkNCSaqB" \
  "yeOIc9WyyMxNXjcVs0="
#define KEY_A "ssh-ed25519 " A_64
#define KEY_B "ssh-ed25519 " B_64
#define KEY_E "ecdsa-sha2-nistp256 " E_64
#define PRINT_A "SHA256:qvM4HsKgT015SFiqpKYAqCPps8k8t/1FzsIqgAZ2pug"
// Made by ssh-keygen -H from "nas1" and "[nas1]:2222".
#define HASHED "|1|RJbgRRDJU0gXUxweBglKxcx8o9Y=|P7eZN8xjco1rv9Ys6aIG76nR4NU="
#define HASHED_2222 "|1|ghrk9KuM1X1Rz/LmuKwfwDlv96Y=|Ryq15lWFz9VYtPbttBYVFSxoN9M="

static qd_kh_verdict judge_at(const char *text, const char *host, int port, const char *key64, size_t *line) {
  qd_known_hosts kh;
  qd_known_hosts_init(&kh, host, port);
  qd_known_hosts_add(&kh, qd_slice_of(text), "f");
  qd_buf blob;
  qd_buf_init(&blob, 4096);
  cr_assert(qd__b64_decode(qd_slice_of(key64), &blob));
  const qd_kh_key *by;
  qd_kh_verdict v = qd_known_hosts_check(&kh, qd_buf_slice(&blob), &by);
  *line = by ? by->line : 0;
  qd_buf_deinit(&blob);
  qd_known_hosts_deinit(&kh);
  return v;
}

static qd_kh_verdict judge(const char *text, const char *host, int port) {
  size_t line;
  return judge_at(text, host, port, A_64, &line);
}

QD_TEST(known_hosts, judges_names) {
  static const struct {
    const char *text;
    const char *host;
    int port;
    qd_kh_verdict want;
  } rows[] = {
      {"nas1 " KEY_A "\n", "nas1", 22, QD_KH_MATCH},
      {"nas1 " KEY_A, "nas1", 0, QD_KH_MATCH},
      {"nas1 " KEY_A " a comment with words\r\n", "NAS1", 22, QD_KH_MATCH},
      {"NAS1 " KEY_A "\n", "nas1", 22, QD_KH_MATCH},
      {"  \tnas1\t " KEY_A "\n", "nas1", 22, QD_KH_MATCH},
      {"nas1 " KEY_B "\n", "nas1", 22, QD_KH_CHANGED},
      {"nas1 " KEY_E "\n", "nas1", 22, QD_KH_OTHER_TYPE},
      {"nas2 " KEY_A "\n", "nas1", 22, QD_KH_UNKNOWN},
      {"nas " KEY_A "\n", "nas1", 22, QD_KH_UNKNOWN},
      {"nas12 " KEY_A "\n", "nas1", 22, QD_KH_UNKNOWN},
      {"", "nas1", 22, QD_KH_UNKNOWN},
      {"# nas1 " KEY_A "\n\n", "nas1", 22, QD_KH_UNKNOWN},
      {"x,nas1,10.0.0.5 " KEY_A "\n", "10.0.0.5", 22, QD_KH_MATCH},
      {"x,nas1,10.0.0.5 " KEY_A "\n", "x", 22, QD_KH_MATCH},
      {"*.local " KEY_A "\n", "nas1.local", 22, QD_KH_MATCH},
      {"*.local,!nas1.local " KEY_A "\n", "nas1.local", 22, QD_KH_UNKNOWN},
      {"!nas1.local,*.local " KEY_A "\n", "nas1.local", 22, QD_KH_UNKNOWN},
      {"!nas1.local,*.local " KEY_A "\n", "nas2.local", 22, QD_KH_MATCH},
      {"!nas2 " KEY_A "\n", "nas1", 22, QD_KH_UNKNOWN},
      {"nas? " KEY_A "\n", "nas1", 22, QD_KH_MATCH},
      {"nas? " KEY_A "\n", "nas", 22, QD_KH_UNKNOWN},
      {"10.211.* " KEY_A "\n", "10.211.0.7", 22, QD_KH_MATCH},
      {"n*s*1*x " KEY_A "\n", "nas1", 22, QD_KH_UNKNOWN},
      {"[nas1]:2222 " KEY_A "\n", "nas1", 2222, QD_KH_MATCH},
      {"[nas1]:2222 " KEY_A "\n", "nas1", 22, QD_KH_UNKNOWN},
      {"[nas1]:2222 " KEY_A "\n", "nas1", 2223, QD_KH_UNKNOWN},
      {"[*]:2222 " KEY_A "\n", "nas1", 2222, QD_KH_MATCH},
      {HASHED " " KEY_A "\n", "nas1", 22, QD_KH_MATCH},
      {HASHED " " KEY_A "\n", "nas1", 2222, QD_KH_MATCH},
      {HASHED_2222 " " KEY_A "\n", "nas1", 2222, QD_KH_MATCH},
      {HASHED_2222 " " KEY_B "\n", "nas1", 2222, QD_KH_CHANGED},
      {HASHED_2222 " " KEY_A "\n", "nas1", 22, QD_KH_UNKNOWN},
      {HASHED " " KEY_A "\n", "nas2", 22, QD_KH_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    cr_expect_eq(judge(rows[i].text, rows[i].host, rows[i].port), rows[i].want, "row %zu: %s", i, rows[i].text);
}

QD_TEST(known_hosts, bare_name_only_helps_when_nothing_is_known_for_the_port) {
  cr_expect_eq(judge("nas1 " KEY_A "\n", "nas1", 2222), QD_KH_MATCH);
  cr_expect_eq(judge("nas1 " KEY_B "\n", "nas1", 2222), QD_KH_UNKNOWN);
  cr_expect_eq(judge("nas1 " KEY_A "\n[nas1]:2222 " KEY_B "\n", "nas1", 2222), QD_KH_CHANGED);
  cr_expect_eq(judge("nas1 " KEY_A "\n[nas1]:2222 " KEY_E "\n", "nas1", 2222), QD_KH_OTHER_TYPE);
  cr_expect_eq(judge("@revoked nas1 " KEY_A "\n[nas1]:2222 " KEY_A "\n", "nas1", 2222), QD_KH_IS_REVOKED);
}

QD_TEST(known_hosts, several_keys_and_the_line_that_decided) {
  size_t line;
  const char *text = "nas1 " KEY_E "\nnas1 " KEY_B "\n# c\nnas1 " KEY_A "\n";
  cr_expect_eq(judge_at(text, "nas1", 22, A_64, &line), QD_KH_MATCH);
  cr_expect_eq(line, 4u);
  cr_expect_eq(judge_at("nas1 " KEY_E "\n\nnas1 " KEY_B "\n", "nas1", 22, A_64, &line), QD_KH_CHANGED);
  cr_expect_eq(line, 3u);
}

QD_TEST(known_hosts, revoked_wins_over_everything) {
  size_t line;
  cr_expect_eq(judge_at("nas1 " KEY_A "\n@revoked * " KEY_A "\n", "nas1", 22, A_64, &line), QD_KH_IS_REVOKED);
  cr_expect_eq(line, 2u);
  cr_expect_eq(judge("@revoked nas1 " KEY_A "\nnas1 " KEY_A "\n", "nas1", 22), QD_KH_IS_REVOKED);
  cr_expect_eq(judge("@revoked nas2 " KEY_A "\nnas1 " KEY_A "\n", "nas1", 22), QD_KH_MATCH);
  cr_expect_eq(judge("@revoked * " KEY_B "\n", "nas1", 22), QD_KH_UNKNOWN);
  cr_expect_eq(judge("@revoked\t" HASHED " " KEY_A "\n", "nas1", 22), QD_KH_IS_REVOKED);
}

QD_TEST(known_hosts, authority_is_kept_apart) {
  qd_known_hosts kh;
  qd_known_hosts_init(&kh, "nas1.local", 22);
  qd_known_hosts_add(&kh, qd_slice_of("\n@cert-authority *.local " KEY_A "\n"), "f");
  const qd_kh_key *ca = qd_known_hosts_authority(&kh);
  cr_assert_not_null(ca);
  cr_expect_eq(ca->line, 2u);
  const char *types[4];
  cr_expect_eq(qd_known_hosts_types(&kh, types, 4), 0u);
  cr_expect_eq(qd_known_hosts_check(&kh, ca->blob, NULL), QD_KH_UNKNOWN);
  qd_known_hosts_deinit(&kh);
}

QD_TEST(known_hosts, bad_lines_are_counted_and_never_end_the_file) {
  static const char text[] =
      "nas1\n"
      "nas1 ssh-ed25519\n"
      "nas1 ssh-ed25519 !!!!\n"
      "nas1 ssh-rsa " A_64
      "\n"                                   // the type word lies
      "nas1 ssh-ed25519 AAAAC3NzaC1lZDI1\n"  // cut short
      "@what nas1 " KEY_A
      "\n"
      "@revoked\n"
      "|1|x|y " KEY_B
      "\n"
      "|1| " KEY_B
      "\n"
      "| " KEY_B
      "\n"
      "\0\1\2\377 binary \0 nas1 " KEY_B
      "\n"
      ",,, " KEY_B
      "\n"
      "nas1 " KEY_A "\n";
  qd_known_hosts kh;
  qd_known_hosts_init(&kh, "nas1", 22);
  qd_known_hosts_add(&kh, (qd_slice){text, sizeof text - 1}, "f");
  cr_expect_eq(kh.n, 1u);
  cr_expect_eq(kh.malformed, 8u, "got %zu", kh.malformed);
  cr_expect_eq(kh.keys[0].line, 13u);
  cr_expect_str_eq(kh.keys[0].fingerprint, PRINT_A);
  cr_expect_str_eq(kh.keys[0].file, "f");
  qd_known_hosts_deinit(&kh);
}

QD_TEST(known_hosts, a_very_long_line_is_one_line) {
  qd_buf text;
  qd_buf_init(&text, 1u << 20);
  for (int i = 0; i < 20000; i++) (void)qd_buf_addf(&text, "host%d,", i);
  (void)qd_buf_adds(&text, "nas1 " KEY_A "\n");
  cr_expect_eq(judge(text.p, "nas1", 22), QD_KH_MATCH);
  cr_expect_eq(judge(text.p, "host19999", 22), QD_KH_MATCH);
  qd_buf_deinit(&text);
}

QD_TEST(known_hosts, types_in_file_order) {
  qd_known_hosts kh;
  qd_known_hosts_init(&kh, "nas1", 22);
  qd_known_hosts_add(&kh, qd_slice_of("nas1 " KEY_E "\n@revoked nas1 ssh-dss AAAAB3NzaC1kc3M=\nnas1 " KEY_A "\nnas1 " KEY_B "\n"), "f");
  const char *types[4];
  cr_assert_eq(qd_known_hosts_types(&kh, types, 4), 2u);
  cr_expect_str_eq(types[0], "ecdsa-sha2-nistp256");
  cr_expect_str_eq(types[1], "ssh-ed25519");
  cr_expect_eq(qd_known_hosts_types(&kh, types, 1), 1u);
  qd_known_hosts_deinit(&kh);
}

QD_TEST(known_hosts, globs) {
  static const struct {
    const char *pattern, *text;
    bool want;
  } rows[] = {
      {"", "", true},     {"", "a", false},         {"*", "", true},      {"**", "abc", true},     {"a*", "a", true},
      {"*a", "b", false}, {"a?c", "abc", true},     {"a?c", "ac", false}, {"*b*d", "abcbd", true}, {"*b*d", "abcbde", false},
      {"?", "", false},   {"a*b*c", "axbxc", true}, {"*ab", "aab", true}, {"*aab", "aaab", true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    cr_expect_eq(qd_kh_glob(qd_slice_of(rows[i].pattern), qd_slice_of(rows[i].text)), rows[i].want, "%s %s", rows[i].pattern, rows[i].text);
}
