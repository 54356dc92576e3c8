// One connection of a command. Contract in holder.h, the conversation in wire.h.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/holder.h"
#include "base/mem.h"

#define REQUEST 7  // strings in front of the target: can_ask, connect_ms, login_ms, profile, kind, bulk, what

static _Thread_local char frame[QD__WIRE_HEAD + QD__WIRE_DATA_MAX];

static void greet(qd__peer *p) {
  if (p->greets) return;
  p->greets = true;
  char version[16];
  (void)snprintf(version, sizeof version, "%d", QD__WIRE_VERSION);
  qd__peer_send(p, QD__HELLO, (const char *const[]){version}, 1);
}

void qd__peer_send(qd__peer *p, qd__frame_type type, const char *const *strings, size_t n) {
  qd_buf b;
  size_t at;
  qd_buf_init(&b, QD__WIRE_CONTROL_MAX);
  qd__wire_begin(&b, type, &at);
  for (size_t i = 0; i < n; i++) qd__frame_puts(&b, strings[i]);
  qd__wire_end(&b, at);
  (void)qd_stream_write(p->stream, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

void qd__peer_done(qd__peer *p) {
  qd__nas *n = p->nas;
  p->state = QD__PEER_DONE;
  p->nas = NULL;
  if (n) qd__nas_left(n, p);
}

void qd__peer_error(qd__peer *p, qd__frame_type type, const qd_error *err) {
  qd__peer_done(p);
  qd_buf b;
  qd_buf_init(&b, QD__WIRE_CONTROL_MAX);
  qd__wire_error(&b, type, err);
  (void)qd_stream_write(p->stream, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

void qd__peer_data(qd__peer *p, qd__frame_type type, qd_slice bytes) {
  bool room = true;
  while (bytes.n > 0) {
    size_t n = bytes.n < QD__WIRE_DATA_MAX ? bytes.n : QD__WIRE_DATA_MAX;
    qd__wire_data_head(frame, type, n);
    memcpy(frame + QD__WIRE_HEAD, bytes.p, n);
    room = qd_stream_write(p->stream, (qd_slice){frame, QD__WIRE_HEAD + n});
    bytes.p += n;
    bytes.n -= n;
  }
  if (!room && p->pipe) qd_ssh_chan_read(p->pipe->chan, false);
}

static void read_on(qd__peer *p, bool on) {
  p->paused = !on;
  qd_stream_read(p->stream, on);
}

void qd__peer_drained(qd__peer *p) {
  if (p->paused) read_on(p, true);
}

void qd__peer_free(qd__peer *p) {
  qd__pipe *pipe = p->pipe;
  qd_list_remove(&p->link);
  qd__peer_done(p);
  if (pipe) qd__pipe_leave(pipe);
  qd_defer_cancel(&p->later);
  qd_stream_close(p->stream);
  qd__wire_deinit(&p->wire);
  qd_buf_deinit(&p->held);
  free(p->what);
  free(p);
}

// --- questions about the holder

static void tell_nas(qd__peer *p, const qd__nas *n) {
  int sessions = 0;
  int channels = 0;
  int ready = 0;
  char who[512];
  char counts[3][16];
  char idle[24];
  const char *auth = "";
  for (qd_list *node = n->links.next; node != &n->links; node = node->next) {
    qd__link *l = QD_CONTAINER_OF(node, qd__link, link);
    sessions++;
    channels += (int)(l->commands + l->sockets);
    ready += (int)qd__link_ready(l, NULL);
    auth = qd_ssh_get_info(l->ssh)->auth;
  }
  const qd_ssh_target *t = &n->target.t;
  (void)snprintf(who, sizeof who, "%s@%s:%d", t->user, t->alias ? t->alias : t->host, t->port);
  int values[] = {sessions, channels, ready};
  for (int i = 0; i < 3; i++) (void)snprintf(counts[i], sizeof counts[i], "%d", values[i]);
  (void)snprintf(idle, sizeof idle, "%llu", (unsigned long long)((qd_loop_now(n->agent->loop) - n->last_used) / 1000));
  const char *state = sessions > 0 ? "connected" : n->login ? "logging in" : n->tries > 0 ? "connecting again" : "closed";
  qd__peer_send(p, QD__TOLD, (const char *const[]){who, auth, state, counts[0], counts[1], counts[2], idle}, 7);
}

static void tell(qd__peer *p) {
  qd_agent *a = p->agent;
  int commands = -1;  // this one does not count
  for (qd_list *node = a->peers.next; node != &a->peers; node = node->next) commands++;
  char text[5][24];
  long long values[] = {QD__WIRE_VERSION, getpid(), (long long)(qd_loop_now(a->loop) - a->began) / 1000, (long long)a->idle_ms / 1000,
                        commands};
  const char *strings[5];
  for (int i = 0; i < 5; i++) {
    (void)snprintf(text[i], sizeof text[i], "%lld", values[i]);
    strings[i] = text[i];
  }
  qd__peer_send(p, QD__TOLD, strings, 5);
  for (qd_list *node = a->nases.next; node != &a->nases; node = node->next) tell_nas(p, QD_CONTAINER_OF(node, qd__nas, link));
  qd__peer_send(p, QD__END, NULL, 0);
}

static void question(qd__peer *p, qd__frame_type type) {
  if (type == QD__RETIRE) qd__agent_retire(p->agent);
  if (type == QD__STOP) qd__agent_retire(p->agent);  // whoever is told may start another one
  tell(p);
  p->state = QD__PEER_DONE;
  if (type == QD__STOP) qd__agent_end(p->agent);
}

// --- requests

static void broken(qd__peer *p, const char *why) {
  qd_error err;
  (void)qd_fail(&err, QD_CONNECT, "bad_agent_frame", "the connection holder did not understand the command");
  (void)qd_why(&err, "%s", why);
  qd__peer_error(p, QD__FAILED, &err);
}

// The target's strings as they were sent: what a session is known by.
static qd_slice key_of(const qd__frame *f) {
  const char *from = f->strings[REQUEST].p - 4;
  const qd_slice last = f->strings[f->count - 1];
  return (qd_slice){from, (size_t)(last.p + last.n - from)};
}

static void request(qd__peer *p, const qd__frame *f) {
  qd_error err;
  qd__target target;
  if (p->strange || f->count <= REQUEST) {
    broken(p, p->strange ? "it is of another version" : "a request is too short");
    return;
  }
  if (qd__frame_target(f, REQUEST, &target, &err) != QD_OK) {
    qd__peer_error(p, QD__FAILED, &err);
    return;
  }
  char profile[128];
  qd__frame_cstr(f, 3, profile, sizeof profile);
  p->can_ask = f->type == QD__ENTER && qd__frame_number(f, 0) != 0;
  long long connect_ms = qd__frame_number(f, 1);
  long long login_ms = qd__frame_number(f, 2);
  long long kind = qd__frame_number(f, 4);
  p->connect_ms = connect_ms > 0 ? (uint64_t)connect_ms : 0;
  p->login_ms = login_ms > 0 ? (uint64_t)login_ms : 0;
  p->kind = kind == QD_SSH_CHAN_EXEC || kind == QD_SSH_CHAN_SUBSYSTEM ? (qd_ssh_chan_kind)kind : QD_SSH_CHAN_SOCKET;
  p->bulk = qd__frame_number(f, 5) != 0;
  p->what = qd_xstrndup(f->strings[6].n ? f->strings[6].p : "", f->strings[6].n);
  p->nas = qd__nas_of(p->agent, key_of(f), &target, profile);
  if (f->type == QD__PREPARE) {
    if (!qd_list_empty(&p->nas->links)) qd_ssh_chan_prepare(QD_CONTAINER_OF(p->nas->links.next, qd__link, link)->ssh);
    qd__peer_done(p);
    return;
  }
  p->wants_channel = f->type == QD__OPEN;
  p->state = QD__PEER_WAITS;
  p->since = qd_loop_now(p->agent->loop);
  qd_list_push(&p->nas->waiting, &p->wait);
  qd__nas_serve(p->nas);
}

static void begin(qd__peer *p, const qd__frame *f) {
  switch (f->type) {
    case QD__HELLO:
      p->greeted = true;
      p->strange = qd__frame_number(f, 0) != QD__WIRE_VERSION;
      greet(p);
      return;
    case QD__STATUS:
    case QD__STOP:
    case QD__RETIRE:
      question(p, f->type);
      return;
    case QD__ENTER:
    case QD__OPEN:
    case QD__PREPARE:
      if (p->greeted) {
        request(p, f);
        return;
      }
      break;
    default:
      break;
  }
  greet(p);
  broken(p, "a request was expected");
}

static void answer(qd__peer *p, const qd__frame *f) {
  qd__nas *n = p->nas;
  if (!n || n->asker != p || !n->login) return;
  if (f->count == 0) {
    qd_ssh_login_answer(n->login, NULL);
    return;
  }
  char *text = qd_xstrndup(f->strings[0].n ? f->strings[0].p : "", f->strings[0].n);
  qd_ssh_login_answer(n->login, text);
  qd_wipe(text, f->strings[0].n);
  free(text);
}

// Data on its way to the channel; until that is open it is kept as well, because another channel may have to take its place.
static void forward(qd__peer *p, qd_slice bytes) {
  bool opened = p->pipe && p->pipe->opened;
  bool room = !p->pipe || qd_ssh_chan_write(p->pipe->chan, bytes);
  if (!opened) {
    if (!qd_buf_add(&p->held, bytes.p, bytes.n)) {
      broken(p, "it sent more than fits in front of its channel");
      return;
    }
    room = p->held.n < QD__HELD_MAX / 2;
  }
  if (!room) read_on(p, false);
}

static void channel_frame(qd__peer *p, const qd__frame *f) {
  if (f->type == QD__DATA) {
    forward(p, f->bytes);
  } else if (f->type == QD__END) {
    p->held_end = true;
    if (p->pipe) qd_ssh_chan_shutdown(p->pipe->chan);
  }
}

static void take(qd__peer *p, const qd__frame *f) {
  if (p->state == QD__PEER_NEW)
    begin(p, f);
  else if (f->type == QD__ANSWER)
    answer(p, f);
  else if (p->state != QD__PEER_DONE && p->wants_channel)
    channel_frame(p, f);
}

static void free_later(void *ctx) { qd__peer_free(ctx); }

static void on_data(void *ctx, qd_slice bytes) {
  qd__peer *p = ctx;
  qd_slice all = bytes;
  for (;;) {
    qd__frame f;
    bool got = false;
    qd_error err;
    if (qd__wire_next(&p->wire, &bytes, &f, &got, &err) != QD_OK) {
      qd_loop_defer(p->agent->loop, &p->later, free_later, p);
      qd_stream_read(p->stream, false);
      return;
    }
    if (!got) break;
    take(p, &f);
  }
  if (p->nas && p->nas->asker == p) qd_wipe((char *)all.p, all.n);  // the read buffer is ours: an answer does not stay in it
}

static void on_end(void *ctx, const qd_error *err) {
  (void)err;
  qd__peer_free(ctx);
}

static void on_drain(void *ctx) {
  qd__peer *p = ctx;
  if (p->pipe && p->pipe->opened) qd_ssh_chan_read(p->pipe->chan, true);
}

static const qd_stream_events EVENTS = {on_data, on_end, on_drain};

void qd__peer_new(qd_agent *a, qd_stream *s) {
  qd__peer *p = qd_xcalloc(1, sizeof *p);
  p->agent = a;
  p->stream = s;
  qd_list_init(&p->wait);
  qd_defer_init(&p->later);
  qd__wire_init(&p->wire);
  qd_buf_init(&p->held, QD__HELD_MAX);
  qd_list_push(&a->peers, &p->link);
  qd_stream_listen(s, &EVENTS, p);
  qd_stream_read(s, true);
}
