// A command's conversation with the holder, and its questions. Contract in remote.h and agent.h.
#include <stdio.h>
#include <stdlib.h>

#include "agent/remote.h"
#include "base/context.h"
#include "base/mem.h"
#include "ssh/chan.h"

#define EARLY_MAX ((size_t)64 * 1024 * 1024)

static void gone(qd__talk *t, const qd_error *why) {
  if (t->closed) return;
  qd_error err = *why;
  if (strcmp(err.code, "agent_version") != 0 && strcmp(err.code, "bad_agent_frame") != 0 && strcmp(err.code, "foreign_socket") != 0) {
    (void)qd_fail(&err, QD_CONNECT, "agent_gone", "the process that holds the connections is gone");
    (void)qd_why(&err, "%s", why->why);
    (void)qd_hint(&err, "run the command again");
  }
  t->on_gone(t->ctx, &err);
}

static void hello(qd__talk *t, const qd__frame *f) {
  long long theirs = qd__frame_number(f, 0);
  t->greeted = true;
  if (theirs == QD__WIRE_VERSION) return;
  qd_error err;
  (void)qd_fail(&err, QD_CONNECT, "agent_version", "the process that holds the connections is of another version");
  (void)qd_why(&err, "it speaks version %lld, this program version %d", theirs, QD__WIRE_VERSION);
  (void)qd_hint(&err, "qnap-docker agent stop");
  gone(t, &err);
}

static void on_data(void *ctx, qd_slice bytes) {
  qd__talk *t = ctx;
  while (!t->closed) {
    qd__frame f;
    bool got = false;
    qd_error err;
    if (qd__wire_next(&t->wire, &bytes, &f, &got, &err) != QD_OK) {
      gone(t, &err);
      return;
    }
    if (!got) return;
    if (f.type == QD__HELLO)
      hello(t, &f);
    else if (t->greeted)
      t->on_frame(t->ctx, &f);
  }
}

static void on_end(void *ctx, const qd_error *err) {
  qd__talk *t = ctx;
  qd_error ended;
  (void)qd_fail(&ended, QD_CONNECT, "agent_gone", "ended");
  (void)qd_why(&ended, "it hung up");
  gone(t, err ? err : &ended);
}

static void on_drain(void *ctx) {
  qd__talk *t = ctx;
  if (!t->closed && t->on_drain) t->on_drain(t->ctx);
}

static const qd_stream_events EVENTS = {on_data, on_end, on_drain};

static void on_dialled(void *ctx, qd_stream *s, const qd_error *err) {
  qd__talk *t = ctx;
  t->dial = NULL;
  if (err) {
    gone(t, err);
    return;
  }
  t->stream = s;
  qd_stream_listen(s, &EVENTS, t);
  (void)qd_stream_write(s, qd_buf_slice(&t->early));
  if (t->early.p) qd_wipe(t->early.p, t->early.n);
  qd_buf_deinit(&t->early);
  qd_stream_read(s, t->reading);
}

void qd__talk_open(qd__talk *t, qd_loop *loop, const char *path) {
  t->loop = loop;
  t->dialer = qd_net_own_dialer(loop, path);
  t->reading = true;
  qd__wire_init(&t->wire);
  qd_buf_init(&t->early, EARLY_MAX);
  char version[16];
  size_t at;
  (void)snprintf(version, sizeof version, "%d", QD__WIRE_VERSION);
  qd__wire_begin(&t->early, QD__HELLO, &at);
  qd__frame_puts(&t->early, version);
  qd__wire_end(&t->early, at);
  t->dial = qd_dial_start(t->dialer, false, on_dialled, t);
}

bool qd__talk_write(qd__talk *t, qd_slice frames) {
  if (t->stream) return qd_stream_write(t->stream, frames);
  if (t->dial) (void)qd_buf_add(&t->early, frames.p, frames.n);
  return true;
}

void qd__talk_read(qd__talk *t, bool on) {
  t->reading = on;
  if (t->stream) qd_stream_read(t->stream, on);
}

void qd__talk_close(qd__talk *t) {
  if (t->closed) return;
  t->closed = true;
  qd_dial_cancel(t->dial);
  t->dial = NULL;
  qd_dialer_free(t->dialer);
  qd_stream_close(t->stream);
  t->stream = NULL;
  qd__wire_deinit(&t->wire);
  qd_buf_deinit(&t->early);
}

void qd__ask_init(qd__ask *a, const qd_ssh_target *t) {
  *a = (qd__ask){.can_ask = !t->no_prompt, .connect_ms = t->connect_ms, .login_ms = t->login_ms};
  a->profile = qd_xstrdup(t->profile ? t->profile : t->alias ? t->alias : t->host);
  qd_buf_init(&a->target, QD__WIRE_CONTROL_MAX);
  qd_ssh_target mine = *t;
  if (!mine.agent_socket) mine.agent_socket = qd_getenv("SSH_AUTH_SOCK");  // the holder's is that of whoever started it
  qd__wire_target(&a->target, &mine);
}

void qd__ask_deinit(qd__ask *a) {
  free(a->profile);
  qd_buf_deinit(&a->target);
}

void qd__ask_frame(const qd__ask *a, qd__frame_type type, qd_ssh_chan_kind kind, bool bulk, const char *what, qd_buf *out) {
  size_t at;
  qd__wire_begin(out, type, &at);
  qd__frame_putn(out, a->can_ask);
  qd__frame_putn(out, (long long)a->connect_ms);
  qd__frame_putn(out, (long long)a->login_ms);
  qd__frame_puts(out, a->profile);
  qd__frame_putn(out, kind);
  qd__frame_putn(out, bulk);
  qd__frame_puts(out, what);
  (void)qd_buf_add(out, a->target.p, a->target.n);
  qd__wire_end(out, at);
}

// --- a login

struct qd_agent_login {
  qd__talk talk;
  qd__ask ask;
  char *path;
  const qd_ssh_login_events *events;
  void *ctx;
  qd_defer later;
};

static void login_free(void *ctx) {
  qd_agent_login *l = ctx;
  qd__ask_deinit(&l->ask);
  free(l->path);
  free(l);
}

static void login_close(qd_agent_login *l) {
  qd__talk_close(&l->talk);
  qd_loop_defer(l->talk.loop, &l->later, login_free, l);
}

static void login_failed(void *ctx, const qd_error *err) {
  qd_agent_login *l = ctx;
  qd_error copy = *err;
  login_close(l);
  l->events->on_done(l->ctx, NULL, &copy);
}

static void login_question(qd_agent_login *l, const qd__frame *f) {
  qd_ssh_question q = {.attempt = (int)qd__frame_number(f, 5), .echo = qd__frame_number(f, 4) != 0};
  long long kind = qd__frame_number(f, 0);
  q.kind = kind >= QD_SSH_ASK_HOST_KEY && kind <= QD_SSH_ASK_PROMPT ? (qd_ssh_question_kind)kind : QD_SSH_ASK_PROMPT;
  qd__frame_cstr(f, 1, q.text, sizeof q.text);
  qd__frame_cstr(f, 2, q.fingerprint, sizeof q.fingerprint);
  qd__frame_cstr(f, 3, q.key_type, sizeof q.key_type);
  l->events->on_question(l->ctx, &q);
}

static void login_done(qd_agent_login *l, const qd__frame *f) {
  char name[256];
  qd_ssh_info info;
  qd__frame_info(f, name, &info);
  if (f->count > 8 && f->strings[8].n > 0) {
    qd_buf_clear(&l->ask.target);
    (void)qd_buf_add(&l->ask.target, f->strings[8].p, f->strings[8].n);
  }
  qd_ssh *s = qd__remote_session(l->talk.loop, l->path, &l->ask, name, &info);
  login_close(l);
  l->events->on_done(l->ctx, s, NULL);
}

static void login_frame(void *ctx, const qd__frame *f) {
  qd_agent_login *l = ctx;
  if (f->type == QD__QUESTION) {
    login_question(l, f);
  } else if (f->type == QD__SESSION) {
    login_done(l, f);
  } else if (f->type == QD__FAILED) {
    qd_error err;
    qd__frame_error(f, &err);
    login_failed(l, &err);
  }
}

qd_agent_login *qd_agent_login_start(qd_loop *loop, const char *path, const qd_ssh_target *target, const qd_ssh_login_events *events,
                                     void *ctx) {
  qd_agent_login *l = qd_xcalloc(1, sizeof *l);
  l->path = qd_xstrdup(path);
  l->events = events;
  l->ctx = ctx;
  l->talk.on_frame = login_frame;
  l->talk.on_gone = login_failed;
  l->talk.ctx = l;
  qd_defer_init(&l->later);
  qd__ask_init(&l->ask, target);
  qd__talk_open(&l->talk, loop, path);
  qd_buf b;
  qd_buf_init(&b, QD__WIRE_CONTROL_MAX);
  qd__ask_frame(&l->ask, QD__ENTER, QD_SSH_CHAN_SOCKET, false, "", &b);
  (void)qd__talk_write(&l->talk, qd_buf_slice(&b));
  qd_buf_deinit(&b);
  return l;
}

void qd_agent_login_answer(qd_agent_login *l, const char *text) {
  qd_buf b;
  size_t at;
  qd_buf_init(&b, QD__WIRE_CONTROL_MAX);
  qd__wire_begin(&b, QD__ANSWER, &at);
  if (text) qd__frame_puts(&b, text);
  qd__wire_end(&b, at);
  (void)qd__talk_write(&l->talk, qd_buf_slice(&b));
  qd_wipe(b.p, b.n);
  qd_buf_deinit(&b);
}

void qd_agent_login_cancel(qd_agent_login *l) { login_close(l); }
