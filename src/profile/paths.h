// Where our files live. Home is $QNAP_DOCKER_HOME, else ~/.qnap-docker; the XDG directories are used where
// $XDG_CONFIG_HOME/qnap-docker exists and ~/.qnap-docker does not.
#ifndef QD_PROFILE_PATHS_H
#define QD_PROFILE_PATHS_H

#include "base/buf.h"

// Absolute, without a slash at the end, owned. The directories may not exist yet.
typedef struct qd_paths {
  char *home;   // profiles.yaml, known_hosts, recipes/, history
  char *state;  // journal, engine facts per profile, trust
  char *cache;
  char *run;          // agent socket, control paths
  char *profiles;     // <home>/profiles.yaml
  char *known_hosts;  // <home>/known_hosts
} qd_paths;

// Reads the environment; touches no file except to see which directories exist. Errors: QD_CONFIG, "bad_home".
QD_MUST_USE qd_status qd_paths_find(qd_paths *out, qd_error *err);
void qd_paths_deinit(qd_paths *p);
// The user's own home directory ($HOME, else the password database); NULL when there is none. Caller frees.
char *qd_user_home(void);

#endif
