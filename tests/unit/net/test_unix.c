#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/net.h"
#include "net_probe.h"
#include "qd_test.h"

// A blocking peer in a thread: what it does with the one connection it gets is its job.
typedef struct peer {
  char dir[64], path[96];
  int listener;
  pthread_t thread;
  void (*job)(int fd);
} peer;

static void *serve(void *arg) {
  peer *p = arg;
  int fd = accept(p->listener, NULL, NULL);
  if (fd >= 0) {
    p->job(fd);
    (void)close(fd);
  }
  return NULL;
}

static void peer_start(peer *p, void (*job)(int fd)) {
  (void)snprintf(p->dir, sizeof p->dir, "/tmp/qd-unix-XXXXXX");
  cr_assert_not_null(mkdtemp(p->dir));
  (void)snprintf(p->path, sizeof p->path, "%s/s", p->dir);
  p->job = job;
  p->listener = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  (void)snprintf(a.sun_path, sizeof a.sun_path, "%s", p->path);
  cr_assert_eq(bind(p->listener, (struct sockaddr *)&a, sizeof a), 0);
  cr_assert_eq(listen(p->listener, 5), 0);
  if (job) cr_assert_eq(pthread_create(&p->thread, NULL, serve, p), 0);
}

static void peer_stop(peer *p) {
  if (p->job) (void)pthread_join(p->thread, NULL);
  (void)close(p->listener);
  (void)unlink(p->path);
  (void)rmdir(p->dir);
}

static qd_stream *dial(qd_loop *loop, const char *path, qd_error *err) {
  qd_dialer *d = qd_net_unix_dialer(loop, path);
  qd_stream *s = probe_dial_wait(d, false, err);
  qd_dialer_free(d);
  return s;
}

static void read_all_then_answer(int fd) {
  char buf[4096];
  size_t total = 0;
  for (ssize_t n; (n = read(fd, buf, sizeof buf)) > 0;) total += (size_t)n;
  (void)dprintf(fd, "%zu", total);
}

QD_TEST(unix, half_close_lets_the_answer_come) {
  peer p;
  peer_start(&p, read_all_then_answer);
  qd_loop *loop = qd_loop_new();
  qd_stream *s = dial(loop, p.path, NULL);
  probe r;
  probe_init(&r, s);
  qd_stream_read(s, true);
  static char block[100 * 1024];
  bool full = false;  // a quick peer may take it all at once
  for (int i = 0; i < 50; i++) full |= !qd_stream_write(s, (qd_slice){block, sizeof block});
  qd_stream_shutdown(s);
  qd_loop_run_until(loop, &r.ended);
  cr_assert_not(r.failed);
  cr_assert_eq(r.drained, full, "who was told to wait is told to go on, and nobody else");
  cr_assert(qd_slice_is(qd_buf_slice(&r.got), "5120000"));
  qd_stream_close(s);
  probe_deinit(&r);
  peer_stop(&p);
  cr_assert_eq(qd_loop_free(loop), 0);
}

static void hang_up(int fd) { (void)fd; }

QD_TEST(unix, a_broken_stream_drains_and_ends_once) {
  peer p;
  peer_start(&p, hang_up);
  qd_loop *loop = qd_loop_new();
  qd_stream *s = dial(loop, p.path, NULL);
  probe r;
  probe_init(&r, s);
  static char block[100 * 1024];
  for (int i = 0; i < 50; i++) (void)qd_stream_write(s, (qd_slice){block, sizeof block});
  qd_loop_run_until(loop, &r.ended);
  cr_assert(r.failed);
  cr_assert_eq(r.ends, 1);
  cr_assert_str_eq(r.err.code, "connection_lost");
  cr_assert(qd_stream_write(s, QD_SLICE("x")));
  qd_stream_close(s);
  probe_deinit(&r);
  peer_stop(&p);
  cr_assert_eq(qd_loop_free(loop), 0);
}

static void send_much(int fd) {
  static char block[64 * 1024];
  for (int i = 0; i < 40; i++)
    if (send(fd, block, sizeof block, MSG_NOSIGNAL) < 0) return;
}

QD_TEST(unix, reading_off_holds_the_bytes_back) {
  peer p;
  peer_start(&p, send_much);
  qd_loop *loop = qd_loop_new();
  qd_stream *s = dial(loop, p.path, NULL);
  probe r;
  probe_init(&r, s);
  qd_stream_read(s, true);
  while (r.got.n == 0) (void)qd_loop_turn(loop, true);
  qd_stream_read(s, false);
  size_t before = r.got.n;
  for (int i = 0; i < 20; i++) (void)qd_loop_turn(loop, false);
  cr_assert_eq(r.got.n, before);
  qd_stream_read(s, true);
  qd_loop_run_until(loop, &r.ended);
  cr_assert_eq(r.got.n, 40u * 64 * 1024);
  qd_stream_close(s);
  probe_deinit(&r);
  peer_stop(&p);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(unix, explains_why_a_socket_cannot_be_reached) {
  qd_loop *loop = qd_loop_new();
  qd_error err;
  cr_assert_null(dial(loop, "/nonexistent/docker.sock", &err));
  cr_assert_eq(err.category, QD_CONNECT);
  cr_assert_str_eq(err.code, "no_socket");
  cr_assert(strstr(err.hint, "not running"));
  char longer[200];
  memset(longer, 'x', sizeof longer);
  longer[0] = '/';
  longer[sizeof longer - 1] = '\0';
  cr_assert_null(dial(loop, longer, &err));
  cr_assert_str_eq(err.code, "socket_path");
  peer p;
  peer_start(&p, NULL);
  (void)close(p.listener);
  cr_assert_null(dial(loop, p.path, &err));
  cr_assert_str_eq(err.code, "refused");
  cr_assert(strstr(err.hint, "not running"));
  p.listener = -1;
  peer_stop(&p);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(unix, a_socket_of_others_is_a_question_of_rights) {
  if (geteuid() != 0) cr_skip_test("needs root to become somebody without rights");
  peer p;
  peer_start(&p, NULL);
  cr_assert_eq(chmod(p.path, 0600), 0);
  cr_assert_eq(chmod(p.dir, 0755), 0);
  cr_assert_eq(seteuid(65534), 0);
  qd_loop *loop = qd_loop_new();
  qd_error err;
  cr_assert_null(dial(loop, p.path, &err));
  cr_assert_eq(seteuid(0), 0);
  cr_assert_eq(err.category, QD_AUTH);
  cr_assert_str_eq(err.code, "socket_permission");
  peer_stop(&p);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(unix, a_cancelled_dial_says_nothing) {
  peer p;
  peer_start(&p, NULL);
  qd_loop *loop = qd_loop_new();
  qd_dialer *d = qd_net_unix_dialer(loop, p.path);
  probe_dial r = {false, NULL, QD_ERROR_INIT};
  qd_dial_cancel(qd_dial_start(d, false, probe_dialled, &r));
  qd_dialer_free(d);
  while (qd_loop_turn(loop, true)) {
  }
  cr_assert_not(r.done);
  peer_stop(&p);
  cr_assert_eq(qd_loop_free(loop), 0);
}
