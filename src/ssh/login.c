// The loop's half of a login: starts the worker, carries questions over, ends in one on_done. Contract in ssh.h.
// The worker reaches the loop through `async` and only under `lock` while `cancelled` is false; the loop reaches the worker through
// `wake` (readable: cancelled) and `cond` (an answer).
#include <stdio.h>
#include <stdlib.h>

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include "base/context.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/work.h"
#include "ssh/crypto.h"
#include "ssh/worker.h"

typedef enum question_state { Q_NONE, Q_ASKED, Q_SHOWN, Q_ANSWERED } question_state;

struct qd_ssh_login {
  qd__worker worker;
  qd_ssh_target target;  // strings and lists owned
  char *name;
  qd_loop *loop;
  const qd_ssh_login_events *events;
  void *ctx;
  uv_async_t *async;  // its own block; NULL once closed
  int wake[2];
  uv_mutex_t lock;
  uv_cond_t cond;
  bool cancelled;        // under lock
  question_state state;  // under lock
  qd_ssh_question question;
  char *answer;  // under lock; owned
  qd_status rc;
  qd_error err;
  qd__ssh_raw raw;
  qd_ssh_host_key host_key;
};

// ---- the target's copy ----

static const char *const *dup_list(const char *const *list) {
  if (list == NULL) return NULL;
  size_t n = 0;
  while (list[n]) n++;
  char **copy = qd_xcalloc(n + 1, sizeof *copy);
  for (size_t i = 0; i < n; i++) copy[i] = qd_xstrdup(list[i]);
  return (const char *const *)copy;
}

static void free_list(const char *const *list) {
  for (size_t i = 0; list && list[i]; i++) free((char *)list[i]);
  free((void *)list);
}

static void copy_target(qd_ssh_target *to, const qd_ssh_target *from) {
  *to = *from;
  to->host = qd_xstrdup(from->host);
  to->alias = qd_xstrdup(from->alias ? from->alias : from->host);
  to->host_key_alias = qd_xstrdup(from->host_key_alias);
  to->profile = qd_xstrdup(from->profile);
  to->user = qd_xstrdup(from->user);
  to->agent_socket = qd_xstrdup(from->agent_socket ? from->agent_socket : qd_getenv("SSH_AUTH_SOCK"));
  to->pinned_key = qd_xstrdup(from->pinned_key);
  to->identity_files = dup_list(from->identity_files);
  to->default_identities = dup_list(from->default_identities);
  to->known_hosts = dup_list(from->known_hosts);
}

static void free_target(qd_ssh_target *t) {
  const char *const strings[] = {t->host, t->alias, t->host_key_alias, t->profile, t->user, t->agent_socket, t->pinned_key};
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) free((char *)strings[i]);
  free_list(t->identity_files);
  free_list(t->default_identities);
  free_list(t->known_hosts);
}

// ---- worker side ----

static qd_status ask(qd__worker *w, const qd_ssh_question *question, char **out, qd_error *err) {
  qd_ssh_login *l = QD_CONTAINER_OF(w, qd_ssh_login, worker);
  uint64_t began = qd__worker_now();
  *out = NULL;
  uv_mutex_lock(&l->lock);
  if (!l->cancelled) {
    l->question = *question;
    l->state = Q_ASKED;
    (void)uv_async_send(l->async);
  }
  while (!l->cancelled && l->state != Q_ANSWERED) uv_cond_wait(&l->cond, &l->lock);
  bool stop = l->cancelled;
  *out = l->answer;
  l->answer = NULL;
  l->state = Q_NONE;
  uv_mutex_unlock(&l->lock);
  w->deadline += qd__worker_now() - began;
  if (!stop) return QD_OK;
  if (*out) qd_wipe(*out, strlen(*out));
  free(*out);
  *out = NULL;
  return qd_fail(err, QD_CANCELLED, "cancelled", "the login to %s was cancelled", w->name);
}

static void work(void *ctx) {
  qd_ssh_login *l = ctx;
  l->rc = qd__worker_login(&l->worker, &l->raw, &l->err);
  qd__crypto_thread_end();
}

// ---- loop side ----

static void on_async(uv_async_t *async) {
  qd_ssh_login *l = async->data;
  uv_mutex_lock(&l->lock);
  bool show = l->state == Q_ASKED;
  qd_ssh_question question = l->question;
  if (show) l->state = Q_SHOWN;
  uv_mutex_unlock(&l->lock);
  if (show) l->events->on_question(l->ctx, &question);
}

static void close_async(qd_ssh_login *l) {
  if (l->async) uv_close((uv_handle_t *)l->async, qd_uv_close_free);
  l->async = NULL;
}

static void drop_raw(qd__ssh_raw *raw) {
  if (raw->session == NULL) return;
  (void)libssh2_session_disconnect(raw->session, "");
  for (int i = 0; i < 8 && libssh2_session_free(raw->session) == LIBSSH2_ERROR_EAGAIN; i++) {
  }
  (void)close(raw->fd);
}

static void free_login(qd_ssh_login *l) {
  uv_mutex_destroy(&l->lock);
  uv_cond_destroy(&l->cond);
  for (int i = 0; i < 2; i++)
    if (l->wake[i] >= 0) (void)close(l->wake[i]);
  if (l->answer) qd_wipe(l->answer, strlen(l->answer));
  free(l->answer);
  qd_buf_deinit(&l->worker.heard);
  qd_buf_deinit(&l->worker.host_key);
  free_target(&l->target);
  free(l->name);
  free(l);
}

static void done(void *ctx) {
  qd_ssh_login *l = ctx;
  close_async(l);
  if (l->cancelled) {
    drop_raw(&l->raw);
  } else {
    const qd_ssh_info *info = &l->worker.info;
    (void)snprintf(l->host_key.type, sizeof l->host_key.type, "%s", info->host_key_type);
    (void)snprintf(l->host_key.fingerprint, sizeof l->host_key.fingerprint, "%s", info->host_key);
    l->host_key.blob = qd_buf_slice(&l->worker.host_key);
    if (l->rc == QD_OK)
      QD_DEBUG("ssh", "%s: %s, host key %s %s, %s, %s, by %s", l->name, info->server_version, info->host_key_type, info->host_key,
               info->kex, info->cipher, info->auth);
    qd_ssh *session = l->raw.session ? qd__ssh_adopt(l->loop, &l->raw) : NULL;
    l->events->on_done(l->ctx, session, l->rc == QD_OK ? NULL : &l->err);
  }
  free_login(l);
}

static void make_wake(qd_ssh_login *l) {
  if (pipe(l->wake) != 0) {
    l->wake[0] = l->wake[1] = -1;  // out of descriptors: the connection fails and says so
    return;
  }
  for (int i = 0; i < 2; i++) (void)fcntl(l->wake[i], F_SETFD, FD_CLOEXEC);
}

qd_ssh_login *qd_ssh_login_start(qd_loop *loop, const qd_ssh_target *target, const qd_ssh_login_events *events, void *ctx) {
  qd_ssh_login *l = qd_xcalloc(1, sizeof *l);
  copy_target(&l->target, target);
  const char *user = l->target.user ? l->target.user : "";
  l->name = qd_xasprintf("%s%s%s", user, user[0] ? "@" : "", l->target.alias);
  l->loop = loop;
  l->events = events;
  l->ctx = ctx;
  make_wake(l);
  if (uv_mutex_init(&l->lock) != 0 || uv_cond_init(&l->cond) != 0) abort();
  l->async = qd_xcalloc(1, sizeof *l->async);
  l->async->data = l;
  if (uv_async_init(qd_loop_uv(loop), l->async, on_async) != 0) abort();
  l->worker = (qd__worker){.target = &l->target, .name = l->name, .wake_fd = l->wake[0], .fd = -1, .ask = ask};
  qd_buf_init(&l->worker.heard, QD__HEARD_CAP);
  qd_buf_init(&l->worker.host_key, QD__HEARD_CAP);
  qd_work_start(loop, work, done, l);
  return l;
}

void qd_ssh_login_answer(qd_ssh_login *l, const char *text) {
  uv_mutex_lock(&l->lock);
  if (l->state == Q_SHOWN) {
    if (text && !l->question.echo && !l->target.forget_answers) qd_secret_add(text, strlen(text));
    l->answer = qd_xstrdup(text);
    l->state = Q_ANSWERED;
    uv_cond_signal(&l->cond);
  }
  uv_mutex_unlock(&l->lock);
}

void qd_ssh_login_cancel(qd_ssh_login *l) {
  uv_mutex_lock(&l->lock);
  l->cancelled = true;
  uv_cond_signal(&l->cond);
  uv_mutex_unlock(&l->lock);
  if (l->wake[1] >= 0) (void)!write(l->wake[1], "x", 1);
  close_async(l);
}

const qd_ssh_host_key *qd_ssh_login_host_key(const qd_ssh_login *l) { return &l->host_key; }
