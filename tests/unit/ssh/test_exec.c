#include <signal.h>
#include <stdio.h>

#include "net_probe.h"
#include "qd_test.h"
#include "sshd_fixture.h"

typedef struct result {
  qd_buf out, err;
  bool done, failed, drained;
  int ends;
  int status;
  char signal[32];
  qd_error error;
} result;

static void on_stdout(void *ctx, qd_slice b) { (void)qd_buf_add(&((result *)ctx)->out, b.p, b.n); }
static void on_stderr(void *ctx, qd_slice b) { (void)qd_buf_add(&((result *)ctx)->err, b.p, b.n); }
static void on_drain(void *ctx) { ((result *)ctx)->drained = true; }
static void on_exit_told(void *ctx, int status, const char *signal, const qd_error *err) {
  result *r = ctx;
  r->done = true;
  r->ends++;
  r->status = status;
  r->failed = err != NULL;
  if (err) r->error = *err;
  if (signal) (void)snprintf(r->signal, sizeof r->signal, "%s", signal);
}
static const qd_ssh_exec_events EVENTS = {on_stdout, on_stderr, on_drain, on_exit_told};

static void result_init(result *r) {
  *r = (result){.status = -2, .error = QD_ERROR_INIT};
  qd_buf_init(&r->out, (size_t)128 << 20);
  qd_buf_init(&r->err, (size_t)8 << 20);
}
static void result_deinit(result *r) {
  qd_buf_deinit(&r->out);
  qd_buf_deinit(&r->err);
}

static void run(qd_loop *loop, qd_ssh *s, const char *command, const char *input, result *r) {
  result_init(r);
  qd_ssh_exec *e = qd_ssh_exec_start(s, command, &EVENTS, r);
  if (input) (void)qd_ssh_exec_write(e, qd_slice_of(input));
  qd_ssh_exec_shutdown(e);
  qd_loop_run_until(loop, &r->done);
  qd_ssh_exec_close(e);
}

QD_TEST(ssh_exec, keeps_outputs_apart_and_reports_the_status) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  result r;
  run(loop, s, "cat; echo oops >&2; exit 42", "input", &r);
  cr_assert(qd_slice_is(qd_buf_slice(&r.out), "input"));
  cr_assert(qd_slice_is(qd_buf_slice(&r.err), "oops\n"));
  cr_assert_eq(r.status, 42);
  cr_assert_not(r.failed);
  result_deinit(&r);
  run(loop, s, "true", NULL, &r);
  cr_assert_eq(r.status, 0);
  cr_assert_str_eq(r.signal, "");
  result_deinit(&r);
  run(loop, s, "kill -9 $$", NULL, &r);
  cr_assert_eq(r.status, -1);
  cr_assert_str_eq(r.signal, "KILL");
  result_deinit(&r);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_exec, carries_64_mib_through_stdin_and_stdout) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  enum { TOTAL = 64 << 20 };
  result r;
  result_init(&r);
  qd_ssh_exec *e = qd_ssh_exec_start(s, "cat", &EVENTS, &r);
  static char block[65536];
  for (size_t i = 0; i < sizeof block; i++) block[i] = fixture_pattern(i);
  size_t sent = 0;
  bool room = true;
  while (!r.done) {
    for (; room && sent < TOTAL; sent += sizeof block) room = qd_ssh_exec_write(e, (qd_slice){block, sizeof block});
    if (sent == TOTAL) qd_ssh_exec_shutdown(e);
    (void)qd_loop_turn(loop, true);
    room = room || r.drained;
    r.drained = false;
  }
  cr_assert_eq(r.out.n, TOTAL);
  for (size_t i = 0; i < r.out.n; i += sizeof block) cr_assert_eq(memcmp(r.out.p + i, block, sizeof block), 0);
  cr_assert_eq(r.status, 0);
  qd_ssh_exec_close(e);
  result_deinit(&r);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_exec, reading_off_holds_both_outputs_back) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  result r;
  result_init(&r);
  qd_ssh_exec *e = qd_ssh_exec_start(s, "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2", &EVENTS, &r);
  qd_ssh_exec_read(e, false);
  result other;
  run(loop, s, "sleep 0.3; echo done", NULL, &other);
  cr_assert(qd_slice_is(qd_buf_slice(&other.out), "done\n"));
  result_deinit(&other);
  cr_assert_eq(r.out.n + r.err.n, 0);
  qd_ssh_exec_read(e, true);
  qd_loop_run_until(loop, &r.done);
  cr_assert_eq(r.out.n, 3000000);
  cr_assert_eq(r.err.n, 3000000);
  cr_assert_eq(r.status, 0);
  qd_ssh_exec_close(e);
  result_deinit(&r);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_exec, one_session_at_a_time_is_said_and_survived) {
  fixture f;
  fixture_start(&f, "MaxSessions 1");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  result first;
  result second;
  result_init(&first);
  qd_ssh_exec *e = qd_ssh_exec_start(s, "cat", &EVENTS, &first);
  run(loop, s, "echo x", NULL, &second);
  cr_assert(second.failed);
  cr_assert_eq(second.error.category, QD_UNSUPPORTED);
  cr_assert_str_eq(second.error.code, "too_many_sessions");
  cr_assert(strstr(second.error.hint, "MaxSessions"));
  result_deinit(&second);
  qd_dialer *d = qd_ssh_socket_dialer(s, f.socket);
  qd_stream *st = probe_dial_wait(d, false, NULL);
  cr_assert_not_null(st, "forwarded sockets do not count");
  qd_stream_close(st);
  qd_dialer_free(d);
  qd_ssh_exec_shutdown(e);
  qd_loop_run_until(loop, &first.done);
  cr_assert_eq(first.status, 0);
  qd_ssh_exec_close(e);
  result_deinit(&first);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_exec, a_lost_connection_ends_it_with_the_error) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  result r;
  result_init(&r);
  qd_ssh_exec *e = qd_ssh_exec_start(s, "echo up; cat", &EVENTS, &r);
  while (r.out.n == 0) (void)qd_loop_turn(loop, true);
  cr_assert_gt(fixture_signal_connections(&f, SIGKILL), 0);
  qd_loop_run_until(loop, &r.done);
  cr_assert(r.failed);
  cr_assert_eq(r.ends, 1);
  cr_assert_str_eq(r.error.code, "connection_lost");
  cr_assert(qd_ssh_exec_write(e, QD_SLICE("x")));
  qd_ssh_exec_close(e);
  result_deinit(&r);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

// What a user sees when the command that should reach the engine does not.
static void dial_and_read(qd_ssh *s, qd_loop *loop, const char *command, probe *r) {
  qd_dialer *d = qd_ssh_exec_dialer(s, command, "HTTP/1.");
  qd_stream *st = probe_dial_wait(d, false, NULL);
  cr_assert_not_null(st);
  probe_init(r, st);
  qd_stream_read(st, true);
  qd_loop_run_until(loop, &r->ended);
  qd_stream_close(st);
  qd_dialer_free(d);
}

QD_TEST(ssh_exec, dialer_explains_what_went_wrong) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  probe r;
  dial_and_read(s, loop, "/nonexistent/docker system dial-stdio", &r);
  cr_assert_str_eq(r.err.code, "command_not_found");
  cr_assert_eq(r.err.category, QD_NOT_FOUND);
  cr_assert(strstr(r.err.why, "exit status 127"), "%s", r.err.why);
  cr_assert(strstr(r.err.hint, "docker_path"));
  probe_deinit(&r);
  dial_and_read(s, loop, "echo 'dial unix /var/run/docker.sock: connect: permission denied' >&2; exit 1", &r);
  cr_assert_eq(r.err.category, QD_AUTH);
  cr_assert_str_eq(r.err.code, "socket_permission");
  probe_deinit(&r);
  dial_and_read(s, loop, "echo 'sudo: a password is required' >&2; exit 1", &r);
  cr_assert_str_eq(r.err.code, "sudo_password");
  probe_deinit(&r);
  dial_and_read(s, loop, "echo Welcome to the NAS; cat", &r);
  cr_assert_str_eq(r.err.code, "bad_greeting");
  cr_assert(strstr(r.err.why, "Welcome to the NAS"), "%s", r.err.why);
  cr_assert_eq(r.got.n, 0);
  probe_deinit(&r);
  dial_and_read(s, loop, "printf HTT; sleep 0.1; printf 'P/1.1 200'; echo late >&2", &r);
  cr_assert_not(r.failed, "%s", r.err.why);
  cr_assert(qd_slice_is(qd_buf_slice(&r.got), "HTTP/1.1 200"));
  probe_deinit(&r);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

// The only channel of a session is not read for a while: nothing is lost, and the connection stays.
QD_TEST(ssh_exec, an_output_that_waits_does_not_cost_the_connection) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  result r;
  result_init(&r);
  qd_ssh_exec *e = qd_ssh_exec_start(s, "head -c 20000000 /dev/zero", &EVENTS, &r);
  while (r.out.n == 0 && !r.done) (void)qd_loop_turn(loop, true);
  for (int i = 0; i < 400 && !r.done; i++) {
    qd_ssh_exec_read(e, i % 8 == 7);
    (void)qd_loop_turn(loop, false);
  }
  qd_ssh_exec_read(e, true);
  qd_loop_run_until(loop, &r.done);
  cr_assert_not(r.failed, "%s: %s", r.error.message, r.error.why);
  cr_assert_eq(r.out.n, 20000000);
  cr_assert_eq(r.status, 0);
  qd_ssh_exec_close(e);
  result_deinit(&r);
  qd_ssh_unref(s);
  fixture_stop(&f);
  cr_assert_eq(qd_loop_free(loop), 0);
}

// A command for many bytes ends like any other, with a short one beside it.
QD_TEST(ssh_exec, a_bulk_command_runs_beside_a_short_one) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_ssh_exec_prepare(s);
  result many;
  result_init(&many);
  qd_ssh_exec *e = qd_ssh_exec_bulk(s, "cat; head -c 20000000 /dev/zero; exit 3", &EVENTS, &many);
  (void)qd_ssh_exec_write(e, qd_slice_of("input"));
  qd_ssh_exec_shutdown(e);
  result few;
  run(loop, s, "echo short", NULL, &few);
  cr_assert(qd_slice_is(qd_buf_slice(&few.out), "short\n"));
  result_deinit(&few);
  qd_loop_run_until(loop, &many.done);
  cr_assert_not(many.failed, "%s: %s", many.error.message, many.error.why);
  cr_assert_eq(many.out.n, 20000005);
  cr_assert_eq(many.status, 3);
  qd_ssh_exec_close(e);
  result_deinit(&many);
  qd_ssh_unref(s);
  fixture_stop(&f);
  cr_assert_eq(qd_loop_free(loop), 0);
}
