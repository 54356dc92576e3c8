#include "ssh/config.h"

#include <stdio.h>
#include <stdlib.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "qd_test.h"

static const char *lookup(const char *name) {
  return strcmp(name, "KEYS") == 0 ? "/keys" : strcmp(name, "AGENT") == 0 ? "/run/agent" : NULL;
}

static const qd_ssh_config_env ENV = {.alias = "nas1", .local_user = "me", .home = "/home/me", .lookup = lookup};

static qd_ssh_config read_as(const char *text, const char *alias, const char *user) {
  qd_ssh_config_env env = ENV;
  env.alias = alias;
  env.user = user;
  qd_ssh_config c;
  qd_ssh_config_init(&c);
  qd_ssh_config_parse(&c, &env, qd_slice_of(text), "f", false);
  qd_ssh_config_finish(&c, &env);
  return c;
}

static qd_ssh_config read_text(const char *text) { return read_as(text, "nas1", NULL); }

// Whether "Host" (or Match) line `line` applies to alias/user: the port tells.
static bool applies_to(const char *line, const char *alias, const char *user) {
  char *text = qd_xasprintf("%s\n  Port 7\n", line);
  qd_ssh_config c = read_as(text, alias, user);
  bool yes = c.port == 7;
  free(text);
  qd_ssh_config_deinit(&c);
  return yes;
}
static bool applies(const char *line) { return applies_to(line, "nas1", NULL); }

QD_TEST(ssh_config, host_patterns) {
  cr_expect(applies("Host nas1"));
  cr_expect(applies("host=nas1"));
  cr_expect(applies("Host \"nas1\" # c"));
  cr_expect(applies("Host other n*1"));
  cr_expect(applies("Host nas? !nas2"));
  cr_expect_not(applies("Host NAS1"), "as in ssh, what was typed counts letter by letter");
  cr_expect_not(applies("Host nas"));
  cr_expect_not(applies("Host * !nas1"));
  cr_expect_not(applies("Host !nas1 *"));
  cr_expect_not(applies("Host !nas2"));
  cr_expect_not(applies("Host nas2 # nas1"));
  cr_expect_not(applies("Host"));
  cr_expect_not(applies("Host \"nas1"));
}

QD_TEST(ssh_config, match_criteria) {
  cr_expect(applies("Match all"));
  cr_expect(applies("Match host nas1"));
  cr_expect(applies("Match host=x,NAS*"));
  cr_expect(applies("Match originalhost nas1 user me"));
  cr_expect(applies("Match localuser me,you"));
  cr_expect(applies("Match !host nas2"));
  cr_expect(applies_to("Match user admin", "nas1", "admin"));
  cr_expect_not(applies_to("Match user me", "nas1", "admin"));
  cr_expect_not(applies("Match host nas2"));
  cr_expect_not(applies("Match host *,!nas1"));
  cr_expect_not(applies("Match host nas1 user you"));
  cr_expect_not(applies("Match !originalhost nas1"));
  cr_expect_not(applies("Match canonical"));
  cr_expect_not(applies("Match"));
  cr_expect_not(applies("Match user"));
  cr_expect_not(applies("Match !all"));
}

QD_TEST(ssh_config, match_sees_what_was_set_above) {
  qd_ssh_config c = read_text("HostName 10.0.0.5\nUser admin\nMatch host 10.0.0.5 user admin\n Port 7\n");
  cr_expect_eq(c.port, 7);
  qd_ssh_config_deinit(&c);
}

QD_TEST(ssh_config, first_value_wins_and_identities_add_up) {
  qd_ssh_config c = read_text(
      "Host nas1\n HostName %h.local\n User \"ad min\"\n\tPort = 2222\r\n IdentityFile ~/.ssh/a\n IdentitiesOnly yes\n"
      "HostKeyAlias the-nas\nConnectTimeout 9\n"
      "Host *\n HostName x\n User y\n Port 1\n IdentityFile /k/%r_%n_%%_%p\n IdentityFile ${KEYS}/b\n IdentityFile ~/.ssh/a\n"
      " IdentitiesOnly no\n ConnectTimeout 1\n");
  cr_expect_str_eq(c.host_name, "nas1.local");
  cr_expect_str_eq(c.user, "ad min");
  cr_expect_eq(c.port, 2222);
  cr_expect(c.identities_only);
  cr_expect_eq(c.connect_timeout_s, 9u);
  cr_expect_str_eq(c.host_key_alias, "the-nas");
  cr_assert_eq(c.identity_files.n, 3u);
  cr_expect_str_eq(c.identity_files.v[0], "/home/me/.ssh/a");
  cr_expect_str_eq(c.identity_files.v[1], "/k/ad min_nas1_%_2222");
  cr_expect_str_eq(c.identity_files.v[2], "/keys/b");
  cr_expect_not(c.default_identities);
  cr_expect_eq(c.needs_openssh[0], '\0');
  cr_expect_eq(c.notes.n, 0u);
  qd_ssh_config_deinit(&c);
}

QD_TEST(ssh_config, defaults) {
  qd_ssh_config c = read_text("");
  cr_expect_str_eq(c.host_name, "nas1");
  cr_expect_null(c.user);
  cr_expect_eq(c.port, 0);
  cr_expect(c.default_identities);
  cr_expect_str_eq(c.identity_files.v[0], "/home/me/.ssh/id_ed25519");
  cr_expect_str_eq(c.user_known_hosts.v[0], "/home/me/.ssh/known_hosts");
  cr_expect_str_eq(c.global_known_hosts.v[0], "/etc/ssh/ssh_known_hosts");
  qd_ssh_config_deinit(&c);
}

QD_TEST(ssh_config, known_hosts_lists) {
  qd_ssh_config c = read_text("UserKnownHostsFile ~/a \"/b c\"\nUserKnownHostsFile /no\nGlobalKnownHostsFile none\n");
  cr_assert_eq(c.user_known_hosts.n, 2u);
  cr_expect_str_eq(c.user_known_hosts.v[0], "/home/me/a");
  cr_expect_str_eq(c.user_known_hosts.v[1], "/b c");
  cr_expect_eq(c.global_known_hosts.n, 0u);
  qd_ssh_config_deinit(&c);
}

QD_TEST(ssh_config, agents) {
  static const struct {
    const char *text, *want;
    bool none;
  } rows[] = {
      {"IdentityAgent none\nIdentityAgent /x\n", NULL, true}, {"IdentityAgent SSH_AUTH_SOCK\n", NULL, false},
      {"IdentityAgent $AGENT\n", "/run/agent", false},        {"IdentityAgent ~/s%%\n", "/home/me/s%", false},
      {"IdentityAgent ${AGENT}.x\n", "/run/agent.x", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    qd_ssh_config c = read_text(rows[i].text);
    cr_expect_eq(c.no_agent, rows[i].none, "row %zu", i);
    if (rows[i].want)
      cr_expect_str_eq(c.identity_agent, rows[i].want);
    else
      cr_expect_null(c.identity_agent, "row %zu", i);
    qd_ssh_config_deinit(&c);
  }
}

QD_TEST(ssh_config, says_what_only_ssh_can_do) {
  static const struct {
    const char *text, *want;
  } rows[] = {
      {"ProxyJump bastion\nProxyCommand x\n", "ProxyJump bastion"},
      {"ProxyCommand nc \"%h\" %p\nProxyJump b\n", "ProxyCommand"},
      {"ProxyJump none\nProxyCommand nc x\n", ""},
      {"Match exec \"test -e x\"\n", "Match exec"},
      {"Match host nas2 exec x\n", ""},
      {"Match exec x host nas2\n", ""},
      {"Match final\n Port 3\n", "Match final"},
      {"PKCS11Provider /x.so\n", "PKCS11Provider"},
      {"PKCS11Provider none\n", ""},
      {"CertificateFile ~/x-cert.pub\n", "CertificateFile"},
      {"CanonicalizeHostname no\n", ""},
      {"CanonicalizeHostname always\n", "CanonicalizeHostname"},
      {"RevokedHostKeys /x\n", "RevokedHostKeys"},
      {"GSSAPIAuthentication yes\n", ""},
      {"PreferredAuthentications gssapi-with-mic,publickey\n", "PreferredAuthentications gssapi-with-mic,publickey"},
      {"Host other\n ProxyJump b\n", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    qd_ssh_config c = read_text(rows[i].text);
    cr_expect_str_eq(c.needs_openssh, rows[i].want, "row %zu: %s", i, c.needs_openssh);
    cr_expect_eq(c.port, 0);
    qd_ssh_config_deinit(&c);
  }
}

QD_TEST(ssh_config, notes_weakening_and_nonsense) {
  static const char *const rows[] = {
      "StrictHostKeyChecking no\n",
      "stricthostkeychecking=accept-new\n",
      "NoHostAuthenticationForLocalhost yes\n",
      "Port 99999\n",
      "Port x\n",
      "Port\n",
      "User \"\"\n",
      "User \"open\n",
      "IdentityFile ~/%q\n",
      "IdentityFile ${NOTSET}\n",
      "IdentityFile %\n",
      "ConnectTimeout -1\n",
      "Include x\n",
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    qd_ssh_config c = read_text(rows[i]);
    cr_expect_eq(c.notes.n, 1u, "%s", rows[i]);
    cr_expect_eq(c.port, 0);
    cr_expect_null(c.user);
    qd_ssh_config_deinit(&c);
  }
  qd_ssh_config c = read_text("\n\nStrictHostKeyChecking no\n");
  cr_assert_eq(c.notes.n, 1u);
  cr_expect_str_eq(c.notes.v[0], "f:3: StrictHostKeyChecking no is ignored: host keys are always checked");
  qd_ssh_config_deinit(&c);
  c = read_text("StrictHostKeyChecking ask\nSomethingElse yes\n \n");
  cr_expect_eq(c.notes.n, 0u);
  qd_ssh_config_deinit(&c);
}

static void include_itself(void *ctx, const char *pattern, qd_ssh_include *parser) {
  ++*(int *)ctx;
  cr_expect_str_eq(pattern, "/home/me/.ssh/loop");
  qd_ssh_include_text(parser, "loop", QD_SLICE("Include loop loop\nUser x\n"));
}

QD_TEST(ssh_config, include_loops_end) {
  int calls = 0;
  qd_ssh_config_env env = ENV;
  env.include = include_itself;
  env.ctx = &calls;
  qd_ssh_config c;
  qd_ssh_config_init(&c);
  qd_ssh_config_parse(&c, &env, QD_SLICE("Include loop\nHost nas2\nInclude never\n"), "f", false);
  qd_ssh_config_finish(&c, &env);
  cr_expect_str_eq(c.user, "x");
  cr_expect_gt(c.notes.n, 0u);
  cr_expect_lt(calls, 1000);
  qd_ssh_config_deinit(&c);
}

QD_TEST(ssh_config, block_of_an_included_file_ends_with_it) {
  char dir[] = "/tmp/qd-cfg-XXXXXX";
  cr_assert_not_null(mkdtemp(dir));
  char main_file[64];
  char part[64];
  (void)snprintf(main_file, sizeof main_file, "%s/config", dir);
  (void)snprintf(part, sizeof part, "%s/p1.conf", dir);
  FILE *f = fopen(part, "w");
  (void)fputs("Host nas2\n User wrong\n", f);
  (void)fclose(f);
  f = fopen(main_file, "w");
  (void)fprintf(f, "Host nas1\n Include %s/p*.conf\n User right\n", dir);
  (void)fclose(f);
  const char *files[] = {main_file, "/nonexistent/config", NULL};
  qd_ssh_config c;
  qd_ssh_config_init(&c);
  qd_ssh_config_load(&c, &ENV, files);
  cr_expect_str_eq(c.user, "right");
  cr_expect_eq(c.notes.n, 0u);
  qd_ssh_config_deinit(&c);
  cr_assert_eq(chmod(part, 0666), 0);
  qd_ssh_config_init(&c);
  qd_ssh_config_load(&c, &ENV, files);
  cr_expect_eq(c.notes.n, 1u, "others may write to it");
  qd_ssh_config_deinit(&c);
  (void)unlink(part);
  (void)unlink(main_file);
  cr_expect_eq(rmdir(dir), 0);
}

QD_TEST(ssh_config, output_of_ssh_g) {
  qd_ssh_config c;
  qd_ssh_config_init(&c);
  qd_ssh_config_parse_g(&c, &ENV,
                        QD_SLICE("host nas1\nuser root\nhostname 10.0.0.5\nport 2200\naddkeystoagent false\nidentitiesonly no\n"
                                 "identityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ecdsa\nidentityfile ~/.ssh/id_ecdsa_sk\n"
                                 "identityfile ~/.ssh/id_ed25519\nidentityfile ~/.ssh/id_xmss\ncanonicalizehostname false\n"
                                 "globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2\n"
                                 "userknownhostsfile ~/.ssh/known_hosts /x\nconnecttimeout none\ngssapiauthentication yes\n"));
  qd_ssh_config_finish(&c, &ENV);
  cr_expect_str_eq(c.host_name, "10.0.0.5");
  cr_expect_str_eq(c.user, "root");
  cr_expect_eq(c.port, 2200);
  cr_expect(c.default_identities);
  cr_expect(c.gssapi);
  cr_expect_str_eq(c.user_known_hosts.v[1], "/x");
  cr_expect_str_eq(c.needs_openssh, "");
  cr_expect_eq(c.notes.n, 0u);
  qd_ssh_config_deinit(&c);
}
