// One command on the server. Contract in ssh.h.
#include <stdlib.h>

#include "base/mem.h"
#include "ssh/session.h"

struct qd_ssh_exec {
  qd_loop *loop;
  qd_ssh_chan *chan;  // NULL: gone
  const qd_ssh_exec_events *events;
  void *ctx;
  bool closed;
  bool ended;  // on_exit was told
  qd_defer later;
};

static void on_data(void *ctx, int stream, qd_slice bytes) {
  qd_ssh_exec *e = ctx;
  void (*tell)(void *, qd_slice) = stream == 1 ? e->events->on_stderr : e->events->on_stdout;
  if (!e->closed && tell) tell(e->ctx, bytes);
}

static void tell_exit(qd_ssh_exec *e, int status, const char *signal, const qd_error *err) {
  if (e->closed || e->ended) return;
  e->ended = true;
  if (e->events->on_exit) e->events->on_exit(e->ctx, status, signal, err);
}

static void on_open(void *ctx, const qd_error *err) {
  qd_ssh_exec *e = ctx;
  if (!err) return;
  e->chan = NULL;
  tell_exit(e, -1, NULL, err);
}

static void on_closed(void *ctx, int status, const char *signal) { tell_exit(ctx, status, signal, NULL); }

static void on_drain(void *ctx) {
  qd_ssh_exec *e = ctx;
  if (!e->closed && e->events->on_drain) e->events->on_drain(e->ctx);
}

static void on_lost(void *ctx, const qd_error *err) {
  qd_ssh_exec *e = ctx;
  e->chan = NULL;
  tell_exit(e, -1, NULL, err);
}

static const qd_ssh_chan_events EVENTS = {on_open, on_data, NULL, on_closed, on_drain, on_lost};

void qd_ssh_exec_prepare(qd_ssh *s) { qd_ssh_chan_prepare(s); }

static qd_ssh_exec *start(qd_ssh *s, const char *command, bool bulk, const qd_ssh_exec_events *events, void *ctx) {
  qd_ssh_exec *e = qd_xcalloc(1, sizeof *e);
  e->loop = s->loop;
  e->events = events;
  e->ctx = ctx;
  qd_defer_init(&e->later);
  e->chan = qd_ssh_chan_open(s, QD_SSH_CHAN_EXEC, command, bulk, &EVENTS, e);
  qd_ssh_chan_read(e->chan, true);
  return e;
}

qd_ssh_exec *qd_ssh_exec_start(qd_ssh *s, const char *command, const qd_ssh_exec_events *events, void *ctx) {
  return start(s, command, false, events, ctx);
}

qd_ssh_exec *qd_ssh_exec_bulk(qd_ssh *s, const char *command, const qd_ssh_exec_events *events, void *ctx) {
  return start(s, command, true, events, ctx);
}

bool qd_ssh_exec_write(qd_ssh_exec *e, qd_slice bytes) { return !e->chan || bytes.n == 0 || qd_ssh_chan_write(e->chan, bytes); }

void qd_ssh_exec_shutdown(qd_ssh_exec *e) {
  if (e->chan) qd_ssh_chan_shutdown(e->chan);
}

void qd_ssh_exec_read(qd_ssh_exec *e, bool on) {
  if (e->chan) qd_ssh_chan_read(e->chan, on);
}

static void free_later(void *ctx) { free(ctx); }

void qd_ssh_exec_close(qd_ssh_exec *e) {
  if (!e || e->closed) return;
  e->closed = true;
  if (e->chan) qd_ssh_chan_release(e->chan);
  e->chan = NULL;
  qd_loop_defer(e->loop, &e->later, free_later, e);
}
