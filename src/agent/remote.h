// What the command's side shares: a conversation with the holder, and who is asked for. Inside agent/ only.
#ifndef QD_AGENT_REMOTE_H
#define QD_AGENT_REMOTE_H

#include "agent/agent.h"
#include "agent/wire.h"
#include "net/net.h"
#include "ssh/chan.h"

// One connection to the holder. `on_frame` gets what it says, HELLO excepted; `on_gone` is told once when the conversation cannot go
// on (nobody listens, the holder went away, another version). Neither is called after qd__talk_close.
typedef struct qd__talk {
  qd_loop *loop;
  qd_dialer *dialer;
  qd_dial *dial;      // under way
  qd_stream *stream;  // NULL: not yet, or gone
  qd__wire wire;
  qd_buf early;  // what waits for the connection
  bool greeted, closed, reading;
  void (*on_frame)(void *ctx, const qd__frame *f);
  void (*on_gone)(void *ctx, const qd_error *err);
  void (*on_drain)(void *ctx);  // may be NULL
  void *ctx;
} qd__talk;

void qd__talk_open(qd__talk *t, qd_loop *loop, const char *path);
bool qd__talk_write(qd__talk *t, qd_slice frames);  // as qd_stream_write; goes out once connected
void qd__talk_read(qd__talk *t, bool on);
void qd__talk_close(qd__talk *t);

// What every request says in front of the target.
typedef struct qd__ask {
  bool can_ask;
  uint64_t connect_ms, login_ms;
  char *profile;
  qd_buf target;  // strings of qd__wire_target
} qd__ask;
void qd__ask_init(qd__ask *a, const qd_ssh_target *t);
void qd__ask_deinit(qd__ask *a);
void qd__ask_frame(const qd__ask *a, qd__frame_type type, qd_ssh_chan_kind kind, bool bulk, const char *what, qd_buf *out);

// A session whose channels the holder has. Takes `ask` over.
qd_ssh *qd__remote_session(qd_loop *loop, const char *path, qd__ask *ask, const char *name, const qd_ssh_info *info);

#endif
