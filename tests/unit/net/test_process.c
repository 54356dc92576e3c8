#include <signal.h>
#include <unistd.h>

#include "net/net.h"
#include "net/tail.h"
#include "net_probe.h"
#include "qd_test.h"

static qd_stream *sh(qd_loop *loop, const char *script) {
  const char *argv[] = {"sh", "-c", script, NULL};
  qd_process_spec spec = {argv, NULL, "the shell"};
  qd_stream *s = NULL;
  qd_error err;
  cr_assert_eq(qd_net_process_open(loop, &spec, &s, &err), QD_OK);
  return s;
}

QD_TEST(process, is_a_stream_over_stdin_and_stdout) {
  qd_loop *loop = qd_loop_new();
  qd_stream *s = sh(loop, "cat; echo end; echo noise >&2");
  probe r;
  probe_init(&r, s);
  qd_stream_read(s, true);
  (void)qd_stream_write(s, QD_SLICE("some bytes\n"));
  qd_stream_shutdown(s);
  qd_loop_run_until(loop, &r.ended);
  cr_assert_not(r.failed);
  cr_assert(qd_slice_is(qd_buf_slice(&r.got), "some bytes\nend\n"));
  qd_stream_close(s);
  probe_deinit(&r);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(process, a_failure_says_what_stderr_said) {
  qd_loop *loop = qd_loop_new();
  qd_stream *s = sh(loop, "echo first >&2; echo 'Permission denied (publickey).' >&2; exit 255");
  probe r;
  probe_init(&r, s);
  qd_stream_read(s, true);
  qd_loop_run_until(loop, &r.ended);
  cr_assert(r.failed);
  cr_assert_str_eq(r.err.code, "process_failed");
  cr_assert_str_eq(r.err.message, "the shell ended with status 255");
  cr_assert_str_eq(r.err.why, "first; Permission denied (publickey).");
  qd_stream_close(s);
  probe_deinit(&r);
  s = sh(loop, "kill -9 $$");
  probe_init(&r, s);
  qd_stream_read(s, true);
  qd_loop_run_until(loop, &r.ended);
  cr_assert_str_eq(r.err.message, "the shell was ended by signal 9");
  qd_stream_close(s);
  probe_deinit(&r);
  cr_assert_eq(qd_loop_free(loop), 0);
}

// The children print their pid and are told nothing; after the loop is freed none may be left.
QD_TEST(process, closing_ends_the_child_even_one_that_ignores_term) {
  static const char *const scripts[] = {"echo $$; exec sleep 1000", "trap '' TERM; echo $$; while :; do sleep 1000; done"};
  for (int i = 0; i < 2; i++) {
    qd_loop *loop = qd_loop_new();
    qd_stream *s = sh(loop, scripts[i]);
    probe r;
    probe_init(&r, s);
    qd_stream_read(s, true);
    while (!r.got.n || r.got.p[r.got.n - 1] != '\n') (void)qd_loop_turn(loop, true);
    pid_t pid = (pid_t)strtol(r.got.p, NULL, 10);
    cr_assert_eq(kill(pid, 0), 0);
    cr_assert_eq(getsid(pid), pid, "a session of its own");
    qd_stream_close(s);
    cr_assert_eq(qd_loop_free(loop), 0);
    cr_assert_neq(kill(pid, 0), 0);
    for (int k = 0; k < 500 && kill(-pid, 0) == 0; k++) (void)usleep(10000);  // its orphans wait for init to collect them
    cr_assert_neq(kill(-pid, 0), 0, "what it started is gone too");
    probe_deinit(&r);
  }
}

QD_TEST(process, a_program_that_is_not_there) {
  qd_loop *loop = qd_loop_new();
  const char *argv[] = {"no-such-program-anywhere", NULL};
  qd_process_spec spec = {argv, NULL, "ssh to nas1"};
  qd_dialer *d = qd_net_process_dialer(loop, &spec);
  qd_error err;
  cr_assert_null(probe_dial_wait(d, false, &err));
  cr_assert_eq(err.category, QD_NOT_FOUND);
  cr_assert_str_eq(err.message, "cannot start ssh to nas1");
  qd_dialer_free(d);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(process, dialer_passes_argv_and_environment) {
  qd_loop *loop = qd_loop_new();
  const char *argv[] = {"/bin/sh", "-c", "echo \"$0 $V\"", "a b", NULL};
  const char *env[] = {"V=1", NULL};
  qd_process_spec spec = {argv, env, NULL};
  qd_dialer *d = qd_net_process_dialer(loop, &spec);
  qd_stream *s = probe_dial_wait(d, false, NULL);
  probe r;
  probe_init(&r, s);
  qd_stream_read(s, true);
  qd_loop_run_until(loop, &r.ended);
  cr_assert(qd_slice_is(qd_buf_slice(&r.got), "a b 1\n"));
  qd_stream_close(s);
  probe_dial never = {false, NULL, QD_ERROR_INIT};
  qd_dial_cancel(qd_dial_start(d, false, probe_dialled, &never));
  qd_dialer_free(d);
  probe_deinit(&r);
  cr_assert_eq(qd_loop_free(loop), 0);
  cr_assert_not(never.done);
}

QD_TEST(process, writing_to_a_child_that_left_does_not_kill_us) {
  qd_loop *loop = qd_loop_new();
  qd_stream *s = sh(loop, "exit 0");
  probe r;
  probe_init(&r, s);
  qd_stream_read(s, true);
  static char block[100 * 1024];
  for (int i = 0; i < 10; i++) (void)qd_stream_write(s, (qd_slice){block, sizeof block});
  qd_loop_run_until(loop, &r.ended);
  for (int i = 0; i < 3; i++) (void)qd_stream_write(s, (qd_slice){block, sizeof block});
  (void)qd_loop_turn(loop, false);
  cr_assert_not(r.failed, "it ended with status 0: %s", r.err.message);
  qd_stream_close(s);
  probe_deinit(&r);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(tail, keeps_the_end_and_one_readable_line) {
  static qd_tail t;
  char out[40];
  for (int i = 0; i < 3000; i++) qd_tail_add(&t, QD_SLICE("noise\n"));
  qd_tail_add(&t, QD_SLICE("bad\x1b[31mnews\r\nlast words\n\n"));
  cr_assert_eq(t.n, QD_TAIL_SIZE);
  qd_tail_text(&t, out, sizeof out);
  cr_assert(strstr(out, "last words"), "%s", out);
  cr_assert_null(strchr(out, '\x1b'));
  cr_assert_null(strchr(out, '\n'));
  cr_assert(qd_tail_has(&t, "LAST WORDS"));
  cr_assert_not(qd_tail_has(&t, "first"));
  qd_tail empty = {.n = 0};
  qd_tail_text(&empty, out, sizeof out);
  cr_assert_str_eq(out, "");
}
