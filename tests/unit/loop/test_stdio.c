#include "loop/stdio.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/timer.h"
#include "qd_temp.h"
#include "qd_test.h"

typedef struct result {
  int calls;
  size_t n;
  qd_error err;
  bool done;
} result;

static void note(void *ctx, size_t n, const qd_error *err) {
  result *r = ctx;
  r->calls++;
  r->n = n;
  if (err) r->err = *err;
  r->done = true;
}

static qd_stdio_req writing(result *r, const char *bytes, size_t n) { return (qd_stdio_req){.fn = note, .ctx = r, .bytes = {bytes, n}}; }

static qd_stdio_req reading(result *r, char *buffer, size_t size) {
  return (qd_stdio_req){.fn = note, .ctx = r, .buffer = buffer, .size = size};
}

static void ring(void *ctx) { *(bool *)ctx = true; }

// Reads everything from fd until its end, turning the loop meanwhile.
static size_t drain(qd_loop *loop, int fd, char *into, size_t size) {
  size_t n = 0;
  cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
  for (;;) {
    ssize_t got = read(fd, into + n, size - n);
    if (got > 0) n += (size_t)got;
    if (got == 0) return n;
    if (!qd_loop_turn(loop, false) && got < 0) return n;
  }
}

QD_TEST(stdio, a_large_write_waits_for_the_reader_and_arrives_whole) {
  enum { SIZE = 1 << 20 };
  qd_loop *loop = qd_loop_new();
  int fds[2];
  cr_assert_eq(pipe(fds), 0);
  char *data = malloc(SIZE);
  char *back = malloc(SIZE + 1);
  for (size_t i = 0; i < SIZE; i++) data[i] = (char)(i * 7);
  qd_stdio *s = qd_stdio_new(loop, fds[1]);
  result one = {0};
  result two = {0};
  qd_stdio_req a = writing(&one, data, SIZE - 5);
  qd_stdio_req b = writing(&two, data + SIZE - 5, 5);
  qd_stdio_write(s, &a);
  qd_stdio_write(s, &b);
  cr_assert(!one.done, "a pipe does not hold a megabyte");
  cr_assert_eq(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0, "the flags of a shared descriptor stay");
  cr_assert_eq(drain(loop, fds[0], back, SIZE + 1), SIZE);
  cr_assert_eq(memcmp(data, back, SIZE), 0);
  cr_assert(one.done && two.done);
  cr_assert_eq(one.err.category, QD_OK);
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fds[0]);
  (void)close(fds[1]);
  free(data);
  free(back);
}

QD_TEST(stdio, the_end_of_a_large_write_to_a_file_is_seen_before_the_loop_sleeps) {
  enum { SIZE = 600 << 10 };  // more than one turn's bytes
  qd_loop *loop = qd_loop_new();
  int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  cr_assert_geq(fd, 0);
  char *data = calloc(1, SIZE);
  qd_stdio *s = qd_stdio_new(loop, fd);
  result r = {0};
  qd_stdio_req req = writing(&r, data, SIZE);
  qd_stdio_write(s, &req);
  bool rang = false;
  qd_timer *timer = qd_timer_new(loop, ring, &rang);
  qd_timer_start(timer, 60000, 0);
  while (!r.done) (void)qd_loop_turn(loop, true);
  cr_assert_not(rang, "the loop slept on a write that had ended");
  qd_timer_free(timer);
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fd);
  free(data);
}

QD_TEST(stdio, a_read_waits_and_takes_what_is_there) {
  qd_loop *loop = qd_loop_new();
  int fds[2];
  cr_assert_eq(pipe(fds), 0);
  qd_stdio *s = qd_stdio_new(loop, fds[0]);
  char buffer[16];
  result r = {0};
  qd_stdio_req req = reading(&r, buffer, sizeof buffer);
  qd_stdio_read(s, &req);
  (void)qd_loop_turn(loop, false);
  cr_assert(!r.done);
  cr_assert_eq(write(fds[1], "hello", 5), 5);
  qd_loop_run_until(loop, &r.done);
  cr_assert_eq(r.n, 5);
  cr_assert_eq(memcmp(buffer, "hello", 5), 0);
  (void)close(fds[1]);
  r = (result){0};
  req = reading(&r, buffer, sizeof buffer);
  qd_stdio_read(s, &req);
  qd_loop_run_until(loop, &r.done);
  cr_assert_eq(r.n, 0, "the end");
  cr_assert_eq(r.err.category, QD_OK);
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fds[0]);
}

QD_TEST(stdio, a_reader_that_left_is_told_apart) {
  (void)signal(SIGPIPE, SIG_IGN);
  qd_loop *loop = qd_loop_new();
  int fds[2];
  cr_assert_eq(pipe(fds), 0);
  qd_stdio *s = qd_stdio_new(loop, fds[1]);
  char data[100000] = {0};
  result r = {0};
  qd_stdio_req req = writing(&r, data, sizeof data);
  qd_stdio_write(s, &req);
  cr_assert(!r.done);
  (void)close(fds[0]);
  qd_loop_run_until(loop, &r.done);
  cr_assert_eq(r.err.category, QD_FAIL);
  cr_assert_str_eq(r.err.code, "reader_gone");
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fds[1]);
}

QD_TEST(stdio, a_full_disk_is_an_error) {
  qd_loop *loop = qd_loop_new();
  int fd = open("/dev/full", O_WRONLY);
  cr_assert_geq(fd, 0);
  qd_stdio *s = qd_stdio_new(loop, fd);
  result r = {0};
  qd_stdio_req req = writing(&r, "x", 1);
  qd_stdio_write(s, &req);
  cr_assert(r.done);
  cr_assert_str_eq(r.err.code, "write_failed");
  cr_assert_str_eq(r.err.why, "No space left on device");
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fd);
}

QD_TEST(stdio, files_are_read_to_their_end) {
  qd_temp t;
  qd_temp_make(&t);
  qd_temp_write(&t, "in", "content");
  qd_loop *loop = qd_loop_new();
  int fd = open(qd_temp_path(&t, "in"), O_RDONLY);
  qd_stdio *s = qd_stdio_new(loop, fd);
  char buffer[4];
  size_t sizes[] = {4, 3, 0};
  for (size_t i = 0; i < 3; i++) {
    result r = {0};
    qd_stdio_req req = reading(&r, buffer, sizeof buffer);
    qd_stdio_read(s, &req);
    qd_loop_run_until(loop, &r.done);
    cr_assert_eq(r.n, sizes[i]);
  }
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fd);
  qd_temp_remove(&t);
}

QD_TEST(stdio, a_cancelled_request_is_silent_and_the_next_one_goes_on) {
  qd_loop *loop = qd_loop_new();
  int fds[2];
  cr_assert_eq(pipe(fds), 0);
  qd_stdio *s = qd_stdio_new(loop, fds[0]);
  char a[8];
  char b[8];
  result first = {0};
  result second = {0};
  qd_stdio_req one = reading(&first, a, sizeof a);
  qd_stdio_req two = reading(&second, b, sizeof b);
  qd_stdio_read(s, &one);
  qd_stdio_read(s, &two);
  qd_stdio_cancel(&one);
  qd_stdio_cancel(&one);
  cr_assert_eq(write(fds[1], "x", 1), 1);
  qd_loop_run_until(loop, &second.done);
  cr_assert_eq(first.calls, 0);
  cr_assert_eq(second.n, 1);
  qd_stdio_free(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fds[0]);
  (void)close(fds[1]);
}

typedef struct freeing {
  result r;
  qd_stdio *stream;
} freeing;

static void free_it(void *ctx, size_t n, const qd_error *err) {
  freeing *f = ctx;
  note(&f->r, n, err);
  qd_stdio_free(f->stream);
}

QD_TEST(stdio, a_stream_may_be_freed_by_its_own_callback) {
  qd_loop *loop = qd_loop_new();
  int fds[2];
  cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  freeing f = {.stream = qd_stdio_new(loop, fds[0])};
  result never = {0};
  char buffer[8];
  qd_stdio_req one = {.fn = free_it, .ctx = &f, .bytes = {"x", 1}};
  qd_stdio_req two = reading(&never, buffer, sizeof buffer);
  qd_stdio_read(f.stream, &two);
  qd_stdio_write(f.stream, &one);
  cr_assert(f.r.done);
  cr_assert_eq(never.calls, 0);
  cr_assert_eq(qd_loop_free(loop), 0);
  (void)close(fds[0]);
  (void)close(fds[1]);
}
