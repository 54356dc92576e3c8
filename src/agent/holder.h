// The inside of the holder: who asks, what is held, and how the two come together. Inside agent/ only.
//
//   peer   one connection of a command: a login, or one channel
//   nas    everything about one target: its sessions, who waits for one, the login under way
//   link   one session
//   pipe   one channel of a link: a peer's, or ready for the next one
#ifndef QD_AGENT_HOLDER_H
#define QD_AGENT_HOLDER_H

#include "agent/agent.h"
#include "agent/wire.h"
#include "loop/timer.h"
#include "net/net.h"
#include "ssh/chan.h"

enum {
  QD__HELD_MAX = 256 * 1024,  // what a command sent ahead of its channel
  QD__READY_MAX = 4,          // open channels that wait for a command, for each socket
};

typedef struct qd__nas qd__nas;
typedef struct qd__link qd__link;
typedef struct qd__pipe qd__pipe;

struct qd_agent {
  qd_loop *loop;
  qd_listener *listener;  // NULL: retired
  qd_list peers, nases;
  qd_timer *tick;
  uint64_t idle_ms, last_used, began;
  bool ended;  // on_end was, or is about to be, called
  qd_defer end;
  void (*on_end)(void *ctx);
  void *ctx;
};

typedef enum qd__peer_state { QD__PEER_NEW, QD__PEER_WAITS, QD__PEER_HAS, QD__PEER_DONE } qd__peer_state;

typedef struct qd__peer {
  qd_list link;  // in agent->peers
  qd_list wait;  // in nas->waiting
  qd_agent *agent;
  qd_stream *stream;
  qd__wire wire;
  qd__peer_state state;
  bool greeted, greets;  // HELLO came; HELLO was sent
  bool strange;          // it speaks another version
  bool can_ask;          // questions of a login may be put to it
  uint64_t connect_ms, login_ms;
  qd__nas *nas;  // while it waits for something of it
  qd__pipe *pipe;
  bool wants_channel, bulk;
  qd_ssh_chan_kind kind;
  char *what;
  qd_buf held;     // data ahead of the open channel: sent again when another channel takes its place
  bool held_end;   // and the end of it
  uint64_t since;  // when it began to wait for room
  bool paused;     // its stream is not read: `held` is full, or the channel is
  qd_defer later;
} qd__peer;

void qd__peer_new(qd_agent *a, qd_stream *s);
void qd__peer_free(qd__peer *p);
// Sends a frame of these strings (n of them).
void qd__peer_send(qd__peer *p, qd__frame_type type, const char *const *strings, size_t n);
void qd__peer_done(qd__peer *p);  // nothing more will be answered; its command hangs up
void qd__peer_error(qd__peer *p, qd__frame_type type, const qd_error *err);
void qd__peer_data(qd__peer *p, qd__frame_type type, qd_slice bytes);
void qd__peer_drained(qd__peer *p);  // its channel takes more

struct qd__nas {
  qd_list link;  // in agent->nases
  qd_agent *agent;
  char *key;
  size_t key_n;
  qd__target target;
  char *profile;
  qd_list links;
  qd_list waiting;  // peers
  qd_ssh_login *login;
  qd__peer *asker;   // whom the login's questions are put to
  bool login_asks;   // it may ask
  bool asked;        // it did
  bool due;          // a login waits until one of the three to its host is over
  bool crowded_out;  // a further session was refused
  qd_error refusal;  // how the server said that there is no room for a command
  qd_timer *patience;
  qd_timer *again;  // the next try to get a lost session back
  unsigned tries;
  uint64_t last_used;
};

// The NAS of this key; made when it is not there: `target` is taken over then, else freed.
qd__nas *qd__nas_of(qd_agent *a, qd_slice key, qd__target *target, const char *profile);
// Gives those who wait what they can have; logs in where that is needed.
void qd__nas_serve(qd__nas *n);
void qd__nas_left(qd__nas *n, qd__peer *p);  // a peer that waited, or was asked, went away
void qd__nas_free(qd__nas *n);
void qd__nas_tick(qd__nas *n, uint64_t now);

struct qd__link {
  qd_list link;  // in nas->links
  qd__nas *nas;
  qd_ssh *ssh;
  bool asked;  // it took a question to get it
  qd_list pipes;
  qd_ssh_exec *quick;  // see qd__link_quicken
  bool quickened;
  unsigned commands, most_commands;  // channels of commands: how many are open, and may be
  unsigned sockets, peak;            // channels to sockets: how many peers have, and lately had
};

qd__link *qd__link_new(qd__nas *n, qd_ssh *ssh, bool asked);
void qd__link_free(qd__link *l);

struct qd__pipe {
  qd_list link;  // in its link's pipes
  qd__link *owner;
  qd_ssh_chan *chan;  // NULL: gone
  qd__peer *peer;     // NULL: ready, or being made so
  qd_ssh_chan_kind kind;
  char *what;
  bool opened;
  uint64_t born;
};

// Makes the server send at once what it has: sshd keeps Nagle's algorithm on, so that an answer of two pieces takes two round
// trips, until the first command of a connection is run (OpenSSH, ssh_packet_set_interactive). So one is run, once, after the
// first channel opened.
void qd__link_quicken(qd__link *l);
// Whether the link can give the peer what it wants now.
bool qd__link_can(const qd__link *l, const qd__peer *p);
void qd__pipe_give(qd__link *l, qd__peer *p);
void qd__pipe_leave(qd__pipe *pipe);  // its peer went away
// Opens channels to `what` until as many are ready as were lately used at once.
void qd__link_refill(qd__link *l, const char *what);
unsigned qd__link_ready(const qd__link *l, const char *what);  // NULL: all

void qd__agent_end(qd_agent *a);
void qd__agent_retire(qd_agent *a);
void qd__agent_logins_due(qd_agent *a);  // a login is over: others may begin

#endif
