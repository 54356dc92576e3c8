// The sessions of one target: who waits for one, the login under way, a lost one that is fetched back. Contract in holder.h.
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "agent/holder.h"
#include "base/log.h"
#include "base/mem.h"

#define MOST_LOGINS 3    // at once to one host: sshd's MaxStartups begins to refuse at ten
#define MOST_SESSIONS 3  // of one target, when commands wait for room
#define FIRST_PAUSE_MS 500
#define LONGEST_PAUSE_MS 30000
#define PROOF_MS 4000     // for a server to answer, after a silence of as long
#define PATIENCE_MS 5000  // how long a command waits for room: it may be waiting for itself

static bool same_host(const qd__nas *a, const qd__nas *b) {
  return a->target.t.port == b->target.t.port && strcmp(a->target.t.host, b->target.t.host) == 0;
}

static unsigned logins_to(const qd__nas *n) {
  unsigned count = 0;
  for (qd_list *node = n->agent->nases.next; node != &n->agent->nases; node = node->next) {
    qd__nas *other = QD_CONTAINER_OF(node, qd__nas, link);
    count += other->login && same_host(n, other);
  }
  return count;
}

static void on_question(void *ctx, const qd_ssh_question *q) {
  qd__nas *n = ctx;
  static const char *const KINDS[] = {"0", "1", "2", "3"};
  if (!n->asker) {
    qd_ssh_login_answer(n->login, NULL);
    return;
  }
  n->asked = true;
  char attempt[16];
  (void)snprintf(attempt, sizeof attempt, "%d", q->attempt);
  qd__peer_send(n->asker, QD__QUESTION,
                (const char *const[]){KINDS[q->kind], q->text, q->fingerprint, q->key_type, q->echo ? "1" : "", attempt}, 6);
}

// Whom a failed login is told to: all when nobody could have done better. Those who can be asked where the login could not are not.
static void tell_failure(qd__nas *n, bool asking, const qd_error *err) {
  bool nobody = err->category == QD_CONNECT || err->category == QD_TIMEOUT;
  qd_list told;
  qd_list_init(&told);
  for (qd_list *node = n->waiting.next; node != &n->waiting;) {
    qd__peer *p = QD_CONTAINER_OF(node, qd__peer, wait);
    node = node->next;
    if (!nobody && p->can_ask && !asking) continue;
    qd_list_remove(&p->wait);
    qd_list_push(&told, &p->wait);
  }
  for (qd_list *node; (node = qd_list_shift(&told)) != NULL;) qd__peer_error(QD_CONTAINER_OF(node, qd__peer, wait), QD__FAILED, err);
}

// Between half and one and a half of a pause that doubles: many holders do not come back to a NAS in one moment.
static void try_later(qd__nas *n) {
  uint64_t pause = FIRST_PAUSE_MS;
  for (unsigned i = 0; i < n->tries && pause < LONGEST_PAUSE_MS; i++) pause *= 2;
  if (pause > LONGEST_PAUSE_MS) pause = LONGEST_PAUSE_MS;
  uint32_t chance = 0;
  if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) < 0) chance = 0;
  n->tries++;
  qd_timer_start(n->again, pause / 2 + pause * (chance % 1024) / 1024, 0);
}

// A new host key was accepted and written down, and what the session is known by with it.
static void know_by_new_files(qd__nas *n) {
  qd_buf b;
  qd_buf_init(&b, QD__WIRE_CONTROL_MAX);
  qd__wire_target(&b, &n->target.t);
  free(n->key);
  n->key_n = b.n;
  n->key = qd_buf_take(&b);
}

static void on_done(void *ctx, qd_ssh *session, const qd_error *err) {
  qd__nas *n = ctx;
  bool further = !qd_list_empty(&n->links);
  n->login = NULL;
  n->asker = NULL;
  if (session) {
    n->tries = 0;
    qd_timer_stop(n->again);
    (void)qd__link_new(n, session, n->asked);
    if (n->asked) know_by_new_files(n);
  } else if (further) {
    n->crowded_out = true;
  } else {
    QD_DEBUG("agent", "%s: %s", n->target.t.host, err->message);
    bool background = qd_list_empty(&n->waiting);
    tell_failure(n, n->login_asks, err);
    if (background && (err->category == QD_CONNECT || err->category == QD_TIMEOUT)) try_later(n);
  }
  qd_agent *a = n->agent;
  qd__nas_serve(n);
  qd__agent_logins_due(a);
}

static const qd_ssh_login_events EVENTS = {on_question, on_done};

// For `asker`, or for nobody (a lost session is fetched back).
static void log_in(qd__nas *n, qd__peer *asker) {
  if (n->login) return;
  n->due = logins_to(n) >= MOST_LOGINS;
  if (n->due) return;
  qd_ssh_target t = n->target.t;
  t.profile = n->profile;
  t.forget_answers = true;
  t.no_agent = t.no_agent || !t.agent_socket;  // never that of whoever started us
  t.no_prompt = !asker || !asker->can_ask;
  t.connect_ms = asker ? asker->connect_ms : 0;
  t.login_ms = asker ? asker->login_ms : 0;
  n->asker = t.no_prompt ? NULL : asker;
  n->login_asks = !t.no_prompt;
  n->asked = false;
  n->login = qd_ssh_login_start(n->agent->loop, &t, &EVENTS, n);
}

// It was lost and nobody asks for it: it is fetched back while it was used lately.
static void on_again(void *ctx) {
  qd__nas *n = ctx;
  if (qd_list_empty(&n->links) && qd_loop_now(n->agent->loop) - n->last_used < n->agent->idle_ms) log_in(n, NULL);
}

static bool give(qd__nas *n, qd__peer *p) {
  for (qd_list *node = n->links.next; node != &n->links; node = node->next) {
    qd__link *l = QD_CONTAINER_OF(node, qd__link, link);
    if (!qd__link_can(l, p)) continue;
    qd_ssh_prove(l->ssh, PROOF_MS);
    qd_list_remove(&p->wait);
    if (p->wants_channel) {
      qd__pipe_give(l, p);
    } else {
      qd__peer_done(p);
      qd_buf b;
      qd_buf_init(&b, QD__WIRE_CONTROL_MAX);
      qd__wire_info(&b, qd_ssh_name(l->ssh), qd_ssh_get_info(l->ssh), (qd_slice){n->key, n->key_n});
      (void)qd_stream_write(p->stream, qd_buf_slice(&b));
      qd_buf_deinit(&b);
    }
    return true;
  }
  return false;
}

static bool may_have_another(const qd__nas *n) {
  unsigned count = 0;
  for (qd_list *node = n->links.next; node != &n->links; node = node->next, count++)
    if (QD_CONTAINER_OF(node, qd__link, link)->asked) return false;  // nobody is asked a second time
  return count < MOST_SESSIONS && !n->crowded_out;
}

// Some had no room for long.
static void on_patience(void *ctx) {
  qd__nas *n = ctx;
  uint64_t now = qd_loop_now(n->agent->loop);
  if (n->login || qd_list_empty(&n->links)) return;  // they wait for a login, which has limits of its own
  for (qd_list *node = n->waiting.next; node != &n->waiting;) {
    qd__peer *p = QD_CONTAINER_OF(node, qd__peer, wait);
    node = node->next;
    if (now - p->since < PATIENCE_MS) continue;
    if (n->refusal.category == QD_OK) {
      (void)qd_fail(&n->refusal, QD_UNSUPPORTED, "too_many_sessions", "%s allows no further command on this connection", n->target.t.host);
      (void)qd_why(&n->refusal, "all are in use by commands that run");
    }
    qd__peer_error(p, QD__FAILED, &n->refusal);
  }
  if (!qd_list_empty(&n->waiting)) qd_timer_start(n->patience, PATIENCE_MS / 2, 0);
}

void qd__nas_serve(qd__nas *n) {
  if (n->agent->ended) return;
  for (qd_list *node = n->waiting.next; node != &n->waiting;) {
    qd__peer *p = QD_CONTAINER_OF(node, qd__peer, wait);
    node = node->next;
    n->last_used = n->agent->last_used = qd_loop_now(n->agent->loop);
    if (give(n, p)) continue;
    if (qd_list_empty(&n->links) || may_have_another(n)) log_in(n, p);
  }
  if (!qd_list_empty(&n->waiting)) qd_timer_start(n->patience, PATIENCE_MS, 0);
}

void qd__nas_left(qd__nas *n, qd__peer *p) {
  qd_list_remove(&p->wait);
  if (n->asker != p) return;
  qd_ssh_login_cancel(n->login);
  n->login = NULL;
  n->asker = NULL;
  qd__nas_serve(n);
  qd__agent_logins_due(n->agent);
}

qd__nas *qd__nas_of(qd_agent *a, qd_slice key, qd__target *target, const char *profile) {
  for (qd_list *node = a->nases.next; node != &a->nases; node = node->next) {
    qd__nas *n = QD_CONTAINER_OF(node, qd__nas, link);
    if (!qd_slice_eq((qd_slice){n->key, n->key_n}, key)) continue;
    qd__target_deinit(target);
    return n;
  }
  qd__nas *n = qd_xcalloc(1, sizeof *n);
  n->agent = a;
  n->key = qd_xstrndup(key.p, key.n);
  n->key_n = key.n;
  n->target = *target;
  n->profile = qd_xstrdup(profile);
  n->last_used = qd_loop_now(a->loop);
  n->again = qd_timer_new(a->loop, on_again, n);
  n->patience = qd_timer_new(a->loop, on_patience, n);
  qd_list_init(&n->links);
  qd_list_init(&n->waiting);
  qd_list_push(&a->nases, &n->link);
  return n;
}

void qd__nas_free(qd__nas *n) {
  qd_list_remove(&n->link);
  if (n->login) qd_ssh_login_cancel(n->login);
  while (!qd_list_empty(&n->links)) qd__link_free(QD_CONTAINER_OF(n->links.next, qd__link, link));
  qd_timer_free(n->again);
  qd_timer_free(n->patience);
  qd__target_deinit(&n->target);
  free(n->profile);
  free(n->key);
  free(n);
}

static bool in_use(const qd__nas *n) {
  if (n->login || !qd_list_empty(&n->waiting)) return true;
  for (qd_list *node = n->links.next; node != &n->links; node = node->next) {
    qd__link *l = QD_CONTAINER_OF(node, qd__link, link);
    if (l->commands + l->sockets > 0) return true;
  }
  return false;
}

void qd__nas_tick(qd__nas *n, uint64_t now) {
  n->crowded_out = false;
  for (qd_list *node = n->links.next; node != &n->links; node = node->next) {
    qd__link *l = QD_CONTAINER_OF(node, qd__link, link);
    l->peak = l->sockets;
  }
  if (in_use(n))
    n->last_used = n->agent->last_used = now;
  else if (now - n->last_used >= n->agent->idle_ms)
    qd__nas_free(n);
}
