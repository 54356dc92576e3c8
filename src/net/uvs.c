// Streams over libuv handles. Writes go out at once where the kernel takes them; the rest is queued and sent one request at a
// time, so that a closed stream has at most one block in libuv's hands. Contract in uvs.h and stream.h.
#include "net/uvs.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/net.h"

#define READ_SIZE ((size_t)64 * 1024)
#define MAX_BUFS 16u
#define LARGEST_WRITE ((size_t)1 << 30)

// libuv asks for memory and delivers what it read in one go, so that one buffer per thread serves all streams.
static _Thread_local char scratch[READ_SIZE];

static void send_waiting(qd__uvs *s);

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
  (void)h;
  (void)suggested;
  *buf = uv_buf_init(scratch, (unsigned)sizeof scratch);
}

static void broke(qd__uvs *s, qd_error *err, int uv_code) {
  qd_fail(err, QD_CONNECT, "connection_lost", "the connection to %s broke", s->what);
  qd_why(err, "%s", uv_strerror(uv_code));
  qd_hint(err, "run the command again");
}

static void read_ended(qd__uvs *s, const qd_error *err) {
  (void)uv_read_stop(s->in);
  if (s->on_read_end)
    s->on_read_end(s, err);
  else
    qd__stream_end(&s->base, err);
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf) {
  qd__uvs *s = h->data;
  if (n > 0) {
    qd__stream_data(&s->base, (qd_slice){buf->base, (size_t)n});
  } else if (n == UV_EOF) {
    read_ended(s, s->write_err.category != QD_OK ? &s->write_err : NULL);
  } else if (n < 0) {
    qd_error err;
    broke(s, &err, (int)n);
    read_ended(s, &err);
  }
}

void qd__uvs_read(qd_stream *base, bool on) {
  qd__uvs *s = (qd__uvs *)base;
  if (base->ended) return;
  s->reading = on;
  if (on)
    (void)uv_read_start(s->in, on_alloc, on_read);
  else
    (void)uv_read_stop(s->in);
}

// From the loop: what a failed write has to tell. While reading goes on, the peer's last words come first and its end follows.
static void tell_write_failure(void *ctx) {
  qd__uvs *s = ctx;
  if (s->above) {
    s->above = false;
    qd__stream_drain(&s->base);
  }
  if (!s->reading) qd__stream_end(&s->base, &s->write_err);
}

static void write_failed(qd__uvs *s, int code) {
  if (s->no_write) return;
  s->no_write = true;
  broke(s, &s->write_err, code);
  qd_chunks_clear(&s->waiting);
  qd_loop_defer(s->base.loop, &s->later, tell_write_failure, s);
}

static void on_shut(uv_shutdown_t *req, int status) {
  (void)status;
  qd__uvs *s = req->data;
  s->shut_req = NULL;
  free(req);
}

static void shut_when_sent(qd__uvs *s) {
  if (!s->shut || s->req || s->waiting.bytes > 0 || s->no_write || s->base.closed) return;
  s->no_write = true;
  if (s->in != s->out) {  // a pipe's end is told by closing it
    uv_close((uv_handle_t *)s->out, qd_uv_close_free);
    s->out = NULL;
    return;
  }
  s->shut_req = qd_xcalloc(1, sizeof *s->shut_req);
  s->shut_req->data = s;
  if (uv_shutdown(s->shut_req, s->out, on_shut) != 0) {
    free(s->shut_req);
    s->shut_req = NULL;
  }
}

static void finished(void *ctx) { qd_stream_close(ctx); }

static void on_written(uv_write_t *req, int status) {
  qd__uvs *s = req->data;
  free(req);
  s->req = NULL;
  qd_chunks_clear(&s->flying);
  if (s->base.closed) return;
  if (status < 0)
    write_failed(s, status);
  else
    send_waiting(s);
  if (s->finishing && !s->req) {
    finished(s);
    return;
  }
  if (s->no_write) return;
  shut_when_sent(s);
  if (s->above && s->waiting.bytes + s->flying.bytes < QD__WRITE_LOW) {
    s->above = false;
    qd__stream_drain(&s->base);
  }
}

static unsigned fill(const qd_chunks *q, uv_buf_t bufs[MAX_BUFS]) {
  unsigned n = 0;
  for (qd_chunk *c = q->head; c && n < MAX_BUFS; c = c->next) bufs[n++] = uv_buf_init(c->p + c->off, (unsigned)(c->n - c->off));
  return n;
}

static void send_waiting(qd__uvs *s) {
  if (s->req || s->no_write || s->waiting.bytes == 0) return;
  uv_buf_t bufs[MAX_BUFS];
  int n = uv_try_write(s->out, bufs, fill(&s->waiting, bufs));
  if (n > 0) {
    qd_chunks_consume(&s->waiting, (size_t)n);
    if (s->waiting.bytes == 0) return;
  } else if (n != UV_EAGAIN) {
    write_failed(s, n);
    return;
  }
  qd_chunk *last = s->waiting.head;  // the blocks that this request covers, and no more
  size_t bytes = last->n - last->off;
  for (unsigned i = 1; i < MAX_BUFS && last->next; i++) {
    last = last->next;
    bytes += last->n - last->off;
  }
  s->flying = (qd_chunks){s->waiting.head, last, bytes};
  s->waiting.head = last->next;
  s->waiting.bytes -= bytes;
  if (!s->waiting.head) s->waiting.tail = NULL;
  last->next = NULL;
  s->req = qd_xcalloc(1, sizeof *s->req);
  s->req->data = s;
  int rc = uv_write(s->req, s->out, bufs, fill(&s->flying, bufs), on_written);
  if (rc != 0) {
    free(s->req);
    s->req = NULL;
    qd_chunks_clear(&s->flying);
    write_failed(s, rc);
  }
}

bool qd__uvs_write(qd_stream *base, qd_slice bytes) {
  qd__uvs *s = (qd__uvs *)base;
  if (s->no_write || s->shut) return true;
  if (!s->req && s->waiting.bytes == 0 && bytes.n > 0) {  // what the kernel takes now is not copied
    uv_buf_t buf = uv_buf_init((char *)bytes.p, (unsigned)(bytes.n < LARGEST_WRITE ? bytes.n : LARGEST_WRITE));
    int n = uv_try_write(s->out, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
      write_failed(s, n);
      return true;
    }
    if (n > 0) bytes = (qd_slice){bytes.p + n, bytes.n - (size_t)n};
  }
  if (bytes.n == 0) return true;
  qd_chunks_add(&s->waiting, bytes);
  send_waiting(s);
  if (s->waiting.bytes + s->flying.bytes < QD__WRITE_HIGH) return true;
  s->above = true;
  return false;
}

void qd__uvs_shutdown(qd_stream *base) {
  qd__uvs *s = (qd__uvs *)base;
  s->shut = true;
  shut_when_sent(s);
}

static void on_closed(uv_handle_t *h) {
  qd__uvs *s = h->data;
  free(h);
  if (--s->open > 0) return;
  qd_chunks_clear(&s->waiting);
  qd_chunks_clear(&s->flying);
  free((char *)s->what);
  free(s);
}

void qd__uvs_close(qd_stream *base) {
  qd__uvs *s = (qd__uvs *)base;
  qd_defer_cancel(&s->later);
  if (s->finishing) {
    qd_timer_free(s->finishing);
    qd_loop_linger(base->loop, -1);
  }
  s->open = 1;
  if (s->out && s->out != s->in) {
    s->open++;
    uv_close((uv_handle_t *)s->out, on_closed);
  }
  uv_close((uv_handle_t *)s->in, on_closed);
}

void qd__uvs_init(qd__uvs *s, const qd_stream_kind *kind, qd_loop *loop, const char *what, uv_stream_t *in, uv_stream_t *out) {
  s->base.kind = kind;
  s->base.loop = loop;
  s->what = qd_xstrdup(what);
  s->in = in;
  s->out = out;
  in->data = out->data = s;
  qd_defer_init(&s->later);
}

qd_stream *qd__uvs_socket(const qd_stream_kind *kind, qd_loop *loop, const char *what, uv_stream_t *handle) {
  qd__uvs *s = qd_xcalloc(1, sizeof *s);
  qd__uvs_init(s, kind, loop, what, handle, handle);
  return &s->base;
}

static const qd_stream_kind SOCKET = {"socket", qd__uvs_read, qd__uvs_write, qd__uvs_shutdown, qd__uvs_close};

qd_status qd_net_socket_open(qd_loop *loop, int fd, const char *what, qd_stream **out, qd_error *err) {
  uv_tcp_t *tcp = qd_xcalloc(1, sizeof *tcp);
  (void)uv_tcp_init(qd_loop_uv(loop), tcp);
  int rc = uv_tcp_open(tcp, fd);
  if (rc != 0) {
    uv_close((uv_handle_t *)tcp, qd_uv_close_free);
    (void)close(fd);
    qd_fail(err, QD_CONNECT, "connection_lost", "cannot use the connection to %s", what);
    return qd_why(err, "%s", uv_strerror(rc));
  }
  *out = qd__uvs_socket(&SOCKET, loop, what, (uv_stream_t *)tcp);
  return QD_OK;
}

void qd_net_socket_finish(qd_stream *s, uint64_t ms) {
  qd__uvs *u = (qd__uvs *)s;
  if (s->closed || u->finishing) return;
  s->events = NULL;
  if (!u->req) {
    qd_stream_close(s);
    return;
  }
  (void)uv_read_stop(u->in);
  u->finishing = qd_timer_new(s->loop, finished, s);
  qd_loop_linger(s->loop, 1);
  qd_timer_start(u->finishing, ms, 0);
}
