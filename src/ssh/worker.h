// The blocking half of a login: runs in one worker thread, waits only in qd__worker_wait and qd__worker.ask.
// Both end at once when the login is cancelled.
#ifndef QD_SSH_WORKER_H
#define QD_SSH_WORKER_H

#include "ssh/known_hosts.h"
#include "ssh/raw.h"

#define QD__HEARD_CAP (16u << 10)

typedef struct qd__worker {
  const qd_ssh_target *target;
  const char *name;          // "admin@nas1", for messages
  int wake_fd;               // readable once the login was cancelled
  uint64_t deadline;         // of the phase, on qd__worker_now's clock
  uint64_t budget_ms;        // what the deadline was made from
  const char *phase;         // "connecting", for the deadline's message
  LIBSSH2_SESSION *session;  // its abstract points to this worker
  int fd;                    // of the connection, -1 before
  qd_buf heard;              // the first bytes from the server, in clear: identification line and KEXINIT
  qd_ssh_info info;
  qd_buf host_key;        // blob that the host showed last
  char bye[200];          // what the server said when it ended the connection, cleaned; "" = nothing
  struct qd__auth *auth;  // while authenticating
  int abandoned;          // calls of qd__worker_abandon
  // Puts a question to the user and waits (the time does not count). *out is NULL when declined; the caller wipes and
  // frees it. Fails only with cancelled.
  qd_status (*ask)(struct qd__worker *w, const qd_ssh_question *question, char **out, qd_error *err);
} qd__worker;

uint64_t qd__worker_now(void);  // ms, monotonic
// Begins a phase of at most budget_ms.
void qd__worker_phase(qd__worker *w, const char *phase, uint64_t budget_ms);
// Until fd is ready for `events` (poll.h; fd -1: just waits) or `until` (0: the deadline) is reached. QD_OK also when `until` came
// before the deadline. Errors: timeout, cancelled.
QD_MUST_USE qd_status qd__worker_wait(qd__worker *w, int fd, short events, uint64_t until, qd_error *err);
// Waits for what libssh2 waits for.
QD_MUST_USE qd_status qd__worker_wait_session(qd__worker *w, qd_error *err);

// Breaks the connection, so that the call under way fails and frees its state (an abandoned key exchange would leak it). False once that
// did not help either.
bool qd__worker_abandon(qd__worker *w);

// Repeats a libssh2 call while it says EAGAIN; `rc` gets its last result, `st` the wait's failure, which comes first.
#define QD__DRIVE(w, rc, st, err, call)                              \
  do {                                                               \
    (st) = QD_OK;                                                    \
    while (((rc) = (call)) == LIBSSH2_ERROR_EAGAIN) {                \
      if ((st) == QD_OK) (st) = qd__worker_wait_session((w), (err)); \
      if ((st) != QD_OK && !qd__worker_abandon(w)) break;            \
    }                                                                \
  } while (0)

// Resolves and connects: all addresses, a new one every 250 ms, the first that answers wins (RFC 8305). *out_fd is non-blocking with
// TCP_NODELAY. Errors: connect resolve_failed, refused, unreachable; timeout; cancelled.
QD_MUST_USE qd_status qd__worker_connect(qd__worker *w, const char *host, int port, int *out_fd, qd_error *err);
// The whole authentication; the session is past its key exchange and the host key is trusted. Fills info.auth.
QD_MUST_USE qd_status qd__worker_authenticate(qd__worker *w, qd_error *err);
// Connect, handshake, host key, authentication. On success the connection is in *out.
QD_MUST_USE qd_status qd__worker_login(qd__worker *w, qd__ssh_raw *out, qd_error *err);

// Copies server text for a message or a prompt: control characters become blanks, at most size - 1 bytes.
void qd__clean_text(char *out, size_t size, qd_slice text);
// libssh2's words for the last failure, cleaned.
void qd__session_error(LIBSSH2_SESSION *session, char *out, size_t size);

#endif
