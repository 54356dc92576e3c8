// The holder and its commands on one loop, against a real sshd.
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/wire.h"
#include "net_probe.h"
#include "qd_temp.h"
#include "qd_test.h"
#include "ssh/chan.h"
#include "sshd_fixture.h"

typedef struct world {
  fixture f;
  qd_temp temp;
  qd_loop *loop;
  qd_agent *agent;
  char path[128], key[96], known_hosts[96];
  const char *keys[2], *hosts[2], *none[1];
  qd_ssh_target target;
  bool ended;
} world;

static void on_end(void *ctx) { ((world *)ctx)->ended = true; }

// The host key is trusted by an answer, and written into a file of ours.
static void world_start_idle(world *w, const char *options, uint64_t idle_ms) {
  *w = (world){.ended = false};
  fixture_start(&w->f, options);
  qd_temp_make(&w->temp);
  w->loop = qd_loop_new();
  (void)snprintf(w->path, sizeof w->path, "%s/agent.sock", w->temp.dir);
  (void)snprintf(w->key, sizeof w->key, "%s/user", w->f.dir);
  (void)snprintf(w->known_hosts, sizeof w->known_hosts, "%s/known_hosts", w->temp.dir);
  w->keys[0] = w->key;
  w->hosts[0] = w->known_hosts;
  w->target = (qd_ssh_target){.host = "127.0.0.1",
                              .alias = "nas",
                              .port = w->f.port,
                              .user = getpwuid(geteuid())->pw_name,
                              .identity_files = w->keys,
                              .default_identities = w->none,
                              .known_hosts = w->hosts,
                              .no_agent = true};
  qd_error err;
  cr_assert_eq(qd_agent_serve(w->loop, w->path, idle_ms, on_end, w, &w->agent, &err), QD_OK, "%s: %s", err.message, err.why);
}

static void world_start(world *w, const char *options) { world_start_idle(w, options, 60000); }

static void world_stop(world *w) {
  qd_agent_free(w->agent);
  cr_assert_eq(qd_loop_free(w->loop), 0);
  qd_temp_remove(&w->temp);
  fixture_stop(&w->f);
}

typedef struct login {
  qd_agent_login *l;
  qd_ssh *session;
  int questions;
  bool decline, done;
  qd_error err;
} login;

static void on_question(void *ctx, const qd_ssh_question *q) {
  login *r = ctx;
  r->questions++;
  cr_assert_eq(q->kind, QD_SSH_ASK_HOST_KEY);
  cr_assert(strncmp(q->fingerprint, "SHA256:", 7) == 0);
  qd_agent_login_answer(r->l, r->decline ? NULL : "yes");
}
static void on_login(void *ctx, qd_ssh *session, const qd_error *err) {
  login *r = ctx;
  r->done = true;
  r->session = session;
  if (err) r->err = *err;
}
static const qd_ssh_login_events LOGIN = {on_question, on_login};

static void begin(world *w, login *r) { r->l = qd_agent_login_start(w->loop, w->path, &w->target, &LOGIN, r); }

static qd_ssh *log_in(world *w, int questions) {
  login r = {.err = QD_ERROR_INIT};
  begin(w, &r);
  qd_loop_run_until(w->loop, &r.done);
  cr_assert_not_null(r.session, "%s: %s", r.err.message, r.err.why);
  cr_assert_eq(r.questions, questions);
  return r.session;
}

static qd_stream *open_socket(world *w, qd_ssh *s) {
  qd_dialer *d = qd_ssh_socket_dialer(s, w->f.socket);
  qd_error err;
  qd_stream *stream = probe_dial_wait(d, false, &err);
  cr_assert_not_null(stream, "%s: %s", err.message, err.why);
  qd_dialer_free(d);
  return stream;
}

static void echo(world *w, qd_ssh *s, const char *text) {
  qd_stream *stream = open_socket(w, s);
  probe p;
  probe_init(&p, stream);
  qd_stream_read(stream, true);
  (void)qd_stream_write(stream, QD_SLICE("echo\n"));
  (void)qd_stream_write(stream, qd_slice_of(text));
  qd_stream_shutdown(stream);
  qd_loop_run_until(w->loop, &p.ended);
  cr_assert_not(p.failed, "%s", p.err.message);
  cr_assert(qd_slice_is(qd_buf_slice(&p.got), text));
  probe_deinit(&p);
  qd_stream_close(stream);
}

typedef struct told {
  bool done, ok;
  qd_agent_status status;
  qd_agent_holds first, last;
  char last_state[32];
  int logging_in;
  qd_error err;
} told;
static void on_told(void *ctx, const qd_agent_status *status, const qd_error *err) {
  told *t = ctx;
  t->done = true;
  t->ok = status != NULL;
  if (status) t->status = *status;
  if (status && status->count > 0) t->first = status->holds[0];
  for (size_t i = 0; status && i < status->count; i++) {
    t->last = status->holds[i];
    (void)snprintf(t->last_state, sizeof t->last_state, "%s", t->last.state);
    t->logging_in += strcmp(t->last_state, "logging in") == 0;
  }
  if (err) t->err = *err;
}
static told ask(world *w, qd_agent_question question) {
  told t = {.err = QD_ERROR_INIT};
  (void)qd_agent_ask_start(w->loop, w->path, question, on_told, &t);
  qd_loop_run_until(w->loop, &t.done);
  return t;
}

QD_TEST(agent_holder, one_login_serves_many_commands) {
  world w;
  world_start(&w, "");
  struct stat st;
  cr_assert_eq(stat(w.path, &st), 0);
  cr_assert_eq(st.st_mode & 0777, 0600);
  qd_ssh *a = log_in(&w, 1);  // the key is new: asked once
  qd_ssh *b = log_in(&w, 0);
  cr_assert_str_eq(qd_ssh_get_info(b)->auth, "publickey");
  echo(&w, a, "through one");
  echo(&w, b, "through the same");
  told t = ask(&w, QD_AGENT_STATUS);
  cr_assert(t.ok);
  cr_assert_eq(t.status.count, 1);
  cr_assert_eq(t.first.sessions, 1);
  cr_assert_eq(t.status.pid, getpid());
  qd_ssh_unref(a);
  qd_ssh_unref(b);
  world_stop(&w);
}

// A session is known by the files that it was logged in with: once trust is withdrawn, nobody gets it.
QD_TEST(agent_holder, a_changed_known_hosts_leads_to_a_new_login) {
  world w;
  world_start(&w, "");
  qd_ssh_unref(log_in(&w, 1));
  qd_ssh_unref(log_in(&w, 0));
  cr_assert_eq(unlink(w.known_hosts), 0);
  w.target.no_prompt = true;
  login r = {.err = QD_ERROR_INIT};
  begin(&w, &r);
  qd_loop_run_until(w.loop, &r.done);
  cr_assert_null(r.session);
  cr_assert_str_eq(r.err.code, "host_key_unknown");
  world_stop(&w);
}

QD_TEST(agent_holder, a_declined_question_ends_the_login) {
  world w;
  world_start(&w, "");
  login r = {.decline = true, .err = QD_ERROR_INIT};
  begin(&w, &r);
  qd_loop_run_until(w.loop, &r.done);
  cr_assert_null(r.session);
  cr_assert_eq(r.questions, 1);
  cr_assert_eq(r.err.category, QD_AUTH);
  cr_assert_str_eq(r.err.code, "host_key_unknown");
  world_stop(&w);
}

// Ten at once, to a NAS that nobody has a session of: one login, and every one gets the session.
QD_TEST(agent_holder, those_who_come_at_once_share_a_login) {
  enum { N = 10 };
  world w;
  world_start(&w, "");
  qd_ssh_unref(log_in(&w, 1));
  FILE *known = fopen(w.known_hosts, "a");
  cr_assert_not_null(known);
  (void)fputs("# another state\n", known);
  (void)fclose(known);
  login r[N];
  for (int i = 0; i < N; i++) {
    r[i] = (login){.err = QD_ERROR_INIT};
    begin(&w, &r[i]);
  }
  for (int i = 0; i < N; i++) qd_loop_run_until(w.loop, &r[i].done);
  for (int i = 0; i < N; i++) {
    cr_assert_not_null(r[i].session, "%s", r[i].err.message);
    cr_assert_eq(r[i].questions, 0);
  }
  told t = ask(&w, QD_AGENT_STATUS);
  cr_assert(t.ok);
  cr_assert_eq(t.status.count, 2);  // that of the question, and the new one
  cr_assert_eq(t.last.sessions, 1);
  for (int i = 0; i < N; i++) qd_ssh_unref(r[i].session);
  world_stop(&w);
}

// Who goes away while the question is open takes the login along; the next one is asked anew.
QD_TEST(agent_holder, a_command_that_leaves_a_question_open_blocks_nobody) {
  world w;
  world_start(&w, "");
  probe p;
  qd_dialer *d = qd_net_own_dialer(w.loop, w.path);
  qd_stream *s = probe_dial_wait(d, false, NULL);
  probe_init(&p, s);
  qd_buf b;
  size_t at;
  qd_buf_init(&b, 1 << 20);
  qd__wire_begin(&b, QD__HELLO, &at);
  qd__frame_putn(&b, QD__WIRE_VERSION);
  qd__wire_end(&b, at);
  qd__wire_begin(&b, QD__ENTER, &at);
  const char *const front[] = {"1", "0", "0", "nas", "0", "0", ""};
  for (int i = 0; i < 7; i++) qd__frame_puts(&b, front[i]);
  qd__wire_target(&b, &w.target);
  qd__wire_end(&b, at);
  (void)qd_stream_write(s, qd_buf_slice(&b));
  qd_buf_deinit(&b);
  qd_stream_read(s, true);
  while (!memchr(p.got.p ? p.got.p : "", QD__QUESTION, p.got.n)) (void)qd_loop_turn(w.loop, true);
  qd_stream_close(s);
  qd_dialer_free(d);
  probe_deinit(&p);
  qd_ssh_unref(log_in(&w, 1));
  world_stop(&w);
}

typedef struct run {
  qd_buf out, err;
  bool done, failed;
  int status;
  qd_error error;
} run;
static void on_stdout(void *ctx, qd_slice s) { (void)qd_buf_add(&((run *)ctx)->out, s.p, s.n); }
static void on_stderr(void *ctx, qd_slice s) { (void)qd_buf_add(&((run *)ctx)->err, s.p, s.n); }
static void on_exit_told(void *ctx, int status, const char *signal, const qd_error *err) {
  (void)signal;
  run *r = ctx;
  r->done = true;
  r->status = status;
  r->failed = err != NULL;
  if (err) r->error = *err;
}
static const qd_ssh_exec_events RUN = {on_stdout, on_stderr, NULL, on_exit_told};

static qd_ssh_exec *run_start(qd_ssh *s, const char *command, const char *input, run *r) {
  *r = (run){.error = QD_ERROR_INIT};
  qd_buf_init(&r->out, (size_t)64 << 20);
  qd_buf_init(&r->err, 1 << 20);
  qd_ssh_exec *e = qd_ssh_exec_start(s, command, &RUN, r);
  (void)qd_ssh_exec_write(e, qd_slice_of(input));
  qd_ssh_exec_shutdown(e);
  return e;
}
static void run_end(qd_ssh_exec *e, run *r) {
  qd_ssh_exec_close(e);
  qd_buf_deinit(&r->out);
  qd_buf_deinit(&r->err);
}

QD_TEST(agent_holder, commands_have_their_input_outputs_and_status) {
  world w;
  world_start(&w, "");
  qd_ssh *s = log_in(&w, 1);
  qd_ssh_exec_prepare(s);
  run r;
  qd_ssh_exec *e = run_start(s, "cat; echo oops >&2; exit 42", "input", &r);
  qd_loop_run_until(w.loop, &r.done);
  cr_assert_not(r.failed, "%s", r.error.message);
  cr_assert(qd_slice_is(qd_buf_slice(&r.out), "input"));
  cr_assert(qd_slice_is(qd_buf_slice(&r.err), "oops\n"), "%.*s", (int)r.err.n, r.err.p);
  cr_assert_eq(r.status, 42);
  run_end(e, &r);
  qd_ssh_unref(s);
  world_stop(&w);
}

// More commands at once than the server allows on a connection: those without room wait for it.
QD_TEST(agent_holder, commands_wait_for_room_on_a_server_with_few_sessions) {
  enum { N = 12 };
  world w;
  world_start(&w, "MaxSessions 3\n");
  qd_ssh_unref(log_in(&w, 1));
  qd_ssh *s = log_in(&w, 0);
  run r[N];
  qd_ssh_exec *e[N];
  for (int i = 0; i < N; i++) e[i] = run_start(s, "cat; sleep 0.05", "all of it", &r[i]);
  for (int i = 0; i < N; i++) {
    qd_loop_run_until(w.loop, &r[i].done);
    cr_assert_not(r[i].failed, "%d: %s: %s", i, r[i].error.message, r[i].error.why);
    cr_assert(qd_slice_is(qd_buf_slice(&r[i].out), "all of it"), "%d", i);
    run_end(e[i], &r[i]);
  }
  qd_ssh_unref(s);
  world_stop(&w);
}

QD_TEST(agent_holder, many_bytes_pass_both_ways) {
  enum { N = 8 << 20 };
  world w;
  world_start(&w, "");
  qd_ssh *s = log_in(&w, 1);
  qd_stream *out = open_socket(&w, s);
  probe p;
  probe_init(&p, out);
  char line[32];
  (void)snprintf(line, sizeof line, "source %d\n", N);
  (void)qd_stream_write(out, qd_slice_of(line));
  qd_stream_read(out, true);
  while (p.got.n == 0) (void)qd_loop_turn(w.loop, true);
  qd_stream_read(out, false);  // held back for a while
  for (int i = 0; i < 50; i++) (void)qd_loop_turn(w.loop, false);
  qd_stream_read(out, true);
  qd_loop_run_until(w.loop, &p.ended);
  cr_assert_eq(p.got.n, N);
  for (size_t i = 0; i < N; i += 4099) cr_assert_eq(p.got.p[i], fixture_pattern(i));
  probe_deinit(&p);
  qd_stream_close(out);

  qd_stream *in = open_socket(&w, s);
  probe_init(&p, in);
  qd_stream_read(in, true);
  (void)qd_stream_write(in, QD_SLICE("sink\n"));
  char block[65536];
  for (size_t i = 0; i < sizeof block; i++) block[i] = fixture_pattern(i);
  unsigned long sum = 0;
  for (size_t sent = 0; sent < N; sent += sizeof block) {
    sum = fixture_sum(sum, block, sizeof block);
    p.drained = false;
    if (!qd_stream_write(in, (qd_slice){block, sizeof block})) qd_loop_run_until(w.loop, &p.drained);
  }
  qd_stream_shutdown(in);
  qd_loop_run_until(w.loop, &p.ended);
  char want[64];
  (void)snprintf(want, sizeof want, "%d %lu\n", N, sum);
  cr_assert(qd_slice_is(qd_buf_slice(&p.got), want));
  probe_deinit(&p);
  qd_stream_close(in);
  qd_ssh_unref(s);
  world_stop(&w);
}

// The server's side dies: streams end with an error, and the next command finds a new session.
QD_TEST(agent_holder, a_lost_session_is_replaced) {
  world w;
  world_start(&w, "");
  qd_ssh_unref(log_in(&w, 1));
  qd_ssh *s = log_in(&w, 0);
  qd_stream *stream = open_socket(&w, s);
  probe p;
  probe_init(&p, stream);
  qd_stream_read(stream, true);
  cr_assert_gt(fixture_signal_connections(&w.f, SIGKILL), 0);
  qd_loop_run_until(w.loop, &p.ended);
  cr_assert(p.failed);
  cr_assert_str_eq(p.err.code, "connection_lost");
  probe_deinit(&p);
  qd_stream_close(stream);
  echo(&w, s, "again");
  qd_ssh_unref(s);
  world_stop(&w);
}

// A session that was lost is fetched back without being asked for.
QD_TEST(agent_holder, a_lost_session_comes_back_by_itself) {
  world w;
  world_start(&w, "");
  qd_ssh_unref(log_in(&w, 1));
  w.target.no_prompt = true;
  FILE *known = fopen(w.known_hosts, "a");
  cr_assert_not_null(known);
  (void)fputs("# a login without a question\n", known);
  (void)fclose(known);
  qd_ssh_unref(log_in(&w, 0));
  cr_assert_gt(fixture_signal_connections(&w.f, SIGKILL), 0);
  told t;
  do {  // first it is noticed, then it is mended
    t = ask(&w, QD_AGENT_STATUS);
    cr_assert(t.ok);
  } while (t.last.sessions == 1 && fixture_signal_connections(&w.f, 0) == 0);
  do t = ask(&w, QD_AGENT_STATUS);
  while (t.last.sessions == 0);
  cr_assert_str_eq(t.last_state, "connected");
  world_stop(&w);
}

// Many accounts of one host at once: no more than three are logging in at a time.
QD_TEST(agent_holder, three_logins_to_a_host_at_a_time) {
  enum { N = 9 };
  world w;
  world_start(&w, "");
  qd_ssh_unref(log_in(&w, 1));
  login r[N];
  char alias[N][8];
  for (int i = 0; i < N; i++) {
    (void)snprintf(alias[i], sizeof alias[i], "nas%d", i);
    w.target.alias = alias[i];
    r[i] = (login){.err = QD_ERROR_INIT};
    begin(&w, &r[i]);
  }
  int most = 0;
  for (int i = 0; i < N;) {
    told t = ask(&w, QD_AGENT_STATUS);
    cr_assert(t.ok);
    if (t.logging_in > most) most = t.logging_in;
    while (i < N && r[i].done) i++;
  }
  cr_assert_eq(most, 3);
  for (int i = 0; i < N; i++) {
    cr_assert_not_null(r[i].session, "%s", r[i].err.message);
    qd_ssh_unref(r[i].session);
  }
  world_stop(&w);
}

// The holder goes away under a command.
QD_TEST(agent_holder, its_end_is_told_to_commands) {
  world w;
  world_start(&w, "");
  qd_ssh *s = log_in(&w, 1);
  qd_stream *stream = open_socket(&w, s);
  probe p;
  probe_init(&p, stream);
  qd_stream_read(stream, true);
  cr_assert(ask(&w, QD_AGENT_STOP).ok);
  qd_loop_run_until(w.loop, &w.ended);
  qd_agent_free(w.agent);
  w.agent = NULL;
  qd_loop_run_until(w.loop, &p.ended);
  cr_assert(p.failed);
  cr_assert_str_eq(p.err.code, "connection_lost");
  probe_deinit(&p);
  qd_stream_close(stream);
  qd_dialer *d = qd_ssh_socket_dialer(s, w.f.socket);
  qd_error err;
  cr_assert_null(probe_dial_wait(d, false, &err));
  cr_assert_str_eq(err.code, "agent_gone");
  qd_dialer_free(d);
  qd_ssh_unref(s);
  told t = ask(&w, QD_AGENT_STATUS);
  cr_assert(!t.ok);
  cr_assert_str_eq(t.err.code, "agent_gone");
  world_stop(&w);
}

QD_TEST(agent_holder, a_retired_one_serves_on_and_makes_room) {
  world w;
  world_start_idle(&w, "", 200);
  qd_ssh *s = log_in(&w, 1);
  qd_stream *stream = open_socket(&w, s);
  cr_assert(ask(&w, QD_AGENT_RETIRE).ok);
  qd_agent *next = NULL;
  qd_error err;
  bool ended = false;
  cr_assert_eq(qd_agent_serve(w.loop, w.path, 60000, on_end, &ended, &next, &err), QD_OK, "%s", err.why);
  probe p;
  probe_init(&p, stream);
  qd_stream_read(stream, true);
  (void)qd_stream_write(stream, QD_SLICE("echo\nstill here"));
  qd_stream_shutdown(stream);
  qd_loop_run_until(w.loop, &p.ended);
  cr_assert(qd_slice_is(qd_buf_slice(&p.got), "still here"));
  probe_deinit(&p);
  qd_stream_close(stream);
  qd_loop_run_until(w.loop, &w.ended);  // nobody uses it any more
  qd_agent_free(next);
  qd_ssh_unref(s);
  world_stop(&w);
}

QD_TEST(agent_holder, two_cannot_listen_on_one_path) {
  world w;
  world_start(&w, "");
  qd_agent *second = NULL;
  qd_error err;
  cr_assert_eq(qd_agent_serve(w.loop, w.path, 60000, on_end, &w, &second, &err), QD_CONFLICT);
  cr_assert_str_eq(err.code, "socket_in_use");
  cr_assert(ask(&w, QD_AGENT_STATUS).ok);
  world_stop(&w);
}

QD_TEST(agent_holder, it_ends_when_nobody_uses_it) {
  world w;
  world_start_idle(&w, "", 100);
  qd_ssh_unref(log_in(&w, 1));
  qd_loop_run_until(w.loop, &w.ended);
  cr_assert(w.ended);
  world_stop(&w);
}

QD_TEST(agent_holder, nonsense_hurts_nobody) {
  world w;
  world_start(&w, "");
  static const char *const SAID[] = {"GET / HTTP/1.1\r\n\r\n", "V\0\0\0\5\0\0\0\0019", "d\0\0\0\1x", "O\0\0\0\4\0\0\0\0"};
  static const size_t LENGTHS[] = {18, 10, 6, 9};
  for (int i = 0; i < 4; i++) {
    qd_dialer *d = qd_net_own_dialer(w.loop, w.path);
    qd_stream *s = probe_dial_wait(d, false, NULL);
    probe p;
    probe_init(&p, s);
    qd_stream_read(s, true);
    (void)qd_stream_write(s, (qd_slice){SAID[i], LENGTHS[i]});
    qd_stream_shutdown(s);
    qd_loop_run_until(w.loop, &p.ended);
    probe_deinit(&p);
    qd_stream_close(s);
    qd_dialer_free(d);
  }
  told t = ask(&w, QD_AGENT_STATUS);
  cr_assert(t.ok);
  cr_assert_eq(t.status.count, 0);
  world_stop(&w);
}
