// Unix sockets: the dialer, and its errors in words. Contract in net.h.
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/net.h"
#include "net/uvs.h"

static const qd_stream_kind UNIX = {"unix", qd__uvs_read, qd__uvs_write, qd__uvs_shutdown, qd__uvs_close};

typedef struct unix_dialer {
  qd_dialer base;
  char *path;
  bool own;
} unix_dialer;

typedef struct unix_dial {
  qd_dial base;
  qd_loop *loop;
  char *path;
  bool own;
  uv_connect_t req;
  uv_pipe_t *pipe;  // NULL: the path cannot be dialled at all
  qd_defer later;
  qd_dial_done *done;  // NULL: cancelled
  void *ctx;
} unix_dial;

static void explain(qd_error *err, const char *path, int code) {
  switch (code) {
    case UV_ENOENT:
      qd_fail(err, QD_CONNECT, "no_socket", "cannot connect to %s", path);
      qd_why(err, "there is no such socket");
      qd_hint(err, "the engine is not running, or its socket is somewhere else: start it, or check the path");
      break;
    case UV_ECONNREFUSED:
      qd_fail(err, QD_CONNECT, "refused", "cannot connect to %s", path);
      qd_why(err, "nothing listens on this socket");
      qd_hint(err, "the engine is not running: start it and try again");
      break;
    case UV_EACCES:
    case UV_EPERM:
      qd_fail(err, QD_AUTH, "socket_permission", "cannot connect to %s", path);
      qd_why(err, "this account may not open the socket");
      qd_hint(err, "add the account to the socket's group (ls -l %s shows it), or run as root", path);
      break;
    case UV_EPROTO:
      qd_fail(err, QD_AUTH, "foreign_socket", "cannot use %s", path);
      qd_why(err, "another account listens on it");
      qd_hint(err, "remove it, and see who may write to its directory");
      break;
    case UV_ENAMETOOLONG:
      qd_fail(err, QD_CONFIG, "socket_path", "cannot connect to %s", path);
      qd_why(err, "a socket path is at most %d bytes long", (int)sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
      break;
    default:
      qd_fail(err, QD_CONNECT, "unreachable", "cannot connect to %s", path);
      qd_why(err, "%s", uv_strerror(code));
      qd_hint(err, "check that the path is the engine's socket");
  }
}

static void dial_free(unix_dial *d) {
  free(d->path);
  free(d);
}

static void too_long(void *ctx) {
  unix_dial *d = ctx;
  qd_error err;
  explain(&err, d->path, UV_ENAMETOOLONG);
  if (d->done) d->done(d->ctx, NULL, &err);
  dial_free(d);
}

bool qd__unix_is_ours(uv_pipe_t *pipe) {
  uv_os_fd_t fd = -1;
  struct ucred peer = {.uid = (uid_t)-1};
  socklen_t n = sizeof peer;
  return uv_fileno((uv_handle_t *)pipe, &fd) == 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

static void on_connect(uv_connect_t *req, int status) {
  unix_dial *d = QD_CONTAINER_OF(req, unix_dial, req);
  if (d->done && status == 0 && d->own && !qd__unix_is_ours(d->pipe)) status = UV_EPROTO;
  if (d->done && status == 0) {
    qd_stream *s = qd__uvs_socket(&UNIX, d->loop, d->path, (uv_stream_t *)d->pipe);
    d->done(d->ctx, s, NULL);
  } else {
    if (d->done) {  // a cancelled dial closed its handle already
      uv_close((uv_handle_t *)d->pipe, qd_uv_close_free);
      qd_error err;
      explain(&err, d->path, status);
      d->done(d->ctx, NULL, &err);
    }
  }
  dial_free(d);
}

static void unix_cancel(qd_dial *base) {
  unix_dial *d = (unix_dial *)base;
  d->done = NULL;
  if (d->pipe) uv_close((uv_handle_t *)d->pipe, qd_uv_close_free);
}

static void unix_free(qd_dialer *base) {
  unix_dialer *d = (unix_dialer *)base;
  free(d->path);
  free(d);
}

static qd_dial *unix_dial_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx);
static const qd_dialer_kind DIALER = {"unix", unix_dial_start, unix_cancel, unix_free};

static qd_dial *unix_dial_start(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx) {
  (void)bulk;
  unix_dial *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &DIALER;
  d->loop = base->loop;
  d->path = qd_xstrdup(((unix_dialer *)base)->path);
  d->own = ((unix_dialer *)base)->own;
  d->done = done;
  d->ctx = ctx;
  qd_defer_init(&d->later);
  if (strlen(d->path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {  // libuv would cut it off and dial something else
    qd_loop_defer(d->loop, &d->later, too_long, d);
    return &d->base;
  }
  d->pipe = qd_xcalloc(1, sizeof *d->pipe);
  (void)uv_pipe_init(qd_loop_uv(d->loop), d->pipe, 0);
  uv_pipe_connect(&d->req, d->pipe, d->path, on_connect);
  return &d->base;
}

static qd_dialer *dialer_new(qd_loop *loop, const char *path, bool own) {
  unix_dialer *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &DIALER;
  d->base.loop = loop;
  d->path = qd_xstrdup(path);
  d->own = own;
  return &d->base;
}

qd_dialer *qd_net_unix_dialer(qd_loop *loop, const char *path) { return dialer_new(loop, path, false); }

qd_dialer *qd_net_own_dialer(qd_loop *loop, const char *path) { return dialer_new(loop, path, true); }

qd_stream *qd__unix_stream(qd_loop *loop, const char *what, uv_pipe_t *pipe) {
  return qd__uvs_socket(&UNIX, loop, what, (uv_stream_t *)pipe);
}
