// The profile store: profiles.yaml read and checked, changed in place (comments, order, quoting and unknown keys
// live on), one writer at a time. Format: docs; keys: schema.h.
#ifndef QD_PROFILE_STORE_H
#define QD_PROFILE_STORE_H

#include <stdint.h>

#include "data/json.h"

typedef struct qd_profiles qd_profiles;

// Reads and checks the file. An absent file is an empty store. Errors: QD_CONFIG; "bad_yaml" (from data/yaml), "bad_profile"
// for the first wrong value, both with "file:line:column" in the headline; "unreadable_file".
QD_MUST_USE qd_status qd_profiles_load(const char *path, qd_profiles **out, qd_error *err);
// The same for text that is not in a file yet; `name` stands in messages.
QD_MUST_USE qd_status qd_profiles_parse(qd_slice text, const char *name, qd_profiles **out, qd_error *err);
void qd_profiles_free(qd_profiles *p);
// Adds the profiles of a project file (project.h), which the caller trusts, to what is counted, found and selected below. One whose
// name is there already is passed over with a warning; relative paths in them count from the file's directory. Errors: as parsing.
QD_MUST_USE qd_status qd_profiles_extend(qd_profiles *p, qd_slice text, const char *path, qd_error *err);

// The file's tree as written (nothing expanded, unknown keys included): {default_profile, profiles: {name: {...}}}.
const qd_json *qd_profiles_tree(const qd_profiles *p);
qd_slice qd_profiles_text(const qd_profiles *p);  // its bytes, valid as long as the store
// Profiles in the file's order.
size_t qd_profiles_count(const qd_profiles *p);
const char *qd_profiles_name_at(const qd_profiles *p, size_t i);
const qd_json *qd_profiles_find(const qd_profiles *p, qd_slice name);  // NULL when absent
const char *qd_profiles_default(const qd_profiles *p);                 // NULL when none is set
// Unknown keys, loose file modes, a default that does not exist: one line each.
size_t qd_profiles_warning_count(const qd_profiles *p);
const char *qd_profiles_warning_at(const qd_profiles *p, size_t i);

// A profile ready for use: ~ and ${VAR} (${VAR:-otherwise}, $$ for one $) expanded and checked again. Caller frees.
// Errors: QD_NOT_FOUND, "profile_not_found" with near names; QD_CONFIG, "bad_profile" (an unset variable, a bad result).
QD_MUST_USE qd_status qd_profiles_get(const qd_profiles *p, qd_slice name, qd_json **out, qd_error *err);

// Names that the selectors mean, each once: "a,b" lists, globs (* ? [..]), "group:NAME" (a glob too), "label:KEY",
// "label:KEY=VALUE" (a glob too). Every part must match. A part that begins with '!' leaves out what it matches, wherever it
// stands; where all parts do, the rest of all profiles is meant. *out_names is an array of strings (caller frees).
// Errors: QD_NOT_FOUND, "profile_not_found" with near names; QD_USAGE, "bad_selector".
QD_MUST_USE qd_status qd_profiles_select(const qd_profiles *p, const char *const *selectors, size_t n, qd_json **out_names, qd_error *err);

// What a profile with these keys would be for use, checked and expanded, without any file. Caller frees.
// Errors: QD_USAGE "bad_name", "bad_value"; those of qd_profiles_get.
QD_MUST_USE qd_status qd_profiles_preview(const char *name, const qd_json *keys, qd_json **out, qd_error *err);

// Changes of the file, each under its lock (waits lock_ms for it), checked as a whole before it is written, written atomically.
// Errors beside the reading ones: QD_CONFLICT "locked", "profile_exists"; QD_NOT_FOUND "profile_not_found"; QD_USAGE "bad_name",
// "bad_value"; QD_CONFIG "cannot_patch" (names the line) when the file's style does not allow it, "unwritable_file".
typedef struct qd_profiles_file {
  const char *path;
  uint64_t lock_ms;
} qd_profiles_file;
// `profile` is an object. The first profile of a file becomes the default.
QD_MUST_USE qd_status qd_profiles_add(const qd_profiles_file *f, const char *name, const qd_json *profile, qd_error *err);
// Several at once, or none: `profiles` is {name: {keys}}. One that exists is an error, or with `replace` made anew as a whole. In
// a file without profiles `first` (one of them; NULL: the first) becomes the default.
QD_MUST_USE qd_status qd_profiles_put(const qd_profiles_file *f, const qd_json *profiles, bool replace, const char *first, qd_error *err);
// `changes`: key ("port", "labels.site", "defaults.restart") -> value, null removes the key.
QD_MUST_USE qd_status qd_profiles_update(const qd_profiles_file *f, const char *name, const qd_json *changes, qd_error *err);
// The default goes with its profile.
QD_MUST_USE qd_status qd_profiles_remove(const qd_profiles_file *f, const char *name, qd_error *err);
// default_profile and `jump: <name>` of others follow.
QD_MUST_USE qd_status qd_profiles_rename(const qd_profiles_file *f, const char *name, const char *to, qd_error *err);
// NULL: no default.
QD_MUST_USE qd_status qd_profiles_set_default(const qd_profiles_file *f, const char *name, qd_error *err);
// The whole text at once (an editor's result), if it is a good file and the file is still `was` (else QD_CONFLICT "changed").
QD_MUST_USE qd_status qd_profiles_replace(const qd_profiles_file *f, qd_slice was, qd_slice text, qd_error *err);

#endif
