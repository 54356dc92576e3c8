// Between the files of the ssh_config parser. Not for others.
#ifndef QD_SSH_CONFIG_PARTS_H
#define QD_SSH_CONFIG_PARTS_H

#include "ssh/config.h"

typedef enum qd__word { QD__WORD_OK, QD__WORD_END, QD__WORD_BAD } qd__word;
// The next argument with its quotes taken off; the rest advances. A '#' at its start ends the line.
qd__word qd__ssh_config_word(qd_slice *rest, qd_buf *out);

typedef struct qd__setting {
  qd_ssh_config *c;
  const qd_ssh_config_env *env;
  const char *file;
  size_t line;
  const char *keyword;
  qd_slice value;  // raw, trimmed
} qd__setting;
// Applies one keyword line (no Host, Match or Include).
void qd__ssh_config_set(const qd__setting *s);

// Marks that only ssh itself can reach the host; the first reason stays.
void qd__ssh_needs(qd_ssh_config *c, const char *keyword, const char *value);
// HostName as known so far with its %h expanded, else the alias. Caller frees.
char *qd__ssh_config_host(const qd_ssh_config *c, const qd_ssh_config_env *env);
// "~" and "~/x" expanded. Caller frees.
char *qd__ssh_config_tilde(const qd_ssh_config_env *env, const char *path);

#endif
