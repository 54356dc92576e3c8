// The channels of a session: those that commands have, and those that are open before they are asked for. Contract in holder.h.
#include <stdio.h>
#include <stdlib.h>

#include "agent/holder.h"
#include "base/mem.h"

#define MOST_COMMANDS 8     // of the ten that sshd allows by default: one is kept open ahead, one may still be closing
#define SHORT_LIFE_MS 1000  // a channel that ended within it is not replaced

static bool is_command(qd_ssh_chan_kind kind) { return kind != QD_SSH_CHAN_SOCKET; }

static void pipe_free(qd__pipe *pipe) {
  qd_list_remove(&pipe->link);
  if (pipe->peer) {
    pipe->peer->pipe = NULL;
    if (is_command(pipe->kind))
      pipe->owner->commands--;
    else
      pipe->owner->sockets--;
  }
  free(pipe->what);
  free(pipe);
}

// The server has no room for one more command on this session: as many as there are is the most, and this one waits for one of them.
static bool waits_for_room(qd__pipe *pipe, const qd_error *err) {
  qd__link *l = pipe->owner;
  if (strcmp(err->code, "too_many_sessions") != 0 || l->commands < 2) return false;
  l->most_commands = l->commands - 1;
  l->nas->refusal = *err;
  qd__peer *p = pipe->peer;
  pipe_free(pipe);
  p->state = QD__PEER_WAITS;
  p->nas = l->nas;
  p->since = qd_loop_now(l->nas->agent->loop);
  qd_list_push(&l->nas->waiting, &p->wait);
  return true;
}

static void on_open(void *ctx, const qd_error *err) {
  qd__pipe *pipe = ctx;
  qd__peer *p = pipe->peer;
  if (!err) {
    pipe->opened = true;
    qd__link_quicken(pipe->owner);
    if (!p) {
      qd_ssh_chan_read(pipe->chan, true);  // its end is noticed by reading
      qd__link_refill(pipe->owner, pipe->what);
      return;
    }
    qd_buf_clear(&p->held);
    qd__peer_send(p, QD__OPENED, NULL, 0);
    qd_ssh_chan_read(pipe->chan, true);
    qd__peer_drained(p);
    return;
  }
  pipe->chan = NULL;
  if (p && waits_for_room(pipe, err)) return;
  pipe_free(pipe);
  if (p) qd__peer_error(p, QD__FAILED, err);
}

static void on_data(void *ctx, int stream, qd_slice bytes) {
  qd__pipe *pipe = ctx;
  if (pipe->peer) qd__peer_data(pipe->peer, stream == 1 ? QD__ERRDATA : QD__DATA, bytes);
}

static void on_eof(void *ctx) {
  qd__pipe *pipe = ctx;
  if (pipe->peer) {
    qd__peer_send(pipe->peer, QD__END, NULL, 0);
    return;
  }
  qd__link *l = pipe->owner;
  bool lived = qd_loop_now(l->nas->agent->loop) - pipe->born > SHORT_LIFE_MS;
  char *what = pipe->what;
  pipe->what = NULL;
  qd_ssh_chan_release(pipe->chan);
  pipe_free(pipe);
  if (lived) qd__link_refill(l, what);  // engines close connections that stay silent for minutes
  free(what);
}

static void on_closed(void *ctx, int status, const char *signal) {
  qd__pipe *pipe = ctx;
  if (!pipe->peer) return;
  char text[16];
  (void)snprintf(text, sizeof text, "%d", status);
  qd__peer *p = pipe->peer;
  qd__peer_send(p, QD__CLOSED, (const char *const[]){text, signal ? signal : ""}, 2);
  qd__pipe_leave(pipe);  // its room is free, whenever its command hangs up
  qd__peer_done(p);
}

static void on_drain(void *ctx) {
  qd__pipe *pipe = ctx;
  if (pipe->peer) qd__peer_drained(pipe->peer);
}

static void on_lost(void *ctx, const qd_error *err) {
  qd__pipe *pipe = ctx;
  qd__peer *p = pipe->peer;
  pipe->chan = NULL;
  pipe_free(pipe);
  if (p) qd__peer_error(p, QD__LOST, err);
}

static const qd_ssh_chan_events EVENTS = {on_open, on_data, on_eof, on_closed, on_drain, on_lost};

static qd__pipe *pipe_new(qd__link *l, qd_ssh_chan_kind kind, const char *what, bool bulk) {
  qd__pipe *pipe = qd_xcalloc(1, sizeof *pipe);
  pipe->owner = l;
  pipe->kind = kind;
  pipe->what = qd_xstrdup(what);
  pipe->born = qd_loop_now(l->nas->agent->loop);
  qd_list_push(&l->pipes, &pipe->link);
  pipe->chan = qd_ssh_chan_open(l->ssh, kind, what, bulk, &EVENTS, pipe);
  return pipe;
}

static qd__pipe *find_ready(const qd__link *l, const char *what) {
  qd__pipe *coming = NULL;
  for (qd_list *node = l->pipes.next; node != &l->pipes; node = node->next) {
    qd__pipe *pipe = QD_CONTAINER_OF(node, qd__pipe, link);
    if (pipe->peer || pipe->kind != QD_SSH_CHAN_SOCKET || strcmp(pipe->what, what) != 0) continue;
    if (pipe->opened) return pipe;
    if (!coming) coming = pipe;
  }
  return coming;
}

unsigned qd__link_ready(const qd__link *l, const char *what) {
  unsigned n = 0;
  for (qd_list *node = l->pipes.next; node != &l->pipes; node = node->next) {
    qd__pipe *pipe = QD_CONTAINER_OF(node, qd__pipe, link);
    n += !pipe->peer && (!what || strcmp(pipe->what, what) == 0);
  }
  return n;
}

bool qd__link_can(const qd__link *l, const qd__peer *p) {
  return !p->wants_channel || !is_command(p->kind) || l->commands < l->most_commands;
}

void qd__pipe_give(qd__link *l, qd__peer *p) {
  qd__pipe *pipe = p->kind == QD_SSH_CHAN_SOCKET && !p->bulk ? find_ready(l, p->what) : NULL;
  if (!pipe) pipe = pipe_new(l, p->kind, p->what, p->bulk);
  pipe->peer = p;
  p->pipe = pipe;
  p->state = QD__PEER_HAS;
  p->nas = NULL;
  if (is_command(p->kind)) {
    l->commands++;
    qd_ssh_chan_prepare(l->ssh);
  } else if (++l->sockets > l->peak) {
    l->peak = l->sockets;
  }
  if (p->held.n > 0) (void)qd_ssh_chan_write(pipe->chan, qd_buf_slice(&p->held));
  if (p->held_end) qd_ssh_chan_shutdown(pipe->chan);
  if (pipe->opened) on_open(pipe, NULL);
  if (p->kind == QD_SSH_CHAN_SOCKET) qd__link_refill(l, p->what);
}

void qd__pipe_leave(qd__pipe *pipe) {
  qd__nas *n = pipe->owner->nas;
  if (pipe->chan) qd_ssh_chan_release(pipe->chan);
  pipe_free(pipe);
  qd__nas_serve(n);
}

// One at a time: what a command asks for meanwhile waits for one channel to open, and not for all.
void qd__link_refill(qd__link *l, const char *what) {
  unsigned want = l->peak < 1 ? 1 : l->peak > QD__READY_MAX ? QD__READY_MAX : l->peak;
  qd__pipe *ready = find_ready(l, what);
  if ((ready && !ready->opened) || qd__link_ready(l, what) >= want) return;
  (void)pipe_new(l, QD_SSH_CHAN_SOCKET, what, false);
}

// --- sessions

static void on_quick(void *ctx, int status, const char *signal, const qd_error *err) {
  (void)status;
  (void)signal;
  (void)err;
  qd__link *l = ctx;
  qd_ssh_exec_close(l->quick);
  l->quick = NULL;
}

void qd__link_quicken(qd__link *l) {
  static const qd_ssh_exec_events events = {.on_exit = on_quick};
  if (l->quickened) return;
  l->quickened = true;
  qd_ssh_exec_prepare(l->ssh);
  l->quick = qd_ssh_exec_start(l->ssh, "true", &events, l);
}

static void on_session_lost(void *ctx, const qd_error *err) {
  (void)err;
  qd__link *l = ctx;
  qd__nas *n = l->nas;
  bool asked = l->asked;
  qd__link_free(l);
  if (!asked) n->tries = 0;
  if (!asked && qd_list_empty(&n->links)) qd_timer_start(n->again, 1, 0);
  qd__nas_serve(n);
}

qd__link *qd__link_new(qd__nas *n, qd_ssh *ssh, bool asked) {
  qd__link *l = qd_xcalloc(1, sizeof *l);
  l->nas = n;
  l->ssh = ssh;
  l->asked = asked;
  l->most_commands = MOST_COMMANDS;
  qd_list_init(&l->pipes);
  qd_list_push(&n->links, &l->link);
  qd_ssh_on_lost(ssh, on_session_lost, l);
  return l;
}

void qd__link_free(qd__link *l) {
  qd_list_remove(&l->link);
  qd_ssh_exec_close(l->quick);
  for (qd_list *node = l->pipes.next; node != &l->pipes;) {
    qd__pipe *pipe = QD_CONTAINER_OF(node, qd__pipe, link);
    node = node->next;
    if (pipe->chan) qd_ssh_chan_release(pipe->chan);
    pipe_free(pipe);
  }
  qd_ssh_on_lost(l->ssh, NULL, NULL);
  qd_ssh_unref(l->ssh);
  free(l);
}
