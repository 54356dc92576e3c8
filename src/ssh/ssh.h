// SSH to one host: log in (worker thread), then one session on the loop that hands out byte streams, commands and files.
// libssh2.h stays inside this room. Facts behind the rules: RFC 4251-4254, OpenSSH PROTOCOL section 2.4.
#ifndef QD_SSH_SSH_H
#define QD_SSH_SSH_H

#include "net/stream.h"

// Who to log in to, and with what. All strings are copied by qd_ssh_login_start. NULL or 0 = not given.
typedef struct qd_ssh_target {
  const char *host;            // address to connect to, as resolved from ~/.ssh/config
  const char *alias;           // the name the user typed, for messages
  const char *host_key_alias;  // HostKeyAlias: the host key is looked up under this bare name instead of host and port
  const char *profile;         // for hints ("qnap-docker profile trust NAME"); NULL: alias
  int port;                    // 1..65535
  const char *user;
  const char *const *identity_files;      // named by the user, in order, NULL-terminated: a file that cannot be used is an error
  const char *const *default_identities;  // as identity_files, but one that is missing or unusable is passed over
  bool libssh2_only;                      // pass over keys that only ssh can use (RSA on libssh2 1.10, FIDO) instead of failing with
                                          // rsa_needs_openssh: the second try, when the openssh transport failed or is not there
  bool identities_only;                   // no other agent keys
  bool no_agent;
  const char *agent_socket;        // NULL: $SSH_AUTH_SOCK
  const char *const *known_hosts;  // NULL-terminated; the first is ours (new keys are appended there), the rest read-only
  const char *pinned_key;          // "SHA256:..." from the profile; wins over the files
  bool legacy_crypto;              // allow ssh-dss, sha1-only kex and MACs
  bool no_prompt;                  // never ask: an unknown key or a needed password is an error
  bool forget_answers;             // answers are not registered as secrets: nothing here ever prints them
  bool scan_only;                  // stop after the key exchange, trust nothing: on_done gets neither session nor error, and
                   // qd_ssh_login_host_key tells what the host showed (`profile trust`); a pinned_key is checked all the same
  uint64_t connect_ms;  // TCP connect; 0 = 15 s
  uint64_t login_ms;    // handshake and authentication, without the time a question waits; 0 = 60 s
} qd_ssh_target;

typedef enum qd_ssh_question_kind {
  QD_SSH_ASK_HOST_KEY,
  QD_SSH_ASK_PASSPHRASE,
  QD_SSH_ASK_PASSWORD,
  QD_SSH_ASK_PROMPT
} qd_ssh_question_kind;
typedef struct qd_ssh_question {
  qd_ssh_question_kind kind;
  char text[512];         // what to show; control characters already stripped
  char fingerprint[128];  // host key: "SHA256:..."
  char key_type[64];      // host key: "ssh-ed25519"
  bool echo;              // the answer may be shown while typed
  int attempt;            // from 1
} qd_ssh_question;

typedef struct qd_ssh_login qd_ssh_login;  // a login under way
typedef struct qd_ssh qd_ssh;              // an authenticated session on the loop

typedef struct qd_ssh_login_events {
  // Answer later with qd_ssh_login_answer. Never called when no_prompt is set.
  void (*on_question)(void *ctx, const qd_ssh_question *question);
  // Exactly once, from the loop. On success the session is the receiver's. `err->code` is stable:
  // host_key_unknown, host_key_changed, host_key_revoked (auth); auth_key_rejected, auth_password_rejected, password_expired,
  // auth_no_method (auth); declined (aborted: a question was answered with NULL); unreachable, resolve_failed, refused, ssh_handshake,
  // connection_lost (connect); timeout; no_common_algorithm, rsa_needs_openssh, fido_needs_openssh (unsupported: the openssh
  // transport can do it); key_file_missing (not_found); key_file_permissions, key_file_unreadable, key_file_invalid,
  // known_hosts_unreadable, known_hosts_unwritable (config).
  void (*on_done)(void *ctx, qd_ssh *session, const qd_error *err);
} qd_ssh_login_events;

qd_ssh_login *qd_ssh_login_start(qd_loop *loop, const qd_ssh_target *target, const qd_ssh_login_events *events, void *ctx);
// text NULL: declined. For a host key "yes" or the very fingerprint accepts. The login keeps a copy and wipes it; unless the question
// was to be echoed, it is registered as a secret (base/log.h). Harmless while no question is open.
void qd_ssh_login_answer(qd_ssh_login *login, const char *text);
// on_done is not called any more; the worker ends by itself.
void qd_ssh_login_cancel(qd_ssh_login *login);

// The host key that was shown. Only valid inside on_done; empty strings when the login failed before the key exchange.
typedef struct qd_ssh_host_key {
  char type[64];
  char fingerprint[128];  // "SHA256:..."
  qd_slice blob;
} qd_ssh_host_key;
const qd_ssh_host_key *qd_ssh_login_host_key(const qd_ssh_login *login);

typedef struct qd_ssh_info {
  char server_version[128];  // "SSH-2.0-OpenSSH_9.2p1 ..."
  char host_key[128];        // SHA256 fingerprint
  char host_key_type[64];
  char kex[64], cipher[64], mac[64];
  char auth[32];  // "publickey", "password", "keyboard-interactive", "agent"
  int peer_fd;    // for diagnosis only
} qd_ssh_info;
const qd_ssh_info *qd_ssh_get_info(const qd_ssh *s);
// Told once when the connection is lost (never after qd_ssh_close). All its streams end with the same error.
void qd_ssh_on_lost(qd_ssh *s, void (*fn)(void *ctx, const qd_error *err), void *ctx);
void qd_ssh_ref(qd_ssh *s);
// Gives a reference back; the last one closes the session asynchronously (channels first), without waiting.
void qd_ssh_unref(qd_ssh *s);

// Somebody is about to rely on a connection that may have died in its sleep (a laptop's lid, another network): unless the server
// spoke lately, it is asked, and the connection counts as lost when nothing comes within `ms` milliseconds.
void qd_ssh_prove(qd_ssh *s, uint64_t ms);

// Ends the connection now, in good order; what still uses it ends with the error connection_closed. References stay valid,
// nothing can be opened any more.
void qd_ssh_close(qd_ssh *s);

// Dialer for a unix socket on the server (direct-streamlocal@openssh.com).
qd_dialer *qd_ssh_socket_dialer(qd_ssh *s, const char *path);
// Dialer that runs a command there for every stream: its stdin and stdout. `command` is a finished POSIX sh
// command line (quote with qd_ssh_quote). stderr is kept for the error text. When the first bytes from the command do not
// start with `expect` (NULL: anything), the stream ends with an error that quotes them.
qd_dialer *qd_ssh_exec_dialer(qd_ssh *s, const char *command, const char *expect);

// One command: stdin, stdout and stderr as streams of their own events.
typedef struct qd_ssh_exec qd_ssh_exec;
typedef struct qd_ssh_exec_events {
  void (*on_stdout)(void *ctx, qd_slice bytes);
  void (*on_stderr)(void *ctx, qd_slice bytes);
  void (*on_drain)(void *ctx);
  // Once. status 0..255, or -1 with the signal's name ("KILL") in `signal`, or err when the channel or session failed.
  void (*on_exit)(void *ctx, int status, const char *signal, const qd_error *err);
} qd_ssh_exec_events;
// With qd_ssh_exec_prepare called before, the channel is open already: a command then costs one round trip, not two.
void qd_ssh_exec_prepare(qd_ssh *s);
qd_ssh_exec *qd_ssh_exec_start(qd_ssh *s, const char *command, const qd_ssh_exec_events *events, void *ctx);
// As qd_ssh_exec_start, for many bytes (larger window).
qd_ssh_exec *qd_ssh_exec_bulk(qd_ssh *s, const char *command, const qd_ssh_exec_events *events, void *ctx);
bool qd_ssh_exec_write(qd_ssh_exec *e, qd_slice bytes);  // as qd_stream_write
void qd_ssh_exec_shutdown(qd_ssh_exec *e);               // end of its stdin
void qd_ssh_exec_read(qd_ssh_exec *e, bool on);          // backpressure over both outputs; on at first
void qd_ssh_exec_close(qd_ssh_exec *e);                  // no event afterwards; frees itself

// Appends `arg` quoted for POSIX sh as one word. The only place where remote shell text is made.
void qd_ssh_quote(qd_slice arg, qd_buf *out);

#endif
