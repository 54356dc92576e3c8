#include <stdio.h>
#include <stdlib.h>

#include "qd_test.h"
#include "ssh/ssh.h"

// The shell's own opinion: printf gives back what it got as its argument.
static void check(qd_slice arg) {
  qd_buf line;
  qd_buf_init(&line, 1 << 16);
  (void)qd_buf_adds(&line, "printf %s ");
  qd_ssh_quote(arg, &line);
  (void)qd_buf_adds(&line, "; printf END");
  FILE *sh = popen(line.p, "r");
  static char got[1 << 16];
  size_t n = fread(got, 1, sizeof got, sh);
  cr_assert_eq(pclose(sh), 0, "%s", line.p);
  cr_assert_eq(n, arg.n + 3, "%s", line.p);
  cr_assert_eq(memcmp(got, arg.p, arg.n), 0, "%s", line.p);
  qd_buf_deinit(&line);
}

QD_TEST(ssh_quote, survives_the_shell) {
  static const char *const nasty[] = {
      "",     "plain",  "a b", "'",     "''", "'\\''", "$(touch /tmp/x)", "`id`", "${HOME}", "\\",
      "\n",   "a\nb\n", "*",   "~root", "-n", "!!",    "a;b|c&d",         "#x",   "\"",      "\x01\x7f\xff\xfe",
      "%s%n", "--",     "=x",  "x=y",   "\t", "{a,b}", "[a-z]",           "<in",  ">out",    "(sub)"};
  for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) check(qd_slice_of(nasty[i]));
}

QD_TEST(ssh_quote, survives_the_shell_with_random_bytes) {
  unsigned seed = 12345;
  for (int round = 0; round < 200; round++) {
    char arg[64];
    size_t n = 0;
    for (size_t len = 1 + (size_t)round % 60; n < len; n++) {
      seed = seed * 1103515245u + 12345u;
      static const char likely[] = "'\"\\$`\n *?[]{}();&|<>~#!%-=";
      arg[n] = (seed >> 16) % 3 ? likely[(seed >> 18) % (sizeof likely - 1)] : (char)(1 + (seed >> 18) % 255);
    }
    check((qd_slice){arg, n});
  }
}

QD_TEST(ssh_quote, leaves_plain_words_readable) {
  qd_buf out;
  qd_buf_init(&out, 100);
  qd_ssh_quote(QD_SLICE("/share/CACHEDEV1_DATA/.qpkg/container-station/bin/docker"), &out);
  cr_assert_str_eq(out.p, "/share/CACHEDEV1_DATA/.qpkg/container-station/bin/docker");
  qd_buf_clear(&out);
  qd_ssh_quote(QD_SLICE("x=y"), &out);
  cr_assert_str_eq(out.p, "'x=y'", "the shell would take it for an assignment");
  qd_buf_deinit(&out);
}
