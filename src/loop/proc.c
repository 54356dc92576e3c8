// Child processes on the loop. Contract in proc.h.
#include "loop/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "base/context.h"
#include "base/mem.h"
#include "loop/timer.h"

#define KILL_AFTER_MS 2000
#define GRACE_MS 1000  // from the exit to the end of the pipes

typedef struct child {  // lives until the child is reaped
  uv_process_t uv;      // first: qd_uv_close_free frees the whole block
  qd_loop *loop;
  qd_proc *owner;  // NULL: freed
  qd_timer *kill;
  bool session;
} child;

typedef struct pipe_end {
  uv_pipe_t uv;  // first, for qd_uv_close_free
  qd_proc *owner;
  int which;
} pipe_end;

struct qd_proc {
  qd_loop *loop;
  child *child;       // NULL: it ended
  pipe_end *pipe[3];  // NULL: closed, or no pipe
  qd_proc_events events;
  void *ctx;
  bool reading[3];
  qd_timer *grace;  // runs from the exit to the end of the pipes
  int busy;         // callbacks under way
  bool dead;        // freed inside one
};

static void close_pipe(qd_proc *p, int which) {
  pipe_end *e = p->pipe[which];
  if (!e) return;
  p->pipe[which] = NULL;
  e->owner = NULL;
  uv_close((uv_handle_t *)&e->uv, qd_uv_close_free);
}

static void leave(qd_proc *p) {
  if (--p->busy == 0 && p->dead) free(p);
}

static void end_pipe(qd_proc *p, int which) {
  if (p->dead || !p->pipe[which]) return;
  close_pipe(p, which);
  p->events.end(p->ctx, which);
}

// After the exit: how long the pipes may stay silent.
static void wait_for_pipes(qd_proc *p) {
  if (p->pipe[1] || p->pipe[2])
    qd_timer_start(p->grace, GRACE_MS, 0);
  else
    qd_timer_stop(p->grace);
}

// ---- reading

static _Thread_local char scratch[64 << 10];

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
  (void)h;
  (void)suggested;
  *buf = uv_buf_init(scratch, (unsigned)sizeof scratch);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf) {
  pipe_end *e = QD_CONTAINER_OF(s, pipe_end, uv);
  qd_proc *p = e->owner;
  p->busy++;
  if (n > 0) p->events.data(p->ctx, e->which, (qd_slice){buf->base, (size_t)n});
  if (n < 0) end_pipe(p, e->which);
  if (!p->dead && !p->child) wait_for_pipes(p);
  leave(p);
}

void qd_proc_read(qd_proc *p, int which, bool on) {
  pipe_end *e = p->pipe[which];
  if (!e) return;
  p->reading[which] = on;
  if (on)
    (void)uv_read_start((uv_stream_t *)&e->uv, on_alloc, on_read);
  else
    (void)uv_read_stop((uv_stream_t *)&e->uv);
}

// ---- the exit

// Nothing came for a while after the exit. What nobody reads just now stays in its pipe.
static void on_grace(void *ctx) {
  qd_proc *p = ctx;
  p->busy++;
  for (int which = 1; which <= 2; which++)
    if (p->reading[which]) end_pipe(p, which);
  if (!p->dead) wait_for_pipes(p);
  leave(p);
}

static void on_exit_of_child(uv_process_t *uv, int64_t status, int signo) {
  child *c = QD_CONTAINER_OF(uv, child, uv);
  qd_proc *p = c->owner;
  qd_timer_free(c->kill);
  if (!p) qd_loop_linger(c->loop, -1);
  uv_close((uv_handle_t *)uv, qd_uv_close_free);
  if (!p) return;
  p->busy++;
  p->child = NULL;
  close_pipe(p, 0);
  wait_for_pipes(p);
  p->events.exit(p->ctx, (int)status, signo);
  leave(p);
}

static void on_kill(void *ctx) {
  child *c = ctx;
  (void)kill(c->session ? -c->uv.pid : c->uv.pid, SIGKILL);
}

bool qd_proc_kill(qd_proc *p, int signo) {
  child *c = p->child;
  return c && kill(c->session ? -c->uv.pid : c->uv.pid, signo) == 0;
}

int qd_proc_pid(const qd_proc *p) { return p->child ? p->child->uv.pid : 0; }

// ---- writing

typedef struct write_req {
  uv_write_t uv;  // first
  void (*done)(void *ctx, int error);
  void *ctx;
  char bytes[];
} write_req;

static void on_written(uv_write_t *uv, int status) {
  write_req *w = (write_req *)uv;
  w->done(w->ctx, -status);
  free(w);
}

bool qd_proc_write(qd_proc *p, qd_slice bytes, void (*done)(void *ctx, int error), void *ctx) {
  pipe_end *e = p->pipe[0];
  if (!e || uv_is_closing((uv_handle_t *)&e->uv) || !uv_is_writable((uv_stream_t *)&e->uv)) return false;
  write_req *w = qd_xmalloc(sizeof *w + bytes.n);
  w->done = done;
  w->ctx = ctx;
  if (bytes.n) memcpy(w->bytes, bytes.p, bytes.n);
  uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)bytes.n);
  if (uv_write(&w->uv, (uv_stream_t *)&e->uv, &buf, 1, on_written) == 0) return true;
  free(w);
  return false;
}

static void on_shutdown(uv_shutdown_t *uv, int status) {
  (void)status;
  pipe_end *e = uv->data;
  if (e->owner) close_pipe(e->owner, 0);
  free(uv);
}

void qd_proc_close_stdin(qd_proc *p) {
  pipe_end *e = p->pipe[0];
  if (!e) return;
  uv_shutdown_t *uv = qd_xcalloc(1, sizeof *uv);
  uv->data = e;
  if (uv_shutdown(uv, (uv_stream_t *)&e->uv, on_shutdown) == 0) return;  // after the writes that are queued
  free(uv);
}

// ---- life

static void set_io(qd_proc *p, const qd_proc_spec *spec, uv_stdio_container_t stdio[3]) {
  for (int i = 0; i < 3; i++) {
    stdio[i] = (uv_stdio_container_t){.flags = UV_IGNORE};
    if (spec->io[i] == QD_PROC_INHERIT) stdio[i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = i};
    if (spec->io[i] != QD_PROC_PIPE) continue;
    pipe_end *e = qd_xcalloc(1, sizeof *e);
    (void)uv_pipe_init(qd_loop_uv(p->loop), &e->uv, 0);
    e->owner = p;
    e->which = i;
    p->pipe[i] = e;
    stdio[i].flags = UV_CREATE_PIPE | (i == 0 ? UV_READABLE_PIPE : UV_WRITABLE_PIPE);
    stdio[i].data.stream = (uv_stream_t *)&e->uv;
  }
}

static qd_status spawn_failed(const qd_proc_spec *spec, int rc, qd_error *err) {
  (void)qd_fail(err, rc == UV_ENOENT ? QD_NOT_FOUND : QD_FAIL, "no_program", "cannot start %s", spec->argv[0]);
  if (rc != UV_ENOENT) return qd_why(err, "%s", uv_strerror(rc));
  (void)qd_why(err, spec->cwd ? "there is no program of that name, or no folder %s" : "there is no program of that name%s",
               spec->cwd ? spec->cwd : "");
  return qd_hint(err, "install it, or give its full path");
}

static void drop(qd_proc *p) {
  qd_timer_free(p->grace);
  for (int i = 0; i < 3; i++) close_pipe(p, i);
  p->dead = true;
  if (p->busy == 0) free(p);
}

qd_status qd_proc_spawn(qd_loop *loop, const qd_proc_spec *spec, const qd_proc_events *events, void *ctx, qd_proc **out, qd_error *err) {
  qd_proc *p = qd_xcalloc(1, sizeof *p);
  child *c = qd_xcalloc(1, sizeof *c);
  uv_stdio_container_t stdio[3];
  p->loop = c->loop = loop;
  p->events = *events;
  p->ctx = ctx;
  set_io(p, spec, stdio);
  p->grace = qd_timer_new(loop, on_grace, p);
  c->owner = p;
  c->session = spec->io[0] != QD_PROC_INHERIT && spec->io[1] != QD_PROC_INHERIT && spec->io[2] != QD_PROC_INHERIT;
  uv_process_options_t options = {.exit_cb = on_exit_of_child,
                                  .file = spec->argv[0],
                                  .args = (char **)(uintptr_t)spec->argv,
                                  .env = spec->env ? (char **)(uintptr_t)spec->env : qd_environ(),
                                  .cwd = spec->cwd,
                                  .flags = c->session ? UV_PROCESS_DETACHED : 0,
                                  .stdio_count = 3,
                                  .stdio = stdio};
  int rc = uv_spawn(qd_loop_uv(loop), &c->uv, &options);
  if (rc != 0) {
    uv_close((uv_handle_t *)&c->uv, qd_uv_close_free);
    drop(p);
    return spawn_failed(spec, rc, err);
  }
  p->child = c;
  *out = p;
  return QD_OK;
}

void qd_proc_free(qd_proc *p) {
  if (!p) return;
  child *c = p->child;
  if (c) {
    c->owner = NULL;
    qd_loop_linger(c->loop, 1);
    (void)kill(c->session ? -c->uv.pid : c->uv.pid, SIGTERM);
    c->kill = qd_timer_new(c->loop, on_kill, c);
    qd_timer_start(c->kill, KILL_AFTER_MS, 0);
  }
  drop(p);
}
