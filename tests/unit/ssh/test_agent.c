#include "ssh/agent.h"

#include "qd_test.h"

#define KEY "\0\0\0\13ssh-ed25519\0\0\0\2xy"

static size_t keys_in(qd_slice answer, bool *ok, char *first_comment) {
  qd__agent a = {.fd = -1};
  qd_buf_init(&a.listing, 1);
  *ok = qd__agent_parse_keys(&a, answer);
  size_t n = a.n;
  if (n) memcpy(first_comment, a.keys[0].comment, sizeof a.keys[0].comment);
  qd__agent_close(&a);
  return n;
}

QD_TEST(agent, lists_keys) {
  bool ok;
  char comment[128] = "";
  cr_expect_eq(keys_in(QD_SLICE("\14\0\0\0\0"), &ok, comment), 0u);
  cr_expect(ok);
  cr_expect_eq(keys_in(QD_SLICE("\14\0\0\0\2\0\0\0\25" KEY "\0\0\0\4a\nbc\0\0\0\25" KEY "\0\0\0\0"), &ok, comment), 2u);
  cr_expect(ok);
  cr_expect_str_eq(comment, "a bc", "control characters never reach a message");
}

QD_TEST(agent, survives_nonsense) {
  bool ok;
  char comment[128] = "";
  (void)keys_in(QD_SLICE(""), &ok, comment);
  cr_expect_not(ok);
  (void)keys_in(QD_SLICE("\5"), &ok, comment);
  cr_expect_not(ok);
  (void)keys_in(QD_SLICE("\14\377\377\377\377\0\0\0\25" KEY), &ok, comment);
  cr_expect_not(ok);
  cr_expect_eq(keys_in(QD_SLICE("\14\0\0\0\1\0\0\0\2xy\0\0\0\0"), &ok, comment), 0u, "a blob without a type is passed over");
}

static uint32_t flags(const char *algorithm) {
  qd_buf data;
  qd_buf_init(&data, 1000);
  qd__put_string(&data, QD_SLICE("session id"));
  (void)qd_buf_addc(&data, 50);
  qd__put_string(&data, QD_SLICE("admin"));
  qd__put_string(&data, QD_SLICE("ssh-connection"));
  qd__put_string(&data, QD_SLICE("publickey"));
  (void)qd_buf_addc(&data, 1);
  qd__put_string(&data, qd_slice_of(algorithm));
  uint32_t f = qd__agent_flags(qd_buf_slice(&data));
  qd_buf_deinit(&data);
  return f;
}

QD_TEST(agent, asks_for_sha2_where_the_request_does) {
  cr_expect_eq(flags("rsa-sha2-256"), 2u);
  cr_expect_eq(flags("rsa-sha2-512"), 4u);
  cr_expect_eq(flags("ssh-rsa"), 0u);
  cr_expect_eq(flags("ssh-ed25519"), 0u);
  cr_expect_eq(qd__agent_flags(QD_SLICE("junk")), 0u);
}
