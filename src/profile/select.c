// Selectors: names, lists, globs, groups (docs: --profile).
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "profile/store_room.h"

static bool is_glob(const char *s) { return strpbrk(s, "*?[") != NULL; }

static void add_name(qd_json *names, const char *name) {
  for (size_t i = 0; i < qd_json_count(names); i++) {
    if (strcmp(qd_json_get_cstr(qd_json_at(names, i), ""), name) == 0) return;
  }
  qd_json_append(names, qd_json_string(qd_slice_of(name)));
}

static qd_status nothing_matches(const qd_profiles *p, const char *part, qd_error *err) {
  if (strncmp(part, "group:", 6) != 0 && !is_glob(part)) {
    (void)qd__profiles_not_found(p, qd_slice_of(part), err);
    if (access(part, F_OK) != 0) return err->category;
    (void)qd_why(err, "there is a file of that name here: the shell may have replaced a * by file names");
    return qd_hint(err, "quote the pattern: --profile '*'");
  }
  (void)qd_fail(err, QD_NOT_FOUND, "profile_not_found", "no profile matches '%.100s'", part);
  if (qd_profiles_count(p) == 0) {
    (void)qd_why(err, "no NAS is set up yet");
    return qd_hint(err, "qnap-docker init HOST");
  }
  (void)qd_why(err, strncmp(part, "group:", 6) == 0 ? "no profile has that group" : "the names have no such form");
  return qd_hint(err, "qnap-docker profile list");
}

// One part of a list: a name, a glob or a group.
static qd_status select_part(const qd_profiles *p, const char *part, qd_json *names, qd_error *err) {
  bool by_group = strncmp(part, "group:", 6) == 0;
  const char *pattern = by_group ? part + 6 : part;
  bool found = false;
  for (size_t i = 0; i < qd_profiles_count(p); i++) {
    const char *name = qd_profiles_name_at(p, i);
    const char *subject = name;
    if (by_group) subject = qd_json_get_cstr(qd_json_member(qd_profiles_find(p, qd_slice_of(name)), "group"), "");
    if (by_group && !*subject) continue;
    bool match = is_glob(pattern) ? fnmatch(pattern, subject, 0) == 0 : strcmp(pattern, subject) == 0;
    if (!match) continue;
    add_name(names, name);
    found = true;
  }
  return found ? QD_OK : nothing_matches(p, part, err);
}

static qd_status select_list(const qd_profiles *p, const char *selector, qd_json *names, qd_error *err) {
  if (!*selector) {
    (void)qd_fail(err, QD_USAGE, "bad_selector", "--profile is empty");
    return qd_hint(err, "name a profile: qnap-docker profile list");
  }
  qd_status status = QD_OK;
  while (status == QD_OK && *selector) {
    size_t n = strcspn(selector, ",");
    char *part = qd_xstrndup(selector, n);
    if (n > 0) status = select_part(p, part, names, err);
    free(part);
    selector += n + (selector[n] == ',' ? 1 : 0);
  }
  return status;
}

qd_status qd_profiles_select(const qd_profiles *p, const char *const *selectors, size_t n, qd_json **out_names, qd_error *err) {
  qd_json *names = qd_json_array();
  qd_status status = QD_OK;
  for (size_t i = 0; status == QD_OK && i < n; i++) status = select_list(p, selectors[i], names, err);
  if (status == QD_OK && n > 0 && qd_json_count(names) == 0) status = select_list(p, "", names, err);
  if (status == QD_OK)
    *out_names = names;
  else
    qd_json_free(names);
  return status;
}
