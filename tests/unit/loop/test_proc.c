#include "loop/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "qd_test.h"

typedef struct seen {
  qd_loop *loop;
  qd_proc *p;
  qd_buf out[2];
  bool ended[2], exited, all, free_on_data;
  int code, signo, write_error;
  bool written;
} seen;

static void check(seen *s) { s->all = s->exited && s->ended[0] && s->ended[1]; }

static void on_data(void *ctx, int which, qd_slice bytes) {
  seen *s = ctx;
  cr_assert(qd_buf_add(&s->out[which - 1], bytes.p, bytes.n));
  if (!s->free_on_data) return;
  qd_proc_free(s->p);
  s->p = NULL;
  s->all = true;
}

static void on_end(void *ctx, int which) {
  seen *s = ctx;
  s->ended[which - 1] = true;
  check(s);
}

static void on_exit_of(void *ctx, int code, int signo) {
  seen *s = ctx;
  s->exited = true;
  s->code = code;
  s->signo = signo;
  check(s);
}

static void on_written(void *ctx, int error) {
  seen *s = ctx;
  s->written = true;
  s->write_error = error;
}

static const qd_proc_events EVENTS = {on_data, on_end, on_exit_of};

static void start(seen *s, const char *const *argv) {
  qd_error err = QD_ERROR_INIT;
  (void)signal(SIGPIPE, SIG_IGN);
  s->loop = qd_loop_new();
  qd_buf_init(&s->out[0], 1u << 20);
  qd_buf_init(&s->out[1], 1u << 20);
  qd_proc_spec spec = {.argv = argv};
  cr_assert_eq(qd_proc_spawn(s->loop, &spec, &EVENTS, s, &s->p, &err), QD_OK, "%s: %s", err.message, err.why);
  qd_proc_read(s->p, 1, true);
  qd_proc_read(s->p, 2, true);
}

static void stop(seen *s) {
  qd_proc_free(s->p);
  qd_buf_deinit(&s->out[0]);
  qd_buf_deinit(&s->out[1]);
  cr_assert_eq(qd_loop_free(s->loop), 0);
}

QD_TEST(proc, carries_input_and_both_outputs) {
  seen s = {0};
  start(&s, (const char *const[]){"sh", "-c", "cat; echo e >&2; exit 7", NULL});
  cr_assert(qd_proc_write(s.p, QD_SLICE("in"), on_written, &s));
  qd_proc_close_stdin(s.p);
  qd_loop_run_until(s.loop, &s.all);
  cr_assert(s.written && s.write_error == 0);
  cr_assert_str_eq(s.out[0].p, "in");
  cr_assert_str_eq(s.out[1].p, "e\n");
  cr_assert(s.code == 7 && s.signo == 0);
  cr_assert_not(qd_proc_kill(s.p, SIGTERM));
  cr_assert_not(qd_proc_write(s.p, QD_SLICE("x"), on_written, &s));
  stop(&s);
}

QD_TEST(proc, may_be_freed_while_it_speaks) {
  seen s = {.free_on_data = true};
  start(&s, (const char *const[]){"sh", "-c", "echo x; exec sleep 60", NULL});
  cr_assert_eq(qd_proc_pid(s.p) > 0, true);
  qd_loop_run_until(s.loop, &s.all);
  stop(&s);  // waits until the child is reaped
  cr_assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

QD_TEST(proc, kills_what_does_not_listen) {
  seen s = {.free_on_data = true};
  start(&s, (const char *const[]){"sh", "-c", "trap '' TERM; echo x; while :; do sleep 60; done", NULL});
  qd_loop_run_until(s.loop, &s.all);
  stop(&s);
  cr_assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

QD_TEST(proc, does_not_wait_for_grandchildren) {
  seen s = {0};
  start(&s, (const char *const[]){"sh", "-c", "sleep 60 & echo $!", NULL});
  qd_loop_run_until(s.loop, &s.all);
  cr_assert_eq(s.code, 0);
  (void)kill((pid_t)strtol(s.out[0].p, NULL, 10), SIGKILL);
  stop(&s);
}

QD_TEST(proc, leaves_unread_output_in_its_pipe) {
  seen s = {0};
  start(&s, (const char *const[]){"sh", "-c", "echo kept", NULL});
  qd_proc_read(s.p, 1, false);
  qd_loop_run_until(s.loop, &s.exited);
  cr_assert_eq(s.out[0].n, 0);
  qd_proc_read(s.p, 1, true);
  qd_loop_run_until(s.loop, &s.all);
  cr_assert_str_eq(s.out[0].p, "kept\n");
  stop(&s);
}

QD_TEST(proc, says_why_it_cannot_start) {
  qd_error err = QD_ERROR_INIT;
  qd_proc *p;
  qd_loop *loop = qd_loop_new();
  qd_proc_spec spec = {.argv = (const char *const[]){"no-such-program", NULL}};
  cr_assert_eq(qd_proc_spawn(loop, &spec, &EVENTS, NULL, &p, &err), QD_NOT_FOUND);
  cr_assert_str_eq(err.code, "no_program");
  spec = (qd_proc_spec){.argv = (const char *const[]){"/etc/passwd", NULL}};
  cr_assert_eq(qd_proc_spawn(loop, &spec, &EVENTS, NULL, &p, &err), QD_FAIL);
  spec = (qd_proc_spec){.argv = (const char *const[]){"true", NULL}, .cwd = "/no/such/folder"};
  cr_assert_eq(qd_proc_spawn(loop, &spec, &EVENTS, NULL, &p, &err), QD_NOT_FOUND);
  cr_assert(strstr(err.why, "/no/such/folder"));
  cr_assert_eq(qd_loop_free(loop), 0);
}
