// Is the server still there? After a silence a probe is sent that it must answer; a server that owes an answer and stays silent for
// dead_ms is given up.
//
// The probe is an "env" request on an open channel: libssh2 consumes its answer, while the answers to libssh2_keepalive_send
// pile up in the session for as long as it lives. Without an open channel nobody waits, and the kernel's
// TCP timeouts watch the connection.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/context.h"
#include "ssh/session.h"

enum {
  ALIVE_SECONDS = 15,  // $QNAP_DOCKER_KEEPALIVE has precedence
  DEAD_TIMES = 3,      // so many silent intervals
};

static const char PROBE_NAME[] = "QNAP_DOCKER_ALIVE";

static bool probe_step(qd__party *p) {
  qd_ssh *s = p->ssh;
  if (!s->probed) {
    qd__setup_leave(p);
    p->gone = true;
    return true;
  }
  if (!qd__setup_enter(p)) return false;
  LIBSSH2_CHANNEL *ch = qd__chan_probe(s->probed);
  int rc = ch ? libssh2_channel_setenv_ex(ch, PROBE_NAME, sizeof PROBE_NAME - 1, "1", 1) : 0;
  if (rc == LIBSSH2_ERROR_EAGAIN) return false;
  if (rc < 0 && qd__ssh_fatal(s, rc)) return false;
  qd__setup_leave(p);
  s->probed = NULL;
  p->gone = true;
  return true;
}

static void probe_lost(qd__party *p, const qd_error *err) {
  (void)err;
  p->gone = true;
}

static void probe_bye(qd__party *p) { (void)p; }

// The party is a part of the session: nothing to free, it can be linked again.
static void probe_free(qd__party *p) { p->gone = false; }

static const qd__party_kind PROBE = {probe_step, probe_lost, probe_bye, probe_free};

static void send_probe(qd_ssh *s) {
  if (!qd_list_empty(&s->probe.link)) return;
  for (qd_list *node = s->parties.next; node != &s->parties; node = node->next) {
    qd__party *p = QD_CONTAINER_OF(node, qd__party, link);
    if (!qd__chan_probe(p)) continue;
    s->probed = p;
    qd__ssh_join(s, &s->probe, &PROBE);
    return;
  }
  int next;
  (void)libssh2_keepalive_send(s->session, &next);  // asks for no answer: keeps routers from forgetting the connection
  qd__ssh_kick(s);
}

static void on_tick(void *ctx) {
  qd_ssh *s = ctx;
  if (!s->session || s->failed || s->closing) return;
  uint64_t silent = qd_loop_now(s->loop) - s->last_input;
  if (silent < s->alive_ms) return;
  if (!qd_list_empty(&s->setup)) {  // the server owes an answer
    uint64_t owed = qd_loop_now(s->loop) - s->asked_at;
    if (owed < silent) silent = owed;
    if (silent >= s->dead_ms) {
      char why[64];
      (void)snprintf(why, sizeof why, "no answer for %llu seconds", (unsigned long long)(silent / 1000));
      qd__ssh_fail(s, why);
    }
    return;
  }
  send_probe(s);
}

static void on_proof(void *ctx) {
  qd_ssh *s = ctx;
  if (s->session && !s->failed && !s->closing && s->proving) qd__ssh_fail(s, "it was asked for a sign of life and gave none");
}

void qd_ssh_prove(qd_ssh *s, uint64_t ms) {
  if (!s->session || s->failed || s->closing || s->proving || qd_loop_now(s->loop) - s->last_input < ms) return;
  s->proving = true;
  qd_timer_start(s->proof, ms, 0);
  send_probe(s);
}

void qd__ssh_set_alive(qd_ssh *s, uint64_t alive_ms, uint64_t dead_ms) {
  s->alive_ms = alive_ms;
  s->dead_ms = dead_ms;
  int on = 1;
  int idle = (int)((alive_ms + 999) / 1000);
  int count = 3;
  unsigned user = (unsigned)dead_ms;
  (void)setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  (void)setsockopt(s->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  (void)setsockopt(s->fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof idle);
  (void)setsockopt(s->fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  (void)setsockopt(s->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user, sizeof user);
  qd_timer_start(s->alive, alive_ms, alive_ms);
}

static uint64_t interval_ms(void) {
  const char *text = qd_getenv("QNAP_DOCKER_KEEPALIVE");
  char *end = NULL;
  unsigned long seconds = text ? strtoul(text, &end, 10) : 0;
  return (end && *end == '\0' && seconds >= 1 && seconds <= 3600 ? seconds : ALIVE_SECONDS) * UINT64_C(1000);
}

void qd__alive_start(qd_ssh *s) {
  libssh2_keepalive_config(s->session, 0, 2);  // our timer decides when
  qd_list_init(&s->probe.link);
  s->alive = qd_timer_new(s->loop, on_tick, s);
  qd_timer_unref(s->alive);
  s->proof = qd_timer_new(s->loop, on_proof, s);
  qd_timer_unref(s->proof);
  qd__ssh_set_alive(s, interval_ms(), DEAD_TIMES * interval_ms());
}

void qd__alive_stop(qd_ssh *s) {
  qd_timer_free(s->alive);
  qd_timer_free(s->proof);
  s->alive = s->proof = NULL;
}
