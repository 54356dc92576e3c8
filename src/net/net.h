// The plain kinds of streams and the dialers that open them. Contract of the events: stream.h.
#ifndef QD_NET_NET_H
#define QD_NET_NET_H

#include "net/stream.h"

// Dialer for a unix socket (absolute path, copied).
qd_dialer *qd_net_unix_dialer(qd_loop *loop, const char *path);
// The same for a socket that only a process of this very account may listen on: another's is refused ("foreign_socket").
qd_dialer *qd_net_own_dialer(qd_loop *loop, const char *path);
// Dialer for TCP: host name or address, port 1..65535. NODELAY is set; connect_ms bounds look-up and connect.
qd_dialer *qd_net_tcp_dialer(qd_loop *loop, const char *host, int port, uint64_t connect_ms);

// A stream over a connected stream socket; `fd` is taken over (closed when this fails). `what` stands in messages.
QD_MUST_USE qd_status qd_net_socket_open(qd_loop *loop, int fd, const char *what, qd_stream **out, qd_error *err);
// qd_stream_close for a stream of qd_net_socket_open, but what was written still goes out: for at most `ms` milliseconds.
void qd_net_socket_finish(qd_stream *s, uint64_t ms);

// A unix socket that is listened on, open (0600) to processes of this very account alone: others are hung up on.
typedef struct qd_listener qd_listener;
// `path` (absolute) must be free, or left over by a process that is gone; its directory exists. `on_stream` gets each connection's
// stream. Errors: QD_CONFLICT "socket_in_use"; QD_CONFIG "socket_path" (too long, or not to be made).
QD_MUST_USE qd_status qd_net_listen(qd_loop *loop, const char *path, void (*on_stream)(void *ctx, qd_stream *s), void *ctx,
                                    qd_listener **out, qd_error *err);
// Nothing is accepted any more and the path is removed; streams that were handed out stay. NULL ok.
void qd_listener_close(qd_listener *l);

// A child process as a byte stream: its stdin and stdout; stderr is kept (the last 8 KiB) for error texts.
// argv is NULL-terminated, argv[0] looked up in PATH unless absolute; env NULL = ours. The child gets a session of its own,
// so that a Ctrl-C on the terminal does not reach it, and is killed when the stream is closed.
// When the child ends with a status != 0 before its stdout was read to the end, on_end carries an error whose why is its stderr.
typedef struct qd_process_spec {
  const char *const *argv;
  const char *const *env;
  const char *what;  // for messages: "ssh to nas1"
} qd_process_spec;
QD_MUST_USE qd_status qd_net_process_open(qd_loop *loop, const qd_process_spec *spec, qd_stream **out, qd_error *err);
// Dialer that starts such a process for every stream (spec is copied).
qd_dialer *qd_net_process_dialer(qd_loop *loop, const qd_process_spec *spec);
// A pair of connected in-memory streams (tests, scripted peers).
void qd_net_pair(qd_loop *loop, qd_stream **a, qd_stream **b);

#endif
