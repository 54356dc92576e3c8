// The project file .qnap-docker.yaml of a directory tree. It comes with clones, so without the user's trust (stdlib/profile/project)
// it can choose among the user's profiles and nothing else. Keys: `profile` (a name), and `profiles` as in profiles.yaml (schema.h).
#ifndef QD_PROFILE_PROJECT_H
#define QD_PROFILE_PROJECT_H

#include "base/buf.h"

typedef struct qd_project {
  char *path;         // of the file found; NULL: none
  char *profile;      // its `profile`; NULL when the file names none
  bool has_profiles;  // it has `profiles`, which were not looked at: their text is below
  qd_buf text;        // what was read: whoever asks for trust asks for these bytes
  char *warning;      // why a file was passed over, or a key that is unknown; NULL
} qd_project;

// Looks in `dir` (absolute) and upwards, as far as the user's home or the root. A file that somebody else may have written
// (qd_file_read_own) is passed over. Errors: QD_CONFIG, "bad_yaml", "bad_profile", "unreadable_file".
QD_MUST_USE qd_status qd_project_find(const char *dir, qd_project *out, qd_error *err);
void qd_project_deinit(qd_project *p);

#endif
