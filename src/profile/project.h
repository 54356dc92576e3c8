// The project file .qnap-docker.yaml: names the profile for a directory tree. It comes with clones, so it can choose among
// the user's profiles and nothing else.
#ifndef QD_PROFILE_PROJECT_H
#define QD_PROFILE_PROJECT_H

#include "base/buf.h"

typedef struct qd_project {
  char *path;     // of the file found; NULL: none
  char *profile;  // its `profile`; NULL when the file names none
  char *warning;  // why a file was passed over; NULL
} qd_project;

// Looks in `dir` (absolute) and upwards, as far as the user's home or the root. A file of another user (not root) is passed over.
// Errors: QD_CONFIG, "bad_yaml", "bad_profile", "unreadable_file".
QD_MUST_USE qd_status qd_project_find(const char *dir, qd_project *out, qd_error *err);
void qd_project_deinit(qd_project *p);

#endif
