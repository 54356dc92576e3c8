// Blocking work in a thread of its own (handshakes, agents, hashing), answered on the loop.
#ifndef QD_LOOP_WORK_H
#define QD_LOOP_WORK_H

#include "loop/loop.h"

typedef struct qd_work qd_work;

// Runs fn(ctx) in libuv's thread pool (UV_THREADPOOL_SIZE), in the caller's context, then done(ctx) on the
// loop. `ctx` must live until done ran. There is no way to stop fn: it must look at a flag of its own.
void qd_work_start(qd_loop *loop, void (*fn)(void *ctx), void (*done)(void *ctx), void *ctx);

#endif
