// A channel as it is, below streams, commands and files: bytes both ways, stderr, an exit status (RFC 4254, 5 and 6). For ssh/ and
// for the connection holder (agent/), which serves channels to other processes, and makes sessions whose channels another
// process has.
#ifndef QD_SSH_CHAN_H
#define QD_SSH_CHAN_H

#include "ssh/ssh.h"

typedef struct qd_ssh_chan qd_ssh_chan;

// Events come from the loop. After on_open with an error, and after on_lost, the channel is gone: the pointer must be
// forgotten, not released.
typedef struct qd_ssh_chan_events {  // on_open and on_lost are never NULL
  void (*on_open)(void *ctx, const qd_error *err);
  void (*on_data)(void *ctx, int stream, qd_slice bytes);        // stream 0, or 1 = stderr
  void (*on_eof)(void *ctx);                                     // everything was delivered
  void (*on_closed)(void *ctx, int status, const char *signal);  // the peer closed it, after on_eof; signal NULL or its name
  void (*on_drain)(void *ctx);
  void (*on_lost)(void *ctx, const qd_error *err);
} qd_ssh_chan_events;

typedef enum qd_ssh_chan_kind { QD_SSH_CHAN_SOCKET, QD_SSH_CHAN_EXEC, QD_SSH_CHAN_SUBSYSTEM } qd_ssh_chan_kind;
// `what`: the path of a socket on the server, a command line, or a subsystem's name; copied. Reading is off at first.
qd_ssh_chan *qd_ssh_chan_open(qd_ssh *s, qd_ssh_chan_kind kind, const char *what, bool bulk, const qd_ssh_chan_events *events, void *ctx);
// Opens a channel for the next command, so that this costs a round trip less; again whenever it was taken.
void qd_ssh_chan_prepare(qd_ssh *s);

// Each kind's struct begins with qd_ssh_chan.
typedef struct qd_ssh_chan_ops {
  void (*read)(qd_ssh_chan *c, bool on);
  bool (*write)(qd_ssh_chan *c, qd_slice bytes);
  void (*shutdown)(qd_ssh_chan *c);
  void (*release)(qd_ssh_chan *c);
} qd_ssh_chan_ops;
struct qd_ssh_chan {
  const qd_ssh_chan_ops *ops;
};
static inline void qd_ssh_chan_read(qd_ssh_chan *c, bool on) { c->ops->read(c, on); }
// As qd_stream_write; also before on_open.
static inline bool qd_ssh_chan_write(qd_ssh_chan *c, qd_slice bytes) { return c->ops->write(c, bytes); }
static inline void qd_ssh_chan_shutdown(qd_ssh_chan *c) { c->ops->shutdown(c); }
static inline void qd_ssh_chan_release(qd_ssh_chan *c) { c->ops->release(c); }  // no event afterwards; closed without waiting

// A session whose channels are opened elsewhere.
typedef struct qd_ssh_far_ops {
  qd_ssh_chan *(*open)(void *far, qd_ssh_chan_kind kind, const char *what, bool bulk, const qd_ssh_chan_events *events, void *ctx);
  void (*prepare)(void *far);
  void (*close)(void *far);  // what is open ends with connection_closed
  void (*free)(void *far);   // the last reference went; no channel is left
} qd_ssh_far_ops;
// `name` for messages ("admin@nas1"); `info` is copied. Its channels hold a reference (qd_ssh_ref) each.
qd_ssh *qd_ssh_far_new(qd_loop *loop, const char *name, const qd_ssh_info *info, const qd_ssh_far_ops *ops, void *far);
// "admin@nas1"
const char *qd_ssh_name(const qd_ssh *s);

#endif
