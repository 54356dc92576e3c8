// Open files in threads. Contract in fsjob.h.
#include "loop/fsjob.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/work.h"

#define LOOK_MS 100  // how often a waiting thread looks whether it was cancelled

struct qd_fsjob {
  int fd;
  bool writing;
  atomic_bool cancelled;
  char *in;
  const char *out;
  size_t n, at;
  int error;
  qd_fsjob_done *done;
  void *ctx;
};

// poll(2) says at once that a file is ready; a pipe or a device may keep us waiting. 0 or an errno.
static int wait_ready(qd_fsjob *job) {
  struct pollfd p = {job->fd, job->writing ? POLLOUT : POLLIN, 0};
  for (;;) {
    if (atomic_load(&job->cancelled)) return ECANCELED;
    int n = poll(&p, 1, LOOK_MS);
    if (n > 0) return 0;
    if (n < 0 && errno != EINTR) return errno;
  }
}

static void work(void *ctx) {
  qd_fsjob *job = ctx;
  do {
    job->error = wait_ready(job);
    if (job->error) return;
    ssize_t n = job->writing ? write(job->fd, job->out + job->at, job->n - job->at) : read(job->fd, job->in, job->n);
    if (n >= 0) {
      job->at += (size_t)n;
      if (!job->writing) return;
    } else if (errno != EINTR && errno != EAGAIN) {
      job->error = errno;
      return;
    }
  } while (!job->writing || job->at < job->n);
}

static void finish(void *ctx) {
  qd_fsjob *job = ctx;
  job->done(job->ctx, job->at, job->error);
  free(job);
}

static qd_fsjob *start(qd_loop *loop, qd_fsjob job) {
  qd_fsjob *p = qd_xmalloc(sizeof *p);
  *p = job;
  qd_work_start(loop, work, finish, p);
  return p;
}

qd_fsjob *qd_fsjob_read(qd_loop *loop, int fd, char *buf, size_t max, qd_fsjob_done *done, void *ctx) {
  return start(loop, (qd_fsjob){.fd = fd, .in = buf, .n = max, .done = done, .ctx = ctx});
}

qd_fsjob *qd_fsjob_write(qd_loop *loop, int fd, const char *p, size_t n, qd_fsjob_done *done, void *ctx) {
  return start(loop, (qd_fsjob){.fd = fd, .writing = true, .out = p, .n = n, .done = done, .ctx = ctx});
}

void qd_fsjob_cancel(qd_fsjob *job) { atomic_store(&job->cancelled, true); }
