#include "profile/paths.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "profile/legacy.h"
#include "profile/project.h"
#include "qd_temp.h"
#include "qd_test.h"

static void clear_env(const char *home) {
  setenv("HOME", home, 1);
  unsetenv("QNAP_DOCKER_HOME");
  unsetenv("XDG_CONFIG_HOME");
  unsetenv("XDG_STATE_HOME");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("XDG_RUNTIME_DIR");
}

static void is_place(const char *got, const char *dir, const char *rest) {
  cr_expect(strncmp(got, dir, strlen(dir)) == 0 && strcmp(got + strlen(dir), rest) == 0, "%s is not %s%s", got, dir, rest);
}

QD_TEST(paths, follow_home_and_xdg) {
  qd_temp t;
  qd_temp_make(&t);
  clear_env(t.dir);
  qd_error err = QD_ERROR_INIT;
  qd_paths p;
  cr_assert_eq(qd_paths_find(&p, &err), QD_OK);
  is_place(p.profiles, t.dir, "/.qnap-docker/profiles.yaml");
  is_place(p.state, t.dir, "/.qnap-docker/state");
  is_place(p.run, t.dir, "/.qnap-docker/run");
  qd_paths_deinit(&p);

  cr_assert_eq(mkdir(qd_temp_path(&t, ".config"), 0700), 0);
  cr_assert_eq(mkdir(qd_temp_path(&t, ".config/qnap-docker"), 0700), 0);
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  setenv("XDG_CACHE_HOME", "relative/is/ignored", 1);
  cr_assert_eq(qd_paths_find(&p, &err), QD_OK);
  is_place(p.profiles, t.dir, "/.config/qnap-docker/profiles.yaml");
  is_place(p.state, t.dir, "/.local/state/qnap-docker");
  is_place(p.cache, t.dir, "/.cache/qnap-docker");
  is_place(p.run, "/run/user/7", "/qnap-docker");
  qd_paths_deinit(&p);

  cr_assert_eq(mkdir(qd_temp_path(&t, ".qnap-docker"), 0700), 0);  // the older home wins
  cr_assert_eq(qd_paths_find(&p, &err), QD_OK);
  is_place(p.home, t.dir, "/.qnap-docker");
  qd_paths_deinit(&p);

  setenv("QNAP_DOCKER_HOME", "/else/where/", 1);
  cr_assert_eq(qd_paths_find(&p, &err), QD_OK);
  is_place(p.home, "/else/where", "");
  is_place(p.known_hosts, "/else/where", "/known_hosts");
  qd_paths_deinit(&p);

  setenv("QNAP_DOCKER_HOME", "not/absolute", 1);
  cr_assert_eq(qd_paths_find(&p, &err), QD_CONFIG);
  cr_assert_str_eq(err.code, "bad_home");
  qd_temp_remove(&t);
}

QD_TEST(project, is_found_upwards) {
  qd_temp t;
  qd_temp_make(&t);
  clear_env(t.dir);
  cr_assert_eq(mkdir(qd_temp_path(&t, "a"), 0700), 0);
  cr_assert_eq(mkdir(qd_temp_path(&t, "a/b"), 0700), 0);
  qd_temp_write(&t, "a/.qnap-docker.yaml", "profile: stage\nhost: evil\n");
  qd_error err = QD_ERROR_INIT;
  qd_project p;
  cr_assert_eq(qd_project_find(qd_temp_path(&t, "a/b"), &p, &err), QD_OK);
  cr_assert_str_eq(p.profile, "stage");
  is_place(p.path, t.dir, "/a/.qnap-docker.yaml");
  cr_assert(strstr(p.warning, "/a/.qnap-docker.yaml:2:1: unknown key 'host', which is ignored"), "%s", p.warning);
  cr_assert_not(p.has_profiles);
  cr_assert(qd_slice_is(qd_buf_slice(&p.text), "profile: stage\nhost: evil\n"));
  qd_project_deinit(&p);
  cr_assert_eq(qd_project_find(t.dir, &p, &err), QD_OK);
  cr_assert_null(p.path);
  qd_project_deinit(&p);
  qd_temp_write(&t, "a/b/.qnap-docker.yaml", "\nprofile: '*'\n");
  cr_assert_eq(qd_project_find(qd_temp_path(&t, "a/b"), &p, &err), QD_CONFIG);
  cr_assert(strstr(err.message, ".qnap-docker.yaml:2:10:"), "%s", err.message);
  qd_temp_remove(&t);
}

// What is passed over is told, and the search goes on above it.
static void is_passed_over(qd_temp *t, const char *why) {
  qd_error err = QD_ERROR_INIT;
  qd_project p;
  cr_assert_eq(qd_project_find(qd_temp_path(t, "in"), &p, &err), QD_OK, "%s", err.message);
  cr_assert(p.warning && strstr(p.warning, why), "%s", p.warning ? p.warning : "no warning");
  cr_assert_str_eq(p.profile ? p.profile : "", "above");
  qd_project_deinit(&p);
}

QD_TEST(project, of_a_stranger_is_passed_over) {
  qd_temp t;
  qd_temp_make(&t);
  clear_env(t.dir);
  cr_assert_eq(mkdir(qd_temp_path(&t, "in"), 0700), 0);
  qd_temp_write(&t, ".qnap-docker.yaml", "profile: above\n");
  qd_temp_write(&t, "in/mine", "profile: mine\n");
  char *file = strdup(qd_temp_path(&t, "in/.qnap-docker.yaml"));
  cr_assert_eq(symlink("mine", file), 0);
  is_passed_over(&t, "/in/.qnap-docker.yaml is ignored: it is a symbolic link");
  cr_assert_eq(unlink(file), 0);
  cr_assert_eq(mkfifo(file, 0600), 0);
  is_passed_over(&t, "it is no regular file");
  cr_assert_eq(unlink(file), 0);
  qd_temp_write(&t, "in/.qnap-docker.yaml", "profile: mine\n");
  cr_assert_eq(chmod(file, 0666), 0);
  is_passed_over(&t, "anybody may change it");
  cr_assert_eq(chmod(file, 0644), 0);
  if (geteuid() == 0) {
    cr_assert_eq(chown(file, 65534, 65534), 0);
    is_passed_over(&t, "it belongs to another user");
  }
  free(file);
  qd_temp_remove(&t);
}

QD_TEST(project, has_profiles_that_are_not_looked_at) {
  qd_temp t;
  qd_temp_make(&t);
  clear_env(t.dir);
  qd_error err = QD_ERROR_INIT;
  qd_project p;
  qd_temp_write(&t, ".qnap-docker.yaml", "profiles: {x: nonsense}\n");
  cr_assert_eq(qd_project_find(t.dir, &p, &err), QD_OK);
  cr_assert(p.has_profiles && !p.profile && !p.warning);
  qd_project_deinit(&p);
  qd_temp_write(&t, ".qnap-docker.yaml", "- profile\n");
  cr_assert_eq(qd_project_find(t.dir, &p, &err), QD_CONFIG);
  qd_temp_write(&t, ".qnap-docker.yaml", "");
  cr_assert_eq(qd_project_find(t.dir, &p, &err), QD_OK);
  cr_assert(p.path && !p.has_profiles);
  qd_project_deinit(&p);
  qd_temp_remove(&t);
}

QD_TEST(project, is_not_looked_for_above_the_home) {
  qd_temp t;
  qd_temp_make(&t);
  cr_assert_eq(mkdir(qd_temp_path(&t, "home"), 0700), 0);
  clear_env(t.path);
  cr_assert_eq(mkdir(qd_temp_path(&t, "home/work"), 0700), 0);
  qd_temp_write(&t, ".qnap-docker.yaml", "profile: stage\n");
  qd_error err = QD_ERROR_INIT;
  qd_project p;
  cr_assert_eq(qd_project_find(qd_temp_path(&t, "home/work"), &p, &err), QD_OK);
  cr_assert_null(p.path);
  qd_project_deinit(&p);
  qd_temp_remove(&t);
}

QD_TEST(legacy, is_taken_over_once) {
  qd_temp t;
  qd_temp_make(&t);
  qd_error err = QD_ERROR_INIT;
  bool taken = true;
  cr_assert_eq(qd_profiles_take_over(t.dir, &taken, &err), QD_OK);
  cr_assert_not(taken);
  qd_temp_write(
      &t, "config.yaml",
      "host: nas.local\nport: 22\nuser: admin\nssh_key_path: /home/u/.ssh/id_rsa\ndefaults:\n  volume_path: /share/CACHEDEV2_DATA/docker\n"
      "  primary_volume: CACHEDEV2_DATA/docker\n  network: bridge\n");
  cr_assert_eq(qd_profiles_take_over(t.dir, &taken, &err), QD_OK, "%s: %s", err.message, err.why);
  cr_assert(taken);
  const char *text = qd_temp_text(&t, "profiles.yaml");
  cr_assert(
      strstr(
          text,
          "profiles:\n  default:\n    host: nas.local\n    user: admin\n    ssh_key_path: /home/u/.ssh/id_rsa\n"
          "    primary_volume: CACHEDEV2_DATA\n    data_root: /share/CACHEDEV2_DATA/docker\n    defaults:\n      restart: unless-stopped\n"
          "default_profile: default\n"),
      "%s", text);
  cr_assert(strstr(qd_temp_text(&t, "config.yaml.bak"), "host: nas.local"));
  cr_assert_str_eq(qd_temp_text(&t, "config.yaml"), "");
  qd_temp_write(&t, "config.yaml", "host: other\n");
  cr_assert_eq(qd_profiles_take_over(t.dir, &taken, &err), QD_OK);
  cr_assert_not(taken);
  qd_temp_remove(&t);
}

QD_TEST(legacy, says_what_is_wrong) {
  qd_temp t;
  qd_temp_make(&t);
  qd_error err = QD_ERROR_INIT;
  bool taken = false;
  qd_temp_write(&t, "config.yaml", "user: admin\n");
  cr_assert_eq(qd_profiles_take_over(t.dir, &taken, &err), QD_CONFIG);
  cr_assert(strstr(err.hint, "init"), "%s", err.hint);
  cr_assert_str_eq(qd_temp_text(&t, "config.yaml"), "user: admin\n");
  cr_assert_str_eq(qd_temp_text(&t, "profiles.yaml"), "");
  qd_temp_remove(&t);
}
