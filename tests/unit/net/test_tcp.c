#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net.h"
#include "net_probe.h"
#include "qd_test.h"

static int listener(int *port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
  cr_assert_eq(listen(fd, 5), 0);
  socklen_t n = sizeof a;
  cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
  *port = ntohs(a.sin_port);
  return fd;
}

QD_TEST(tcp, connects_by_name_and_carries_bytes) {
  struct addrinfo *found;
  if (getaddrinfo("localhost", NULL, NULL, &found) != 0) cr_skip_test("this machine has no name for itself");
  freeaddrinfo(found);
  int port;
  int fd = listener(&port);
  qd_loop *loop = qd_loop_new();
  qd_dialer *d = qd_net_tcp_dialer(loop, "localhost", port, 5000);
  qd_stream *s = probe_dial_wait(d, false, NULL);
  qd_dialer_free(d);
  cr_assert_not_null(s);
  int peer = accept(fd, NULL, NULL);
  cr_assert_eq(write(peer, "hello", 5), 5);
  (void)close(peer);
  probe r;
  probe_init(&r, s);
  qd_stream_read(s, true);
  qd_loop_run_until(loop, &r.ended);
  cr_assert(qd_slice_is(qd_buf_slice(&r.got), "hello"));
  qd_stream_close(s);
  probe_deinit(&r);
  (void)close(fd);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(tcp, tells_refused_from_unknown_name) {
  int port;
  (void)close(listener(&port));
  qd_loop *loop = qd_loop_new();
  qd_error err;
  qd_dialer *d = qd_net_tcp_dialer(loop, "127.0.0.1", port, 5000);
  cr_assert_null(probe_dial_wait(d, false, &err));
  cr_assert_str_eq(err.code, "refused");
  cr_assert_eq(err.category, QD_CONNECT);
  qd_dialer_free(d);
  d = qd_net_tcp_dialer(loop, "no-such-host.invalid", 22, 20000);
  cr_assert_null(probe_dial_wait(d, false, &err));
  cr_assert_str_eq(err.code, "resolve_failed");
  qd_dialer_free(d);
  cr_assert_eq(qd_loop_free(loop), 0);
}

// A listener whose queue is full leaves further connects unanswered, as a host that drops packets does.
QD_TEST(tcp, gives_up_at_its_deadline) {
  int port;
  int fd = listener(&port);
  cr_assert_eq(listen(fd, 0), 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
  int fill[4];
  for (int i = 0; i < 4; i++) {
    fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)connect(fill[i], (struct sockaddr *)&a, sizeof a);
  }
  qd_loop *loop = qd_loop_new();
  qd_error err;
  qd_dialer *d = qd_net_tcp_dialer(loop, "127.0.0.1", port, 150);
  cr_assert_null(probe_dial_wait(d, false, &err));
  cr_assert_eq(err.category, QD_TIMEOUT);
  probe_dial r = {false, NULL, QD_ERROR_INIT};
  qd_dial *dial = qd_dial_start(d, false, probe_dialled, &r);
  for (int i = 0; i < 3; i++) (void)qd_loop_turn(loop, false);
  qd_dial_cancel(dial);
  qd_dialer_free(d);
  while (qd_loop_turn(loop, true)) {
  }
  cr_assert_not(r.done);
  for (int i = 0; i < 4; i++) (void)close(fill[i]);
  (void)close(fd);
  cr_assert_eq(qd_loop_free(loop), 0);
}
