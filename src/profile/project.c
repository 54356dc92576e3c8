// The project file .qnap-docker.yaml. Contract in project.h.
#include "profile/project.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/yaml.h"
#include "profile/file.h"
#include "profile/paths.h"
#include "profile/schema.h"

static const char NAME[] = ".qnap-docker.yaml";

static qd_status bad(const char *path, const qd_yaml_doc *doc, const qd_json *value, qd_error *err) {
  qd_yaml_mark m = {.line = 1, .column = 1};
  (void)qd_yaml_mark_of(doc, value, &m);
  (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s:%zu:%zu: profile is no name of a profile", path, m.line, m.column);
  return qd_hint(err, "write  profile: nas1  with a name that qnap-docker profile list shows");
}

static qd_status parse(const char *path, qd_slice text, qd_project *out, qd_error *err) {
  qd_yaml_doc *doc = NULL;
  const qd_yaml_limits limits = {64 * 1024, 20, 10000};
  qd_status status = qd_yaml_parse(text, path, &limits, &doc, err);
  if (status != QD_OK) return status;
  const qd_json *profile = qd_json_member(qd_yaml_root(doc), "profile");
  qd_slice name = qd_json_get_string(profile, QD_SLICE(""));
  if (profile && !qd_profile_name_ok(name))
    status = bad(path, doc, profile, err);
  else if (profile)
    out->profile = qd_xstrndup(name.p, name.n);
  qd_yaml_free(doc);
  return status;
}

static qd_status read_file(const char *path, const struct stat *st, qd_project *out, qd_error *err) {
  if (st->st_uid != geteuid() && st->st_uid != 0) {
    free(out->warning);
    out->warning = qd_xasprintf("%s belongs to another user and is ignored", path);
    return QD_OK;
  }
  qd_buf buf;
  qd_buf_init(&buf, 64 * 1024);
  bool found = false;
  qd_status status = qd_file_read(path, &buf, &found, err);
  if (status == QD_OK && found) status = parse(path, qd_buf_slice(&buf), out, err);
  if (status == QD_OK && found) out->path = qd_xstrdup(path);
  qd_buf_deinit(&buf);
  return status;
}

qd_status qd_project_find(const char *dir, qd_project *out, qd_error *err) {
  qd_project p = {0};
  char *here = qd_xstrdup(dir);
  char *home = qd_user_home();
  qd_status status = QD_OK;
  for (;;) {
    char *path = qd_xasprintf("%s/%s", strcmp(here, "/") == 0 ? "" : here, NAME);
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) status = read_file(path, &st, &p, err);
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
  *p = (qd_project){0};
}
