// Timers for rooms that do not see uv.h.
#ifndef QD_LOOP_TIMER_H
#define QD_LOOP_TIMER_H

#include "loop/loop.h"

typedef struct qd_timer qd_timer;

// fn(ctx) runs on the loop each time the timer fires. Stopped at first.
qd_timer *qd_timer_new(qd_loop *loop, void (*fn)(void *ctx), void *ctx);
// (Re)starts: fires after `ms` milliseconds, then every `repeat_ms` (0 = once).
void qd_timer_start(qd_timer *t, uint64_t ms, uint64_t repeat_ms);
void qd_timer_stop(qd_timer *t);
// Does not keep the loop alive by itself (keepalives, idle timers).
void qd_timer_unref(qd_timer *t);
// Stops and frees (NULL ok); fn is not called again.
void qd_timer_free(qd_timer *t);

#endif
