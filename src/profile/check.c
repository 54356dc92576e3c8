// What a file of profiles must be: every known key of the right type and range, unknown ones warned about.
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "profile/store_room.h"

void qd__profiles_place(const qd_profiles *p, const qd_json *value, char *out, size_t room) {
  qd_yaml_mark m;
  bool placed = qd_yaml_mark_of(p->doc, value, &m) || qd_yaml_key_mark_of(p->doc, value, &m);
  if (placed)
    (void)snprintf(out, room, "%s:%zu:%zu", p->name, m.line, m.column);
  else
    (void)snprintf(out, room, "%s", p->name);
}

// The value as the user wrote it, shortened.
static void show(const qd_json *value, qd_buf *out) {
  static const qd_json_style ONE_LINE = {0};
  if (qd_json_type_of(value) == QD_JSON_STRING) {
    qd_slice s = qd_json_get_string(value, QD_SLICE(""));
    qd_buf_addc(out, '\'');
    for (size_t i = 0; i < s.n && i < 80; i++) qd_buf_addc(out, (unsigned char)s.p[i] < 0x20 ? '?' : s.p[i]);
    qd_buf_adds(out, s.n > 80 ? "...'" : "'");
  } else if (qd_json_type_of(value) == QD_JSON_OBJECT || qd_json_type_of(value) == QD_JSON_ARRAY) {
    qd_buf_adds(out, qd_json_type_of(value) == QD_JSON_OBJECT ? "a mapping" : "a list");
  } else if (qd_json_is_null(value)) {
    qd_buf_adds(out, "empty");
  } else {
    (void)qd_json_write(value, &ONE_LINE, out);
  }
}

qd_status qd__profiles_bad(const qd_profiles *p, const qd_json *value, const char *profile, const qd_profile_key *key, const char *why,
                           qd_error *err) {
  char place[300];
  qd__profiles_place(p, value, place, sizeof place);
  if (!key) {
    (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s: profile '%.100s' cannot be used", place, profile);
    return qd_why(err, "%s", why);
  }
  qd_buf shown;
  qd_buf_init(&shown, 200);
  show(value, &shown);
  (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s: %s of profile '%.100s' is %s", place, key->name, profile, shown.n > 0 ? shown.p : "");
  qd_buf_deinit(&shown);
  (void)qd_why(err, "%s", why);
  return qd_hint(err, "write %s", key->want);
}

static bool waits_for_variables(const qd_json *value) {
  const char *s = qd_json_get_cstr(value, NULL);
  return s && (strstr(s, "${") || strstr(s, "$$"));
}

static void warn_unknown(qd_profiles *p, const qd_json *value, qd_slice key, const char *profile, const char *group) {
  char place[300];
  char full[160];
  qd__profiles_place(p, value, place, sizeof place);
  (void)snprintf(full, sizeof full, "%s%s%.*s", group ? group : "", group ? "." : "", (int)(key.n < 80 ? key.n : 80), key.p);
  const char *near = qd_profile_key_near(qd_slice_of(full));
  char *text = near ? qd_xasprintf("%s: profile '%s' has an unknown key '%s' (did you mean %s?)", place, profile, full, near)
                    : qd_xasprintf("%s: profile '%s' has an unknown key '%s', which is kept and ignored", place, profile, full);
  qd__profiles_warn(p, text);
  free(text);
}

static qd_status check_value(const qd_profiles *p, const qd_json *value, const char *profile, const qd_profile_key *key, qd_error *err) {
  if (p->dir && strcmp(key->name, "known_hosts") == 0) {
    (void)qd__profiles_bad(p, value, profile, key, "what lies in such a file could change after the project was trusted", err);
    return qd_hint(err, "pin the key instead:  host_key: SHA256:...");
  }
  const char *why = NULL;
  bool ok = waits_for_variables(value) || qd_profile_value_ok(key, value, &why);
  return ok ? QD_OK : qd__profiles_bad(p, value, profile, key, why, err);
}

// The members of a profile, or of a group in it (then `group` is its name).
static qd_status check_members(qd_profiles *p, const qd_json *map, const char *profile, const char *group, qd_error *err) {
  for (size_t i = 0; i < qd_json_count(map); i++) {
    qd_slice name = QD_SLICE("");
    const qd_json *value = qd_json_member_at(map, i, &name);
    char full[160];
    int n = snprintf(full, sizeof full, "%s%s%.*s", group ? group : "", group ? "." : "", (int)(name.n < 100 ? name.n : 100), name.p);
    const qd_profile_key *key = qd_profile_key_find((qd_slice){full, n > 0 ? (size_t)n : 0});
    bool dotted = !group && memchr(name.p, '.', name.n);
    if (!key || dotted) {
      warn_unknown(p, value, name, profile, group);
      continue;
    }
    qd_status status = check_value(p, value, profile, key, err);
    if (status == QD_OK && key->type == QD_PROFILE_GROUP) status = check_members(p, value, profile, key->name, err);
    if (status != QD_OK) return status;
  }
  return QD_OK;
}

static qd_status check_profile(qd_profiles *p, const qd_json *profile, qd_slice name, qd_error *err) {
  char word[80];
  (void)snprintf(word, sizeof word, "%.*s", (int)(name.n < 70 ? name.n : 70), name.p);
  if (!qd_profile_name_ok(name)) {
    qd__profiles_bad(p, profile, word, NULL, "a name has lower-case letters, digits, '.', '_', '-' and begins with a letter or digit", err);
    qd_yaml_mark m;
    size_t line = qd_yaml_key_mark_of(p->doc, profile, &m) ? m.line : 0;
    return qd_hint(err, "rename the profile in line %zu", line);
  }
  if (qd_json_type_of(profile) != QD_JSON_OBJECT) {
    qd__profiles_bad(p, profile, word, NULL, "it has no keys", err);
    return qd_hint(err, "give it at least a host, indented below its name:  host: nas1.local");
  }
  if (!qd_json_member(profile, "host")) {
    qd__profiles_bad(p, profile, word, NULL, "it has no host", err);
    return qd_hint(err, "add a line below its name:  host: nas1.local");
  }
  const qd_json *jump = qd_json_member(profile, "jump");
  if (qd_slice_eq(qd_json_get_string(jump, QD_SLICE("")), name)) {
    qd__profiles_bad(p, jump, word, NULL, "its jump is the profile itself", err);
    return qd_hint(err, "name another profile, or user@host, or remove the line");
  }
  return check_members(p, profile, word, NULL, err);
}

static qd_status check_default(qd_profiles *p, const qd_json *value, qd_error *err) {
  if (qd_json_is_null(value)) return QD_OK;
  char place[300];
  qd__profiles_place(p, value, place, sizeof place);
  if (qd_json_type_of(value) != QD_JSON_STRING) {
    (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s: default_profile is no name", place);
    return qd_hint(err, "write the name of one profile:  default_profile: nas1");
  }
  const char *name = qd_json_get_cstr(value, "");
  if (qd_profiles_find(p, qd_slice_of(name))) return QD_OK;
  char *text = qd_xasprintf("%s: the default profile '%.100s' does not exist", place, name);
  qd__profiles_warn(p, text);
  free(text);
  return QD_OK;
}

static void check_root(qd_profiles *p, const qd_json *root) {
  for (size_t i = 0; i < qd_json_count(root); i++) {
    qd_slice name = QD_SLICE("");
    const qd_json *value = qd_json_member_at(root, i, &name);
    if (qd_slice_is(name, "profiles") || qd_slice_is(name, p->dir ? "profile" : "default_profile")) continue;
    char place[300];
    qd__profiles_place(p, value, place, sizeof place);
    char *text = qd_xasprintf("%s: unknown key '%.*s', which is kept and ignored", place, (int)(name.n < 80 ? name.n : 80), name.p);
    qd__profiles_warn(p, text);
    free(text);
  }
}

qd_status qd__profiles_check(qd_profiles *p, qd_error *err) {
  const qd_json *root = qd_yaml_root(p->doc);
  if (!qd_json_is_null(root) && qd_json_type_of(root) != QD_JSON_OBJECT) {
    (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s:1:1: the file holds no keys", p->name);
    return qd_hint(err, "begin with 'profiles:' and indent the profiles below it");
  }
  if (!qd_json_is_null(p->profiles) && qd_json_type_of(p->profiles) != QD_JSON_OBJECT) {
    char place[300];
    qd__profiles_place(p, p->profiles, place, sizeof place);
    (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s: 'profiles' holds no profiles", place);
    return qd_hint(err, "write the profiles' names below it, each indented and with keys of its own");
  }
  check_root(p, root);
  for (size_t i = 0; i < qd_json_count(p->profiles); i++) {
    qd_slice name = QD_SLICE("");
    const qd_json *profile = qd_json_member_at(p->profiles, i, &name);
    qd_status status = check_profile(p, profile, name, err);
    if (status != QD_OK) return status;
  }
  return p->dir ? QD_OK : check_default(p, qd_json_member(root, "default_profile"), err);
}
