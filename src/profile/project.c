// The project file .qnap-docker.yaml. Contract in project.h.
#include "profile/project.h"

#include <stdlib.h>

#include "base/mem.h"
#include "data/yaml.h"
#include "profile/file.h"
#include "profile/paths.h"
#include "profile/schema.h"

static const char NAME[] = ".qnap-docker.yaml";
enum { MOST = 64 * 1024 };  // bytes of the file

static qd_status bad(const char *path, const qd_yaml_doc *doc, const qd_json *value, qd_error *err) {
  qd_yaml_mark m = {.line = 1, .column = 1};
  (void)qd_yaml_mark_of(doc, value, &m);
  (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s:%zu:%zu: profile is no name of a profile", path, m.line, m.column);
  return qd_hint(err, "write  profile: nas1  with a name that qnap-docker profile list shows");
}

static void warn(qd_project *out, char *text) {
  if (out->warning)
    free(text);
  else
    out->warning = text;
}

static void warn_unknown(const char *path, const qd_yaml_doc *doc, qd_project *out) {
  const qd_json *root = qd_yaml_root(doc);
  for (size_t i = 0; i < qd_json_count(root); i++) {
    qd_slice key = QD_SLICE("");
    const qd_json *value = qd_json_member_at(root, i, &key);
    if (qd_slice_is(key, "profile") || qd_slice_is(key, "profiles")) continue;
    qd_yaml_mark m = {.line = 1, .column = 1};
    (void)qd_yaml_key_mark_of(doc, value, &m);
    int n = (int)(key.n < 80 ? key.n : 80);
    warn(out, qd_xasprintf("%s:%zu:%zu: unknown key '%.*s', which is ignored", path, m.line, m.column, n, key.p));
  }
}

static qd_status parse(const char *path, qd_project *out, qd_error *err) {
  qd_yaml_doc *doc = NULL;
  const qd_yaml_limits limits = {MOST, 20, 10000};
  qd_status status = qd_yaml_parse(qd_buf_slice(&out->text), path, &limits, &doc, err);
  if (status != QD_OK) return qd_hint(err, "mend the file, or say which NAS is meant: --profile NAME");
  const qd_json *root = qd_yaml_root(doc);
  const qd_json *profile = qd_json_member(root, "profile");
  qd_slice name = qd_json_get_string(profile, QD_SLICE(""));
  out->has_profiles = !qd_json_is_null(qd_json_member(root, "profiles"));
  if (!qd_json_is_null(root) && qd_json_type_of(root) != QD_JSON_OBJECT) {
    (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s:1:1: the file holds no keys", path);
    status = qd_hint(err, "write  profile: nas1  or remove the file");
  } else if (profile && !qd_profile_name_ok(name)) {
    status = bad(path, doc, profile, err);
  } else if (profile) {
    out->profile = qd_xstrndup(name.p, name.n);
  }
  if (status == QD_OK) warn_unknown(path, doc, out);
  qd_yaml_free(doc);
  return status;
}

static qd_status read_file(const char *path, qd_project *out, qd_error *err) {
  bool found = false;
  const char *why = NULL;
  qd_status status = qd_file_read_own(path, &out->text, &found, &why, err);
  if (why) warn(out, qd_xasprintf("%s is ignored: %s", path, why));
  if (status != QD_OK || !found) return status;
  out->path = qd_xstrdup(path);
  return parse(path, out, err);
}

qd_status qd_project_find(const char *dir, qd_project *out, qd_error *err) {
  qd_project p = {0};
  qd_buf_init(&p.text, MOST);
  char *here = qd_xstrdup(dir);
  char *home = qd_user_home();
  qd_status status = QD_OK;
  for (;;) {
    char *path = qd_xasprintf("%s/%s", strcmp(here, "/") == 0 ? "" : here, NAME);
    status = read_file(path, &p, err);
    free(path);
    bool last = !*here || strcmp(here, "/") == 0 || (home && strcmp(here, home) == 0);
    if (status != QD_OK || p.path || last) break;
    char *slash = strrchr(here, '/');
    if (!slash) break;
    slash[slash == here ? 1 : 0] = '\0';
  }
  free(home);
  free(here);
  if (status == QD_OK)
    *out = p;
  else
    qd_project_deinit(&p);
  return status;
}

void qd_project_deinit(qd_project *p) {
  free(p->path);
  free(p->profile);
  free(p->warning);
  qd_buf_deinit(&p->text);
  *p = (qd_project){0};
}
