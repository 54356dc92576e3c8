#include "profile/schema.h"

#include <stdlib.h>

#include "qd_test.h"

static void parses(const char *key, const char *text, const char *want) {
  qd_json *v = NULL;
  qd_error err = QD_ERROR_INIT;
  qd_status status = qd_profile_value_parse(key, qd_slice_of(text), &v, &err);
  if (!want) {
    cr_expect_eq(status, QD_USAGE, "%s %s", key, text);
    return;
  }
  cr_assert_eq(status, QD_OK, "%s: %s", err.message, err.why);
  static const qd_json_style ONE_LINE = {0};
  qd_buf out;
  qd_buf_init(&out, 1000);
  cr_assert(qd_json_write(v, &ONE_LINE, &out));
  cr_expect_str_eq(out.p, want);
  qd_buf_deinit(&out);
  qd_json_free(v);
}

QD_TEST(schema, reads_values_from_the_command_line) {
  parses("port", "2222", "2222");
  parses("port", "0", NULL);
  parses("port", "22x", NULL);
  parses("port", "99999999999999999999", NULL);
  parses("protected", "yes", "true");
  parses("protected", "false", "false");
  parses("protected", "maybe", NULL);
  parses("host", "nas1", "\"nas1\"");
  parses("host", "", NULL);
  parses("known_hosts", "/a,/b", "[\"/a\",\"/b\"]");
  parses("known_hosts", "/a", "\"/a\"");
  parses("labels.site", "22", "\"22\"");
  parses("labels", "x", NULL);
  parses("defaults.restart", "always", "\"always\"");
  parses("defaults", "x", NULL);
  parses("colour", "red", NULL);
}

QD_TEST(schema, names) {
  static const char *const GOOD[] = {"a", "nas1", "1", "a.b_c-d"};
  static const char *const BAD[] = {"", ".", "..", "-a", "A", "a b", "a/b", "\xc3\xa4", "a*"};
  for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) cr_expect(qd_profile_name_ok(qd_slice_of(GOOD[i])), "%s", GOOD[i]);
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) cr_expect_not(qd_profile_name_ok(qd_slice_of(BAD[i])), "%s", BAD[i]);
  char longest[66];
  for (int i = 0; i < 65; i++) longest[i] = 'a';
  longest[65] = '\0';
  cr_expect_not(qd_profile_name_ok(qd_slice_of(longest)));
  cr_expect(qd_profile_name_ok(qd_slice_of(longest + 1)));
}

QD_TEST(schema, distance_counts_edits) {
  static const struct {
    const char *a, *b;
    size_t d;
  } rows[] = {{"", "", 0},    {"a", "", 1}, {"port", "prot", 1}, {"port", "port", 0}, {"host", "hosts", 1}, {"kitten", "sitting", 3},
              {"ab", "ba", 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    cr_expect_eq(qd_edit_distance(qd_slice_of(rows[i].a), qd_slice_of(rows[i].b)), rows[i].d, "%s %s", rows[i].a, rows[i].b);
    cr_expect_eq(qd_edit_distance(qd_slice_of(rows[i].b), qd_slice_of(rows[i].a)), rows[i].d, "%s %s", rows[i].b, rows[i].a);
  }
}
