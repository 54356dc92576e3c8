// A session on the loop: queues between the socket and libssh2, the pump, the end. Contract in session.h and ssh.h.
#include "ssh/session.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/net.h"

#define INPUT_ROOM ((size_t)256 * 1024)
#define ROUND_INPUT ((size_t)128 * 1024)  // wire bytes libssh2 may take before every channel is visited
#define TURN_NS ((uint64_t)2 * 1000 * 1000)
#define TURN_ROUNDS 8  // of ROUND_INPUT: 1 MiB
#define OUT_CAP ((size_t)64 * 1024 * 1024)
#define NOTSENT_LOWAT (128 * 1024)
#define BYE_MS 1000

static void pump(void *ctx);

void qd__ssh_kick(qd_ssh *s) {
  if (s->pumping)
    s->again = true;
  else
    qd_loop_defer(s->loop, &s->kick, pump, s);
}

void qd__ssh_fail(qd_ssh *s, const char *why) {
  if (s->failed) return;
  s->failed = true;
  qd_fail(&s->lost, QD_CONNECT, "connection_lost", "lost the connection to %s", s->name);
  qd_why(&s->lost, "%s", s->words[0] ? s->words : why);
  qd_hint(&s->lost, "check that the NAS is on and reachable, then run the command again");
  qd__ssh_kick(s);
}

bool qd__ssh_fatal(qd_ssh *s, int rc) {
  switch (rc) {
    case LIBSSH2_ERROR_EAGAIN:
    case LIBSSH2_ERROR_SOCKET_NONE:  // an answer meant for somebody else
    case LIBSSH2_ERROR_TIMEOUT:
    case LIBSSH2_ERROR_INVAL:
    case LIBSSH2_ERROR_CHANNEL_FAILURE:
    case LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED:
    case LIBSSH2_ERROR_CHANNEL_CLOSED:
    case LIBSSH2_ERROR_CHANNEL_EOF_SENT:
      return false;
    case LIBSSH2_ERROR_SOCKET_DISCONNECT:
    case LIBSSH2_ERROR_SOCKET_RECV:
    case LIBSSH2_ERROR_SOCKET_SEND:
      qd__ssh_fail(s, "the server closed the connection");
      return true;
    default: {
      char *text = NULL;
      (void)libssh2_session_last_error(s->session, &text, NULL, 0);
      char why[200];
      (void)snprintf(why, sizeof why, "SSH protocol error: %s (%d)", text ? text : "", rc);
      qd__ssh_fail(s, why);
      return true;
    }
  }
}

bool qd__setup_enter(qd__party *p) {
  if (qd_list_empty(&p->ssh->setup)) p->ssh->asked_at = qd_loop_now(p->ssh->loop);
  if (qd_list_empty(&p->turn)) qd_list_push(&p->ssh->setup, &p->turn);
  return p->ssh->setup.next == &p->turn;
}

void qd__setup_leave(qd__party *p) {
  if (!qd_list_empty(&p->turn)) qd__ssh_kick(p->ssh);
  qd_list_remove(&p->turn);
}

void qd__ssh_join(qd_ssh *s, qd__party *p, const qd__party_kind *kind) {
  p->kind = kind;
  p->ssh = s;
  qd_list_init(&p->turn);
  qd_list_push(&s->parties, &p->link);
  qd__ssh_kick(s);
}

// libssh2 callbacks. SEND takes everything, so that libssh2 never holds half a packet; negative errno is its convention.
static ssize_t on_send(libssh2_socket_t fd, const void *p, size_t n, int flags, void **abstract) {
  (void)fd;
  (void)flags;
  qd_ssh *s = *abstract;
  if (s->dead || !qd_buf_add(&s->out, p, n)) return -EPIPE;
  return (ssize_t)n;
}

static ssize_t on_recv(libssh2_socket_t fd, void *p, size_t n, int flags, void **abstract) {
  (void)fd;
  (void)flags;
  qd_ssh *s = *abstract;
  if (s->dead) return 0;
  size_t k = s->in_n - s->in_off;
  if (k > s->in_budget) k = s->in_budget;
  if (k > n) k = n;
  if (k == 0) return s->eof && s->in_n == s->in_off ? 0 : -EAGAIN;
  memcpy(p, s->in + s->in_off, k);
  s->in_off += k;
  s->in_budget -= k;
  return (ssize_t)k;
}

static void on_disconnect(LIBSSH2_SESSION *session, int reason, const char *message, int n, const char *language, int language_n,
                          void **abstract) {
  (void)session;
  (void)reason;
  (void)language;
  (void)language_n;
  qd_ssh *s = *abstract;
  int k = snprintf(s->words, sizeof s->words, "the server ended the connection: ");
  for (int i = 0; i < n && message && k + 1 < (int)sizeof s->words; i++)
    if (message[i] >= ' ' && message[i] < 0x7f) s->words[k++] = message[i];
  s->words[k] = '\0';
}

static void on_wire_data(void *ctx, qd_slice bytes) {
  qd_ssh *s = ctx;
  int one = 1;  // sshd keeps Nagle on for forwarded sockets: without it its first answers wait 40 ms for our ACK
  (void)setsockopt(s->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
  s->last_input = qd_loop_now(s->loop);
  s->proving = false;
  if (s->in_off > 0) {
    memmove(s->in, s->in + s->in_off, s->in_n - s->in_off);
    s->in_n -= s->in_off;
    s->in_off = 0;
  }
  if (bytes.n > INPUT_ROOM - s->in_n) {  // cannot be: the pump stops the reading while it is behind
    qd__ssh_fail(s, "more input than fits");
    return;
  }
  memcpy(s->in + s->in_n, bytes.p, bytes.n);
  s->in_n += bytes.n;
  pump(s);
}

static void on_wire_end(void *ctx, const qd_error *err) {
  qd_ssh *s = ctx;
  s->eof = true;  // noticed behind the last packets: they carry data, and perhaps the reason
  if (err) (void)snprintf(s->words, sizeof s->words, "%.120s", err->why);
  pump(s);
}

static void on_wire_drain(void *ctx) {
  qd_ssh *s = ctx;
  s->out_full = false;
  pump(s);
}

static const qd_stream_events WIRE_EVENTS = {on_wire_data, on_wire_end, on_wire_drain};

static void flush(qd_ssh *s) {
  if (s->out.n == 0 || !s->wire) return;
  if (!qd_stream_write(s->wire, qd_buf_slice(&s->out))) s->out_full = true;
  qd_buf_clear(&s->out);
}

static void drop_if_gone(qd__party *p) {
  if (!p->gone) return;
  qd_list_remove(&p->turn);
  qd_list_remove(&p->link);
  p->kind->free(p);
}

// Every party once. Parties that join meanwhile are stepped too, or in the next round.
static bool round_of_all(qd_ssh *s) {
  s->in_budget = ROUND_INPUT;
  size_t before = s->in_n - s->in_off;
  bool moved = false;
  if (s->listener) {
    char none;
    ssize_t rc = libssh2_channel_read(s->listener, &none, 0);
    if (rc < 0) (void)qd__ssh_fatal(s, (int)rc);
  }
  for (qd_list *node = s->parties.next; node != &s->parties && !s->failed;) {
    qd__party *p = QD_CONTAINER_OF(node, qd__party, link);
    moved |= p->kind->step(p);
    node = node->next;
    drop_if_gone(p);
  }
  flush(s);
  return moved || s->in_n - s->in_off != before;
}

static void all_lost(qd_ssh *s) {
  qd_list now;  // an owner may answer a loss with a new attempt: that one is told in the next run
  qd_list_init(&now);
  while (!qd_list_empty(&s->parties)) qd_list_push(&now, qd_list_shift(&s->parties));
  for (qd_list *node; (node = qd_list_shift(&now)) != NULL;) {
    qd__party *p = QD_CONTAINER_OF(node, qd__party, link);
    p->kind->lost(p, &s->lost);
    drop_if_gone(p);
  }
}

// libssh2's part is over, whatever state it is in. With the callbacks refusing, nothing can say EAGAIN for long.
static void free_session(qd_ssh *s) {
  s->dead = true;
  if (s->wire) s->wire->events = NULL;
  all_lost(s);
  s->listener = NULL;  // freed with the session
  for (int i = 0; i < 1000 && libssh2_session_free(s->session) == LIBSSH2_ERROR_EAGAIN; i++) {
  }
  s->session = NULL;
  qd__alive_stop(s);
}

static void lose(qd_ssh *s) {
  QD_DEBUG("ssh", "%s: %s", s->lost.message, s->lost.why);
  free_session(s);
  qd_stream_close(s->wire);
  s->wire = NULL;
  if (s->on_lost && !s->closing) s->on_lost(s->lost_ctx, &s->lost);
}

static void hang_up(qd_ssh *s) {
  qd_fail(&s->lost, QD_CONNECT, "connection_closed", "the connection to %s was closed", s->name);
  s->lost.hint[0] = '\0';
  s->in_budget = 0;
  for (qd_list *node = s->parties.next; node != &s->parties; node = node->next) {
    qd__party *p = QD_CONTAINER_OF(node, qd__party, link);
    p->kind->bye(p);
  }
  (void)libssh2_session_disconnect(s->session, "bye");
  flush(s);
  free_session(s);
  qd_net_socket_finish(s->wire, BYE_MS);
  s->wire = NULL;
}

static void finish(qd_ssh *s) {
  qd_defer_cancel(&s->kick);
  if (s->session) hang_up(s);
  all_lost(s);
  if (s->far) s->far->free(s->far_ctx);
  qd_buf_deinit(&s->out);
  free(s->in);
  free(s);
}

// As many rounds as one turn may take. Returns whether something is left to do.
static bool rounds(qd_ssh *s) {
  uint64_t until = uv_hrtime() + TURN_NS;
  for (int i = 0; i < TURN_ROUNDS; i++) {
    s->again = false;
    bool more = round_of_all(s) || s->again;
    if (!more || s->failed || s->closing || s->hanging_up) return more;
    if (uv_hrtime() > until) break;
  }
  return true;
}

static bool turn(qd_ssh *s) {
  if (!s->session) {
    s->again = false;
    all_lost(s);
    return false;
  }
  bool more = !s->failed && !s->closing && !s->hanging_up && rounds(s);
  if (s->eof && !more) qd__ssh_fail(s, "the server closed the connection");
  if (s->failed)
    lose(s);
  else if (s->hanging_up)
    hang_up(s);
  else if (!s->closing)
    // Caught up first: libuv would go on reading before it serves others. Where no channel takes anything, TCP holds it back.
    qd_stream_read(s->wire, !more && !s->again && s->in_n - s->in_off < INPUT_ROOM / 2);
  return s->session ? more : !qd_list_empty(&s->parties);
}

static void pump(void *ctx) {
  qd_ssh *s = ctx;
  if (s->pumping) {
    s->again = true;
    return;
  }
  s->pumping = true;
  bool more = turn(s);
  s->pumping = false;
  if (s->closing)
    finish(s);
  else if (more || s->again)
    qd_loop_defer(s->loop, &s->kick, pump, s);
}

static qd_ssh *session_new(qd_loop *loop, const char *name, const qd_ssh_info *info) {
  qd_ssh *s = qd_xcalloc(1, sizeof *s);
  s->loop = loop;
  s->fd = -1;
  s->info = *info;
  (void)snprintf(s->name, sizeof s->name, "%s", name);
  s->refs = 1;
  qd_buf_init(&s->out, OUT_CAP);
  qd_list_init(&s->parties);
  qd_list_init(&s->setup);
  qd_defer_init(&s->kick);
  return s;
}

qd_ssh *qd_ssh_far_new(qd_loop *loop, const char *name, const qd_ssh_info *info, const qd_ssh_far_ops *ops, void *far) {
  qd_ssh *s = session_new(loop, name, info);
  s->far = ops;
  s->far_ctx = far;
  return s;
}

qd_ssh *qd__ssh_adopt(qd_loop *loop, qd__ssh_raw *raw) {
  qd_ssh *s = session_new(loop, raw->name, &raw->info);
  s->session = raw->session;
  s->fd = raw->fd;
  s->in = qd_xmalloc(INPUT_ROOM);
  s->last_input = qd_loop_now(loop);
  int lowat = NOTSENT_LOWAT;  // what waits in the kernel delays every small request behind it
  (void)setsockopt(s->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat);
  *libssh2_session_abstract(s->session) = s;
  libssh2_session_set_blocking(s->session, 0);
  qd__ssh_callback_set(s->session, LIBSSH2_CALLBACK_SEND, (uintptr_t)on_send);
  qd__ssh_callback_set(s->session, LIBSSH2_CALLBACK_RECV, (uintptr_t)on_recv);
  qd__ssh_callback_set(s->session, LIBSSH2_CALLBACK_DISCONNECT, (uintptr_t)on_disconnect);
  qd_error err;
  if (qd_net_socket_open(loop, raw->fd, s->name, &s->wire, &err) == QD_OK) {
    qd_stream_listen(s->wire, &WIRE_EVENTS, s);
    qd_stream_read(s->wire, true);
  } else {
    s->fd = -1;
    qd__ssh_fail(s, err.why);
  }
  qd__alive_start(s);
  *raw = (qd__ssh_raw){.fd = -1};
  return s;
}

const qd_ssh_info *qd_ssh_get_info(const qd_ssh *s) { return &s->info; }

void qd_ssh_on_lost(qd_ssh *s, void (*fn)(void *ctx, const qd_error *err), void *ctx) {
  s->on_lost = fn;
  s->lost_ctx = ctx;
}

const char *qd_ssh_name(const qd_ssh *s) { return s->name; }

void qd_ssh_close(qd_ssh *s) {
  if (s->far) {
    s->far->close(s->far_ctx);
    return;
  }
  s->hanging_up = true;
  qd__ssh_kick(s);
}

void qd_ssh_ref(qd_ssh *s) { s->refs++; }

void qd_ssh_unref(qd_ssh *s) {
  if (!s || --s->refs > 0) return;
  s->closing = true;
  qd__ssh_kick(s);
}
