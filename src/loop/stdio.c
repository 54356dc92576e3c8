// The process's own descriptors on the loop. Contract in stdio.h.
// A descriptor is used only when poll(2) says that it is ready, with so few bytes that it then does not block: its
// O_NONBLOCK flag belongs to everybody who has it open (the shell, the other end of a pipeline).
#include "loop/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0  // the program ignores SIGPIPE
#endif
#define TURN (256u << 10)  // bytes written at most before the loop gets its turn

typedef enum kind { FILE_KIND, PIPE_KIND, SOCKET_KIND, TTY_KIND } kind;

struct qd_stdio {
  qd_loop *loop;
  int fd;
  int own_fd;  // the terminal opened anew, non-blocking; -1: none
  kind kind;
  qd_list reads, writes;  // of qd_stdio_req
  uv_poll_t *poll;        // NULL: not watched yet, or not watchable (files)
  bool unwatchable;
  bool busy;       // inside a callback of ours: freeing waits
  bool abandoned;  // freed meanwhile
  qd_defer again;
};

static kind kind_of(int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0) return FILE_KIND;
  if (S_ISFIFO(st.st_mode)) return PIPE_KIND;
  if (S_ISSOCK(st.st_mode)) return SOCKET_KIND;
  return isatty(fd) ? TTY_KIND : FILE_KIND;
}

// A terminal's own description: writing to it never blocks, and its flags are nobody else's. -1 where that fails.
static int open_again(int fd) {
  char name[256];
  struct stat a;
  struct stat b;
  if (ttyname_r(fd, name, sizeof name) != 0 || fstat(fd, &a) != 0) return -1;
  int again = open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (again < 0) return -1;
  if (fstat(again, &b) == 0 && a.st_rdev == b.st_rdev) return again;
  (void)close(again);
  return -1;
}

static int fd_of(const qd_stdio *s) { return s->own_fd >= 0 ? s->own_fd : s->fd; }

static void serve_later(void *ctx);

qd_stdio *qd_stdio_new(qd_loop *loop, int fd) {
  qd_stdio *s = qd_xcalloc(1, sizeof *s);
  s->loop = loop;
  s->fd = fd;
  s->kind = kind_of(fd);
  s->own_fd = s->kind == TTY_KIND ? open_again(fd) : -1;
  qd_list_init(&s->reads);
  qd_list_init(&s->writes);
  qd_defer_init(&s->again);
  return s;
}

static qd_stdio_req *first(qd_list *list) { return QD_CONTAINER_OF(list->next, qd_stdio_req, link); }

static void forget(qd_list *list) {
  while (!qd_list_empty(list)) qd_stdio_cancel(first(list));
}

static void destroy(qd_stdio *s) {
  qd_defer_cancel(&s->again);
  if (s->poll) uv_close((uv_handle_t *)s->poll, qd_uv_close_free);
  if (s->own_fd >= 0) (void)close(s->own_fd);
  free(s);
}

void qd_stdio_free(qd_stdio *s) {
  if (!s) return;
  forget(&s->reads);
  forget(&s->writes);
  if (s->busy)
    s->abandoned = true;
  else
    destroy(s);
}

void qd_stdio_cancel(qd_stdio_req *req) {
  if (!req->stream) return;
  req->stream = NULL;
  qd_list_remove(&req->link);
}

static bool ready(const qd_stdio *s, short what) {
  struct pollfd p = {fd_of(s), what, 0};
  int n;
  do n = poll(&p, 1, 0);
  while (n < 0 && errno == EINTR);
  return n != 0;  // an error or hang-up is for read or write to tell
}

// Bytes that a ready descriptor surely takes at once.
static size_t portion(const qd_stdio *s, size_t n) {
  size_t most = TURN;
  if (s->kind == PIPE_KIND) most = PIPE_BUF;
  if (s->kind == TTY_KIND && s->own_fd < 0) most = 256;
  return n < most ? n : most;
}

static ssize_t put(const qd_stdio *s, qd_slice bytes) {
  size_t n = portion(s, bytes.n);
  if (s->kind == SOCKET_KIND) return send(s->fd, bytes.p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
  return write(fd_of(s), bytes.p, n);
}

static bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

static void finish(qd_stdio_req *req, size_t n, const qd_error *err) {
  qd_stdio_cancel(req);
  req->fn(req->ctx, n, err);
}

static void finish_failed(qd_stdio_req *req, const char *code, const char *what, int error) {
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_FAIL, code, "%s", what);
  (void)qd_why(&err, "%s", strerror(error));
  finish(req, 0, &err);
}

// true: the first request in the queue ended.
static bool serve_write(qd_stdio *s, size_t *budget) {
  qd_stdio_req *req = first(&s->writes);
  while (req->bytes.n > 0) {
    if (*budget == 0 || !ready(s, POLLOUT)) return false;
    ssize_t n = put(s, req->bytes);
    if (n < 0) {
      if (try_again(errno)) return false;
      if (errno == EPIPE)
        finish_failed(req, "reader_gone", "nobody reads the output any more", EPIPE);
      else
        finish_failed(req, "write_failed", "the output cannot be written", errno);
      return true;
    }
    req->bytes.p += n;
    req->bytes.n -= (size_t)n;
    *budget -= (size_t)n < *budget ? (size_t)n : *budget;
  }
  finish(req, 0, NULL);
  return true;
}

static bool serve_read(qd_stdio *s) {
  qd_stdio_req *req = first(&s->reads);
  if (!ready(s, POLLIN)) return false;
  ssize_t n = read(fd_of(s), req->buffer, req->size);
  if (n < 0 && try_again(errno)) return false;
  if (n < 0 && !(errno == EIO && s->kind == TTY_KIND))  // EIO: the terminal went away
    finish_failed(req, "read_failed", "the input cannot be read", errno);
  else
    finish(req, n > 0 ? (size_t)n : 0, NULL);
  return true;
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  (void)status;
  (void)events;
  serve_later(poll->data);
}

static void watch(qd_stdio *s) {
  if (!s->poll && !s->unwatchable) {
    int fd = fd_of(s);
    int flags = fcntl(fd, F_GETFL);
    s->poll = qd_xcalloc(1, sizeof *s->poll);
    s->poll->data = s;
    if (uv_poll_init(qd_loop_uv(s->loop), s->poll, fd) != 0) {
      free(s->poll);
      s->poll = NULL;
      s->unwatchable = true;  // a file or /dev/null: always ready
    }
    if (flags >= 0 && s->own_fd < 0) (void)fcntl(fd, F_SETFL, flags);  // uv_poll_init changes them
  }
  int events = (qd_list_empty(&s->reads) ? 0 : UV_READABLE) | (qd_list_empty(&s->writes) ? 0 : UV_WRITABLE);
  if (!s->poll) {
    qd_defer_cancel(&s->again);
    if (events) qd_loop_defer(s->loop, &s->again, serve_later, s);
  } else if (events) {
    (void)uv_poll_start(s->poll, events, on_poll);
  } else {
    (void)uv_poll_stop(s->poll);
  }
}

static void serve(qd_stdio *s) {
  if (s->busy) return;
  s->busy = true;
  size_t budget = TURN;
  while (!s->abandoned && !qd_list_empty(&s->writes) && serve_write(s, &budget)) {
  }
  while (!s->abandoned && !qd_list_empty(&s->reads) && serve_read(s)) {
  }
  s->busy = false;
  if (s->abandoned)
    destroy(s);
  else
    watch(s);
}

static void serve_later(void *ctx) { serve(ctx); }

static void add(qd_stdio *s, qd_list *list, qd_stdio_req *req) {
  req->stream = s;
  qd_list_push(list, &req->link);
  serve(s);
}

void qd_stdio_read(qd_stdio *s, qd_stdio_req *req) { add(s, &s->reads, req); }

void qd_stdio_write(qd_stdio *s, qd_stdio_req *req) { add(s, &s->writes, req); }
