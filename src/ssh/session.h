// The inside of a session: what its channels and sftp clients share. Inside ssh/ only.
//
// One owner, one pump: every libssh2 call of a session is made from qd__ssh_pump on the loop thread, which never runs inside
// itself. The users of a session ("parties") are passive; the pump steps them in turn, so that a bulk transfer
// gets no more per round than a small request.
#ifndef QD_SSH_SESSION_H
#define QD_SSH_SESSION_H

#include "loop/timer.h"
#include "ssh/chan.h"
#include "ssh/raw.h"

typedef struct qd__party qd__party;
typedef struct qd__party_kind {
  // Does what can be done now without waiting. Returns whether anything moved (then the pump comes round again).
  bool (*step)(qd__party *p);
  // The connection is dead; libssh2 frees what it holds by itself. Tells the owner; sets gone.
  void (*lost)(qd__party *p, const qd_error *err);
  // The session ends in good order: say goodbye without waiting. Told before `lost`.
  void (*bye)(qd__party *p);
  void (*free)(qd__party *p);
} qd__party_kind;

struct qd__party {
  const qd__party_kind *kind;
  qd_ssh *ssh;
  qd_list link;  // in qd_ssh.parties
  qd_list turn;  // in qd_ssh.setup while it waits for or holds the setup turn
  bool gone;     // the pump unlinks and frees it
};

struct qd_ssh {
  qd_loop *loop;
  const qd_ssh_far_ops *far;  // NULL: libssh2 has the session
  void *far_ctx;
  LIBSSH2_SESSION *session;  // NULL: lost, closed or far
  qd_stream *wire;           // NULL as well then
  int fd;                    // the wire's, for socket options
  qd_ssh_info info;
  char name[256];
  int refs;

  char *in;  // INPUT_ROOM bytes; in[in_off..in_n) came and was not taken by libssh2 yet
  size_t in_off, in_n;
  size_t in_budget;  // what libssh2 may still take in this round
  qd_buf out;        // packets made in this round, not handed to the wire yet
  bool out_full;     // the wire's queue is over its mark: no channel data until it drained

  qd_list parties;
  qd_list setup;              // FIFO of parties: libssh2 keeps one state for opening channels, so one at a time
  struct qd__chan *spare;     // a channel for the next command, opened or being so
  LIBSSH2_CHANNEL *listener;  // a closed channel that is kept: reading it processes input when no other channel does

  bool pumping, again;
  bool eof;         // the socket has nothing more to give
  bool dead;        // the callbacks refuse: libssh2 calls end at once
  bool failed;      // a call failed for good; the pump ends the session when the round is over
  bool hanging_up;  // qd_ssh_close was called
  bool closing;     // the last reference went
  qd_error lost;    // why, once failed
  char words[128];  // the server's own words in its DISCONNECT message
  qd_defer kick;    // a pump run is due
  void (*on_lost)(void *ctx, const qd_error *err);
  void *lost_ctx;

  qd_timer *alive;  // see alive.c
  uint64_t alive_ms, dead_ms;
  qd_timer *proof;      // runs while the server has to prove that it is there
  bool proving;         // and has not spoken since it was asked
  uint64_t last_input;  // on the loop's clock
  uint64_t asked_at;    // when `setup` stopped being empty: since then the server owes an answer
  qd__party probe;      // linked only while a probe is under way
  qd__party *probed;    // a channel
};

void qd__ssh_join(qd_ssh *s, qd__party *p, const qd__party_kind *kind);  // takes a reference, asks for a pump run
void qd__ssh_kick(qd_ssh *s);                                            // a pump run soon
// Whether libssh2's answer `rc` (negative, not EAGAIN) means the end of the connection; then the session fails.
bool qd__ssh_fatal(qd_ssh *s, int rc);
void qd__ssh_fail(qd_ssh *s, const char *why);  // ends the session after this round

// The setup turn: enter returns whether `p` holds it now; leave gives it up (harmless when it does not wait).
bool qd__setup_enter(qd__party *p);
void qd__setup_leave(qd__party *p);

// Keepalive: a probe after alive_ms of silence, the end after dead_ms (alive.c).
void qd__alive_start(qd_ssh *s);
void qd__alive_stop(qd_ssh *s);

// libssh2's handle when the channel is open and can carry requests, else NULL.
LIBSSH2_CHANNEL *qd__chan_probe(qd__party *p);
// Closes and frees a libssh2 channel, or keeps it as the session's listener: call until it does not return EAGAIN.
int qd__chan_retire(qd_ssh *s, LIBSSH2_CHANNEL *ch);

#endif
