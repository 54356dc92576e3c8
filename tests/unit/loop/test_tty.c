#include "loop/tty.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "loop/stdio.h"
#include "loop/timer.h"
#include "qd_test.h"

static tcflag_t local_flags(int fd) {
  struct termios t;
  cr_assert_eq(tcgetattr(fd, &t), 0);
  return t.c_lflag;
}

QD_TEST(tty, size_and_kind) {
  int master;
  int slave;
  int columns = 0;
  int rows = 0;
  int fds[2];
  struct winsize size = {.ws_col = 132, .ws_row = 43};
  cr_assert_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
  cr_assert(qd_tty_is(slave));
  cr_assert(qd_tty_size(slave, &columns, &rows));
  cr_assert_eq(columns, 132);
  cr_assert_eq(rows, 43);
  cr_assert_eq(pipe(fds), 0);
  cr_assert(!qd_tty_is(fds[0]));
  cr_assert(!qd_tty_size(fds[0], &columns, &rows));
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_tty_enter(fds[0], QD_TTY_RAW, &err), QD_FAIL);
  cr_assert_str_eq(err.code, "no_tty");
  (void)close(fds[0]);
  (void)close(fds[1]);
  (void)close(master);
  (void)close(slave);
}

QD_TEST(tty, modes_are_entered_and_left) {
  int master;
  int slave;
  cr_assert_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
  tcflag_t before = local_flags(slave);
  cr_assert(before & ECHO);
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_tty_enter(slave, QD_TTY_RAW, &err), QD_OK);
  cr_assert_eq(local_flags(slave) & (ECHO | ICANON | ISIG), 0);
  cr_assert_eq(qd_tty_enter(slave, QD_TTY_SECRET, &err), QD_OK);
  cr_assert_eq(local_flags(slave) & (ECHO | ICANON | ISIG), ICANON | ISIG);
  qd_tty_restore();
  cr_assert_eq(local_flags(slave), before);
  qd_tty_restore();
  cr_assert_eq(local_flags(slave), before);
  (void)close(master);
  (void)close(slave);
}

static void count(void *ctx) { (*(int *)ctx)++; }

QD_TEST(tty, a_resize_is_told) {
  qd_loop *loop = qd_loop_new();
  int resizes = 0;
  qd_tty_watch *w = qd_tty_watch_new(loop, count, &resizes);
  cr_assert(!qd_loop_turn(loop, false), "the watch does not keep the loop alive");
  qd_timer *alive = qd_timer_new(loop, count, &(int){0});
  qd_timer_start(alive, 60000, 0);
  cr_assert_eq(raise(SIGWINCH), 0);
  for (int i = 0; i < 100 && resizes == 0; i++) (void)qd_loop_turn(loop, true);
  cr_assert_eq(resizes, 1);
  qd_timer_free(alive);
  qd_tty_watch_free(w);
  cr_assert_eq(qd_loop_free(loop), 0);
}

static void done(void *ctx, size_t n, const qd_error *err) {
  (void)n;
  cr_assert_null(err);
  *(bool *)ctx = true;
}

QD_TEST(tty, a_stopped_terminal_does_not_block_the_loop) {
  int master;
  int slave;
  cr_assert_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
  cr_assert_eq(tcflow(slave, TCOOFF), 0);
  qd_loop *loop = qd_loop_new();
  qd_stdio *s = qd_stdio_new(loop, slave);
  static char data[200000];
  memset(data, 'x', sizeof data);
  bool finished = false;
  qd_stdio_req req = {.fn = done, .ctx = &finished, .bytes = {data, sizeof data}};
  qd_stdio_write(s, &req);
  (void)qd_loop_turn(loop, false);
  cr_assert(!finished);
  cr_assert_eq(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
  cr_assert_eq(tcflow(slave, TCOON), 0);
  cr_assert_eq(fcntl(master, F_SETFL, O_NONBLOCK), 0);
  char sink[65536];
  size_t total = 0;
  while (total < sizeof data) {
    ssize_t n = read(master, sink, sizeof sink);
    if (n > 0) total += (size_t)n;
    (void)qd_loop_turn(loop, false);
  }
  qd_loop_run_until(loop, &finished);
  cr_assert_eq(total, sizeof data);
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(master);
  (void)close(slave);
}
