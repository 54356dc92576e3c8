// A child process as a byte stream. The child outlives its stream by at most KILL_AFTER_MS: closing asks it to end, then kills it,
// and its exit is always collected. Contract in net.h.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/context.h"
#include "base/mem.h"
#include "loop/timer.h"
#include "net/net.h"
#include "net/tail.h"
#include "net/uvs.h"

#define KILL_AFTER_MS 2000
#define EXIT_GRACE_MS 1000  // its stdout ended: how long the exit status may take to arrive

typedef struct process process;

typedef struct child {  // lives until the child is reaped
  uv_process_t uv;      // first: qd_uv_close_free frees the whole block
  qd_loop *loop;
  process *owner;  // NULL: the stream was closed
  qd_timer *kill;
} child;

struct process {
  qd__uvs s;
  child *child;  // NULL: it ended
  uv_pipe_t *err;
  qd_tail tail;
  qd_timer *grace;
  bool out_ended;
  bool has_read_err;
  qd_error read_err;
  int64_t status;
  int signal;
};

static _Thread_local char scratch[4096];

static void on_err_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
  (void)h;
  (void)suggested;
  *buf = uv_buf_init(scratch, (unsigned)sizeof scratch);
}

static void on_err_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf) {
  process *p = h->data;
  if (n > 0) qd_tail_add(&p->tail, (qd_slice){buf->base, (size_t)n});
  if (n < 0) (void)uv_read_stop(h);
}

// What the child wrote before it ended may still be in the pipe; a grandchild may hold the pipe open for ever.
static void drain_stderr(process *p) {
  uv_os_fd_t fd;
  if (uv_fileno((uv_handle_t *)p->err, &fd) != 0) return;
  for (ssize_t n; (n = read(fd, scratch, sizeof scratch)) > 0;) qd_tail_add(&p->tail, (qd_slice){scratch, (size_t)n});
}

static void tell_end(process *p) {
  qd_timer_stop(p->grace);
  if (p->child == NULL && (p->status != 0 || p->signal != 0)) {
    qd_error err;
    if (p->signal != 0)
      qd_fail(&err, QD_CONNECT, "process_failed", "%s was ended by signal %d", p->s.what, p->signal);
    else
      qd_fail(&err, QD_CONNECT, "process_failed", "%s ended with status %d", p->s.what, (int)p->status);
    char text[sizeof err.why];
    qd_tail_text(&p->tail, text, sizeof text);
    qd_why(&err, "%s", text);
    qd__stream_end(&p->s.base, &err);
  } else {
    qd__stream_end(&p->s.base, p->has_read_err ? &p->read_err : NULL);
  }
}

static void on_grace(void *ctx) { tell_end(ctx); }

static void on_read_end(qd__uvs *s, const qd_error *err) {
  process *p = (process *)s;
  if (p->out_ended) return;
  p->out_ended = true;
  if (err && err != &s->write_err) {
    p->read_err = *err;
    p->has_read_err = true;
  }
  if (p->child)
    qd_timer_start(p->grace, EXIT_GRACE_MS, 0);
  else
    tell_end(p);
}

static void on_child_exit(uv_process_t *uv, int64_t status, int term_signal) {
  child *c = QD_CONTAINER_OF(uv, child, uv);
  process *p = c->owner;
  qd_timer_free(c->kill);
  qd_loop_linger(c->loop, p ? 0 : -1);
  uv_close((uv_handle_t *)&c->uv, qd_uv_close_free);
  if (!p) return;
  p->child = NULL;
  p->status = status;
  p->signal = term_signal;
  drain_stderr(p);
  if (p->out_ended) tell_end(p);
}

static void on_kill(void *ctx) {
  child *c = ctx;
  (void)kill(-c->uv.pid, SIGKILL);
  (void)uv_process_kill(&c->uv, SIGKILL);
}

static void on_err_closed(uv_handle_t *h) {
  process *p = h->data;
  free(h);
  qd__uvs_close(&p->s.base);
}

static void process_close(qd_stream *base) {
  process *p = (process *)base;
  qd_timer_free(p->grace);
  child *c = p->child;
  if (c) {
    c->owner = NULL;
    qd_loop_linger(base->loop, 1);
    (void)kill(-c->uv.pid, SIGTERM);  // its session: what it started goes with it
    c->kill = qd_timer_new(base->loop, on_kill, c);
    qd_timer_start(c->kill, KILL_AFTER_MS, 0);
  }
  qd_defer_cancel(&p->s.later);
  uv_close((uv_handle_t *)p->err, on_err_closed);
}

static void process_read(qd_stream *base, bool on) {
  if (!((process *)base)->out_ended) qd__uvs_read(base, on);
}

static const qd_stream_kind PROCESS = {"process", process_read, qd__uvs_write, qd__uvs_shutdown, process_close};

static uv_pipe_t *new_pipe(qd_loop *loop) {
  uv_pipe_t *pipe = qd_xcalloc(1, sizeof *pipe);
  (void)uv_pipe_init(qd_loop_uv(loop), pipe, 0);
  return pipe;
}

static qd_status spawn_failed(process *p, const char *program, int rc, qd_error *err) {
  qd_fail(err, rc == UV_ENOENT ? QD_NOT_FOUND : QD_FAIL, "no_program", "cannot start %s", p->s.what);
  if (rc == UV_ENOENT) {
    qd_why(err, "there is no program called %s", program);
    qd_hint(err, "install it, or give its full path");
  } else {
    qd_why(err, "%s: %s", program, uv_strerror(rc));
  }
  return err->category;
}

qd_status qd_net_process_open(qd_loop *loop, const qd_process_spec *spec, qd_stream **out, qd_error *err) {
  process *p = qd_xcalloc(1, sizeof *p);
  uv_pipe_t *in = new_pipe(loop);
  uv_pipe_t *to = new_pipe(loop);
  qd__uvs_init(&p->s, &PROCESS, loop, spec->what ? spec->what : spec->argv[0], (uv_stream_t *)in, (uv_stream_t *)to);
  p->s.on_read_end = on_read_end;
  p->err = new_pipe(loop);
  p->err->data = p;
  p->grace = qd_timer_new(loop, on_grace, p);
  child *c = qd_xcalloc(1, sizeof *c);
  c->loop = loop;
  c->owner = p;
  uv_stdio_container_t stdio[3] = {{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)to},
                                   {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)in},
                                   {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)p->err}};
  uv_process_options_t options = {.exit_cb = on_child_exit,
                                  .file = spec->argv[0],
                                  .args = (char **)(uintptr_t)spec->argv,
                                  .env = spec->env ? (char **)(uintptr_t)spec->env : qd_environ(),
                                  .flags = UV_PROCESS_DETACHED,
                                  .stdio_count = 3,
                                  .stdio = stdio};
  int rc = uv_spawn(qd_loop_uv(loop), &c->uv, &options);
  if (rc != 0) {
    uv_close((uv_handle_t *)&c->uv, qd_uv_close_free);
    qd_status st = spawn_failed(p, spec->argv[0], rc, err);
    qd_stream_close(&p->s.base);
    return st;
  }
  p->child = c;
  (void)uv_read_start((uv_stream_t *)p->err, on_err_alloc, on_err_read);
  *out = &p->s.base;
  return QD_OK;
}

typedef struct process_dialer {
  qd_dialer base;
  char **argv, **env;
  char *what;
} process_dialer;

typedef struct process_dial {
  qd_dial base;
  qd_defer later;
  qd_stream *stream;  // NULL: err says why
  qd_error err;
  qd_dial_done *done;
  void *ctx;
} process_dial;

static char **copy_strings(const char *const *from) {
  if (!from) return NULL;
  size_t n = 0;
  while (from[n]) n++;
  char **to = qd_xcalloc(n + 1, sizeof *to);
  for (size_t i = 0; i < n; i++) to[i] = qd_xstrdup(from[i]);
  return to;
}

static void free_strings(char **strings) {
  for (char **s = strings; s && *s; s++) free(*s);
  free(strings);
}

static void answer(void *ctx) {
  process_dial *d = ctx;
  d->done(d->ctx, d->stream, d->stream ? NULL : &d->err);
  free(d);
}

static void process_cancel(qd_dial *base) {
  process_dial *d = (process_dial *)base;
  qd_defer_cancel(&d->later);
  qd_stream_close(d->stream);
  free(d);
}

static void process_dialer_free(qd_dialer *base) {
  process_dialer *d = (process_dialer *)base;
  free_strings(d->argv);
  free_strings(d->env);
  free(d->what);
  free(d);
}

static qd_dial *process_dial_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx);
static const qd_dialer_kind DIALER = {"process", process_dial_start, process_cancel, process_dialer_free};

static qd_dial *process_dial_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx) {
  (void)bulk;
  process_dialer *from = (process_dialer *)base;
  process_dial *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &DIALER;
  d->done = done;
  d->ctx = ctx;
  qd_defer_init(&d->later);
  qd_process_spec spec = {(const char *const *)from->argv, (const char *const *)from->env, from->what};
  if (qd_net_process_open(base->loop, &spec, &d->stream, &d->err) != QD_OK) d->stream = NULL;
  qd_loop_defer(base->loop, &d->later, answer, d);
  return &d->base;
}

qd_dialer *qd_net_process_dialer(qd_loop *loop, const qd_process_spec *spec) {
  process_dialer *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &DIALER;
  d->base.loop = loop;
  d->argv = copy_strings(spec->argv);
  d->env = copy_strings(spec->env);
  d->what = qd_xstrdup(spec->what ? spec->what : spec->argv[0]);
  return &d->base;
}
