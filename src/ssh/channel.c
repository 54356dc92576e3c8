// An SSH channel as a qd_stream: to a socket on the server, or to a command there. Contract in stream.h, tunnel.h and ssh.h.
#include <stdlib.h>

#include "base/mem.h"
#include "net/tail.h"
#include "ssh/tunnel.h"

#define EXIT_GRACE_MS 1000  // the command's output ended: how long its exit status may take to arrive

typedef struct channel {
  qd_stream base;
  qd_dial dial;       // the attempt that makes the stream; `done` NULL once answered
  qd_ssh_chan *chan;  // NULL: gone
  char *name;         // of the server, for messages
  char *expect;       // what the first bytes must be; NULL: anything, or seen already
  char first[64];     // the bytes that came while fewer than `expect` has were there
  size_t first_n;
  qd_tail *tail;    // a command's stderr; NULL for a socket
  qd_timer *grace;  // armed between the end of a command's output and its exit status
  qd_defer later;   // frees it: a stream may be closed from its own events
  qd_dial_done *done;
  void *ctx;
} channel;

static void channel_free(channel *c) {
  qd_timer_free(c->grace);
  free(c->tail);
  free(c->expect);
  free(c->name);
  free(c);
}

static void end(channel *c, const qd_error *err) {
  if (c->grace) qd_timer_stop(c->grace);
  qd__stream_end(&c->base, err);
}

// A command that ended with an error in place of a stream: its own words, and the common cases named.
static void explain_exit(const channel *c, int status, const char *signal, qd_error *err) {
  char text[400];
  qd_tail_text(c->tail, text, sizeof text);
  if (status == 127 || status == 126)
    qd_fail(err, QD_NOT_FOUND, "command_not_found", "%s could not start the command that reaches the engine", c->name);
  else if (qd_tail_has(c->tail, "a password is required") || qd_tail_has(c->tail, "a terminal is required"))
    qd_fail(err, QD_AUTH, "sudo_password", "%s wants a password for sudo", c->name);
  else if (qd_tail_has(c->tail, "permission denied"))
    qd_fail(err, QD_AUTH, "socket_permission", "this account may not use the engine on %s", c->name);
  else
    qd_fail(err, QD_CONNECT, "command_failed", "the command that reaches the engine on %s failed", c->name);
  if (signal)
    qd_why(err, "signal %s%s%s", signal, text[0] ? ": " : "", text);
  else
    qd_why(err, "exit status %d%s%s", status, text[0] ? ": " : "", text);
  if (status == 127 || status == 126) qd_hint(err, "set docker_path in the profile to the docker program on the NAS");
  if (err->category == QD_CONNECT) qd_hint(err, "check that the engine runs on the NAS");
}

// Whether the bytes may pass. False: not enough yet, or wrong (then the stream has ended).
static bool check_first(channel *c, qd_slice *bytes) {
  size_t want = strlen(c->expect);
  size_t take = bytes->n < want - c->first_n ? bytes->n : want - c->first_n;
  memcpy(c->first + c->first_n, bytes->p, take);
  c->first_n += take;
  if (memcmp(c->first, c->expect, c->first_n) == 0) {
    if (c->first_n < want) return false;
    bytes->p += take;
    bytes->n -= take;
    free(c->expect);
    c->expect = NULL;
    qd__stream_data(&c->base, (qd_slice){c->first, want});
    return !c->base.closed;
  }
  qd_tail said = {.n = 0};
  qd_tail_add(&said, (qd_slice){c->first, c->first_n - take});
  qd_tail_add(&said, bytes->n > 200 ? (qd_slice){bytes->p, 200} : *bytes);
  char text[200];
  qd_tail_text(&said, text, sizeof text);
  qd_error err;
  qd_fail(&err, QD_CONNECT, "bad_greeting", "the command that reaches the engine on %s answered something else", c->name);
  qd_why(&err, "it said: %s", text);
  qd_hint(&err, "let the account's shell start-up files print nothing when there is no terminal");
  end(c, &err);
  return false;
}

static void on_data(void *ctx, int stream, qd_slice bytes) {
  channel *c = ctx;
  if (stream == 1 && c->tail) {
    qd_tail_add(c->tail, bytes);
    return;
  }
  if (c->base.ended || (c->expect && !check_first(c, &bytes))) return;
  if (bytes.n > 0) qd__stream_data(&c->base, bytes);
}

static void on_grace(void *ctx) { end(ctx, NULL); }

static void on_eof(void *ctx) {
  channel *c = ctx;
  if (!c->tail) {
    end(c, NULL);
    return;
  }
  if (!c->grace) c->grace = qd_timer_new(c->base.loop, on_grace, c);
  qd_timer_start(c->grace, EXIT_GRACE_MS, 0);
}

static void on_closed(void *ctx, int status, const char *signal) {
  channel *c = ctx;
  if (!c->tail) return;
  if (status == 0 && !signal && (!c->expect || c->first_n == 0)) {
    end(c, NULL);
    return;
  }
  qd_error err;
  explain_exit(c, status, signal, &err);
  end(c, &err);
}

static void on_drain(void *ctx) { qd__stream_drain(&((channel *)ctx)->base); }

static void on_lost(void *ctx, const qd_error *err) {
  channel *c = ctx;
  c->chan = NULL;
  end(c, err);
}

static void on_open(void *ctx, const qd_error *err) {
  channel *c = ctx;
  qd_dial_done *done = c->done;
  void *done_ctx = c->ctx;
  c->done = NULL;
  if (err) {
    qd_error copy = *err;
    channel_free(c);
    done(done_ctx, NULL, &copy);
  } else {
    done(done_ctx, &c->base, NULL);
  }
}

static const qd_ssh_chan_events EVENTS = {on_open, on_data, on_eof, on_closed, on_drain, on_lost};

static void channel_read(qd_stream *s, bool on) {
  channel *c = (channel *)s;
  if (c->chan && !s->ended) qd_ssh_chan_read(c->chan, on);
}

static bool channel_write(qd_stream *s, qd_slice bytes) {
  channel *c = (channel *)s;
  return !c->chan || qd_ssh_chan_write(c->chan, bytes);
}

static void channel_shutdown(qd_stream *s) {
  channel *c = (channel *)s;
  if (c->chan) qd_ssh_chan_shutdown(c->chan);
}

static void free_later(void *ctx) { channel_free(ctx); }

static void channel_close(qd_stream *s) {
  channel *c = (channel *)s;
  if (c->chan) qd_ssh_chan_release(c->chan);
  c->chan = NULL;
  qd_timer_free(c->grace);
  c->grace = NULL;
  qd_loop_defer(s->loop, &c->later, free_later, c);
}

static const qd_stream_kind CHANNEL = {"ssh", channel_read, channel_write, channel_shutdown, channel_close};

qd_dial *qd__tunnel_dial(qd_ssh *s, const qd_dialer_kind *kind, const qd__tunnel_spec *spec, bool bulk, qd_dial_done *done, void *ctx) {
  channel *c = qd_xcalloc(1, sizeof *c);
  c->base.kind = &CHANNEL;
  c->base.loop = s->loop;
  c->dial.kind = kind;
  c->name = qd_xstrdup(s->name);
  c->done = done;
  c->ctx = ctx;
  qd_defer_init(&c->later);
  if (spec->command) {
    c->tail = qd_xcalloc(1, sizeof *c->tail);
    c->expect = qd_xstrdup(spec->expect);
  }
  c->chan = qd_ssh_chan_open(s, spec->command ? QD_SSH_CHAN_EXEC : QD_SSH_CHAN_SOCKET, spec->what, bulk, &EVENTS, c);
  return &c->dial;
}

void qd__tunnel_cancel(qd_dial *dial) {
  channel *c = QD_CONTAINER_OF(dial, channel, dial);
  qd_ssh_chan_release(c->chan);
  channel_free(c);
}
