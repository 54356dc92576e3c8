// Version 0.2's config.yaml becomes a profile. Contract in legacy.h.
#include "profile/legacy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/yaml.h"
#include "profile/file.h"
#include "profile/schema.h"

static void keep(qd_json *profile, const char *key, const qd_json *value) {
  const qd_profile_key *known = qd_profile_key_find(qd_slice_of(key));
  const char *why = NULL;
  if (value && known && qd_profile_value_ok(known, value, &why)) qd_json_set(profile, qd_slice_of(key), qd_json_dup(value));
}

// "/share/CACHEDEV1_DATA/docker" -> "CACHEDEV1_DATA". 0.2 wrote the rest of the path as primary_volume, so its own key is of no use.
static void keep_volume(qd_json *profile, const char *path) {
  if (strncmp(path, "/share/", 7) != 0) return;
  size_t n = strcspn(path + 7, "/");
  if (n > 5 && memcmp(path + 7 + n - 5, "_DATA", 5) == 0) {
    qd_json_set(profile, QD_SLICE("primary_volume"), qd_json_string((qd_slice){path + 7, n}));
  }
}

// The profile that means what the 0.2 file meant. Caller frees.
static qd_json *convert(const qd_json *old) {
  qd_json *profile = qd_json_object();
  keep(profile, "host", qd_json_member(old, "host"));
  if (qd_json_get_int(qd_json_member(old, "port"), 22) != 22) keep(profile, "port", qd_json_member(old, "port"));
  keep(profile, "user", qd_json_member(old, "user"));
  if (*qd_json_get_cstr(qd_json_member(old, "ssh_key_path"), "")) keep(profile, "ssh_key_path", qd_json_member(old, "ssh_key_path"));
  const qd_json *root = qd_json_path(old, "defaults.volume_path");
  keep_volume(profile, qd_json_get_cstr(root, ""));
  keep(profile, "data_root", root);  // relative bind mounts lie below it, as they did
  qd_json *defaults = qd_json_object();
  qd_json_set(defaults, QD_SLICE("restart"), qd_json_string(QD_SLICE("unless-stopped")));  // what 0.2 did without saying
  const char *network = qd_json_get_cstr(qd_json_path(old, "defaults.network"), "bridge");
  if (*network && strcmp(network, "bridge") != 0) qd_json_set(defaults, QD_SLICE("network"), qd_json_string(qd_slice_of(network)));
  qd_json_set(profile, QD_SLICE("defaults"), defaults);
  return profile;
}

static qd_status write_profile(const char *home, const qd_json *old, const char *from, qd_error *err) {
  qd_json *profile = convert(old);
  qd_status status;
  if (!qd_json_member(profile, "host")) {
    (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s, the file of version 0.2, names no host that can be used", from);
    status = qd_hint(err, "remove it and set the NAS up again: qnap-docker init HOST");
  } else {
    char *path = qd_xasprintf("%s/profiles.yaml", home);
    const qd_profiles_file file = {path, 3000};
    status = qd_profiles_add(&file, "default", profile, err);
    if (status == QD_CONFLICT && strcmp(err->code, "profile_exists") == 0) status = QD_OK;  // another command did it just now
    free(path);
  }
  qd_json_free(profile);
  return status;
}

static qd_status take_over(const char *home, const char *from, qd_slice text, qd_error *err) {
  qd_yaml_doc *doc = NULL;
  qd_status status = qd_yaml_parse(text, from, NULL, &doc, err);
  if (status != QD_OK) return status;
  status = write_profile(home, qd_yaml_root(doc), from, err);
  qd_yaml_free(doc);
  if (status != QD_OK) return status;
  char *bak = qd_xasprintf("%s.bak", from);
  if (rename(from, bak) != 0 && errno != ENOENT) {
    (void)qd_fail(err, QD_CONFIG, "unwritable_file", "cannot rename %s", from);
    status = qd_why(err, "%s", strerror(errno));
  }
  free(bak);
  return status;
}

qd_status qd_profiles_take_over(const char *home, bool *out_taken, qd_error *err) {
  char *from = qd_xasprintf("%s/config.yaml", home);
  char *path = qd_xasprintf("%s/profiles.yaml", home);
  qd_status status = QD_OK;
  bool found = false;
  if (access(path, F_OK) != 0 && access(from, F_OK) == 0) {
    qd_buf buf;
    qd_buf_init(&buf, 64 * 1024);
    status = qd_file_read(from, &buf, &found, err);
    if (status == QD_OK && found) status = take_over(home, from, qd_buf_slice(&buf), err);
    qd_buf_deinit(&buf);
  }
  free(path);
  free(from);
  if (status == QD_OK) *out_taken = found;
  return status;
}
