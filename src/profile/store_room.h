// Shared by the files of the store (inside profile/ only).
#ifndef QD_PROFILE_STORE_ROOM_H
#define QD_PROFILE_STORE_ROOM_H

#include "data/yaml.h"
#include "profile/schema.h"
#include "profile/store.h"

struct qd_profiles {
  char *name;  // the file, for messages
  char *text;  // its bytes
  size_t n;
  qd_yaml_doc *doc;
  const qd_json *profiles;  // of doc; NULL or null when there are none
  char **warnings;
  size_t warning_count;
  char *dir;                // of a project file; NULL: the user's own file
  qd_profiles *more;        // those of a project file; NULL
  const char **more_names;  // of `more`, without those that are here, too
  size_t more_count;
};

enum { QD__PROFILES_MAX_BYTES = 1 << 20 };

void qd__profiles_warn(void *profiles, const char *text);
// Checks everything; the first wrong value is the error.
QD_MUST_USE qd_status qd__profiles_check(qd_profiles *p, qd_error *err);
// "file:line:column" of a value (of its key when it has no place).
void qd__profiles_place(const qd_profiles *p, const qd_json *value, char *out, size_t room);
// Fills err for a value that is not accepted. `key` NULL: the profile as a whole.
qd_status qd__profiles_bad(const qd_profiles *p, const qd_json *value, const char *profile, const qd_profile_key *key, const char *why,
                           qd_error *err);
qd_status qd__profiles_not_found(const qd_profiles *p, qd_slice name, qd_error *err);
// Expands ~ (at the beginning, for paths) and ${VAR}. Errors: QD_CONFIG, "unset_variable" (err->why names it).
QD_MUST_USE qd_status qd__profile_expand(qd_slice text, bool tilde, qd_buf *out, qd_error *err);

#endif
