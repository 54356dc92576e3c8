// The useful subset of ssh_config(5): what a login needs to know. The parser is pure; files are read by qd_ssh_config_load
// alone. As in ssh the first value wins; what we cannot do is not guessed but reported in `needs_openssh`.
#ifndef QD_SSH_CONFIG_H
#define QD_SSH_CONFIG_H

#include "base/buf.h"

typedef struct qd_ssh_strings {
  char **v;  // n strings, and a NULL behind them once one was added; owned
  size_t n;
} qd_ssh_strings;

typedef struct qd_ssh_config {
  char *host_name;                // where to connect to; set by qd_ssh_config_finish
  char *user;                     // NULL: not set
  int port;                       // 0: not set
  qd_ssh_strings identity_files;  // in order, ~ and % expanded
  bool default_identities;        // nothing was configured: identity_files is ssh's standard list
  bool identities_only;
  bool no_agent;                    // IdentityAgent none
  char *identity_agent;             // socket path; NULL: $SSH_AUTH_SOCK
  qd_ssh_strings user_known_hosts;  // empty: ssh's defaults were not overridden (finish fills them in)
  qd_ssh_strings global_known_hosts;
  char *proxy_jump;     // as written
  char *proxy_command;  // as written
  char *host_key_alias;
  unsigned connect_timeout_s;  // 0: not set
  bool gssapi;                 // GSSAPIAuthentication yes (many systems set it for all hosts; alone it decides nothing)
  char needs_openssh[256];     // why only ssh itself can reach this host ("ProxyJump bastion"); "" = we can
  qd_ssh_strings notes;        // for the user: ignored options that weaken checks, lines that make no sense (file:line)
  struct {                     // while parsing
    bool user_hosts, global_hosts, identities, agent, only, gssapi, proxy;
  } seen;
} qd_ssh_config;

typedef struct qd_ssh_include qd_ssh_include;  // the parser, as the include callback sees it

typedef struct qd_ssh_config_env {
  const char *alias;  // the host as the user typed it
  const char *user;   // remote user given elsewhere (it wins over User lines); NULL: none
  const char *local_user;
  const char *home;                         // absolute
  const char *(*lookup)(const char *name);  // environment, for ${NAME}; NULL: nothing is set
  // Called for every Include that applies, with an absolute glob pattern: gives each file in order to qd_ssh_include_text.
  // NULL: Include lines are noted and ignored.
  void (*include)(void *ctx, const char *pattern, qd_ssh_include *parser);
  void *ctx;
} qd_ssh_config_env;

void qd_ssh_config_init(qd_ssh_config *c);
void qd_ssh_config_deinit(qd_ssh_config *c);
// Adds what one file says. system: relative Include paths lie in /etc/ssh instead of ~/.ssh.
void qd_ssh_config_parse(qd_ssh_config *c, const qd_ssh_config_env *env, qd_slice text, const char *file, bool system);
// One included file's text; for the include callback.
void qd_ssh_include_text(qd_ssh_include *parser, const char *file, qd_slice text);
// Adds what `ssh -G alias` printed: every line counts, nothing is conditional.
void qd_ssh_config_parse_g(qd_ssh_config *c, const qd_ssh_config_env *env, qd_slice text);
// After the last text: expands ~, ${NAME} and % tokens and fills in the defaults.
void qd_ssh_config_finish(qd_ssh_config *c, const qd_ssh_config_env *env);

// Reads the files (the last one with system rules when it lies under /etc) with their includes and finishes. A missing file is
// empty; one that others may write to, or that cannot be read, is noted and ignored.
void qd_ssh_config_load(qd_ssh_config *c, const qd_ssh_config_env *env, const char *const *files);

// Adds a formatted note, at most 32.
void qd__ssh_config_note(qd_ssh_config *c, const char *fmt, ...) QD_PRINTF(2, 3);
void qd__ssh_strings_add(qd_ssh_strings *s, const char *text, size_t n);
void qd__ssh_strings_clear(qd_ssh_strings *s);

#endif
