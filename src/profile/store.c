// Reading profiles.yaml. Contract in store.h.
#include "profile/store.h"

#include <stdlib.h>

#include "base/mem.h"
#include "profile/file.h"
#include "profile/store_room.h"

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

void qd__profiles_warn(void *profiles, const char *text) {
  qd_profiles *p = profiles;
  p->warnings = qd_xrealloc(p->warnings, (p->warning_count + 1) * sizeof *p->warnings);
  p->warnings[p->warning_count++] = qd_xstrdup(text);
}

static qd_profiles *new_store(const char *name) {
  qd_profiles *p = qd_xcalloc(1, sizeof *p);
  p->name = qd_xstrdup(name);
  return p;
}

// Takes the text out of `buf` into the store.
static qd_status fill(qd_profiles *p, qd_buf *buf, qd_error *err) {
  p->n = buf->n;
  p->text = qd_buf_take(buf);
  const qd_yaml_limits limits = {QD__PROFILES_MAX_BYTES, 20, 100000};
  qd_status status = qd_yaml_parse((qd_slice){p->text, p->n}, p->name, &limits, &p->doc, err);
  if (status != QD_OK) return status;
  p->profiles = qd_json_member(qd_yaml_root(p->doc), "profiles");
  return qd__profiles_check(p, err);
}

static char *dir_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? qd_xstrndup(path, slash == path ? 1 : (size_t)(slash - path)) : qd_xstrdup(".");
}

// `project`: the text is a project file's, and `name` its path.
static qd_status parse(qd_slice text, const char *name, bool project, qd_profiles **out, qd_error *err) {
  qd_profiles *p = new_store(name);
  if (project) p->dir = dir_of(name);
  qd_buf buf;
  qd_buf_init(&buf, QD__PROFILES_MAX_BYTES);
  qd_status status;
  if (!qd_buf_add(&buf, text.p, text.n)) {
    (void)qd_fail(err, QD_CONFIG, "bad_yaml", "%s is larger than 1 MiB", name);
    status = qd_why(err, "a file of profiles has a few lines for each NAS");
  } else {
    status = fill(p, &buf, err);
  }
  qd_buf_deinit(&buf);
  if (status == QD_OK)
    *out = p;
  else
    qd_profiles_free(p);
  return status;
}

qd_status qd_profiles_parse(qd_slice text, const char *name, qd_profiles **out, qd_error *err) {
  return parse(text, name, false, out, err);
}

qd_status qd_profiles_extend(qd_profiles *p, qd_slice text, const char *path, qd_error *err) {
  qd_profiles *more = NULL;
  qd_status status = parse(text, path, true, &more, err);
  if (status != QD_OK) return status;
  size_t n = qd_profiles_count(more);
  p->more_names = qd_xcalloc(n + 1, sizeof *p->more_names);
  for (size_t i = 0; i < n; i++) {
    const char *name = qd_profiles_name_at(more, i);
    if (!qd_profiles_find(p, qd_slice_of(name))) {
      p->more_names[p->more_count++] = name;
      continue;
    }
    char *text_of_it = qd_xasprintf("%s has a profile '%s', too; your own one counts", path, name);
    qd__profiles_warn(p, text_of_it);
    free(text_of_it);
  }
  for (size_t i = 0; i < qd_profiles_warning_count(more); i++) qd__profiles_warn(p, qd_profiles_warning_at(more, i));
  p->more = more;
  return QD_OK;
}

qd_status qd_profiles_load(const char *path, qd_profiles **out, qd_error *err) {
  qd_profiles *p = new_store(base_name(path));
  qd_buf buf;
  qd_buf_init(&buf, QD__PROFILES_MAX_BYTES);
  bool found = false;
  qd_status status = qd_file_read_private(path, qd__profiles_warn, p, &buf, &found, err);
  if (status == QD_OK) status = fill(p, &buf, err);
  if (status != QD_OK && !err->hint[0]) (void)qd_hint(err, "mend %s, or move it away and run qnap-docker init HOST", path);
  qd_buf_deinit(&buf);
  if (status == QD_OK)
    *out = p;
  else
    qd_profiles_free(p);
  return status;
}

void qd_profiles_free(qd_profiles *p) {
  if (!p) return;
  for (size_t i = 0; i < p->warning_count; i++) free(p->warnings[i]);
  free(p->warnings);
  free(p->more_names);
  qd_profiles_free(p->more);
  free(p->dir);
  qd_yaml_free(p->doc);
  free(p->text);
  free(p->name);
  free(p);
}

const qd_json *qd_profiles_tree(const qd_profiles *p) { return qd_yaml_root(p->doc); }
qd_slice qd_profiles_text(const qd_profiles *p) { return (qd_slice){p->text, p->n}; }
size_t qd_profiles_count(const qd_profiles *p) { return qd_json_count(p->profiles) + p->more_count; }
size_t qd_profiles_warning_count(const qd_profiles *p) { return p->warning_count; }
const char *qd_profiles_warning_at(const qd_profiles *p, size_t i) { return i < p->warning_count ? p->warnings[i] : ""; }

const char *qd_profiles_name_at(const qd_profiles *p, size_t i) {
  size_t own = qd_json_count(p->profiles);
  if (i >= own) return i - own < p->more_count ? p->more_names[i - own] : "";
  qd_slice key = QD_SLICE("");
  (void)qd_json_member_at(p->profiles, i, &key);
  return key.p;  // a member's name is NUL-terminated, and ours hold no NUL (checked)
}

const qd_json *qd_profiles_find(const qd_profiles *p, qd_slice name) {
  const qd_json *own = qd_json_member_slice(p->profiles, name);
  return own || !p->more ? own : qd_profiles_find(p->more, name);
}

const char *qd_profiles_default(const qd_profiles *p) {
  return qd_json_get_cstr(qd_json_member(qd_yaml_root(p->doc), "default_profile"), NULL);
}

qd_status qd__profiles_not_found(const qd_profiles *p, qd_slice name, qd_error *err) {
  int n = (int)(name.n < 100 ? name.n : 100);
  (void)qd_fail(err, QD_NOT_FOUND, "profile_not_found", "there is no profile '%.*s'", n, name.p);
  if (qd_profiles_count(p) == 0) {
    (void)qd_why(err, "no NAS is set up yet");
    return qd_hint(err, "qnap-docker init HOST");
  }
  const char *near = NULL;
  size_t least = name.n > 4 ? 4 : 3;
  qd_buf all;
  qd_buf_init(&all, 400);
  for (size_t i = 0; i < qd_profiles_count(p); i++) {
    const char *other = qd_profiles_name_at(p, i);
    size_t d = qd_edit_distance(name, qd_slice_of(other));
    if (d < least) {
      least = d;
      near = other;
    }
    if (i == 0)
      qd_buf_adds(&all, other);
    else
      qd_buf_addf(&all, ", %s", other);
  }
  (void)qd_why(err, "the profiles are: %s%s", all.p, all.overflow ? ", ..." : "");
  qd_buf_deinit(&all);
  return near ? qd_hint(err, "did you mean %s?", near) : qd_hint(err, "qnap-docker profile list");
}
