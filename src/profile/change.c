// Changes of profiles.yaml: lock, read, patch, check the whole, write atomically.
#include <stdlib.h>

#include "base/mem.h"
#include "profile/file.h"
#include "profile/patch.h"
#include "profile/store_room.h"

// One change under way: the file as it was, and its text with the patches so far.
typedef struct change {
  const qd_profiles_file *file;
  qd_file_lock lock;
  qd_profiles *old;
  char *text;
  size_t n;
} change;

static const char HEADER[] =
    "# The NASes that qnap-docker manages; no passwords belong here. The program changes single values in place and keeps\n"
    "# comments, order and keys that it does not know.\n";

static qd_status begin(change *c, const qd_profiles_file *file, qd_error *err) {
  *c = (change){.file = file, .lock = {-1}};
  qd_status status = qd_file_lock_take(file->path, file->lock_ms, &c->lock, err);
  if (status == QD_OK) status = qd_profiles_load(file->path, &c->old, err);
  if (status != QD_OK) return status;
  qd_slice text = qd_profiles_text(c->old);
  if (text.n == 0) text = qd_slice_of(HEADER);
  c->text = qd_xstrndup(text.p, text.n);
  c->n = text.n;
  return QD_OK;
}

// Checks the new text as a whole and writes it, unless `status` is an error already; ends the change either way.
static qd_status finish(change *c, qd_status status, qd_error *err) {
  if (status == QD_OK) {
    qd_profiles *checked = NULL;
    status = qd_profiles_parse((qd_slice){c->text, c->n}, c->old->name, &checked, err);
    qd_profiles_free(checked);
  }
  if (status == QD_OK) status = qd_file_replace(c->file->path, (qd_slice){c->text, c->n}, err);
  qd_profiles_free(c->old);
  free(c->text);
  qd_file_lock_release(&c->lock);
  return status;
}

// Takes a patch's output as the new text.
static qd_status take(change *c, qd_status status, qd_buf *out) {
  if (status == QD_OK) {
    free(c->text);
    c->n = out->n;
    c->text = qd_buf_take(out);
  }
  qd_buf_deinit(out);
  return status;
}

static qd_status set(change *c, const qd_patch_path *at, const qd_json *value, qd_error *err) {
  qd_buf out;
  qd_buf_init(&out, QD__PROFILES_MAX_BYTES);
  bool gone = qd_json_is_null(value);
  qd_slice text = {c->text, c->n};
  return take(c, gone ? qd_patch_remove(text, c->old->name, at, &out, err) : qd_patch_set(text, c->old->name, at, value, &out, err), &out);
}

static qd_status rename_key(change *c, const qd_patch_path *at, const char *to, qd_error *err) {
  qd_buf out;
  qd_buf_init(&out, QD__PROFILES_MAX_BYTES);
  return take(c, qd_patch_rename((qd_slice){c->text, c->n}, c->old->name, at, to, &out, err), &out);
}

static qd_status set_default(change *c, const char *name, qd_error *err) {
  const qd_patch_path at = {{"default_profile"}, 1};
  qd_json *value = name ? qd_json_string(qd_slice_of(name)) : NULL;
  qd_status status = set(c, &at, value, err);
  qd_json_free(value);
  return status;
}

static qd_status exists(const char *name, qd_error *err) {
  (void)qd_fail(err, QD_CONFLICT, "profile_exists", "there is a profile '%s' already", name);
  return qd_hint(err, "qnap-docker profile edit %s changes it; qnap-docker profile remove %s forgets it", name, name);
}

static qd_status must_exist(const change *c, const char *name, qd_error *err) {
  return qd_profiles_find(c->old, qd_slice_of(name)) ? QD_OK : qd__profiles_not_found(c->old, qd_slice_of(name), err);
}

// Every key and value of a new profile: wrong ones are the caller's mistake, not the file's.
static qd_status check_new(const qd_json *profile, qd_error *err) {
  for (size_t i = 0; i < qd_json_count(profile); i++) {
    qd_slice name = QD_SLICE("");
    const qd_json *value = qd_json_member_at(profile, i, &name);
    const qd_profile_key *key = qd_profile_key_find(name);
    const char *why = NULL;
    const char *text = qd_json_get_cstr(value, "");
    if (qd_json_is_null(value) || strstr(text, "${") || (key && key->type == QD_PROFILE_MAP) ||
        (key && qd_profile_value_ok(key, value, &why)))
      continue;
    (void)qd_fail(err, QD_USAGE, "bad_value", "%.*s cannot be '%.200s'", (int)(name.n < 100 ? name.n : 100), name.p, text);
    if (key)
      (void)qd_why(err, "%s", why);
    else
      (void)qd_why(err, "a profile has no such key");
    return key ? qd_hint(err, "%s is %s", key->name, key->want) : QD_USAGE;
  }
  return QD_OK;
}

qd_status qd_profiles_preview(const char *name, const qd_json *keys, qd_json **out, qd_error *err) {
  qd_status status = qd_profile_name_check(qd_slice_of(name), err);
  if (status == QD_OK) status = check_new(keys, err);
  if (status != QD_OK) return status;
  static const char NOWHERE[] = "the command line";
  const qd_patch_path at = {{"profiles", name}, 2};
  qd_buf text;
  qd_buf_init(&text, QD__PROFILES_MAX_BYTES);
  qd_profiles *p = NULL;
  status = qd_patch_set(QD_SLICE(""), NOWHERE, &at, keys, &text, err);
  if (status == QD_OK) status = qd_profiles_parse(qd_buf_slice(&text), NOWHERE, &p, err);
  if (status == QD_OK) status = qd_profiles_get(p, qd_slice_of(name), out, err);
  qd_profiles_free(p);
  qd_buf_deinit(&text);
  return status;
}

static void copy_members(const qd_json *keys, const qd_profile_key *of, qd_json *out) {
  for (size_t i = 0; i < qd_json_count(keys); i++) {
    qd_slice name = QD_SLICE("");
    const qd_json *value = qd_json_member_at(keys, i, &name);
    if (qd_profile_key_find(name) == of) qd_json_set(out, name, qd_json_dup(value));
  }
}

// The members in the schema's order, whatever order a caller's table had; unknown ones last. Caller frees.
static qd_json *in_order(const qd_json *keys) {
  qd_json *out = qd_json_object();
  for (const qd_profile_key *key = qd_profile_keys; key->name; key++) copy_members(keys, key, out);
  copy_members(keys, NULL, out);
  return out;
}

static qd_status put_one(change *c, const char *name, const qd_json *profile, bool replace, qd_error *err) {
  const qd_patch_path at = {{"profiles", name}, 2};
  bool there = qd_profiles_find(c->old, qd_slice_of(name)) != NULL;
  if (there && !replace) return exists(name, err);
  qd_json *ordered = in_order(profile);
  qd_status status = there ? set(c, &at, NULL, err) : QD_OK;
  if (status == QD_OK) status = set(c, &at, ordered, err);
  qd_json_free(ordered);
  return status;
}

static qd_status check_all(const qd_json *profiles, qd_error *err) {
  qd_status status = QD_OK;
  for (size_t i = 0; status == QD_OK && i < qd_json_count(profiles); i++) {
    qd_slice name = QD_SLICE("");
    const qd_json *profile = qd_json_member_at(profiles, i, &name);
    status = qd_profile_name_check(name, err);
    if (status == QD_OK) status = check_new(profile, err);
  }
  return status;
}

qd_status qd_profiles_put(const qd_profiles_file *f, const qd_json *profiles, bool replace, const char *first, qd_error *err) {
  qd_status status = check_all(profiles, err);
  if (status != QD_OK) return status;
  change c;
  status = begin(&c, f, err);
  qd_slice name = QD_SLICE("");
  for (size_t i = 0; status == QD_OK && i < qd_json_count(profiles); i++) {
    const qd_json *profile = qd_json_member_at(profiles, i, &name);
    status = put_one(&c, name.p, profile, replace, err);
  }
  (void)qd_json_member_at(profiles, 0, &name);
  bool none = status == QD_OK && qd_profiles_count(c.old) == 0 && !qd_profiles_default(c.old);
  if (none) status = set_default(&c, first ? first : name.p, err);
  return finish(&c, status, err);
}

qd_status qd_profiles_add(const qd_profiles_file *f, const char *name, const qd_json *profile, qd_error *err) {
  qd_json *one = qd_json_object();
  qd_json_set(one, qd_slice_of(name), qd_json_dup(profile));
  qd_status status = qd_profiles_put(f, one, false, NULL, err);
  qd_json_free(one);
  return status;
}

qd_status qd_profiles_update(const qd_profiles_file *f, const char *name, const qd_json *changes, qd_error *err) {
  qd_status status = check_new(changes, err);
  if (status != QD_OK) return status;
  change c;
  status = begin(&c, f, err);
  if (status == QD_OK) status = must_exist(&c, name, err);
  qd_json *ordered = in_order(changes);
  for (size_t i = 0; status == QD_OK && i < qd_json_count(ordered); i++) {
    qd_slice key = QD_SLICE("");
    const qd_json *value = qd_json_member_at(ordered, i, &key);
    char *outer = qd_xstrndup(key.p, key.n);
    char *dot = strchr(outer, '.');
    qd_patch_path at = {{"profiles", name, outer, dot ? dot + 1 : NULL}, dot ? 4 : 3};
    if (dot) *dot = '\0';
    status = set(&c, &at, value, err);
    free(outer);
  }
  qd_json_free(ordered);
  return finish(&c, status, err);
}

qd_status qd_profiles_remove(const qd_profiles_file *f, const char *name, qd_error *err) {
  change c;
  qd_status status = begin(&c, f, err);
  if (status == QD_OK) status = must_exist(&c, name, err);
  const qd_patch_path at = {{"profiles", name}, 2};
  if (status == QD_OK) status = set(&c, &at, NULL, err);
  const char *was = status == QD_OK ? qd_profiles_default(c.old) : NULL;
  if (was && strcmp(was, name) == 0) status = set_default(&c, NULL, err);
  return finish(&c, status, err);
}

// Others that jump through the renamed profile follow.
static qd_status follow_jumps(change *c, const char *name, const char *to, qd_error *err) {
  qd_json *value = qd_json_string(qd_slice_of(to));
  qd_status status = QD_OK;
  for (size_t i = 0; status == QD_OK && i < qd_profiles_count(c->old); i++) {
    const char *other = qd_profiles_name_at(c->old, i);
    const char *jump = qd_json_get_cstr(qd_json_member(qd_profiles_find(c->old, qd_slice_of(other)), "jump"), "");
    if (strcmp(jump, name) != 0) continue;
    const qd_patch_path at = {{"profiles", strcmp(other, name) == 0 ? to : other, "jump"}, 3};
    status = set(c, &at, value, err);
  }
  qd_json_free(value);
  return status;
}

qd_status qd_profiles_rename(const qd_profiles_file *f, const char *name, const char *to, qd_error *err) {
  qd_status status = qd_profile_name_check(qd_slice_of(to), err);
  if (status != QD_OK) return status;
  change c;
  status = begin(&c, f, err);
  if (status == QD_OK) status = must_exist(&c, name, err);
  if (status == QD_OK && strcmp(name, to) == 0) return finish(&c, QD_OK, err);
  if (status == QD_OK && qd_profiles_find(c.old, qd_slice_of(to))) status = exists(to, err);
  const qd_patch_path at = {{"profiles", name}, 2};
  if (status == QD_OK) status = rename_key(&c, &at, to, err);
  const char *was = status == QD_OK ? qd_profiles_default(c.old) : NULL;
  if (was && strcmp(was, name) == 0) status = set_default(&c, to, err);
  if (status == QD_OK) status = follow_jumps(&c, name, to, err);
  return finish(&c, status, err);
}

qd_status qd_profiles_set_default(const qd_profiles_file *f, const char *name, qd_error *err) {
  change c;
  qd_status status = begin(&c, f, err);
  if (status == QD_OK && name) status = must_exist(&c, name, err);
  if (status == QD_OK) status = set_default(&c, name, err);
  return finish(&c, status, err);
}

qd_status qd_profiles_replace(const qd_profiles_file *f, qd_slice was, qd_slice text, qd_error *err) {
  change c;
  qd_status status = begin(&c, f, err);
  if (status == QD_OK && !qd_slice_eq(was, qd_profiles_text(c.old))) {
    (void)qd_fail(err, QD_CONFLICT, "changed", "%s was changed by another command meanwhile", f->path);
    status = qd_hint(err, "edit it again");
  }
  if (status == QD_OK) {
    free(c.text);
    c.text = qd_xstrndup(text.p, text.n);
    c.n = text.n;
  }
  return finish(&c, status, err);
}
