// Terminal modes and size. Contract in tty.h.
#include "loop/tty.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "loop/interrupt.h"

static struct {
  volatile sig_atomic_t switched;
  bool registered;
  int fd;
  struct termios before;
} state;

bool qd_tty_is(int fd) { return isatty(fd) == 1; }

bool qd_tty_size(int fd, int *out_columns, int *out_rows) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
  *out_columns = size.ws_col;
  *out_rows = size.ws_row;
  return true;
}

void qd_tty_restore(void) {
  if (!state.switched) return;
  int saved = errno;
  while (tcsetattr(state.fd, TCSANOW, &state.before) != 0 && errno == EINTR) {
  }
  state.switched = 0;
  errno = saved;
}

static qd_status no_tty(int fd, qd_error *err) {
  (void)qd_fail(err, QD_FAIL, "no_tty", "descriptor %d is no terminal", fd);
  return qd_why(err, "%s", strerror(errno));
}

qd_status qd_tty_enter(int fd, qd_tty_mode mode, qd_error *err) {
  struct termios now;
  if (tcgetattr(fd, &now) != 0) return no_tty(fd, err);
  if (!state.registered) {
    state.registered = true;
    (void)atexit(qd_tty_restore);
    qd_interrupt_last_resort(qd_tty_restore);
  }
  if (!state.switched) {
    state.fd = fd;
    state.before = now;
  }
  now = state.before;
  if (mode == QD_TTY_RAW) {
    cfmakeraw(&now);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
  } else {
    now.c_lflag &= ~(tcflag_t)ECHO;
    now.c_lflag |= ECHONL;
  }
  state.switched = 1;  // before the change: a signal in between restores what is there already
  if (tcsetattr(fd, TCSANOW, &now) != 0) return no_tty(fd, err);
  return QD_OK;
}

struct qd_tty_watch {
  uv_signal_t *signal;
  void (*fn)(void *ctx);
  void *ctx;
};

static void on_resize(uv_signal_t *signal, int signo) {
  (void)signo;
  qd_tty_watch *w = signal->data;
  w->fn(w->ctx);
}

qd_tty_watch *qd_tty_watch_new(qd_loop *loop, void (*fn)(void *ctx), void *ctx) {
  qd_tty_watch *w = qd_xcalloc(1, sizeof *w);
  w->fn = fn;
  w->ctx = ctx;
  w->signal = qd_xcalloc(1, sizeof *w->signal);
  if (uv_signal_init(qd_loop_uv(loop), w->signal) != 0) abort();
  w->signal->data = w;
  (void)uv_signal_start(w->signal, on_resize, SIGWINCH);
  uv_unref((uv_handle_t *)w->signal);
  return w;
}

void qd_tty_watch_free(qd_tty_watch *w) {
  if (!w) return;
  uv_close((uv_handle_t *)w->signal, qd_uv_close_free);
  free(w);
}
