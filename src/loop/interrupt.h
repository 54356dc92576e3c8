// SIGINT, SIGTERM and SIGHUP for the process: counted in the handler, delivered on the loop.
#ifndef QD_LOOP_INTERRUPT_H
#define QD_LOOP_INTERRUPT_H

#include "loop/loop.h"

// Installs the handlers; fn(ctx, count) runs on the loop after each signal (1 = the first). `at_once(ctx, count)` runs inside the
// handler itself and may only do what is async-signal-safe (or what Lua documents as safe: lua_sethook). The third
// signal ends the process with 130 right there, after qd_interrupt_last_resort's function. One per process.
void qd_interrupt_install(qd_loop *loop, void (*fn)(void *ctx, int count), void (*at_once)(void *ctx, int count), void *ctx);
void qd_interrupt_remove(void);
// Async-signal-safe function to run before the process is ended by the third signal (restoring the terminal).
void qd_interrupt_last_resort(void (*fn)(void));

#endif
