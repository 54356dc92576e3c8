#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "loop/timer.h"
#include "net/uvs.h"
#include "net_probe.h"
#include "qd_test.h"
#include "ssh/session.h"
#include "sshd_fixture.h"

static qd_stream *open_socket(qd_ssh *s, const char *path, bool bulk, qd_error *err) {
  qd_dialer *d = qd_ssh_socket_dialer(s, path);
  qd_stream *st = probe_dial_wait(d, bulk, err);
  qd_dialer_free(d);
  return st;
}

static void ask(qd_stream *s, const char *line) { (void)qd_stream_write(s, qd_slice_of(line)); }

static bool is_pattern(const qd_buf *b, size_t n) {
  if (b->n != n) return false;
  for (size_t i = 0; i < n; i++)
    if (b->p[i] != fixture_pattern(i)) return false;
  return true;
}

QD_TEST(ssh_session, carries_a_stream_with_half_close) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_stream *st = open_socket(s, f.socket, false, NULL);
  cr_assert_not_null(st);
  probe r;
  probe_init(&r, st);
  qd_stream_read(st, true);
  ask(st, "sink\n");
  ask(st, "hello");
  qd_stream_shutdown(st);
  qd_loop_run_until(loop, &r.ended);
  char want[64];
  (void)snprintf(want, sizeof want, "5 %lu\n", fixture_sum(0, "hello", 5));
  cr_assert(qd_slice_is(qd_buf_slice(&r.got), want));
  cr_assert_not(r.failed);
  qd_stream_close(st);
  probe_deinit(&r);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

// Eight opens of two kinds overlap; each stream must get its own answer.
QD_TEST(ssh_session, overlapping_opens_find_their_own_channel) {
  enum { N = 8 };
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  for (int round = 0; round < 3; round++) {
    qd_ssh *s = fixture_login(&f, loop);
    qd_dialer *sock = qd_ssh_socket_dialer(s, f.socket);
    qd_dialer *cmd = qd_ssh_exec_dialer(s, "echo HTTP/1.command; cat", "HTTP/1.");
    probe_dial d[N];
    for (int i = 0; i < N; i++) {
      d[i] = (probe_dial){false, NULL, QD_ERROR_INIT};
      (void)qd_dial_start(i % 2 ? cmd : sock, false, probe_dialled, &d[i]);
    }
    for (int i = 0; i < N; i++) qd_loop_run_until(loop, &d[i].done);
    for (int i = 0; i < N; i++) {
      cr_assert_not_null(d[i].stream, "%s", d[i].err.message);
      probe r;
      probe_init(&r, d[i].stream);
      char line[32];
      (void)snprintf(line, sizeof line, "%snumber %d\n", i % 2 ? "" : "echo\n", i);
      ask(d[i].stream, line);
      qd_stream_shutdown(d[i].stream);
      qd_stream_read(d[i].stream, true);
      qd_loop_run_until(loop, &r.ended);
      (void)snprintf(line, sizeof line, "%snumber %d\n", i % 2 ? "HTTP/1.command\n" : "", i);
      cr_assert(qd_slice_is(qd_buf_slice(&r.got), line), "stream %d got %s", i, r.got.p);
      cr_assert_not(r.failed, "%s: %s", r.err.message, r.err.why);
      qd_stream_close(d[i].stream);
      probe_deinit(&r);
    }
    qd_dialer_free(sock);
    qd_dialer_free(cmd);
    qd_ssh_unref(s);
  }
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

typedef struct upload {
  qd_stream *s;
  probe r;
  size_t sent, total;
  unsigned long sum;
} upload;

static void feed(upload *u) {
  static char block[50000];
  while (u->sent < u->total) {
    size_t n = u->total - u->sent < sizeof block ? u->total - u->sent : sizeof block;
    for (size_t i = 0; i < n; i++) block[i] = fixture_pattern(u->sent + i);
    u->sum = fixture_sum(u->sum, block, n);
    u->sent += n;
    if (!qd_stream_write(u->s, (qd_slice){block, n}) && u->sent < u->total) return;
  }
  qd_stream_shutdown(u->s);
}

static void upload_run(upload *u, qd_loop *loop) {
  while (!u->r.ended && qd_loop_turn(loop, true)) {
    if (u->r.drained && u->sent < u->total) {
      u->r.drained = false;
      feed(u);
    }
  }
}

static void check_sum(upload *u) {
  char want[64];
  (void)snprintf(want, sizeof want, "%zu %lu\n", u->total, u->sum);
  cr_assert(qd_slice_is(qd_buf_slice(&u->r.got), want), "got %s, want %s", u->r.got.p, want);
  qd_stream_close(u->s);
  probe_deinit(&u->r);
}

// Two uploads at once, keys exchanged anew every megabyte, and a download beside them.
QD_TEST(ssh_session, uploads_survive_rekeying) {
  fixture f;
  fixture_start(&f, "RekeyLimit 1M");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  upload u[2] = {{.total = 12u << 20}, {.total = 9u << 20}};
  for (int i = 0; i < 2; i++) {
    u[i].s = open_socket(s, f.socket, true, NULL);
    probe_init(&u[i].r, u[i].s);
    qd_stream_read(u[i].s, true);
    ask(u[i].s, "sink\n");
  }
  qd_stream *down = open_socket(s, f.socket, true, NULL);
  probe d;
  probe_init(&d, down);
  qd_stream_read(down, true);
  ask(down, "source 10000000\n");
  for (int i = 0; i < 2; i++) feed(&u[i]);
  while (!(u[0].r.ended && u[1].r.ended && d.ended) && qd_loop_turn(loop, true)) {
    for (int i = 0; i < 2; i++) {
      if (!u[i].r.drained || u[i].sent == u[i].total) continue;
      u[i].r.drained = false;
      feed(&u[i]);
    }
  }
  for (int i = 0; i < 2; i++) check_sum(&u[i]);
  cr_assert(is_pattern(&d.got, 10000000));
  qd_stream_close(down);
  probe_deinit(&d);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_session, carries_64_mib_both_ways) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_stream *down = open_socket(s, f.socket, true, NULL);
  probe d;
  probe_init(&d, down);
  qd_stream_read(down, true);
  ask(down, "source 67108864\n");
  qd_loop_run_until(loop, &d.ended);
  cr_assert(is_pattern(&d.got, 67108864));
  qd_stream_close(down);
  probe_deinit(&d);
  upload u = {.s = open_socket(s, f.socket, true, NULL), .total = 64u << 20};
  probe_init(&u.r, u.s);
  qd_stream_read(u.s, true);
  ask(u.s, "sink\n");
  feed(&u);
  upload_run(&u, loop);
  check_sum(&u);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

// One consumer reads nothing, one peer reads nothing: the others go on.
QD_TEST(ssh_session, stalled_streams_do_not_hold_up_others) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_stream *stalled = open_socket(s, f.socket, true, NULL);
  probe r;
  probe_init(&r, stalled);
  ask(stalled, "source 100000000\n");
  qd_stream *held = open_socket(s, f.socket, false, NULL);
  probe h;
  probe_init(&h, held);
  qd_stream_read(held, true);
  ask(held, "hold\n");
  static char block[65536];
  for (int i = 0; i < 100; i++) (void)qd_stream_write(held, (qd_slice){block, sizeof block});
  for (int i = 0; i < 20; i++) {
    qd_stream *st = open_socket(s, f.socket, false, NULL);
    probe p;
    probe_init(&p, st);
    qd_stream_read(st, true);
    ask(st, "source 300000\n");
    qd_loop_run_until(loop, &p.ended);
    cr_assert(is_pattern(&p.got, 300000));
    qd_stream_close(st);
    probe_deinit(&p);
  }
  cr_assert_eq(r.got.n, 0, "reading is off");
  cr_assert_not(h.ended);
  qd_stream_read(stalled, true);
  while (r.got.n < 20000000 && qd_loop_turn(loop, true)) {
  }
  qd_stream_close(stalled);
  qd_stream_close(held);
  probe_deinit(&r);
  probe_deinit(&h);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

// A server that reads nothing: what we hold for it stays bounded, however many streams write.
QD_TEST(ssh_session, output_for_a_stuck_server_is_bounded) {
  enum { N = 8 };
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_stream *st[N];
  for (int i = 0; i < N; i++) {
    st[i] = open_socket(s, f.socket, true, NULL);
    ask(st[i], "sink\n");
  }
  cr_assert_gt(fixture_signal_connections(&f, SIGSTOP), 0);
  static char block[65536];
  for (int k = 0; k < 200; k++) {
    for (int i = 0; i < N && k < 32; i++) (void)qd_stream_write(st[i], (qd_slice){block, sizeof block});
    (void)qd_loop_turn(loop, false);
  }
  const qd__uvs *wire = (const qd__uvs *)s->wire;
  size_t held = wire->waiting.bytes + wire->flying.bytes + s->out.n;
  cr_assert_gt(held, 200 * 1024, "the test does not reach the mark: %zu", held);
  cr_assert_lt(held, 768 * 1024, "%zu bytes are queued", held);
  (void)fixture_signal_connections(&f, SIGCONT);
  for (int i = 0; i < N; i++) qd_stream_close(st[i]);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

static void note_lost(void *ctx, const qd_error *err) { *(qd_error *)ctx = *err; }

QD_TEST(ssh_session, a_killed_server_ends_every_stream_with_the_same_error) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_error lost = QD_ERROR_INIT;
  qd_ssh_on_lost(s, note_lost, &lost);
  qd_stream *st[3];
  probe r[3];
  for (int i = 0; i < 3; i++) {
    st[i] = open_socket(s, f.socket, i == 0, NULL);
    probe_init(&r[i], st[i]);
    if (i < 2) qd_stream_read(st[i], true);
    ask(st[i], i == 0 ? "source 400000000\n" : "echo\n");
  }
  while (r[0].got.n < 1000000) (void)qd_loop_turn(loop, true);
  qd_dialer *dialer = qd_ssh_socket_dialer(s, f.socket);
  probe_dial pending = {false, NULL, QD_ERROR_INIT};
  (void)qd_dial_start(dialer, false, probe_dialled, &pending);
  (void)qd_dial_start(dialer, false, probe_dialled, &(probe_dial){0});
  cr_assert_gt(fixture_signal_connections(&f, SIGKILL), 0);
  for (int i = 0; i < 3; i++) qd_loop_run_until(loop, &r[i].ended);
  cr_assert_str_eq(lost.code, "connection_lost");
  cr_assert_eq(lost.category, QD_CONNECT);
  cr_assert(lost.hint[0]);
  for (int i = 0; i < 3; i++) {
    cr_assert(r[i].failed);
    cr_assert_str_eq(r[i].err.code, "connection_lost");
    cr_assert_str_eq(r[i].err.why, lost.why);
    (void)qd_stream_write(st[i], QD_SLICE("more"));
    qd_stream_close(st[i]);
    probe_deinit(&r[i]);
  }
  cr_assert(pending.done);
  if (pending.stream)
    qd_stream_close(pending.stream);  // it had been answered before
  else
    cr_assert_str_eq(pending.err.code, "connection_lost");
  cr_assert_null(probe_dial_wait(dialer, false, &pending.err), "a lost session opens nothing");
  cr_assert_str_eq(pending.err.code, "connection_lost");
  qd_dialer_free(dialer);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_session, a_silent_server_is_given_up) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_stream *st = open_socket(s, f.socket, false, NULL);
  probe r;
  probe_init(&r, st);
  qd_stream_read(st, true);
  ask(st, "hold\n");
  qd__ssh_set_alive(s, 100, 400);
  qd_timer *watch = qd_timer_new(loop, probe_drain, &r);
  qd_timer_start(watch, 1500, 0);
  qd_loop_run_until(loop, &r.drained);
  cr_assert_not(r.ended, "probes are answered: %s", r.err.why);
  cr_assert_gt(fixture_signal_connections(&f, SIGSTOP), 0);
  qd_loop_run_until(loop, &r.ended);
  cr_assert(r.failed);
  cr_assert_str_eq(r.err.code, "connection_lost");
  cr_assert(strstr(r.err.why, "no answer"), "%s", r.err.why);
  qd_timer_free(watch);
  qd_stream_close(st);
  probe_deinit(&r);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

// A server that asks whether we are alive is answered even when no channel is open any more.
QD_TEST(ssh_session, answers_the_servers_probes_when_idle) {
  fixture f;
  fixture_start(&f, "ClientAliveInterval 1\nClientAliveCountMax 1");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_error lost = QD_ERROR_INIT;
  qd_ssh_on_lost(s, note_lost, &lost);
  qd_stream_close(open_socket(s, f.socket, false, NULL));
  probe r = {.drained = false};
  qd_timer *watch = qd_timer_new(loop, probe_drain, &r);
  qd_timer_start(watch, 6000, 0);
  qd_loop_run_until(loop, &r.drained);
  cr_assert_eq(lost.category, QD_OK, "%s", lost.why);
  qd_timer_free(watch);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_session, refused_forwarding_lets_the_ladder_go_on) {
  fixture f;
  fixture_start(&f, "AllowStreamLocalForwarding no");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_error err;
  for (int i = 0; i < 2; i++) {
    cr_assert_null(open_socket(s, f.socket, false, &err));
    cr_assert_eq(err.category, QD_UNSUPPORTED);
    cr_assert_str_eq(err.code, "forwarding_refused");
    cr_assert(err.why[0] && err.hint[0]);
  }
  qd_dialer *d = qd_ssh_exec_dialer(s, "echo HTTP/1.1", "HTTP/1.");
  qd_stream *st = probe_dial_wait(d, false, &err);
  cr_assert_not_null(st, "the session still works");
  qd_stream_close(st);
  qd_dialer_free(d);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_session, cancelled_dials_and_early_ends_leave_nothing) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  for (int turns = 0; turns < 40; turns++) {  // the end comes at every stage of an open
    qd_ssh *s = fixture_login(&f, loop);
    qd_dialer *sock = qd_ssh_socket_dialer(s, f.socket);
    qd_dialer *cmd = qd_ssh_exec_dialer(s, "cat", NULL);
    probe_dial d[4];
    qd_dial *dial[4];
    for (int i = 0; i < 4; i++) {
      d[i] = (probe_dial){false, NULL, QD_ERROR_INIT};
      dial[i] = qd_dial_start(i % 2 ? sock : cmd, false, probe_dialled, &d[i]);
    }
    for (int i = 0; i < turns; i++) (void)qd_loop_turn(loop, i % 3 == 0 && !d[3].done);
    for (int i = 0; i < 4; i++) {
      if (!d[i].done) qd_dial_cancel(dial[i]);
      qd_stream_close(d[i].stream);
    }
    qd_dialer_free(sock);
    qd_dialer_free(cmd);
    qd_ssh_unref(s);
    if (turns % 2) (void)qd_loop_turn(loop, false);
  }
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}
