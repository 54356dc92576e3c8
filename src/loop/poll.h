// Readiness of a file descriptor that a library owns, for rooms that do not see uv.h.
#ifndef QD_LOOP_POLL_H
#define QD_LOOP_POLL_H

#include "loop/loop.h"

typedef struct qd_poll qd_poll;

typedef struct qd_ready {
  bool in, out, failed;
} qd_ready;

// fn(ctx, ready) runs on the loop while the descriptor is ready for what qd_poll_want asked for. The descriptor stays the caller's, and
// must stay open until qd_poll_free. NULL: it cannot be watched.
qd_poll *qd_poll_new(qd_loop *loop, int fd, void (*fn)(void *ctx, qd_ready ready), void *ctx);
// What to wait for from now on; neither: nothing.
void qd_poll_want(qd_poll *p, bool in, bool out);
// Stops and frees (NULL ok); fn is not called again.
void qd_poll_free(qd_poll *p);

#endif
