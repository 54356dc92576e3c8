#include "profile/store.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "profile/file.h"
#include "qd_temp.h"
#include "qd_test.h"

static void refused(const char *text, const char *message, const char *hint) {
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_parse(qd_slice_of(text), "profiles.yaml", &p, &err), QD_CONFIG, "%s should be refused", text);
  cr_expect(strstr(err.message, message), "%s\n  gave %s\n  want %s", text, err.message, message);
  cr_expect(strstr(err.hint, hint), "%s\n  gave %s\n  want %s", text, err.hint, hint);
}

#define ONE "profiles:\n  nas:\n    host: x\n    "

QD_TEST(store, names_line_and_column_of_what_is_wrong) {
  refused(ONE "port: 99999\n", "profiles.yaml:4:11: port of profile 'nas' is 99999", "a number from 1 to 65535");
  refused(ONE "port: \"22\"\n", "profiles.yaml:4:11: port of profile 'nas' is '22'", "a number from 1 to 65535");
  refused(ONE "port: 0\n", "profiles.yaml:4:11: port", "1 to 65535");
  refused(ONE "port: 22.5\n", "profiles.yaml:4:11: port", "1 to 65535");
  refused(ONE "user:\n", "profiles.yaml:4:10: user of profile 'nas' is empty", "an account name");
  refused(ONE "user: -oProxyCommand=x\n", "profiles.yaml:4:11: user", "an account name");
  refused(ONE "user: [a]\n", "profiles.yaml:4:11: user of profile 'nas' is a list", "an account name");
  refused(ONE "protected: 1\n", "profiles.yaml:4:16: protected of profile 'nas' is 1", "true or false");
  refused(ONE "read_only: yes\n", "profiles.yaml:4:16: read_only of profile 'nas' is 'yes'", "true or false");
  refused(ONE "transport: ssh\n", "profiles.yaml:4:16: transport", "auto, libssh2 or openssh");
  refused(ONE "engine: docker.sock\n", "profiles.yaml:4:13: engine", "gui, system");
  refused(ONE "docker_path: bin/docker\n", "profiles.yaml:4:18: docker_path", "absolute");
  refused(ONE "data_root: /share/../etc\n", "profiles.yaml:4:16: data_root", "absolute");
  refused(ONE "primary_volume: a/b\n", "profiles.yaml:4:21: primary_volume", "CACHEDEV1_DATA");
  refused(ONE "host_key: SHA256:abc\n", "profiles.yaml:4:15: host_key", "43 characters");
  refused(ONE "host_key: MD5:00\n", "profiles.yaml:4:15: host_key", "SHA256:");
  refused(ONE "color: mauve\n", "profiles.yaml:4:12: color", "red, green");
  refused(ONE "labels: [a]\n", "profiles.yaml:4:13: labels", "keys with values");
  refused(ONE "labels: {a: {b: c}}\n", "profiles.yaml:4:13: labels", "keys with values");
  refused(ONE "defaults: text\n", "profiles.yaml:4:15: defaults", "restart");
  refused(ONE "defaults:\n      restart: sometimes\n", "profiles.yaml:5:16: defaults.restart", "unless-stopped");
  refused(ONE "jump: \"a b\"\n", "profiles.yaml:4:11: jump", "user@host");
  refused(ONE "jump: me:secret@gate\n", "profiles.yaml:4:11: jump", "user@host");
  refused(ONE "jump: \"gate,-oX\"\n", "profiles.yaml:4:11: jump", "user@host");
  refused(ONE "jump: nas\n", "profiles.yaml:4:11: profile 'nas' cannot be used", "another profile");
  refused(ONE "known_hosts: [a, 1]\n", "profiles.yaml:4:18: known_hosts", "path");
  refused("profiles:\n  nas:\n    host: admin@x\n", "profiles.yaml:3:11: host", "host name");
  refused("profiles:\n  nas:\n    host: x:22\n", "profiles.yaml:3:11: host", "host name");
  refused("profiles:\n  nas:\n    host: tcp://x\n", "profiles.yaml:3:11: host", "host name");
  refused("profiles:\n  nas:\n    host: \"-oProxyCommand=x\"\n", "profiles.yaml:3:11: host", "host name");
  refused("profiles:\n  nas:\n    user: x\n", "profile 'nas' cannot be used", "host: nas1.local");
  refused("profiles:\n  nas:\n", "profile 'nas' cannot be used", "host: nas1.local");
  refused("profiles:\n  Nas: {host: x}\n", "profile 'Nas' cannot be used", "line 2");
  refused("profiles:\n  ../x: {host: x}\n", "profile '../x' cannot be used", "line 2");
  refused("profiles: [a]\n", "profiles.yaml:1:11: 'profiles'", "names");
  refused("just text\n", "profiles.yaml:1:1: the file holds no keys", "profiles:");
  refused("profiles: {a: {host: x}}\ndefault_profile: [a]\n", "profiles.yaml:2:18: default_profile", "name of one");
  refused("profiles:\n\tnas: x\n", "profiles.yaml:2:", "");
  refused("profiles:\n  a: {host: x\n", "profiles.yaml:", "");
}

QD_TEST(store, accepts_the_roadmap_and_every_key) {
  static const char TEXT[] =
      "profiles:\n"
      "  production:\n    host: nas1.local\n    user: admin\n    ssh_key_path: ~/.ssh/prod_rsa\n    primary_volume: ZFS530_DATA\n"
      "  s.2_x-y: {host: 'fe80::1%eth0', port: 22, user: 'DOM\\admin', transport: openssh, jump: production, engine: /run/d.sock,\n"
      "    docker_path: /opt/docker, primary_volume: /share/ZFS1, data_root: /share/ZFS1/Container, group: home, labels: {a: 1, b: true},\n"
      "    protected: true, read_only: false, color: red, host_key: 'SHA256:qvM4HsKgT015SFiqpKYAqCPps8k8t/1FzsIqgAZ2pug', legacy_crypto: "
      "true,\n"
      "    defaults: {restart: on-failure:3, network: web, platform: linux/arm/v7}, known_hosts: [~/a, /b], identity_agent: none}\n"
      "  here: {host: local}\n"
      "  sock: {host: 'unix:///run/docker.sock'}\n"
      "default_profile: production\n";
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_parse(qd_slice_of(TEXT), "profiles.yaml", &p, &err), QD_OK, "%s: %s", err.message, err.why);
  cr_assert_eq(qd_profiles_count(p), 4);
  cr_assert_eq(qd_profiles_warning_count(p), 0, "%s", qd_profiles_warning_at(p, 0));
  cr_assert_str_eq(qd_profiles_default(p), "production");
  cr_assert_str_eq(qd_profiles_name_at(p, 3), "sock");
  qd_profiles_free(p);
}

QD_TEST(store, warns_about_what_it_does_not_know) {
  static const char TEXT[] =
      "extra: 1\nprofiles:\n  a:\n    host: x\n    prot: 22\n    x-team: me\n    defaults: {restrat: no}\ndefault_profile: b\n";
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_parse(qd_slice_of(TEXT), "f", &p, &err), QD_OK, "%s", err.message);
  static const char *const WANT[] = {"f:1:8: unknown key 'extra'", "f:5:11: profile 'a' has an unknown key 'prot' (did you mean port?)",
                                     "f:6:13: profile 'a' has an unknown key 'x-team', which is kept",
                                     "f:7:25: profile 'a' has an unknown key 'defaults.restrat' (did you mean defaults.restart?)",
                                     "f:8:18: the default profile 'b' does not exist"};
  cr_assert_eq(qd_profiles_warning_count(p), 5);
  for (size_t i = 0; i < 5; i++) cr_expect(strstr(qd_profiles_warning_at(p, i), WANT[i]), "%s", qd_profiles_warning_at(p, i));
  qd_profiles_free(p);
}

static const char *text_of(const qd_json *v, const char *path) { return qd_json_get_cstr(qd_json_path(v, path), ""); }

QD_TEST(store, expands_variables) {
  setenv("HOME", "/home/u", 1);
  setenv("NAS_HOST", "nas9", 1);
  setenv("BAD_HOST", "-x", 1);
  unsetenv("NO_SUCH");
  static const char TEXT[] =
      "profiles:\n  a: {host: '${NAS_HOST}.local', user: '${NO_SUCH:-admin}', ssh_key_path: ~/.ssh/k, known_hosts: [~/kh, "
      "'/$$x/${NAS_HOST}'],\n"
      "    data_root: /share/~x, labels: {l: '${NAS_HOST}'}, defaults: {network: '${NAS_HOST}'}, x-own: '${KEPT}'}\n"
      "  b: {host: '${NO_SUCH}'}\n"
      "  c:\n    host: ${BAD_HOST}\n"
      "  d: {host: '${}'}\n";
  qd_profiles *p = NULL;
  qd_json *v = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_parse(qd_slice_of(TEXT), "f", &p, &err), QD_OK, "%s", err.message);
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("a"), &v, &err), QD_OK, "%s", err.message);
  cr_expect_str_eq(text_of(v, "host"), "nas9.local");
  cr_expect_str_eq(text_of(v, "user"), "admin");
  cr_expect_str_eq(text_of(v, "ssh_key_path"), "/home/u/.ssh/k");
  cr_expect_str_eq(text_of(v, "data_root"), "/share/~x");
  cr_expect_str_eq(text_of(v, "labels.l"), "nas9");
  cr_expect_str_eq(text_of(v, "defaults.network"), "nas9");
  cr_expect_str_eq(text_of(v, "x-own"), "${KEPT}");
  cr_expect_str_eq(qd_json_get_cstr(qd_json_at(qd_json_member(v, "known_hosts"), 0), ""), "/home/u/kh");
  cr_expect_str_eq(qd_json_get_cstr(qd_json_at(qd_json_member(v, "known_hosts"), 1), ""), "/$x/nas9");
  qd_json_free(v);
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("b"), &v, &err), QD_CONFIG);
  cr_expect_str_eq(err.message, "f:4:13: profile 'b': the environment variable NO_SUCH is not set");
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("c"), &v, &err), QD_CONFIG);
  cr_expect(strstr(err.message, "f:6:11: host"), "%s", err.message);
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("d"), &v, &err), QD_CONFIG);
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("nope"), &v, &err), QD_NOT_FOUND);
  qd_profiles_free(p);
}

static void selects(const qd_profiles *p, const char *a, const char *b, const char *want) {
  const char *list[] = {a, b};
  qd_json *names = NULL;
  qd_error err = QD_ERROR_INIT;
  qd_status status = qd_profiles_select(p, list, b ? 2 : 1, &names, &err);
  if (!want) {
    cr_expect(status == QD_NOT_FOUND || status == QD_USAGE, "%s should match nothing", a);
    return;
  }
  cr_assert_eq(status, QD_OK, "%s: %s", a, err.message);
  qd_buf text;
  qd_buf_init(&text, 1000);
  for (size_t i = 0; i < qd_json_count(names); i++) qd_buf_addf(&text, "%s ", qd_json_get_cstr(qd_json_at(names, i), ""));
  cr_expect_str_eq(text.p, want, "%s gave %s", a, text.p);
  qd_buf_deinit(&text);
  qd_json_free(names);
}

QD_TEST(store, selects) {
  static const char TEXT[] =
      "profiles: {prod: {host: a, group: work}, prod-2: {host: b, group: work}, home: {host: c, group: house}, x: {host: d}}\n";
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_parse(qd_slice_of(TEXT), "f", &p, &err), QD_OK);
  selects(p, "prod", NULL, "prod ");
  selects(p, "*", NULL, "prod prod-2 home x ");
  selects(p, "prod*", NULL, "prod prod-2 ");
  selects(p, "x,home", NULL, "x home ");
  selects(p, "home", "prod*", "home prod prod-2 ");
  selects(p, "home,*", "home", "home prod prod-2 x ");
  selects(p, "group:work", NULL, "prod prod-2 ");
  selects(p, "group:*", NULL, "prod prod-2 home ");
  selects(p, "[hx]*", NULL, "home x ");
  selects(p, "prd", NULL, NULL);
  selects(p, "home,nope", NULL, NULL);
  selects(p, "z*", NULL, NULL);
  selects(p, "group:none", NULL, NULL);
  selects(p, "", NULL, NULL);
  selects(p, ",", NULL, NULL);
  const char *near = "prdo";
  qd_json *names = NULL;
  cr_assert_eq(qd_profiles_select(p, &near, 1, &names, &err), QD_NOT_FOUND);
  cr_expect_str_eq(err.hint, "did you mean prod?");
  qd_profiles_free(p);
}

QD_TEST(store, selects_by_label_and_leaves_out) {
  static const char TEXT[] =
      "profiles: {a: {host: a, group: work, labels: {site: home, n: 1, up: true}}, b: {host: b, labels: {site: hotel, none: }},\n"
      " c: {host: c, group: work}}\n";
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_parse(qd_slice_of(TEXT), "f", &p, &err), QD_OK);
  selects(p, "label:site=home", NULL, "a ");
  selects(p, "label:site=ho*", NULL, "a b ");
  selects(p, "label:site", NULL, "a b ");
  selects(p, "label:n=1,label:up=true", NULL, "a ");
  selects(p, "label:none=", NULL, "b ");
  selects(p, "label:site=", NULL, NULL);
  selects(p, "label:sit=home", NULL, NULL);
  selects(p, "label:", NULL, NULL);
  selects(p, "*,!b", NULL, "a c ");
  selects(p, "!b,*", NULL, "a c ");
  selects(p, "!b", NULL, "a c ");
  selects(p, "!a", "!b", "c ");
  selects(p, "*", "!group:work", "b ");
  selects(p, "c,a", "!label:site=home", "c ");
  selects(p, "a,!z*,!group:none,!label:x", NULL, "a ");
  selects(p, "*,!typo", NULL, NULL);
  selects(p, "*,!*", NULL, NULL);
  selects(p, "a,!group:work", NULL, NULL);
  selects(p, "*,!", NULL, NULL);
  selects(p, "!!a", NULL, NULL);
  const char *all = "!*";
  qd_json *names = NULL;
  cr_assert_eq(qd_profiles_select(p, &all, 1, &names, &err), QD_NOT_FOUND);
  cr_expect_str_eq(err.message, "no profile is left");
  qd_profiles_free(p);
}

QD_TEST(store, has_a_project_files_profiles_beside_its_own) {
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_parse(QD_SLICE("profiles: {own: {host: a}}\n"), "profiles.yaml", &p, &err), QD_OK);
  static const char TEXT[] =
      "profile: lab\n"
      "profiles:\n  own: {host: evil}\n  lab: {host: lab.local, ssh_key_path: keys/lab, identity_agent: none,\n"
      "    labels: {path: rel}}\n";
  cr_assert_eq(qd_profiles_extend(p, qd_slice_of(TEXT), "/src/app/.qnap-docker.yaml", &err), QD_OK, "%s", err.message);
  cr_assert_eq(qd_profiles_warning_count(p), 1);
  cr_assert_str_eq(qd_profiles_warning_at(p, 0), "/src/app/.qnap-docker.yaml has a profile 'own', too; your own one counts");
  selects(p, "*", NULL, "own lab ");
  selects(p, "l?b", NULL, "lab ");
  qd_json *v = NULL;
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("own"), &v, &err), QD_OK);
  cr_expect_str_eq(qd_json_get_cstr(qd_json_member(v, "host"), ""), "a");
  qd_json_free(v);
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("lab"), &v, &err), QD_OK);
  cr_expect_str_eq(qd_json_get_cstr(qd_json_member(v, "ssh_key_path"), ""), "/src/app/keys/lab");
  cr_expect_str_eq(qd_json_get_cstr(qd_json_member(v, "identity_agent"), ""), "none");
  cr_expect_str_eq(qd_json_get_cstr(qd_json_path(v, "labels.path"), ""), "rel");
  qd_json_free(v);
  cr_assert_eq(qd_profiles_get(p, QD_SLICE("lap"), &v, &err), QD_NOT_FOUND);
  cr_expect_str_eq(err.hint, "did you mean lab?");
  cr_assert_eq(qd_profiles_extend(p, QD_SLICE("profiles: {x: {port: 1}}\n"), "/p", &err), QD_CONFIG);
  cr_assert_eq(qd_profiles_extend(p, QD_SLICE("profiles: {x: {host: x, known_hosts: k}}\n"), "/p/f", &err), QD_CONFIG);
  cr_expect_str_eq(err.hint, "pin the key instead:  host_key: SHA256:...");
  qd_profiles_free(p);
}

static mode_t mode_of(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static qd_json *object(const char *json) {
  qd_json *v = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_json_parse(qd_slice_of(json), NULL, &v, &err), QD_OK);
  return v;
}

static qd_status add(const qd_profiles_file *f, const char *name, const char *json, qd_error *err) {
  qd_json *v = object(json);
  qd_status status = qd_profiles_add(f, name, v, err);
  qd_json_free(v);
  return status;
}

static qd_status update(const qd_profiles_file *f, const char *name, const char *json, qd_error *err) {
  qd_json *v = object(json);
  qd_status status = qd_profiles_update(f, name, v, err);
  qd_json_free(v);
  return status;
}

QD_TEST(store, a_life_of_a_file) {
  qd_temp t;
  qd_temp_make(&t);
  char *path = strdup(qd_temp_path(&t, "deep/home/profiles.yaml"));
  const qd_profiles_file f = {path, 0};
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(add(&f, "nas1", "{\"port\":2222,\"host\":\"nas1.local\"}", &err), QD_OK, "%s: %s", err.message, err.why);
  cr_assert_eq(mode_of(path), 0600);
  cr_assert_eq(mode_of(qd_temp_path(&t, "deep/home")), 0700);
  const char *text = qd_temp_text(&t, "deep/home/profiles.yaml");
  cr_assert(strstr(text, "profiles:\n  nas1:\n    host: nas1.local\n    port: 2222\ndefault_profile: nas1\n"), "%s", text);
  cr_assert_eq(add(&f, "nas1", "{\"host\":\"x\"}", &err), QD_CONFLICT);
  cr_assert_str_eq(err.code, "profile_exists");
  cr_assert_eq(add(&f, "Nas", "{\"host\":\"x\"}", &err), QD_USAGE);
  cr_assert_eq(add(&f, "b", "{\"host\":\"a b\"}", &err), QD_USAGE);
  cr_assert_eq(add(&f, "b", "{\"host\":\"x\",\"prt\":1}", &err), QD_USAGE);
  cr_assert_eq(add(&f, "b", "{\"port\":1}", &err), QD_CONFIG);  // no host
  cr_assert_eq(add(&f, "b", "{\"host\":\"x\",\"jump\":\"nas1\"}", &err), QD_OK, "%s", err.message);
  cr_assert_eq(update(&f, "b", "{\"port\":23,\"labels.site\":\"home\",\"defaults.restart\":\"always\"}", &err), QD_OK, "%s", err.message);
  cr_assert_eq(update(&f, "b", "{\"port\":70000}", &err), QD_USAGE);
  cr_assert_eq(update(&f, "b", "{\"labels.site\":null,\"port\":null}", &err), QD_OK, "%s", err.message);
  cr_assert_eq(update(&f, "b", "{\"x-own\":null}", &err), QD_OK, "%s", err.message);
  cr_assert_eq(update(&f, "b", "{\"x-own\":1}", &err), QD_USAGE);
  cr_assert_eq(update(&f, "c", "{\"port\":1}", &err), QD_NOT_FOUND);
  cr_assert_eq(qd_profiles_rename(&f, "nas1", "b", &err), QD_CONFLICT);
  cr_assert_eq(qd_profiles_rename(&f, "nas1", "cellar", &err), QD_OK, "%s", err.message);
  text = qd_temp_text(&t, "deep/home/profiles.yaml");
  cr_assert(strstr(text,
                   "profiles:\n  cellar:\n    host: nas1.local\n    port: 2222\n  b:\n    host: x\n    jump: cellar\n    defaults:\n"
                   "      restart: always\ndefault_profile: cellar\n"),
            "%s", text);
  cr_assert_eq(qd_profiles_set_default(&f, "nope", &err), QD_NOT_FOUND);
  cr_assert_eq(qd_profiles_set_default(&f, "b", &err), QD_OK, "%s", err.message);
  cr_assert_eq(qd_profiles_remove(&f, "b", &err), QD_OK, "%s: %s", err.message, err.why);
  cr_assert_eq(qd_profiles_remove(&f, "cellar", &err), QD_OK, "%s: %s", err.message, err.why);
  text = qd_temp_text(&t, "deep/home/profiles.yaml");
  cr_assert(strstr(text, "comments, order and keys that it does not know.\nprofiles: {}\n"), "%s", text);
  free(path);
  qd_temp_remove(&t);
}

static qd_status put(const qd_profiles_file *f, const char *json, bool replace, const char *first, qd_error *err) {
  qd_json *v = object(json);
  qd_status status = qd_profiles_put(f, v, replace, first, err);
  qd_json_free(v);
  return status;
}

QD_TEST(store, puts_several_or_none) {
  qd_temp t;
  qd_temp_make(&t);
  char *path = strdup(qd_temp_path(&t, "profiles.yaml"));
  const qd_profiles_file f = {path, 0};
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(put(&f, "{\"a\":{\"host\":\"x\"},\"b\":{\"host\":\"y z\"}}", false, NULL, &err), QD_USAGE);
  cr_assert_eq(put(&f, "{\"a\":{\"host\":\"x\"},\"b\":{\"port\":1}}", false, NULL, &err), QD_CONFIG);
  cr_assert_str_eq(qd_temp_text(&t, "profiles.yaml"), "");
  cr_assert_eq(put(&f, "{\"a\":{\"host\":\"x\"},\"b\":{\"port\":1,\"host\":\"h2\"}}", false, "b", &err), QD_OK, "%s", err.message);
  const char *text = qd_temp_text(&t, "profiles.yaml");
  cr_assert(strstr(text, "\nprofiles:\n  a:\n    host: x\n  b:\n    host: h2\n    port: 1\ndefault_profile: b\n"), "%s", text);
  cr_assert_eq(put(&f, "{\"c\":{\"host\":\"x\"},\"b\":{\"host\":\"new\"}}", false, NULL, &err), QD_CONFLICT);
  cr_assert_str_eq(err.code, "profile_exists");
  cr_assert(!strstr(qd_temp_text(&t, "profiles.yaml"), "c:"));
  cr_assert_eq(put(&f, "{\"c\":{\"host\":\"x\"},\"b\":{\"host\":\"new\"}}", true, "c", &err), QD_OK, "%s: %s", err.message, err.why);
  text = qd_temp_text(&t, "profiles.yaml");
  cr_assert(strstr(text, "  a:\n    host: x\n  c:\n    host: x\n  b:\n    host: new\ndefault_profile: b\n"), "%s", text);
  free(path);
  qd_temp_remove(&t);
}

QD_TEST(store, leaves_a_bad_file_alone) {
  qd_temp t;
  qd_temp_make(&t);
  static const char BAD[] = "profiles:\n  a: {host: x, port: none}\n";
  qd_temp_write(&t, "profiles.yaml", BAD);
  char *path = strdup(qd_temp_path(&t, "profiles.yaml"));
  const qd_profiles_file f = {path, 0};
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(add(&f, "b", "{\"host\":\"x\"}", &err), QD_CONFIG);
  cr_assert_str_eq(qd_temp_text(&t, "profiles.yaml"), BAD);
  cr_assert_eq(qd_profiles_replace(&f, QD_SLICE(""), QD_SLICE("profiles: {}\n"), &err), QD_CONFIG);  // an editor would get the old text
  qd_temp_write(&t, "profiles.yaml", "profiles: {}\n");
  cr_assert_eq(qd_profiles_replace(&f, QD_SLICE("other"), QD_SLICE("profiles: {}\n"), &err), QD_CONFLICT);
  cr_assert_eq(qd_profiles_replace(&f, QD_SLICE("profiles: {}\n"), qd_slice_of(BAD), &err), QD_CONFIG);
  cr_assert_eq(qd_profiles_replace(&f, QD_SLICE("profiles: {}\n"), QD_SLICE("# mine\n"), &err), QD_OK);
  cr_assert_str_eq(qd_temp_text(&t, "profiles.yaml"), "# mine\n");
  free(path);
  qd_temp_remove(&t);
}

QD_TEST(store, makes_loose_files_private) {
  qd_temp t;
  qd_temp_make(&t);
  qd_temp_write(&t, "profiles.yaml", "profiles: {}\n");
  char *path = strdup(qd_temp_path(&t, "profiles.yaml"));
  cr_assert_eq(chmod(path, 0644), 0);
  cr_assert_eq(chmod(t.dir, 0755), 0);
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_load(path, &p, &err), QD_OK);
  cr_assert_eq(qd_profiles_warning_count(p), 2);
  cr_assert(strstr(qd_profiles_warning_at(p, 0), "(mode 0644); it is 0600 now"), "%s", qd_profiles_warning_at(p, 0));
  cr_assert_eq(mode_of(path), 0600);
  cr_assert_eq(mode_of(t.dir), 0700);
  qd_profiles_free(p);
  free(path);
  qd_temp_remove(&t);
}

QD_TEST(store, refuses_what_is_no_file) {
  qd_temp t;
  qd_temp_make(&t);
  qd_profiles *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_profiles_load(t.dir, &p, &err), QD_CONFIG);
  cr_assert_str_eq(err.why, "it is a directory");
  cr_assert(strstr(err.hint, "move it away"), "%s", err.hint);
  char *path = strdup(qd_temp_path(&t, "f"));
  cr_assert_eq(mkfifo(path, 0600), 0);
  cr_assert_eq(qd_profiles_load(path, &p, &err), QD_CONFIG);
  free(path);
  cr_assert_eq(qd_profiles_load(qd_temp_path(&t, "absent"), &p, &err), QD_OK);
  cr_assert_eq(qd_profiles_count(p), 0);
  qd_profiles_free(p);
  qd_temp_write(&t, "bin", "profiles:\n  a: {host: \"\x01\x02\"}\n");
  cr_assert_eq(qd_profiles_load(qd_temp_path(&t, "bin"), &p, &err), QD_CONFIG);
  qd_temp_remove(&t);
}
