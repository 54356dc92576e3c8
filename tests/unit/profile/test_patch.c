#include "profile/patch.h"

#include <stdlib.h>

#include "data/yaml.h"
#include "qd_test.h"

typedef enum op { SET, REMOVE, RENAME } op;

typedef struct edit {
  const char *before;
  op what;
  qd_patch_path at;
  const char *json;   // the value, or the new name
  const char *after;  // NULL: refused
} edit;

#define AT(...) \
  { {__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *) }

static qd_status apply(const edit *e, qd_buf *out, qd_error *err) {
  qd_buf_init(out, 1 << 20);
  qd_slice text = qd_slice_of(e->before);
  if (e->what == REMOVE) return qd_patch_remove(text, "t.yaml", &e->at, out, err);
  if (e->what == RENAME) return qd_patch_rename(text, "t.yaml", &e->at, e->json, out, err);
  qd_json *value = NULL;
  cr_assert_eq(qd_json_parse(qd_slice_of(e->json), NULL, &value, err), QD_OK, "%s", e->json);
  qd_status status = qd_patch_set(text, "t.yaml", &e->at, value, out, err);
  qd_json_free(value);
  return status;
}

static void check(const edit *list, size_t n) {
  for (size_t i = 0; i < n; i++) {
    qd_buf out;
    qd_error err = QD_ERROR_INIT;
    qd_status status = apply(&list[i], &out, &err);
    if (list[i].after) {
      cr_expect_eq(status, QD_OK, "case %zu: %s: %s", i, err.message, err.why);
      cr_expect_str_eq(out.p ? out.p : "", list[i].after, "case %zu:\n%s", i, out.p ? out.p : "");
    } else {
      cr_expect_eq(status, QD_CONFIG, "case %zu should be refused, gave:\n%s", i, out.p ? out.p : "");
      cr_expect_str_eq(err.code, "cannot_patch", "case %zu: %s", i, err.message);
      cr_expect_eq(out.n, 0);
    }
    qd_buf_deinit(&out);
  }
}
#define CHECK(list) check(list, sizeof(list) / sizeof *(list))

static const char TWO[] =
    "# my NASes\n"
    "profiles:\n"
    "  # the big one\n"
    "  prod:\n"
    "    host: nas1.local   # in the cellar\n"
    "    port:   2222\n"
    "    x-mine: [1,  2]\n"
    "\n"
    "  stage:\n"
    "    user: 'admin'\n"
    "    host: \"nas2\"\n"
    "    # end of stage\n"
    "default_profile: prod # do not touch\n";

QD_TEST(patch, replaces_values_and_keeps_the_rest) {
  const edit list[] = {
      {TWO, SET, AT("profiles", "prod", "port"), "22",
       "# my NASes\nprofiles:\n  # the big one\n  prod:\n    host: nas1.local   # in the cellar\n    port:   22\n    x-mine: [1,  2]\n\n"
       "  stage:\n    user: 'admin'\n    host: \"nas2\"\n    # end of stage\ndefault_profile: prod # do not touch\n"},
      {TWO, SET, AT("profiles", "stage", "user"), "\"it's me\"",
       "# my NASes\nprofiles:\n  # the big one\n  prod:\n    host: nas1.local   # in the cellar\n    port:   2222\n    x-mine: [1,  2]\n\n"
       "  stage:\n    user: 'it''s me'\n    host: \"nas2\"\n    # end of stage\ndefault_profile: prod # do not touch\n"},
      {TWO, SET, AT("default_profile"), "\"stage\"",
       "# my NASes\nprofiles:\n  # the big one\n  prod:\n    host: nas1.local   # in the cellar\n    port:   2222\n    x-mine: [1,  2]\n\n"
       "  stage:\n    user: 'admin'\n    host: \"nas2\"\n    # end of stage\ndefault_profile: stage # do not touch\n"},
      {"a: |\n  text\n  # no comment\nb: 1\n", SET, AT("a"), "\"x\"", "a: x\nb: 1\n"},
      {"a:   # why\nb: 1\n", SET, AT("a"), "\"x\"", "a: x   # why\nb: 1\n"},
      {"a: long\n  plain\n  text # c\nb: 1\n", SET, AT("a"), "true", "a: true # c\nb: 1\n"},
      {"a: {x: 1, y: [a, b]} # c\n", SET, AT("a", "x"), "\"a, b\"", "a: {x: \"a, b\", y: [a, b]} # c\n"},
      {"k:\n  - a\n  - b\nz: 1\n", SET, AT("k"), "[\"c\",\"d\"]", "k: [c, d]\nz: 1\n"},
      {"a : !!p", SET, AT("a"), "\"x\"", "a : x"},
      {"a: &n\nb: 1\n", SET, AT("a"), "true", "a: true\nb: 1\n"},
      {"a: &n\nb: *n\n", REMOVE, AT("b"), NULL, "a: &n\n"},
      {"a: !!str 22\n", SET, AT("a"), "\"x\"", "a: !!str x\n"},
      {"\"a\": 1\n", SET, AT("a"), "2", "\"a\": 2\n"},
  };
  CHECK(list);
}

QD_TEST(patch, quotes_what_would_mean_something_else) {
  const edit list[] = {
      {"a: 1\n", SET, AT("a"), "\"22\"", "a: \"22\"\n"},
      {"a: 1\n", SET, AT("a"), "\"yes\"", "a: \"yes\"\n"},
      {"a: 1\n", SET, AT("a"), "\"10.0.0.5\"", "a: 10.0.0.5\n"},
      {"a: 1\n", SET, AT("a"), "\"1e3\"", "a: \"1e3\"\n"},
      {"a: 1\n", SET, AT("a"), "\"~\"", "a: \"~\"\n"},
      {"a: 1\n", SET, AT("a"), "\"~/.ssh/id\"", "a: ~/.ssh/id\n"},
      {"a: 1\n", SET, AT("a"), "\"\"", "a: \"\"\n"},
      {"a: 1\n", SET, AT("a"), "\"x #y\"", "a: \"x #y\"\n"},
      {"a: 1\n", SET, AT("a"), "\"l1\\nl2\"", "a: \"l1\\nl2\"\n"},
      {"a: 1\n", SET, AT("a"), "\"2001-01-01\"", "a: \"2001-01-01\"\n"},
      {"a: 1\n", SET, AT("a"), "\"b: c\"", "a: \"b: c\"\n"},
      {"a: 1\n", SET, AT("a"), "\"unix:///run/d.sock\"", "a: unix:///run/d.sock\n"},
  };
  CHECK(list);
}

QD_TEST(patch, adds_keys_where_they_belong) {
  const edit list[] = {
      {TWO, SET, AT("profiles", "stage", "port"), "22",
       "# my NASes\nprofiles:\n  # the big one\n  prod:\n    host: nas1.local   # in the cellar\n    port:   2222\n    x-mine: [1,  2]\n\n"
       "  stage:\n    user: 'admin'\n    host: \"nas2\"\n    # end of stage\n    port: 22\ndefault_profile: prod # do not touch\n"},
      {TWO, SET, AT("profiles", "dev"), "{\"host\":\"nas3\",\"labels\":{\"site\":\"home\"}}",
       "# my NASes\nprofiles:\n  # the big one\n  prod:\n    host: nas1.local   # in the cellar\n    port:   2222\n    x-mine: [1,  2]\n\n"
       "  stage:\n    user: 'admin'\n    host: \"nas2\"\n    # end of stage\n  dev:\n    host: nas3\n    labels:\n      site: home\n"
       "default_profile: prod # do not touch\n"},
      {"", SET, AT("profiles", "a", "host"), "\"x\"", "profiles:\n  a:\n    host: x\n"},
      {"# only this", SET, AT("profiles", "a", "host"), "\"x\"", "# only this\nprofiles:\n  a:\n    host: x\n"},
      {"---\n", SET, AT("a"), "1", "---\na: 1\n"},
      {"profiles:\n", SET, AT("profiles", "a"), "{\"host\":\"x\"}", "profiles:\n  a:\n    host: x\n"},
      {"profiles:", SET, AT("profiles", "a"), "{\"host\":\"x\"}", "profiles:\n  a:\n    host: x\n"},
      {"profiles: {} # none\nz: 1\n", SET, AT("profiles", "a"), "{\"host\":\"x\"}", "profiles: # none\n  a:\n    host: x\nz: 1\n"},
      {"profiles: {a: {host: x}}\n", SET, AT("profiles", "a", "port"), "1", "profiles: {a: {host: x, port: 1}}\n"},
      {"{profiles: {}}", SET, AT("profiles", "a"), "{\"host\":\"x\"}", "{profiles: {a: {host: x}}}"},
      {"{}\n", SET, AT("profiles", "a", "host"), "\"x\"", "{profiles: {a: {host: x}}}\n"},
      {"a:\n  b: 1", SET, AT("a", "c"), "2", "a:\n  b: 1\n  c: 2\n"},
      {"a:\n  b: |+\n    t\n\nz: 1\n", SET, AT("a", "c"), "2", "a:\n  b: |+\n    t\n\n  c: 2\nz: 1\n"},
      {"a:\r\n    b: 1\r\nz: 1\r\n", SET, AT("a", "c"), "{\"d\":2}", "a:\r\n    b: 1\r\n    c:\r\n      d: 2\r\nz: 1\r\n"},
      {"base: &b\n  port: 22\na:\n  <<: *b\n  host: x\n", SET, AT("a", "port"), "23",
       "base: &b\n  port: 22\na:\n  <<: *b\n  host: x\n  port: 23\n"},
      {"base: &b\n  port: 22\na:\n  <<: *b\n", SET, AT("a", "port"), "23", "base: &b\n  port: 22\na:\n  port: 23\n  <<: *b\n"},
      {"a:\n  b: 1\n...\n", SET, AT("c"), "1", "a:\n  b: 1\nc: 1\n...\n"},
      {"a: 1\n", SET, AT("1"), "1", "a: 1\n\"1\": 1\n"},
      {"\xef\xbb\xbf"
       "a: 1\n",
       SET, AT("b"), "1",
       "\xef\xbb\xbf"
       "a: 1\nb: 1\n"},
      {"\xef\xbb\xbf"
       "a: 1\n",
       SET, AT("a"), "2",
       "\xef\xbb\xbf"
       "a: 2\n"},
      {"n: \xc3\xa4\xc3\xb6\na: 1 # \xe2\x82\xac\n", SET, AT("a"), "2", "n: \xc3\xa4\xc3\xb6\na: 2 # \xe2\x82\xac\n"},
      {"a: # c\n  b: 1\n", SET, AT("a"), "{\"c\":1}", "a: # c\n  c: 1\n"},
      {"a: # c\n  b: 1\nz: 1\n", SET, AT("a"), "7", "a: 7 # c\nz: 1\n"},
      {"a: |\n  t\nz: 1\n", SET, AT("a"), "{\"c\":1}", "a:\n  c: 1\nz: 1\n"},
      {"a: x # c\nz: 1\n", SET, AT("a"), "{\"c\":1}", "a: # c\n  c: 1\nz: 1\n"},
  };
  CHECK(list);
}

QD_TEST(patch, removes_and_renames) {
  const edit list[] = {
      {TWO, REMOVE, AT("profiles", "prod"), NULL,
       "# my NASes\nprofiles:\n  # the big one\n\n  stage:\n    user: 'admin'\n    host: \"nas2\"\n    # end of stage\n"
       "default_profile: prod # do not touch\n"},
      {TWO, REMOVE, AT("profiles", "stage"), NULL,
       "# my NASes\nprofiles:\n  # the big one\n  prod:\n    host: nas1.local   # in the cellar\n    port:   2222\n    x-mine: [1,  2]\n\n"
       "default_profile: prod # do not touch\n"},
      {TWO, REMOVE, AT("profiles", "prod", "nothing"), NULL, TWO},
      {TWO, REMOVE, AT("nothing", "at", "all"), NULL, TWO},
      {TWO, RENAME, AT("profiles", "stage"), "test",
       "# my NASes\nprofiles:\n  # the big one\n  prod:\n    host: nas1.local   # in the cellar\n    port:   2222\n    x-mine: [1,  2]\n\n"
       "  test:\n    user: 'admin'\n    host: \"nas2\"\n    # end of stage\ndefault_profile: prod # do not touch\n"},
      {"profiles:\n  a:\n    host: x\nz: 1\n", REMOVE, AT("profiles", "a"), NULL, "profiles: {}\nz: 1\n"},
      {"p:\n  a:\n    host: x\n    labels:\n      k: v\n    z: 1\n", REMOVE, AT("p", "a", "labels", "k"), NULL,
       "p:\n  a:\n    host: x\n    z: 1\n"},
      {"{a: 1, b: 2, c: 3}", REMOVE, AT("b"), NULL, "{a: 1, c: 3}"},
      {"{a: 1, b: 2, c: 3}", REMOVE, AT("c"), NULL, "{a: 1, b: 2}"},
      {"{a: 1, b: 2, c: 3}", REMOVE, AT("a"), NULL, "{b: 2, c: 3}"},
      {"{a: 1}", REMOVE, AT("a"), NULL, "{}"},
      {"a: 1", REMOVE, AT("a"), NULL, ""},
      {"p:\n  'a': {host: x}\n", RENAME, AT("p", "a"), "b", "p:\n  'b': {host: x}\n"},
      {"p:\n  a: {host: x}\n", RENAME, AT("p", "a"), "7", "p:\n  \"7\": {host: x}\n"},
      {"a: |\n  t\n# c\nb: 1\n", REMOVE, AT("a"), NULL, "# c\nb: 1\n"},
      {"a: 'x\n\n  y'\nb: 1\n", REMOVE, AT("a"), NULL, "b: 1\n"},
  };
  CHECK(list);
}

QD_TEST(patch, refuses_what_it_cannot_do_alone) {
  const edit list[] = {
      {"b: &b\n  port: 22\na: *b\n", SET, AT("a", "port"), "23", NULL},                    // would be an alias no more
      {"b: &b\n  port: 22\na: *b\n", SET, AT("b", "port"), "23", NULL},                    // would change a too
      {"b: &b\n  port: 22\na: *b\n", REMOVE, AT("b"), NULL, NULL},                         // a needs it
      {"b: &b\n  port: 22\na:\n  <<: *b\n  h: x\n", REMOVE, AT("a", "port"), NULL, NULL},  // stands in b
      {"? a\n: 1\n", REMOVE, AT("a"), NULL, NULL},
      {"a: text\n", SET, AT("a", "b"), "1", NULL},
      {"- a\n", SET, AT("a"), "1", NULL},
      {"just text\n", SET, AT("a"), "1", NULL},
      {"~\n", SET, AT("a"), "1", NULL},
      {"a: 1\rb: 2\r", SET, AT("a"), "2", NULL},
  };
  CHECK(list);
}

QD_TEST(patch, names_the_line) {
  const edit e = {"x: 1\nb: &b\n  port: 22\na: *b\n", SET, AT("b", "port"), "23", NULL};
  qd_buf out;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(apply(&e, &out, &err), QD_CONFIG);
  cr_assert(strstr(err.message, "t.yaml:3: 'port'"), "%s", err.message);
  cr_assert(strstr(err.hint, "line 3"), "%s", err.hint);
  qd_buf_deinit(&out);
}

// Random edits on odd files: what comes out means what was asked (the patcher checks that), every comment of the file that
// is not inside of what was removed lives on, and setting a value twice changes nothing.
static const char *const ODD[] = {
    TWO,
    "profiles: {prod: {host: a, port: 1, labels: {}}, 'stage': {host: b}}\ndefault_profile: prod\n",
    "# a\r\nprofiles:\r\n  prod: # b\r\n    host: a # c\r\n\r\n    labels: # d\r\n      x: y\r\n  # e\r\n  stage: {host: b} # f\r\n# g",
    "x: &x {port: 1}\nprofiles:\n    prod:\n        <<: *x\n        host: |-\n            a\n    # 1\n    stage:\n      host: >\n        "
    "b\n\n      # 2\n",
    "---\nprofiles:\n  prod: &p\n    host: a\n    labels: {a: b,\n      c: d}   # 3\n  stage:\n    <<: *p\n    user: u\n...\n",
    "default_profile:\nprofiles:\n  prod:\n    host:\n      a\n    port: 22\t# tab\n  stage:\n    host: b",
};

static const char *const KEYS[] = {"host", "port", "user", "labels.x", "labels.new", "defaults.restart", "group"};
static const char *const VALUES[] = {"\"a\"", "22", "true", "\"a b: c\"", "\"'\"", "[\"a\",\"b\"]", "\"\\u00e4\""};

static unsigned next(unsigned *seed) { return *seed = *seed * 1664525u + 1013904223u; }

static void random_edits(const char *text, unsigned seed) {
  char *now = strdup(text);
  for (int i = 0; i < 12; i++) {
    char key[32];
    const char *chosen = KEYS[(next(&seed) >> 16) % (sizeof KEYS / sizeof *KEYS)];
    for (size_t k = 0; k <= strlen(chosen); k++) key[k] = chosen[k];
    char *dot = strchr(key, '.');
    const qd_patch_path at = {{"profiles", (next(&seed) >> 16) % 2 ? "prod" : "stage", key, dot ? dot + 1 : NULL}, dot ? 4 : 3};
    if (dot) *dot = '\0';
    const char *json = VALUES[(next(&seed) >> 16) % (sizeof VALUES / sizeof *VALUES)];
    edit e = {now, (next(&seed) >> 16) % 3 ? SET : REMOVE, at, json, NULL};
    qd_buf out;
    qd_error err = QD_ERROR_INIT;
    if (apply(&e, &out, &err) == QD_OK) {
      edit again = e;
      again.before = out.p;
      qd_buf twice;
      qd_error ignored = QD_ERROR_INIT;
      cr_assert_eq(apply(&again, &twice, &ignored), QD_OK, "%s\n%s", ignored.message, out.p);
      cr_assert_str_eq(twice.p, out.p);
      qd_buf_deinit(&twice);
      free(now);
      now = qd_buf_take(&out);
    } else {
      cr_assert_str_eq(err.code, "cannot_patch", "%s", err.message);
    }
    qd_buf_deinit(&out);
  }
  for (const char *c = text; (c = strchr(c, '#')); c++) {
    const char *line = c;
    while (line > text && (line[-1] == ' ' || line[-1] == '\t')) line--;
    if (line > text && line[-1] != '\n') continue;  // behind a value: goes with it
    char comment[4] = {c[0], c[1], c[2], '\0'};
    cr_assert(strstr(now, comment), "the comment %s is lost:\n%s", comment, now);
  }
  free(now);
}

QD_TEST(patch, random_edits_keep_comments_and_meaning) {
  for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
    for (unsigned seed = 1; seed <= 60; seed++) random_edits(ODD[i], seed * 7919);
  }
}
