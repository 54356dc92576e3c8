// The connection holder: one process per account keeps authenticated SSH sessions open and gives their channels to the commands
// that come and go, over a unix socket. It holds no policy: it neither parses HTTP nor knows commands. Passwords pass through it
// and are kept nowhere.
#ifndef QD_AGENT_AGENT_H
#define QD_AGENT_AGENT_H

#include "ssh/ssh.h"

enum { QD_AGENT_VERSION = 1 };  // of the conversation

// --- the holder's side

typedef struct qd_agent qd_agent;

// Listens on `path` (its directory exists and is private) and serves until told to stop, or until nobody used it for idle_ms.
// `on_end` is called once, from the loop; then qd_agent_free. Errors: those of qd_net_listen.
QD_MUST_USE qd_status qd_agent_serve(qd_loop *loop, const char *path, uint64_t idle_ms, void (*on_end)(void *ctx), void *ctx,
                                     qd_agent **out, qd_error *err);
// Hangs up on everybody, in good order towards the NASes.
void qd_agent_free(qd_agent *a);

// --- a command's side

typedef struct qd_agent_login qd_agent_login;
// A login as qd_ssh_login_start (same events, same target; scan_only is not possible), made by the holder that listens on `path`, or
// one that it has already. The session's channels are the holder's. Errors beside those of a login: QD_CONNECT "agent_gone" (nobody
// listens, or it went away: nothing is wrong with the NAS), "agent_version", "bad_agent_frame"; QD_AUTH "foreign_socket".
qd_agent_login *qd_agent_login_start(qd_loop *loop, const char *path, const qd_ssh_target *target, const qd_ssh_login_events *events,
                                     void *ctx);
void qd_agent_login_answer(qd_agent_login *l, const char *text);  // as qd_ssh_login_answer
void qd_agent_login_cancel(qd_agent_login *l);                    // on_done is not called any more

typedef enum qd_agent_question { QD_AGENT_STATUS, QD_AGENT_STOP, QD_AGENT_RETIRE } qd_agent_question;
// What it holds. All strings are borrowed during the call.
typedef struct qd_agent_holds {
  const char *who;    // "admin@nas1.local:22"
  const char *auth;   // how it logged in: "publickey"
  const char *state;  // "connected", "logging in", "connecting again", "closed"
  int sessions, channels, ready;
  long idle;  // seconds since it was used
} qd_agent_holds;
typedef struct qd_agent_status {
  int version, pid;
  long up, idle;  // seconds; idle: those after which it ends by itself
  int commands;   // connections of commands
  const qd_agent_holds *holds;
  size_t count;
} qd_agent_status;
// Asks the holder on `path`. `done` is called once, from the loop; `status` is NULL with an error. STOP ends it now; RETIRE lets it
// finish what commands have open, and frees the path at once.
typedef struct qd_agent_ask qd_agent_ask;
qd_agent_ask *qd_agent_ask_start(qd_loop *loop, const char *path, qd_agent_question question,
                                 void (*done)(void *ctx, const qd_agent_status *status, const qd_error *err), void *ctx);
void qd_agent_ask_cancel(qd_agent_ask *q);  // `done` is not called any more

#endif
