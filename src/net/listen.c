// A unix socket that is listened on. Contract in net.h.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/net.h"
#include "net/uvs.h"

#define BACKLOG 512

struct qd_listener {
  uv_pipe_t pipe;  // first, for qd_uv_close_free
  qd_loop *loop;
  char *path;
  int lock;
  void (*on_stream)(void *ctx, qd_stream *s);
  void *ctx;
};

static void on_connection(uv_stream_t *server, int status) {
  qd_listener *l = (qd_listener *)server;
  if (status < 0) return;
  uv_pipe_t *pipe = qd_xcalloc(1, sizeof *pipe);
  (void)uv_pipe_init(qd_loop_uv(l->loop), pipe, 0);
  if (uv_accept(server, (uv_stream_t *)pipe) != 0 || !qd__unix_is_ours(pipe)) {
    uv_close((uv_handle_t *)pipe, qd_uv_close_free);
    return;
  }
  l->on_stream(l->ctx, qd__unix_stream(l->loop, "a command", pipe));
}

// Held for as long as we listen, and gone with the process however it ends: so a socket without a holder is left over.
static int take_lock(const char *path) {
  char *name = qd_xasprintf("%s.lock", path);
  int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  free(name);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
    (void)close(fd);
    errno = EWOULDBLOCK;
    return -1;
  }
  return fd;
}

static void on_closed(uv_handle_t *h) {
  qd_listener *l = (qd_listener *)h;
  if (l->lock >= 0) (void)close(l->lock);
  free(l->path);
  free(l);
}

static qd_status cannot(qd_listener *l, int code, qd_error *err) {
  (void)qd_fail(err, QD_CONFIG, "socket_path", "cannot listen on %s", l->path);
  (void)qd_why(err, "%s", uv_strerror(code));
  uv_close((uv_handle_t *)&l->pipe, on_closed);
  return err->category;
}

qd_status qd_net_listen(qd_loop *loop, const char *path, void (*on_stream)(void *ctx, qd_stream *s), void *ctx, qd_listener **out,
                        qd_error *err) {
  qd_listener *l = qd_xcalloc(1, sizeof *l);
  l->loop = loop;
  l->path = qd_xstrdup(path);
  l->lock = -1;
  l->on_stream = on_stream;
  l->ctx = ctx;
  (void)uv_pipe_init(qd_loop_uv(loop), &l->pipe, 0);
  if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) return cannot(l, UV_ENAMETOOLONG, err);
  l->lock = take_lock(path);
  if (l->lock < 0 && errno == EWOULDBLOCK) {
    uv_close((uv_handle_t *)&l->pipe, on_closed);
    (void)qd_fail(err, QD_CONFLICT, "socket_in_use", "cannot listen on %s", path);
    return qd_why(err, "another process does");
  }
  if (l->lock < 0) return cannot(l, uv_translate_sys_error(errno), err);
  (void)unlink(path);
  mode_t mask = umask(0177);  // never open to others, not even between bind and chmod
  int rc = uv_pipe_bind(&l->pipe, path);
  (void)umask(mask);
  if (rc == 0) rc = uv_listen((uv_stream_t *)&l->pipe, BACKLOG, on_connection);
  if (rc != 0) return cannot(l, rc, err);
  *out = l;
  return QD_OK;
}

// libuv removes the path. The lock goes at once: whoever takes it binds a path of its own.
void qd_listener_close(qd_listener *l) {
  if (!l) return;
  uv_close((uv_handle_t *)&l->pipe, on_closed);
  if (l->lock >= 0) (void)close(l->lock);
  l->lock = -1;
}
