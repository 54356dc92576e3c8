// Reading and writing an open file in a thread: disks have no readiness to wait for.
#ifndef QD_LOOP_FSJOB_H
#define QD_LOOP_FSJOB_H

#include "loop/loop.h"

typedef struct qd_fsjob qd_fsjob;
// n: bytes read (0: the end) or written; error: an errno, 0 when it worked. Called once, on the loop, not inside the
// function that started the job; the job is gone afterwards.
typedef void qd_fsjob_done(void *ctx, size_t n, int error);

// Reads at most `max` bytes into `buf`, which must live until done. `fd` must stay open until then.
qd_fsjob *qd_fsjob_read(qd_loop *loop, int fd, char *buf, size_t max, qd_fsjob_done *done, void *ctx);
// Writes all of it.
qd_fsjob *qd_fsjob_write(qd_loop *loop, int fd, const char *p, size_t n, qd_fsjob_done *done, void *ctx);
// Gives up waiting for a pipe or a device: done comes soon, with ECANCELED. A disk is waited for.
void qd_fsjob_cancel(qd_fsjob *job);

#endif
