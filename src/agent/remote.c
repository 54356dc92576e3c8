// A session whose channels the holder has. Contract in remote.h and ssh/chan.h.
#include "agent/remote.h"

#include <stdlib.h>

#include "base/mem.h"
#include "net/chunks.h"
#include "ssh/chan.h"

typedef struct remote {
  qd_loop *loop;
  char *path;
  qd__ask ask;
  qd_ssh *ssh;
  qd_list chans;
  bool closed;
} remote;

typedef struct remote_chan {
  qd_ssh_chan base;
  qd_list link;  // in remote.chans; unlinked once gone
  remote *far;
  qd__talk talk;
  const qd_ssh_chan_events *events;  // NULL: released or gone
  void *ctx;
  bool opened, reading, above;
  qd_error err;
  qd_defer later;
} remote_chan;

static _Thread_local char frame[QD__WIRE_HEAD + QD__WIRE_DATA_MAX];

static void chan_free(void *ctx) {
  remote_chan *c = ctx;
  qd_ssh *s = c->far->ssh;
  free(c);
  qd_ssh_unref(s);
}

static void chan_close(remote_chan *c) {
  c->events = NULL;
  qd_list_remove(&c->link);
  qd__talk_close(&c->talk);
  qd_loop_defer(c->far->loop, &c->later, chan_free, c);
}

// Tells the owner, for whom the channel is gone.
static void chan_gone(void *ctx, const qd_error *err) {
  remote_chan *c = ctx;
  const qd_ssh_chan_events *events = c->events;
  bool opened = c->opened;
  qd_error copy = *err;
  void *owner = c->ctx;
  const char *name = qd_ssh_name(c->far->ssh);  // kept by the channel until it is freed, later
  chan_close(c);
  if (!events) return;
  if (opened && strcmp(copy.code, "agent_gone") == 0) {
    (void)qd_fail(&copy, QD_CONNECT, "connection_lost", "lost the connection to %s", name);
    (void)qd_why(&copy, "the process that held it ended");
    (void)qd_hint(&copy, "run the command again");
  }
  if (opened)
    events->on_lost(owner, &copy);
  else
    events->on_open(owner, &copy);
}

static void on_opened(remote_chan *c) {
  c->opened = true;
  if (!c->reading) qd__talk_read(&c->talk, false);
  c->events->on_open(c->ctx, NULL);
}

static void on_closed(remote_chan *c, const qd__frame *f) {
  char signal[32];
  qd__frame_cstr(f, 1, signal, sizeof signal);
  if (c->events->on_closed) c->events->on_closed(c->ctx, (int)qd__frame_number(f, 0), signal[0] ? signal : NULL);
}

static void on_frame(void *ctx, const qd__frame *f) {
  remote_chan *c = ctx;
  qd_error err;
  switch (f->type) {
    case QD__OPENED:
      if (!c->opened) on_opened(c);
      return;
    case QD__FAILED:
    case QD__LOST:
      qd__frame_error(f, &err);
      chan_gone(c, &err);
      return;
    default:
      break;
  }
  if (!c->opened) return;
  if (f->type == QD__DATA || f->type == QD__ERRDATA) {
    if (c->events->on_data) c->events->on_data(c->ctx, f->type == QD__ERRDATA, f->bytes);
  } else if (f->type == QD__END) {
    if (c->events->on_eof) c->events->on_eof(c->ctx);
  } else if (f->type == QD__CLOSED) {
    on_closed(c, f);
  }
}

static void on_drain(void *ctx) {
  remote_chan *c = ctx;
  if (!c->above) return;
  c->above = false;
  if (c->events->on_drain) c->events->on_drain(c->ctx);
}

static void chan_read(qd_ssh_chan *base, bool on) {
  remote_chan *c = (remote_chan *)base;
  c->reading = on;
  if (c->opened) qd__talk_read(&c->talk, on);
}

static bool chan_write(qd_ssh_chan *base, qd_slice bytes) {
  remote_chan *c = (remote_chan *)base;
  bool room = true;
  while (bytes.n > 0) {
    size_t n = bytes.n < QD__WIRE_DATA_MAX ? bytes.n : QD__WIRE_DATA_MAX;
    qd__wire_data_head(frame, QD__DATA, n);
    memcpy(frame + QD__WIRE_HEAD, bytes.p, n);
    room = qd__talk_write(&c->talk, (qd_slice){frame, QD__WIRE_HEAD + n});
    bytes.p += n;
    bytes.n -= n;
  }
  if (!room) c->above = true;
  return room;
}

static void send_plain(qd__talk *t, qd__frame_type type) {
  char head[QD__WIRE_HEAD];
  qd__wire_data_head(head, type, 0);
  (void)qd__talk_write(t, (qd_slice){head, sizeof head});
}

static void chan_shutdown(qd_ssh_chan *base) { send_plain(&((remote_chan *)base)->talk, QD__END); }

static void chan_release(qd_ssh_chan *base) { chan_close((remote_chan *)base); }

static const qd_ssh_chan_ops OPS = {chan_read, chan_write, chan_shutdown, chan_release};

static void tell_closed(void *ctx) {
  remote_chan *c = ctx;
  qd_error err = c->err;
  chan_gone(c, &err);
}

static void was_closed(remote_chan *c) {
  (void)qd_fail(&c->err, QD_CONNECT, "connection_closed", "the connection to %s was closed", qd_ssh_name(c->far->ssh));
  c->err.hint[0] = '\0';
  qd_loop_defer(c->far->loop, &c->later, tell_closed, c);
}

static void send_request(qd__talk *t, const qd__ask *ask, qd__frame_type type, qd_ssh_chan_kind kind, bool bulk, const char *what) {
  qd_buf b;
  qd_buf_init(&b, QD__WIRE_CONTROL_MAX);
  qd__ask_frame(ask, type, kind, bulk, what, &b);
  (void)qd__talk_write(t, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

static qd_ssh_chan *remote_open(void *ctx, qd_ssh_chan_kind kind, const char *what, bool bulk, const qd_ssh_chan_events *events,
                                void *owner) {
  remote *r = ctx;
  remote_chan *c = qd_xcalloc(1, sizeof *c);
  c->base.ops = &OPS;
  c->far = r;
  c->events = events;
  c->ctx = owner;
  c->talk.on_frame = on_frame;
  c->talk.on_gone = chan_gone;
  c->talk.on_drain = on_drain;
  c->talk.ctx = c;
  qd_defer_init(&c->later);
  qd_list_push(&r->chans, &c->link);
  qd_ssh_ref(r->ssh);
  qd__talk_open(&c->talk, r->loop, r->path);
  send_request(&c->talk, &r->ask, QD__OPEN, kind, bulk, what);
  if (r->closed) was_closed(c);
  return &c->base;
}

static void prepare_over(void *ctx, const qd_error *err) {
  (void)err;
  remote_chan *c = ctx;
  chan_close(c);
}

static void nothing(void *ctx, const qd__frame *f) {
  (void)f;
  prepare_over(ctx, NULL);
}

// Said and forgotten: the holder hangs up on nobody, so we do, once it greeted us.
static void remote_prepare(void *ctx) {
  remote *r = ctx;
  if (r->closed) return;
  remote_chan *c = qd_xcalloc(1, sizeof *c);
  c->far = r;
  c->talk.on_frame = nothing;
  c->talk.on_gone = prepare_over;
  c->talk.ctx = c;
  qd_defer_init(&c->later);
  qd_list_push(&r->chans, &c->link);
  qd_ssh_ref(r->ssh);
  qd__talk_open(&c->talk, r->loop, r->path);
  send_request(&c->talk, &r->ask, QD__PREPARE, QD_SSH_CHAN_EXEC, false, "");
}

static void remote_close(void *ctx) {
  remote *r = ctx;
  if (r->closed) return;
  r->closed = true;
  for (qd_list *node = r->chans.next; node != &r->chans; node = node->next) was_closed(QD_CONTAINER_OF(node, remote_chan, link));
}

static void remote_free(void *ctx) {
  remote *r = ctx;
  qd__ask_deinit(&r->ask);
  free(r->path);
  free(r);
}

static const qd_ssh_far_ops FAR = {remote_open, remote_prepare, remote_close, remote_free};

qd_ssh *qd__remote_session(qd_loop *loop, const char *path, qd__ask *ask, const char *name, const qd_ssh_info *info) {
  remote *r = qd_xcalloc(1, sizeof *r);
  r->loop = loop;
  r->path = qd_xstrdup(path);
  r->ask = *ask;
  r->ask.can_ask = false;
  *ask = (qd__ask){.profile = NULL};
  qd_list_init(&r->chans);
  r->ssh = qd_ssh_far_new(loop, name, info, &FAR, r);
  return r->ssh;
}
