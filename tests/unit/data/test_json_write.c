#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "data/json.h"
#include "qd_test.h"

static void written(const qd_json *v, const qd_json_style *style, const char *expected) {
  qd_buf out;
  qd_buf_init(&out, 100000);
  cr_assert(qd_json_write(v, style, &out));
  cr_assert_str_eq(out.p, expected);
  qd_buf_deinit(&out);
}

static void rewritten(const char *text, const qd_json_style *style, const char *expected) {
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse(qd_slice_of(text), NULL, &v, &err), QD_OK, "%s: %s", text, err.why);
  written(v, style, expected);
  qd_json_free(v);
}

static void float_written(double value, const char *expected) {
  qd_json *v = qd_json_float(value);
  written(v, NULL, expected);
  qd_json_free(v);
}

QD_TEST(json_write, floats_as_go) {
  float_written(1.0, "1");
  float_written(-0.0, "-0");
  float_written(0.1, "0.1");
  float_written(100, "100");
  float_written(0.000001, "0.000001");
  float_written(1e-7, "1e-7");
  float_written(1.5e-10, "1.5e-10");
  float_written(1e20, "100000000000000000000");
  float_written(1e21, "1e+21");
  float_written(1.25e100, "1.25e+100");
  float_written(-123456.789, "-123456.789");
  float_written(18446744073709551615.0, "18446744073709552000");
  float_written(1.0 / 3, "0.3333333333333333");
  float_written(0.1 + 0.2, "0.30000000000000004");
  float_written(5e-324, "5e-324");
  float_written(DBL_MAX, "1.7976931348623157e+308");
  float_written(DBL_MIN, "2.2250738585072014e-308");
  float_written(9007199254740993.0, "9007199254740992");
  float_written(ldexp(1, -44), "5.684341886080802e-14");
  float_written(NAN, "null");
  float_written(INFINITY, "null");
}

QD_TEST(json_write, floats_read_back) {
  uint64_t state = 88172645463325252u;
  for (int i = 0; i < 20000; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    double value;
    memcpy(&value, &state, sizeof value);
    if (!isfinite(value)) continue;
    qd_json *v = qd_json_float(value);
    qd_buf out;
    qd_buf_init(&out, 100);
    cr_assert(qd_json_write(v, NULL, &out));
    cr_assert(strtod(out.p, NULL) == value, "%s", out.p);
    qd_buf_deinit(&out);
    qd_json_free(v);
  }
}

QD_TEST(json_write, keeps_integers_and_order) {
  rewritten("{\"z\":9007199254740993,\"a\":-9223372036854775808,\"e\":1.0e2}", NULL,
            "{\"z\":9007199254740993,\"a\":-9223372036854775808,\"e\":100}");
}

QD_TEST(json_write, escapes_as_go) {
  const char *text = "\"\\u0000\\u001f\\u007f\\b\\f\\n\\r\\t\\\"\\\\\\/<>&\\u2028\\u2029\\u00e9\"";
  rewritten(text, NULL, "\"\\u0000\\u001f\x7f\\b\\f\\n\\r\\t\\\"\\\\/<>&\\u2028\\u2029\xC3\xA9\"");
  rewritten(text, &(qd_json_style){.html_safe = true},
            "\"\\u0000\\u001f\x7f\\b\\f\\n\\r\\t\\\"\\\\/\\u003c\\u003e\\u0026\\u2028\\u2029\xC3\xA9\"");
  rewritten("{\"<\":1}", &(qd_json_style){.html_safe = true}, "{\"\\u003c\":1}");
  qd_json *odd = qd_json_string(QD_SLICE("a\xFFz\xE2\x82"));
  written(odd, NULL, "\"a\\ufffdz\\ufffd\\ufffd\"");
  qd_json_free(odd);
}

QD_TEST(json_write, indents_as_go) {
  rewritten("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[]}", &(qd_json_style){.indent = 4},
            "{\n    \"a\": [\n        1,\n        {\n            \"b\": null\n        }\n    ],\n    \"c\": {},\n    \"d\": []\n}");
}

QD_TEST(json_write, sorts_bytewise) {
  rewritten("{\"b\":1,\"\xC3\xA9\":2,\"a\":3,\"B\":4,\"aa\":5,\"\":6}", &(qd_json_style){.sort_keys = true},
            "{\"\":6,\"B\":4,\"a\":3,\"aa\":5,\"b\":1,\"\xC3\xA9\":2}");
}

QD_TEST(json_write, stops_at_the_cap) {
  const char *text = "{\"a\":[1,2.5,\"x<y\",true,null,{}],\"b\":{\"c\":[]}}";
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse(qd_slice_of(text), NULL, &v, &err), QD_OK);
  for (size_t cap = 0; cap < strlen(text); cap++) {
    qd_buf out;
    qd_buf_init(&out, cap);
    cr_assert_not(qd_json_write(v, &(qd_json_style){.sort_keys = true}, &out));
    qd_buf_deinit(&out);
  }
  qd_json_free(v);
}

QD_TEST(json_write, absent_is_null) { written(NULL, NULL, "null"); }

static void reformatted(const char *text, unsigned indent, const char *expected) {
  qd_error err = QD_ERROR_INIT;
  qd_buf out;
  qd_buf_init(&out, 100000);
  cr_assert_eq(qd_json_reformat(qd_slice_of(text), indent, &out, &err), expected ? QD_OK : QD_FAIL, "%s: %s", text, err.why);
  if (expected) cr_assert_str_eq(out.p, expected);
  qd_buf_deinit(&out);
}

QD_TEST(json_write, reformatted_as_go_indents_and_compacts) {
  const char *text = " { \"b\" : [ 1.0 , -0e5,null ],\"a\\\"{\":{ }, \"\" :[\t] }\r\n";
  reformatted(text, 0, "{\"b\":[1.0,-0e5,null],\"a\\\"{\":{},\"\":[]}");
  reformatted(text, 1, "{\n \"b\": [\n  1.0,\n  -0e5,\n  null\n ],\n \"a\\\"{\": {},\n \"\": []\n}");
  reformatted("[[[[[[[[[1]]]]]]]]]", 0, "[[[[[[[[[1]]]]]]]]]");
}

QD_TEST(json_write, reformatting_wants_closed_brackets_and_strings) {
  const char *bad[] = {"[", "{\"a\":1", "]", "[}", "{]", "[1]]", "\"", "[\"\\", "[\"\\\"", "[\"a]"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    reformatted(bad[i], 0, NULL);
    reformatted(bad[i], 4, NULL);
  }
}

QD_TEST(json_write, reformatting_stays_within_the_buffer) {
  qd_error err = QD_ERROR_INIT;
  qd_buf out;
  qd_buf_init(&out, 20);
  cr_assert_eq(qd_json_reformat(qd_slice_of("[[[[[[1]]]]]]"), 8, &out, &err), QD_FAIL);
  cr_assert_leq(out.n, 20);
  qd_buf_deinit(&out);
}
