#include "docker/engine.h"

#include "base/mem.h"
#include "qd_test.h"

#include <stdlib.h>

static void expect_query(const char *json, const char *wanted) {
  qd_json *doc = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_json_parse(qd_slice_of(json), NULL, &doc, &err), QD_OK, "%s", err.message);
  qd_buf b;
  qd_buf_init(&b, 1 << 16);
  (void)qd_buf_adds(&b, "/x");
  qd_status st = qd_engine_query(doc, &b, &err);
  if (wanted) {
    cr_assert_eq(st, QD_OK, "%s", err.message);
    cr_assert_str_eq(b.p + 2, wanted);
  } else {
    cr_assert_eq(st, QD_USAGE, "%s gave %s", json, b.p);
    cr_assert_str_eq(err.code, "bad_query");
  }
  qd_buf_deinit(&b);
  qd_json_free(doc);
}

QD_TEST(docker_query, writes_scalars_as_the_engine_reads_them) {
  expect_query("{}", "");
  expect_query("null", "");
  expect_query("[]", "");  // an empty Lua table
  expect_query("{\"all\": true, \"size\": false, \"limit\": 5, \"t\": -1, \"f\": 1.5}", "?all=1&size=0&limit=5&t=-1&f=1.5");
  expect_query("{\"since\": 1789999999123456789}", "?since=1789999999123456789");
  expect_query("{\"a\": null, \"b\": \"\"}", "?b=");
  expect_query("{\"name\": \"a b&c=d\\u00e9/#?%\"}", "?name=a%20b%26c%3Dd%C3%A9/%23%3F%25");
}

QD_TEST(docker_query, repeats_the_key_of_a_list) { expect_query("{\"names\": [\"a\", \"b c\", 3]}", "?names=a&names=b%20c&names=3"); }

QD_TEST(docker_query, sends_objects_as_json) {
  expect_query("{\"buildargs\": {\"A\": \"1\", \"B\": null}}", "?buildargs=%7B%22A%22:%221%22,%22B%22:null%7D");
}

QD_TEST(docker_query, understands_every_form_of_filters) {
  expect_query("{\"filters\": {}}", "");
  expect_query("{\"filters\": {\"label\": []}}", "");
  const char *one = "?filters=%7B%22name%22:%7B%22web%22:true%7D%7D";
  expect_query("{\"filters\": {\"name\": \"web\"}}", one);
  expect_query("{\"filters\": {\"name\": [\"web\"]}}", one);
  expect_query("{\"filters\": {\"name\": {\"web\": true, \"db\": false}}}", one);
  expect_query("{\"filters\": {\"dangling\": true}}", "?filters=%7B%22dangling%22:%7B%22true%22:true%7D%7D");
  expect_query("{\"filters\": {\"exited\": 0}}", "?filters=%7B%22exited%22:%7B%220%22:true%7D%7D");
  expect_query("{\"filters\": {\"dangling\": [false]}}", "?filters=%7B%22dangling%22:%7B%22false%22:true%7D%7D");
}

QD_TEST(docker_query, refuses_what_has_no_form) {
  expect_query("{\"a\": [[1]]}", NULL);
  expect_query("{\"filters\": [1]}", NULL);
  expect_query("\"text\"", "");
  expect_query("[1]", NULL);
}

static void expect_path(const char *text, bool slashes, const char *wanted) {
  qd_buf b;
  qd_buf_init(&b, 1024);
  (void)qd_buf_adds(&b, "");
  qd_engine_escape(qd_slice_of(text), slashes, &b);
  cr_assert_str_eq(b.p, wanted);
  qd_buf_deinit(&b);
}

QD_TEST(docker_query, escapes_path_segments) {
  expect_path("web-1_x.y~", false, "web-1_x.y~");
  expect_path("a/b c?d#e%", false, "a%2Fb%20c%3Fd%23e%25");
  expect_path("library/nginx:1.25@sha256:ab", true, "library/nginx:1.25@sha256:ab");
  expect_path("..", false, "%2E%2E");
  expect_path("\r\nX: y", false, "%0D%0AX:%20y");
}

QD_TEST(docker_query, reads_versions) {
  cr_assert_eq(qd_engine_api_parse("1.41"), 141);
  cr_assert_eq(qd_engine_api_parse("1.9"), 109);
  cr_assert_eq(qd_engine_api_parse("2.0"), 0);
  cr_assert_eq(qd_engine_api_parse("1."), 0);
  cr_assert_eq(qd_engine_api_parse("1.41x"), 0);
  cr_assert_eq(qd_engine_api_parse("1.99999999999999999999"), 0);
  cr_assert_eq(qd_engine_api_parse(NULL), 0);
  int v[3];
  cr_assert(qd_engine_version_parse("27.1.2-qnap8", &v[0], &v[1], &v[2]));
  cr_assert(v[0] == 27 && v[1] == 1 && v[2] == 2);
  cr_assert(qd_engine_version_parse("20.10.24+dfsg1", &v[0], &v[1], &v[2]));
  cr_assert(v[0] == 20 && v[1] == 10 && v[2] == 24);
  cr_assert(qd_engine_version_parse("v26.0", &v[0], &v[1], &v[2]));
  cr_assert(v[0] == 26 && v[1] == 0 && v[2] == 0);
  cr_assert_not(qd_engine_version_parse("dev", &v[0], &v[1], &v[2]));
  cr_assert_not(qd_engine_version_parse("", &v[0], &v[1], &v[2]));
}

QD_TEST(docker_query, knows_what_refusals_mean) {
  static const struct {
    int status;
    qd_status category;
    const char *body;
    const char *code;
    const char *engine;
  } ROWS[] = {
      {404, QD_NOT_FOUND, "{\"message\":\"No such container: web\"}\n", "no_such_container", "No such container: web"},
      {404, QD_UNSUPPORTED, "{\"message\":\"page not found\"}", "endpoint_unknown", "page not found"},
      {409, QD_CONFLICT, "{\"message\":\"Conflict. The container name \\\"/web\\\" is already in use by container \\\"ab\\\".\"}",
       "name_conflict", "Conflict. The container name \"/web\" is already in use by container \"ab\"."},
      {500, QD_CONFLICT, "{\"message\":\"driver failed: Bind for 0.0.0.0:80 failed: port is already allocated\"}", "port_conflict",
       "driver failed: Bind for 0.0.0.0:80 failed: port is already allocated"},
      {400, QD_FAIL, "{\"message\":\"OCI runtime create failed: exec: \\\"x\\\": executable file not found in $PATH: unknown\"}",
       "command_not_found", "OCI runtime create failed: exec: \"x\": executable file not found in $PATH: unknown"},
      {400, QD_FAIL, "{\"message\":\"OCI runtime create failed: exec: \\\"/etc\\\": permission denied: unknown\"}",
       "command_not_executable", "OCI runtime create failed: exec: \"/etc\": permission denied: unknown"},
      {404, QD_NOT_FOUND, "no such container: raw text", "no_such_container", "no such container: raw text"},
      {404, QD_NOT_FOUND, "", "not_found", ""},
      {418, QD_FAIL, "{\"other\":1}", "engine_error", "{\"other\":1}"},
      {0, QD_FAIL, "toomanyrequests: You have reached your pull rate limit", "registry_rate_limit",
       "toomanyrequests: You have reached your pull rate limit"},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    qd_error err = QD_ERROR_INIT;
    cr_assert_eq(qd_engine_fail(&err, ROWS[i].status, qd_slice_of(ROWS[i].body), "cannot do it"), ROWS[i].category, "%zu", i);
    cr_assert_str_eq(err.code, ROWS[i].code, "%zu: %s", i, err.code);
    cr_assert_str_eq(err.engine, ROWS[i].engine);
    cr_assert_str_eq(err.message, "cannot do it");
    cr_assert_neq(err.why[0], '\0');
  }
}

QD_TEST(docker_query, cuts_long_words) {
  size_t n = 100000;
  char *body = qd_xmalloc(n);
  memset(body, 'x', n);
  qd_error err = QD_ERROR_INIT;
  (void)qd_engine_fail(&err, 500, (qd_slice){body, n}, "w");
  cr_assert_eq(strlen(err.engine), sizeof err.engine - 1);
  cr_assert_str_eq(err.engine + sizeof err.engine - 4, "...");
  free(body);
}
