// The keys of a profile (profiles.yaml): types, ranges, and how a value typed on a command line is read.
#ifndef QD_PROFILE_SCHEMA_H
#define QD_PROFILE_SCHEMA_H

#include "data/json.h"

typedef enum qd_profile_type {
  QD_PROFILE_STRING,
  QD_PROFILE_INT,
  QD_PROFILE_BOOL,
  QD_PROFILE_STRINGS,  // one string or a list of them
  QD_PROFILE_MAP,      // of strings, any names
  QD_PROFILE_GROUP,    // of known keys, written "defaults.restart"
} qd_profile_type;

typedef struct qd_profile_key {
  const char *name;  // "port", "defaults.restart"
  qd_profile_type type;
  const char *want;  // what is accepted, for messages and help: "a number from 1 to 65535"
  // Why the value is not accepted, NULL when it is. Strings only; the type was checked before.
  const char *(*refuse)(const char *value);
} qd_profile_key;

// All known keys, ended by one without a name.
extern const qd_profile_key qd_profile_keys[];
// NULL when unknown. "labels.site" finds labels.
const qd_profile_key *qd_profile_key_find(qd_slice name);
// The known key nearest to a misspelt one, NULL when none is near.
const char *qd_profile_key_near(qd_slice name);

// Whether `value` is one for `key`. On false *out_why says what is wrong (static text).
bool qd_profile_value_ok(const qd_profile_key *key, const qd_json *value, const char **out_why);
// Text from a command line as the key's value: "2222" -> 2222, "a,b" -> [a, b] for lists. Errors: QD_USAGE, "bad_value".
QD_MUST_USE qd_status qd_profile_value_parse(const char *key, qd_slice text, qd_json **out, qd_error *err);

// Names: lower-case letters, digits, '.', '_', '-'; first a letter or digit; at most 64. Errors: QD_USAGE, "bad_name".
bool qd_profile_name_ok(qd_slice name);
QD_MUST_USE qd_status qd_profile_name_check(qd_slice name, qd_error *err);

// Distance of two words in edits (insert, delete, replace, swap neighbours); words over 64 bytes are far (SIZE_MAX).
size_t qd_edit_distance(qd_slice a, qd_slice b);

#endif
