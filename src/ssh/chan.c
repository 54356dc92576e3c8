// One SSH channel as a passive state machine, stepped by the session's pump. Contract in chan.h.
//
// A channel is freed only when no call on it is unfinished: an open or exec request that said EAGAIN is stepped to its end even when
// its owner left, because libssh2 keeps their state in the session.
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/chunks.h"
#include "ssh/session.h"

#define WINDOW_SMALL (512u * 1024)
#define WINDOW_BULK (4u * 1024 * 1024)  // larger halves the throughput (the server's own buffer grows to it)
#define WINDOW_NEAR (2u * 1024 * 1024)  // enough for a NAS so near; what is on its way delays every small answer behind it
#define NEAR_US 2000u                   // round trip
#define PACKET 32768u
#define READ_SIZE ((size_t)64 * 1024)  // at most an eighth of the window, or every read sends a window adjustment
#define WRITE_MAX ((size_t)32700)      // what libssh2 takes in one call
#define WRITES_PER_ROUND 4
#define WRITE_HIGH ((size_t)256 * 1024)
#define WRITE_LOW ((size_t)64 * 1024)
#define STREAMLOCAL "direct-streamlocal@openssh.com"

typedef enum chan_state { WAITING, OPENING, SPARE, STARTING, OPEN, CLOSING } chan_state;

typedef struct qd__chan {
  qd_ssh_chan base;
  qd__party party;
  chan_state state;
  LIBSSH2_CHANNEL *ch;
  qd_ssh_chan_kind kind;
  char *what;      // path, command line or name
  char *open_msg;  // must stay in place until the open is answered
  size_t open_n;
  unsigned window;  // at first
  unsigned wide;    // once many bytes came
  const qd_ssh_chan_events *events;
  void *ctx;
  bool released;   // the owner left
  bool spare;      // nobody's yet: opened for the next command
  uint64_t taken;  // bytes that came so far
  bool reading, eof_wanted, eof_sent, eof_seen, closed_seen;
  bool above;  // a write said false: a drain event is owed
  qd_chunks out;
} qd__chan;

static qd__chan *of_party(qd__party *p) { return QD_CONTAINER_OF(p, qd__chan, party); }

static _Thread_local char scratch[READ_SIZE];

static size_t put_u32(char *p, size_t v) {
  p[0] = (char)(v >> 24 & 0xff);
  p[1] = (char)(v >> 16 & 0xff);
  p[2] = (char)(v >> 8 & 0xff);
  p[3] = (char)(v & 0xff);
  return 4;
}

static void explain_refusal(const qd__chan *c, int rc, qd_error *err) {
  qd_ssh *s = c->party.ssh;
  char *text = NULL;
  (void)libssh2_session_last_error(s->session, &text, NULL, 0);
  bool type_unknown = text && strstr(text, "unknown channel type");
  if (rc == LIBSSH2_ERROR_TIMEOUT) {
    qd_fail(err, QD_TIMEOUT, "timeout", "%s did not answer a request for a channel", s->name);
  } else if (c->ch && c->kind == QD_SSH_CHAN_SUBSYSTEM) {
    qd_fail(err, QD_UNSUPPORTED, "sftp_unavailable", "%s does not offer file transfer by SFTP", s->name);
    qd_why(err, "the SSH server has no %s subsystem", c->what);
    qd_hint(err, "switch SFTP on: Control Panel > Network & File Services > FTP, or do without");
  } else if (c->ch) {
    qd_fail(err, QD_UNSUPPORTED, "exec_refused", "%s refused to run a command", s->name);
    qd_why(err, "the SSH server allows this account no commands");
    qd_hint(err, "use an account of the administrators group");
  } else if (c->kind != QD_SSH_CHAN_SOCKET) {
    qd_fail(err, QD_UNSUPPORTED, "too_many_sessions", "%s allows no further command on this connection", s->name);
    qd_why(err, "the SSH server's limit of sessions per connection (MaxSessions) is reached");
    qd_hint(err, "end other commands on this NAS, or raise MaxSessions in its sshd_config");
  } else {
    qd_fail(err, QD_UNSUPPORTED, "forwarding_refused", "%s did not open a channel to %s", s->name, c->what);
    qd_why(err, "%s",
           type_unknown ? "its SSH server cannot forward to sockets"
                        : "its SSH server forbids forwarding to sockets, or the socket is missing or closed to this account");
    qd_hint(err, "check that the engine runs, or allow AllowStreamLocalForwarding in the NAS's sshd_config");
  }
}

// Told once; the owner forgets the channel.
static void end_open(qd__chan *c, const qd_error *err) {
  const qd_ssh_chan_events *events = c->events;
  if (err && !c->released && !c->spare) {
    c->released = true;
    c->events = NULL;
    qd_ssh_unref(c->party.ssh);
  }
  if (events) events->on_open(c->ctx, err);
}

// libssh2 keeps one state for opening per session: without the turn we would go on with another channel's request.
static LIBSSH2_CHANNEL *call_open(qd__chan *c) {
  assert(c->party.ssh->setup.next == &c->party.turn);
  const char *type = c->kind == QD_SSH_CHAN_SOCKET ? STREAMLOCAL : "session";
  return libssh2_channel_open_ex(c->party.ssh->session, type, (unsigned)strlen(type), c->window, PACKET, c->open_msg, (unsigned)c->open_n);
}

static int call_start(qd__chan *c) {
  const char *request = c->kind == QD_SSH_CHAN_EXEC ? "exec" : "subsystem";
  return libssh2_channel_process_startup(c->ch, request, (unsigned)strlen(request), c->what, (unsigned)strlen(c->what));
}

static bool step_open(qd__chan *c) {
  qd_ssh *s = c->party.ssh;
  c->ch = call_open(c);
  if (c->ch) {
    if (c->spare) {
      qd__setup_leave(&c->party);
      c->state = SPARE;
      return true;
    }
    if (c->kind != QD_SSH_CHAN_SOCKET && !c->released) {
      c->state = STARTING;
      return true;
    }
    qd__setup_leave(&c->party);
    c->state = c->released ? CLOSING : OPEN;
    if (!c->released) end_open(c, NULL);
    return true;
  }
  int rc = libssh2_session_last_errno(s->session);
  if (rc == LIBSSH2_ERROR_EAGAIN || qd__ssh_fatal(s, rc)) return false;
  qd_error err;
  explain_refusal(c, rc, &err);
  qd__setup_leave(&c->party);
  if (s->spare == c) s->spare = NULL;
  c->party.gone = true;
  end_open(c, &err);
  return true;
}

static bool step_write(qd__chan *c);

// What the command reads is sent behind the request, without waiting for its answer: the server takes them in that order. This
// state of libssh2's is the channel's own: the next one may be opened meanwhile.
static bool step_start(qd__chan *c) {
  qd_ssh *s = c->party.ssh;
  int rc = call_start(c);
  qd__setup_leave(&c->party);
  if (rc == LIBSSH2_ERROR_EAGAIN) return !c->released && step_write(c);
  if (rc < 0 && qd__ssh_fatal(s, rc)) return false;
  if (rc == 0) {
    c->state = c->released ? CLOSING : OPEN;
    if (!c->released) end_open(c, NULL);
    return true;
  }
  c->state = CLOSING;
  qd_error err;
  explain_refusal(c, rc, &err);
  end_open(c, &err);
  return true;
}

// Who sends that much gets the large window, whatever it was opened for: with the small one a round trip of 100 ms allows 5 MB/s.
// libssh2 tops the window up to what it was at first, so we are ahead of it.
static void widen(qd__chan *c, size_t n) {
  c->taken += n;
  if (c->taken < WINDOW_SMALL || c->window == c->wide) return;
  unsigned long left = libssh2_channel_window_read_ex(c->ch, NULL, NULL);
  if (left >= c->wide / 2) return;
  int rc = libssh2_channel_receive_window_adjust2(c->ch, c->wide - (unsigned)left, 1, NULL);
  if (rc < 0) (void)qd__ssh_fatal(c->party.ssh, rc);
}

// One read of one stream; the owner may release the channel in its event.
static bool read_one(qd__chan *c, int stream) {
  if (!c->reading || c->released) return false;
  ssize_t n = libssh2_channel_read_ex(c->ch, stream, scratch, sizeof scratch);
  if (n > 0) {
    widen(c, (size_t)n);
    if (c->events->on_data) c->events->on_data(c->ctx, stream, (qd_slice){scratch, (size_t)n});
    return true;
  }
  if (n < 0) (void)qd__ssh_fatal(c->party.ssh, (int)n);
  return false;
}

static void tell_closed(qd__chan *c) {
  c->closed_seen = true;
  char *signal = NULL;
  (void)libssh2_channel_get_exit_signal(c->ch, &signal, NULL, NULL, NULL, NULL, NULL);
  if (c->events->on_closed) c->events->on_closed(c->ctx, signal ? -1 : libssh2_channel_get_exit_status(c->ch), signal);
  if (signal) libssh2_free(c->party.ssh->session, signal);
}

// Somebody must take packets off the wire, or answers to keepalives and window adjustments stay behind the data that this
// channel does not want yet. Its own data waits in libssh2, one window of it at most.
static void listen_only(qd__chan *c) {
  if (c->reading || c->released || c->party.ssh->listener) return;
  char none;
  ssize_t n = libssh2_channel_read(c->ch, &none, 0);
  if (n < 0) (void)qd__ssh_fatal(c->party.ssh, (int)n);
}

static bool step_read(qd__chan *c) {
  bool moved = read_one(c, 0);
  if (c->kind != QD_SSH_CHAN_SOCKET) moved |= read_one(c, 1);
  listen_only(c);
  if (!c->reading || c->released || c->party.ssh->failed) return moved;
  if (!c->eof_seen && libssh2_channel_eof(c->ch) == 1) {
    c->eof_seen = moved = true;
    if (c->events->on_eof) c->events->on_eof(c->ctx);
  }
  if (c->eof_seen && !c->closed_seen && !c->released && libssh2_channel_wait_closed(c->ch) == 0) {
    // OpenSSH ends stdout before all of stderr was sent: what came between the two is delivered first.
    bool rest = read_one(c, 0);
    if (c->kind != QD_SSH_CHAN_SOCKET) rest |= read_one(c, 1);
    moved = true;
    if (!rest && c->reading && !c->released && !c->party.ssh->failed) tell_closed(c);
  }
  return moved;
}

// One packet. The head stays in place until it was taken: a retry after EAGAIN must show the same bytes.
static bool write_one(qd__chan *c) {
  qd_ssh *s = c->party.ssh;
  if (c->out.bytes == 0 || s->out_full || s->out.n >= WRITE_HIGH) return false;
  qd_slice head = qd_chunks_peek(&c->out);
  ssize_t n = libssh2_channel_write_ex(c->ch, 0, head.p, head.n < WRITE_MAX ? head.n : WRITE_MAX);
  if (n > 0) {
    qd_chunks_consume(&c->out, (size_t)n);
    return true;
  }
  if (n == LIBSSH2_ERROR_CHANNEL_CLOSED || n == LIBSSH2_ERROR_CHANNEL_EOF_SENT)
    qd_chunks_clear(&c->out);
  else if (n < 0)
    (void)qd__ssh_fatal(s, (int)n);
  return false;
}

static void send_eof(qd__chan *c) {
  if (!c->eof_wanted || c->eof_sent || c->out.bytes > 0 || c->closed_seen) return;
  int rc = libssh2_channel_send_eof(c->ch);
  if (rc == 0)
    c->eof_sent = true;
  else
    (void)qd__ssh_fatal(c->party.ssh, rc);
}

static bool step_write(qd__chan *c) {
  if (c->closed_seen) qd_chunks_clear(&c->out);
  bool moved = false;
  for (int i = 0; i < WRITES_PER_ROUND && write_one(c); i++) moved = true;
  send_eof(c);
  if (c->above && c->out.bytes < WRITE_LOW) {
    c->above = false;
    if (c->events->on_drain) c->events->on_drain(c->ctx);
  }
  return moved;
}

int qd__chan_retire(qd_ssh *s, LIBSSH2_CHANNEL *ch) {
  if (s->listener || s->dead) return libssh2_channel_free(ch);
  char none;
  ssize_t rc = libssh2_channel_read(ch, &none, 0);  // adjusts the window while it may: reading it later then sends nothing
  if (rc < 0 && rc != LIBSSH2_ERROR_EAGAIN) return (int)rc;
  rc = libssh2_channel_close(ch);
  if (rc == 0) s->listener = ch;
  return (int)rc;
}

static bool step_close(qd__chan *c) {
  if (c->party.ssh->probed == &c->party) c->party.ssh->probed = NULL;
  int rc = c->ch ? qd__chan_retire(c->party.ssh, c->ch) : 0;
  if (rc == LIBSSH2_ERROR_EAGAIN || (rc < 0 && qd__ssh_fatal(c->party.ssh, rc))) return false;
  c->ch = NULL;
  c->party.gone = true;
  return true;
}

static bool chan_step(qd__party *p) {
  qd__chan *c = of_party(p);
  if (c->released && (c->state == WAITING || c->state == OPEN)) {
    c->state = CLOSING;
    qd__setup_leave(p);
  }
  switch (c->state) {
    case WAITING:
      if (!qd__setup_enter(p)) return false;
      c->state = OPENING;
      return step_open(c);
    case SPARE:
      return false;
    case OPENING:
      return step_open(c);
    case STARTING:
      return step_start(c);
    case OPEN: {
      bool moved = step_read(c);
      if (!c->released && !p->ssh->failed) moved |= step_write(c);
      return moved || c->released;
    }
    default:
      return step_close(c);
  }
}

static void chan_lost(qd__party *p, const qd_error *err) {
  qd__chan *c = of_party(p);
  qd_ssh *s = p->ssh;
  if (s->probed == &c->party) s->probed = NULL;  // what libssh2 holds of the channel, or of its opening, goes with the session
  p->gone = true;
  if (s->spare == c) s->spare = NULL;
  if (c->released || c->spare) return;
  const qd_ssh_chan_events *events = c->events;
  c->released = true;
  c->events = NULL;
  if (c->state != OPEN)
    events->on_open(c->ctx, err);
  else
    events->on_lost(c->ctx, err);
  qd_ssh_unref(s);
}

static void chan_bye(qd__party *p) {
  qd__chan *c = of_party(p);
  if (c->ch && c->state != STARTING) (void)libssh2_channel_close(c->ch);
}

static void chan_free(qd__party *p) {
  qd__chan *c = of_party(p);
  qd_chunks_clear(&c->out);
  free(c->open_msg);
  free(c->what);
  free(c);
}

static const qd__party_kind CHAN = {chan_step, chan_lost, chan_bye, chan_free};

static void chan_read(qd_ssh_chan *base, bool on) {
  qd__chan *c = (qd__chan *)base;
  if (c->reading == on) return;
  c->reading = on;
  if (on) qd__ssh_kick(c->party.ssh);
}

static bool chan_write(qd_ssh_chan *base, qd_slice bytes) {
  qd__chan *c = (qd__chan *)base;
  if (c->eof_wanted || c->closed_seen) return true;
  qd_chunks_add(&c->out, bytes);
  qd__ssh_kick(c->party.ssh);
  if (c->out.bytes < WRITE_HIGH) return true;
  c->above = true;
  return false;
}

static void chan_shutdown(qd_ssh_chan *base) {
  qd__chan *c = (qd__chan *)base;
  c->eof_wanted = true;
  qd__ssh_kick(c->party.ssh);
}

static void chan_release(qd_ssh_chan *base) {
  qd__chan *c = (qd__chan *)base;
  c->released = true;
  c->events = NULL;
  qd_ssh *s = c->party.ssh;
  qd__ssh_kick(s);
  qd_ssh_unref(s);
}

static const qd_ssh_chan_ops OPS = {chan_read, chan_write, chan_shutdown, chan_release};

static unsigned bulk_window(const qd_ssh *s) {
  struct tcp_info info;
  socklen_t n = sizeof info;
  bool near = getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0 && info.tcpi_rtt < NEAR_US;
  return near ? WINDOW_NEAR : WINDOW_BULK;
}

static qd__chan *chan_new(const qd_ssh *s, qd_ssh_chan_kind kind, bool bulk) {
  qd__chan *c = qd_xcalloc(1, sizeof *c);
  c->base.ops = &OPS;
  c->kind = kind;
  c->wide = bulk_window(s);
  c->window = bulk ? c->wide : WINDOW_SMALL;
  return c;
}

void qd_ssh_chan_prepare(qd_ssh *s) {
  if (s->far) {
    s->far->prepare(s->far_ctx);
    return;
  }
  if (s->spare) return;
  qd__chan *c = chan_new(s, QD_SSH_CHAN_EXEC, false);
  c->spare = true;
  s->spare = c;
  qd__ssh_join(s, &c->party, &CHAN);
}

// The channel that waits for a command, or is being opened for one, is taken, and another one opened for the next.
static qd__chan *take_spare(qd_ssh *s, const char *what, const qd_ssh_chan_events *events, void *ctx) {
  qd__chan *c = s->spare;
  if (!c) return NULL;
  s->spare = NULL;
  c->spare = false;
  c->what = qd_xstrdup(what);
  c->events = events;
  c->ctx = ctx;
  if (c->state == SPARE) c->state = STARTING;
  qd_ssh_ref(s);
  qd__ssh_kick(s);
  qd_ssh_chan_prepare(s);
  return c;
}

qd_ssh_chan *qd_ssh_chan_open(qd_ssh *s, qd_ssh_chan_kind kind, const char *what, bool bulk, const qd_ssh_chan_events *events, void *ctx) {
  if (s->far) return s->far->open(s->far_ctx, kind, what, bulk, events, ctx);
  qd__chan *c = kind == QD_SSH_CHAN_EXEC && !bulk ? take_spare(s, what, events, ctx) : NULL;
  if (c) return &c->base;
  c = chan_new(s, kind, bulk);
  c->what = qd_xstrdup(what);
  c->events = events;
  c->ctx = ctx;
  if (kind == QD_SSH_CHAN_SOCKET) {  // PROTOCOL section 2.4: path, reserved string, reserved number
    size_t n = strlen(what);
    c->open_msg = qd_xmalloc(n + 12);
    size_t at = put_u32(c->open_msg, n);
    memcpy(c->open_msg + at, what, n);
    at += n;
    at += put_u32(c->open_msg + at, 0);
    at += put_u32(c->open_msg + at, 0);
    c->open_n = at;
  }
  qd_ssh_ref(s);
  qd__ssh_join(s, &c->party, &CHAN);
  return &c->base;
}

LIBSSH2_CHANNEL *qd__chan_probe(qd__party *p) {
  qd__chan *c = of_party(p);
  return p->kind == &CHAN && c->state == OPEN && !c->released && !c->eof_seen ? c->ch : NULL;
}
