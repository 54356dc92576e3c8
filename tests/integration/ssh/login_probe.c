// login_probe key=value...: one login through qd_ssh_login_start, told on stdout; for tests/integration/ssh_login.
// hang_agent=PATH listens there and never answers. A question is answered by the next answer=TEXT (answer=- declines; none left: declines).
// cancel_ms=N cancels after N ms.
#include <stdio.h>
#include <stdlib.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "loop/timer.h"
#include "ssh/ssh.h"

#define MAX 16

typedef struct probe {
  qd_loop *loop;
  qd_ssh_target target;
  const char *keys[MAX], *defaults[MAX], *known[MAX], *answers[MAX];
  size_t n_keys, n_defaults, n_known, n_answers, next_answer;
  unsigned cancel_ms;
  qd_ssh_login *login;
  qd_ssh_exec *exec;
  bool done;
  int exit_code;
} probe;

static void on_stdout(void *ctx, qd_slice bytes) {
  (void)ctx;
  printf("command: %.*s", (int)bytes.n, bytes.p);
}
static void on_stderr(void *ctx, qd_slice bytes) {
  (void)ctx;
  (void)bytes;
}
static void on_exit_status(void *ctx, int status, const char *signal, const qd_error *err) {
  probe *p = ctx;
  printf("command ended: %d%s%s %s\n", status, signal ? " " : "", signal ? signal : "", err ? err->message : "");
  qd_ssh_exec_close(p->exec);
  p->done = true;
}
static const qd_ssh_exec_events EXEC = {.on_stdout = on_stdout, .on_stderr = on_stderr, .on_exit = on_exit_status};

static void on_question(void *ctx, const qd_ssh_question *q) {
  static const char *const KINDS[] = {"host_key", "passphrase", "password", "prompt"};
  probe *p = ctx;
  printf("question: %s attempt=%d echo=%d %s %s: %s\n", KINDS[q->kind], q->attempt, q->echo, q->key_type, q->fingerprint, q->text);
  const char *text = p->next_answer < p->n_answers ? p->answers[p->next_answer++] : NULL;
  if (text && strcmp(text, "wait") == 0) return;
  qd_ssh_login_answer(p->login, text && strcmp(text, "-") == 0 ? NULL : text);
}

static void on_done(void *ctx, qd_ssh *session, const qd_error *err) {
  probe *p = ctx;
  const qd_ssh_host_key *key = qd_ssh_login_host_key(p->login);
  p->login = NULL;
  if (err) {
    printf("failed: %s %s\nmessage: %s\nwhy: %s\nhint: %s\n", qd_status_name(err->category), err->code, err->message, err->why, err->hint);
    p->exit_code = qd_status_exit_code(err->category);
    p->done = true;
  } else if (session == NULL) {
    printf("scanned: %s %s blob=%zu\n", key->type, key->fingerprint, key->blob.n);
    p->done = true;
  } else {
    const qd_ssh_info *info = qd_ssh_get_info(session);
    printf("logged in: %s host_key=%s kex=%s cipher=%s mac=%s\n", info->auth, info->host_key_type, info->kex, info->cipher, info->mac);
    p->exec = qd_ssh_exec_start(session, "echo hello", &EXEC, p);
    qd_ssh_unref(session);
  }
}

static const qd_ssh_login_events EVENTS = {.on_question = on_question, .on_done = on_done};

static void on_cancel(void *ctx) {
  probe *p = ctx;
  if (p->login) qd_ssh_login_cancel(p->login);
  p->login = NULL;
  printf("cancelled\n");
  p->done = true;
}

static bool list_option(probe *p, const char *name, const char *value) {
  const struct {
    const char *name;
    const char **list;
    size_t *n;
  } rows[] = {{"key", p->keys, &p->n_keys},
              {"default_key", p->defaults, &p->n_defaults},
              {"known", p->known, &p->n_known},
              {"answer", p->answers, &p->n_answers}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (strcmp(name, rows[i].name) != 0 || *rows[i].n >= MAX - 1) continue;
    rows[i].list[(*rows[i].n)++] = value;
    return true;
  }
  return false;
}

// A socket that takes connections and says nothing; closed by the end of the process.
static void hang_agent(const char *path) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
  (void)unlink(path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4) != 0) abort();
}

static bool string_option(probe *p, const char *name, const char *value) {
  qd_ssh_target *t = &p->target;
  const struct {
    const char *name;
    const char **to;
  } rows[] = {{"host", &t->host},       {"alias", &t->alias}, {"host_key_alias", &t->host_key_alias},
              {"profile", &t->profile}, {"user", &t->user},   {"agent", &t->agent_socket},
              {"pin", &t->pinned_key}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (strcmp(name, rows[i].name) != 0) continue;
    *rows[i].to = value;
    return true;
  }
  return false;
}

static bool number_option(probe *p, const char *name, unsigned value) {
  qd_ssh_target *t = &p->target;
  const struct {
    const char *name;
    bool *to;
  } flags[] = {{"identities_only", &t->identities_only},
               {"no_agent", &t->no_agent},
               {"legacy", &t->legacy_crypto},
               {"no_prompt", &t->no_prompt},
               {"scan", &t->scan_only},
               {"libssh2_only", &t->libssh2_only}};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    if (strcmp(name, flags[i].name) != 0) continue;
    *flags[i].to = value != 0;
    return true;
  }
  if (strcmp(name, "port") == 0)
    t->port = (int)value;
  else if (strcmp(name, "connect_ms") == 0)
    t->connect_ms = value;
  else if (strcmp(name, "login_ms") == 0)
    t->login_ms = value;
  else if (strcmp(name, "cancel_ms") == 0)
    p->cancel_ms = value;
  else
    return false;
  return true;
}

static void option(probe *p, char *arg) {
  char *value = strchr(arg, '=');
  if (value) *value++ = '\0';
  if (value && (list_option(p, arg, value) || string_option(p, arg, value) || number_option(p, arg, (unsigned)strtoul(value, NULL, 10))))
    return;
  if (value && strcmp(arg, "hang_agent") == 0) {
    hang_agent(value);
    return;
  }
  (void)fprintf(stderr, "login_probe: unknown option %s\n", arg);
  exit(2);
}

int main(int argc, char **argv) {
  probe p = {.target = {.host = "127.0.0.1", .port = 22, .user = "root"}};
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 1; i < argc; i++) option(&p, argv[i]);
  p.target.identity_files = p.keys;
  p.target.default_identities = p.defaults;
  p.target.known_hosts = p.known;
  p.loop = qd_loop_new();
  qd_timer *timer = qd_timer_new(p.loop, on_cancel, &p);
  if (p.cancel_ms) qd_timer_start(timer, p.cancel_ms, 0);
  p.login = qd_ssh_login_start(p.loop, &p.target, &EVENTS, &p);
  qd_loop_run_until(p.loop, &p.done);
  qd_timer_free(timer);
  while (qd_loop_turn(p.loop, true)) {
  }
  int left = qd_loop_free(p.loop);
  if (left) printf("left open: %d\n", left);
  qd_secret_clear();
  return p.exit_code;
}
