// Signals that end programs (SIGINT, SIGTERM, SIGHUP) for the process: counted in the handler, delivered on the loop.
// A foreground container may claim them, and a few more, to pass them on.
#ifndef QD_LOOP_INTERRUPT_H
#define QD_LOOP_INTERRUPT_H

#include "loop/loop.h"

// Installs the handlers; fn(ctx, count, ends) runs on the loop after each signal (1 = the first; ends: one of them was not SIGINT).
// `at_once(ctx, count)` runs inside the handler itself and may only do what is async-signal-safe (or what Lua documents as safe:
// lua_sethook). The third signal ends the process with 130 right there, after qd_interrupt_last_resort's function. One per process.
void qd_interrupt_install(qd_loop *loop, void (*fn)(void *ctx, int count, bool ends), void (*at_once)(void *ctx, int count), void *ctx);
void qd_interrupt_remove(void);
// Async-signal-safe function to run before the process is ended by the third signal (restoring the terminal).
void qd_interrupt_last_resort(void (*fn)(void));
// What came so far is dealt with: the next signal is the first again.
void qd_interrupt_forget(void);

// While claimed, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGALRM go to fn(ctx, signo) on the loop instead; the third
// SIGINT or SIGTERM still ends the process. With `keep_sigint` false, SIGINT is a child's on the same terminal: neither told nor counted.
// false: somebody else holds the claim, or nothing is installed.
bool qd_interrupt_claim(void (*fn)(void *ctx, int signo), void *ctx, bool keep_sigint);
void qd_interrupt_release(void);

#endif
