// The terminal: size, modes, resize. Modes are restored when the process ends, also by a signal.
#ifndef QD_LOOP_TTY_H
#define QD_LOOP_TTY_H

#include "loop/loop.h"

bool qd_tty_is(int fd);
// false when fd is no terminal or its size is not known.
bool qd_tty_size(int fd, int *out_columns, int *out_rows);

typedef enum qd_tty_mode {
  QD_TTY_RAW,     // every byte at once, nothing interpreted, nothing echoed (cfmakeraw)
  QD_TTY_SECRET,  // lines without echo; Ctrl-C works
} qd_tty_mode;
// Switches the terminal; remembers what was before the first switch. Errors: QD_FAIL, "no_tty".
QD_MUST_USE qd_status qd_tty_enter(int fd, qd_tty_mode mode, qd_error *err);
// Back to what was before the first switch. Harmless without one. Async-signal-safe.
void qd_tty_restore(void);

// Calls fn(ctx) on the loop after each change of the terminal's size. Does not keep the loop alive.
typedef struct qd_tty_watch qd_tty_watch;
qd_tty_watch *qd_tty_watch_new(qd_loop *loop, void (*fn)(void *ctx), void *ctx);
void qd_tty_watch_free(qd_tty_watch *w);  // NULL ok

#endif
