#include "data/json.h"

#include <locale.h>
#include <stdio.h>

#include "qd_test.h"

static qd_json *parse(const char *text) {
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  qd_status st = qd_json_parse(qd_slice_of(text), NULL, &v, &err);
  cr_assert_eq(st, QD_OK, "%s: %s: %s", text, err.message, err.why);
  return v;
}

// The text is refused with this headline and cause.
static void refused(const char *text, const char *message, const char *why) {
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse(qd_slice_of(text), NULL, &v, &err), QD_FAIL, "%s was accepted", text);
  cr_assert_null(v);
  cr_assert_str_eq(err.code, "bad_json");
  cr_assert_str_eq(err.message, message);
  cr_assert_str_eq(err.why, why);
}

static void is_int(const char *text, int64_t expected) {
  qd_json *v = parse(text);
  cr_assert_eq(qd_json_type_of(v), QD_JSON_INT, "%s", text);
  cr_assert_eq(qd_json_get_int(v, 12345), expected, "%s", text);
  qd_json_free(v);
}

static void is_float(const char *text, double expected) {
  qd_json *v = parse(text);
  cr_assert_eq(qd_json_type_of(v), QD_JSON_FLOAT, "%s", text);
  cr_assert(qd_json_get_float(v, 12345) == expected, "%s", text);
  qd_json_free(v);
}

static void is_string(const char *text, qd_slice expected) {
  qd_json *v = parse(text);
  cr_assert_eq(qd_json_type_of(v), QD_JSON_STRING, "%s", text);
  cr_assert(qd_slice_eq(qd_json_get_string(v, QD_SLICE("?")), expected), "%s", text);
  qd_json_free(v);
}

QD_TEST(json, keeps_integers_exact) {
  is_int("0", 0);
  is_int("-0", 0);
  is_int("1", 1);
  is_int(" \t\r\n1 \n", 1);
  is_int("9007199254740993", 9007199254740993);  // 2^53 + 1
  is_int("9223372036854771712", 9223372036854771712);
  is_int("9223372036854775807", INT64_MAX);
  is_int("-9223372036854775808", INT64_MIN);
}

QD_TEST(json, tells_floats_from_integers) {
  is_float("1.0", 1.0);
  is_float("1e3", 1000.0);
  is_float("1E+2", 100.0);
  is_float("-0.0", 0.0);
  is_float("0.5e-3", 0.0005);
  is_float("5e-324", 5e-324);
  is_float("1e-999", 0.0);
  is_float("9223372036854775808", 9223372036854775808.0);
  is_float("-9223372036854775809", -9223372036854775808.0);
  is_float("18446744073709551615", 18446744073709551615.0);
  // longer than cJSON's own number buffer of 63 characters, and than ours on the stack
  is_float("0.1000000000000000000000000000000000000000000000000000000000000000000000000000000000", 0.1);
  is_float(
      "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000000000000000000000000000000000000.0",
      1e154);
}

QD_TEST(json, takes_numbers_in_document_order) {
  qd_json *v = parse("{\"a\":[1,2.5,{\"b\":3}],\"c\":9007199254740993,\"d\":\"4\",\"e\":5}");
  cr_assert_eq(qd_json_get_int(qd_json_at(qd_json_member(v, "a"), 0), 0), 1);
  cr_assert(qd_json_get_float(qd_json_at(qd_json_member(v, "a"), 1), 0) == 2.5);
  cr_assert_eq(qd_json_get_int(qd_json_member(qd_json_at(qd_json_member(v, "a"), 2), "b"), 0), 3);
  cr_assert_eq(qd_json_get_int(qd_json_member(v, "c"), 0), 9007199254740993);
  cr_assert_eq(qd_json_get_int(qd_json_member(v, "e"), 0), 5);
  qd_json_free(v);
}

QD_TEST(json, refuses_what_the_number_grammar_refuses) {
  static const char *const bad[] = {"01", "1.", "-", "1e", "1e+", "-.5", "1.e5", "1-2", "00", "-01", "1.2.3", "1e5.5"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char why[80];
    (void)snprintf(why, sizeof why, "\"%s\" is not a number", bad[i]);
    refused(bad[i], "not valid JSON: line 1, column 1", why);
  }
  refused("[1,1e999]", "not valid JSON: line 1, column 4", "the number is too large");
  refused(".5", "not valid JSON: line 1, column 1", "unexpected '.'");
  refused("+1", "not valid JSON: line 1, column 1", "unexpected '+'");
  refused("NaN", "not valid JSON: line 1, column 1", "unexpected 'N'");
}

QD_TEST(json, reads_numbers_in_any_locale) {
  if (!setlocale(LC_NUMERIC, "de_DE.UTF-8")) cr_skip_test("no locale with a decimal comma is installed");
  is_float("1.5", 1.5);
  (void)setlocale(LC_NUMERIC, "C");
}

QD_TEST(json, decodes_strings) {
  is_string("\"\"", QD_SLICE(""));
  is_string("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", QD_SLICE("a\"\\/\b\f\n\r\t"));
  is_string("\"\\u00e9\\u20AC\"", QD_SLICE("\xC3\xA9\xE2\x82\xAC"));
  is_string("\"\\ud83d\\ude00\"", QD_SLICE("\xF0\x9F\x98\x80"));
  is_string("\"\xF0\x9F\x98\x80\"", QD_SLICE("\xF0\x9F\x98\x80"));
  is_string("\"x\\u0000y\"", QD_SLICE("x\0y"));
  is_string("\"\\u0000\"", QD_SLICE("\0"));
  is_string("\"\x7f\"", QD_SLICE("\x7f"));
}

QD_TEST(json, replaces_lone_surrogates) {
  is_string("\"\\ud83d\"", QD_SLICE("\xEF\xBF\xBD"));
  is_string("\"\\ude00x\"", QD_SLICE("\xEF\xBF\xBDx"));
  is_string("\"\\ud83d\\n\"", QD_SLICE("\xEF\xBF\xBD\n"));
  is_string("\"\\ud83d\\ud83d\\ude00\"", QD_SLICE("\xEF\xBF\xBD\xF0\x9F\x98\x80"));
  is_string("\"\\ud83d\\u0041\"", QD_SLICE("\xEF\xBF\xBD\x41"));
}

QD_TEST(json, replaces_bytes_that_are_not_utf8) {
  is_string("\"a\xFF\x62\"", QD_SLICE("a\xEF\xBF\xBD\x62"));
  is_string("\"\xC3\"", QD_SLICE("\xEF\xBF\xBD"));
  is_string("\"\xED\xA0\x80\"", QD_SLICE("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"));  // an encoded surrogate
  is_string("\"\xC0\x80\"", QD_SLICE("\xEF\xBF\xBD\xEF\xBF\xBD"));                  // overlong NUL
  is_string("\"\xF4\x90\x80\x80\"", QD_SLICE("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"));
  is_string("\"\xFF\\u0000\xFF\"", QD_SLICE("\xEF\xBF\xBD\0\xEF\xBF\xBD"));
}

QD_TEST(json, refuses_bad_strings) {
  refused("\"abc", "not valid JSON: line 1, column 5", "a string has no end");
  refused("\"abc\\", "not valid JSON: line 1, column 6", "the document ends too early");
  refused("\"\\x\"", "not valid JSON: line 1, column 3", "unexpected 'x'");
  refused("\"\\u12g4\"", "not valid JSON: line 1, column 2", "\\u needs four hexadecimal digits");
  refused("\"\\u12", "not valid JSON: line 1, column 2", "\\u needs four hexadecimal digits");
  refused("\"a\nb\"", "not valid JSON: line 1, column 3", "byte 0x0a inside a string is not escaped");
}

QD_TEST(json, names_the_place_of_the_mistake) {
  refused("", "not valid JSON: line 1, column 1", "the document ends too early");
  refused("  ", "not valid JSON: line 1, column 3", "the document ends too early");
  refused("{\"a\": 12345,\n  \"\\u0000\xFF\": [1,]}", "not valid JSON: line 2, column 17", "unexpected ']'");
  refused("{]", "not valid JSON: line 1, column 2", "unexpected ']'");
  refused("{\"a\":1,}", "not valid JSON: line 1, column 8", "unexpected '}'");
  refused("[{},{ 1", "not valid JSON: line 1, column 7", "unexpected '1'");
  refused("{\"a\":[1,\n]}", "not valid JSON: line 2, column 1", "unexpected ']'");
  refused("{\"a\",1}", "not valid JSON: line 1, column 5", "unexpected ','");
  refused("[1:2]", "not valid JSON: line 1, column 3", "unexpected ':'");
  refused("{\"a\":1:2}", "not valid JSON: line 1, column 7", "unexpected ':'");
  refused("{\"a\":}", "not valid JSON: line 1, column 6", "unexpected '}'");
  refused("[}", "not valid JSON: line 1, column 2", "unexpected '}'");
  refused("{\"a\":1]", "not valid JSON: line 1, column 7", "unexpected ']'");
  refused("{", "not valid JSON: line 1, column 2", "the document ends too early");
  refused("{\"a\"", "not valid JSON: line 1, column 5", "the document ends too early");
  refused("{\"a\":", "not valid JSON: line 1, column 6", "the document ends too early");
  refused("{\"a\":1,", "not valid JSON: line 1, column 8", "the document ends too early");
  refused("[1,", "not valid JSON: line 1, column 4", "the document ends too early");
  refused("[", "not valid JSON: line 1, column 2", "the document ends too early");
  refused("tru", "not valid JSON: line 1, column 1", "unexpected 't'");
  refused("[1 2]", "not valid JSON: line 1, column 4", "unexpected '2'");
  refused("{\"a\" 1}", "not valid JSON: line 1, column 6", "unexpected '1'");
  refused("{\"a\":1 \"b\":2}", "not valid JSON: line 1, column 8", "a string does not belong here");
  refused("[1", "not valid JSON: line 1, column 3", "the document ends too early");
  refused("{\"a\":nul}", "not valid JSON: line 1, column 6", "unexpected 'n'");
  refused("1 1", "not valid JSON: line 1, column 3", "unexpected '1'");
  refused("[1]]", "not valid JSON: line 1, column 4", "unexpected ']'");
  refused("{'a':1}", "not valid JSON: line 1, column 2", "unexpected '''");
  refused("[\v1]", "not valid JSON: line 1, column 2", "unexpected byte 0x0b");
  refused("[\"\xC3\xA9\xC3\xA9\", x]", "not valid JSON: line 1, column 8", "unexpected 'x'");
}

QD_TEST(json, refuses_a_nul_byte) {
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse(QD_SLICE("[1]\0[2]"), NULL, &v, &err), QD_FAIL);
  cr_assert_str_eq(err.message, "not valid JSON: line 1, column 4");
  cr_assert_eq(qd_json_parse(QD_SLICE("\"a\0b\""), NULL, &v, &err), QD_FAIL);
  cr_assert_str_eq(err.why, "byte 0x00 inside a string is not escaped");
}

QD_TEST(json, refuses_no_text_at_all) {
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse((qd_slice){NULL, 0}, NULL, &v, &err), QD_FAIL);
}

QD_TEST(json, accepts_a_byte_order_mark) { is_int("\xEF\xBB\xBF 7", 7); }

QD_TEST(json, limits_nesting) {
  qd_buf text;
  qd_buf_init(&text, 1 << 20);
  for (int i = 0; i < 100000; i++) cr_assert(qd_buf_addc(&text, '['));
  refused(text.p, "not valid JSON: line 1, column 201", "more than 200 levels of nesting");
  qd_buf_clear(&text);
  for (int i = 0; i < 1000; i++) cr_assert(qd_buf_addc(&text, '['));
  for (int i = 0; i < 1000; i++) cr_assert(qd_buf_addc(&text, ']'));
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse(qd_buf_slice(&text), &(qd_json_limits){1 << 20, 5000}, &v, &err), QD_OK);
  qd_json_free(v);
  cr_assert_eq(qd_json_parse(qd_buf_slice(&text), &(qd_json_limits){1 << 20, 999}, &v, &err), QD_FAIL);
  qd_buf_deinit(&text);
}

QD_TEST(json, limits_size) {
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse(QD_SLICE("[1,2]"), &(qd_json_limits){4, 10}, &v, &err), QD_FAIL);
  cr_assert_str_eq(err.why, "more than 4 bytes");
  cr_assert_eq(qd_json_parse(QD_SLICE("[1,2]"), &(qd_json_limits){5, 10}, &v, &err), QD_OK);
  qd_json_free(v);
}

QD_TEST(json, last_of_equal_members_counts) {
  qd_json *v = parse("{\"a\":1,\"b\":2,\"a\":3}");
  qd_slice key;
  cr_assert_eq(qd_json_count(v), 2);
  cr_assert_eq(qd_json_get_int(qd_json_member_at(v, 0, &key), 0), 3);
  cr_assert(qd_slice_is(key, "a"));
  qd_json_free(v);
}

QD_TEST(json, finds_members_of_large_objects) {
  qd_json *v = qd_json_object();
  char key[32];
  for (int i = 0; i < 5000; i++) {
    (void)snprintf(key, sizeof key, "key%d", i);
    qd_json_set(v, qd_slice_of(key), qd_json_int(i));
  }
  qd_json_set(v, QD_SLICE("key77"), qd_json_int(-77));
  qd_json_free(qd_json_remove(v, QD_SLICE("key0")));
  cr_assert_null(qd_json_remove(v, QD_SLICE("key0")));
  cr_assert_eq(qd_json_count(v), 4999);
  cr_assert_null(qd_json_member(v, "key0"));
  cr_assert_null(qd_json_member(v, "key5000"));
  for (int i = 1; i < 5000; i++) {
    (void)snprintf(key, sizeof key, "key%d", i);
    cr_assert_eq(qd_json_get_int(qd_json_member(v, key), 0), i == 77 ? -77 : i);
  }
  qd_slice first;
  (void)qd_json_member_at(v, 0, &first);
  cr_assert(qd_slice_is(first, "key1"));
  qd_json_free(v);
}

QD_TEST(json, removal_shrinks_the_index) {
  qd_json *v = qd_json_object();
  char key[32];
  for (int i = 0; i < 20; i++) {
    (void)snprintf(key, sizeof key, "a-rather-long-%d", i);
    qd_json_set(v, qd_slice_of(key), qd_json_int(i));
  }
  for (int i = 0; i < 20; i++) {
    (void)snprintf(key, sizeof key, "a-rather-long-%d", i);
    qd_json *gone = qd_json_remove(v, qd_slice_of(key));
    cr_assert_eq(qd_json_get_int(gone, -1), i);
    qd_json_free(gone);
  }
  cr_assert_eq(qd_json_count(v), 0);
  qd_json_set(v, QD_SLICE(""), qd_json_bool(true));
  cr_assert(qd_json_get_bool(qd_json_member_slice(v, (qd_slice){NULL, 0}), false));
  qd_json_free(v);
}

QD_TEST(json, walks_paths) {
  qd_json *v = parse("{\"State\":{\"Health\":{\"Status\":\"healthy\"},\"\":1}}");
  cr_assert_str_eq(qd_json_get_cstr(qd_json_path(v, "State.Health.Status"), "?"), "healthy");
  cr_assert_null(qd_json_path(v, "State.Nope.Status"));
  cr_assert_null(qd_json_path(v, "State.Health.Status.Deeper"));
  cr_assert_null(qd_json_path(NULL, "State"));
  cr_assert_eq(qd_json_get_int(qd_json_path(v, "State."), 0), 1);
  qd_json_free(v);
}

QD_TEST(json, views_accept_absence) {
  cr_assert_eq(qd_json_type_of(NULL), QD_JSON_NULL);
  cr_assert(qd_json_is_null(NULL));
  cr_assert_eq(qd_json_count(NULL), 0);
  cr_assert_null(qd_json_at(NULL, 0));
  cr_assert_null(qd_json_member(NULL, "a"));
  cr_assert_null(qd_json_member_at(NULL, 0, NULL));
  cr_assert_null(qd_json_edit(NULL, "a"));
  cr_assert_null(qd_json_remove(NULL, QD_SLICE("a")));
  cr_assert_eq(qd_json_get_int(NULL, 7), 7);
  cr_assert_str_eq(qd_json_get_cstr(NULL, "x"), "x");
  qd_json_free(NULL);
}

QD_TEST(json, converts_numbers_on_request) {
  qd_json *f = qd_json_float(3.0);
  qd_json *half = qd_json_float(3.5);
  qd_json *big = qd_json_float(9223372036854775808.0);
  qd_json *i = qd_json_int(4);
  cr_assert_eq(qd_json_get_int(f, -1), 3);
  cr_assert_eq(qd_json_get_int(half, -1), -1);
  cr_assert_eq(qd_json_get_int(big, -1), -1);
  cr_assert(qd_json_get_float(i, -1) == 4.0);
  qd_json_free(f);
  qd_json_free(half);
  qd_json_free(big);
  qd_json_free(i);
}

static bool equal(const char *a, const char *b) {
  qd_json *va = parse(a);
  qd_json *vb = parse(b);
  bool same = qd_json_equal(va, vb);
  cr_assert_eq(same, qd_json_equal(vb, va));
  qd_json_free(va);
  qd_json_free(vb);
  return same;
}

QD_TEST(json, compares) {
  cr_assert(equal("1", "1.0"));
  cr_assert(equal("null", "null"));
  cr_assert(equal("{\"a\":1,\"b\":[true,\"x\"]}", "{\"b\":[true,\"x\"],\"a\":1.0}"));
  cr_assert_not(equal("9007199254740993", "9007199254740992.0"));
  cr_assert_not(equal("1", "\"1\""));
  cr_assert_not(equal("1.5", "2.5"));
  cr_assert_not(equal("null", "false"));
  cr_assert_not(equal("true", "false"));
  cr_assert_not(equal("[]", "{}"));
  cr_assert_not(equal("[1,2]", "[2,1]"));
  cr_assert_not(equal("{\"a\":1}", "{\"b\":1}"));
  cr_assert_not(equal("{\"a\":1}", "{\"a\":1,\"b\":1}"));
}

QD_TEST(json, copies_deeply) {
  qd_json *v = parse("{\"a\":[null,true,1,1.5,\"s\\u0000\",{}],\"b\":{\"c\":[]}}");
  qd_json *copy = qd_json_dup(v);
  cr_assert(qd_json_equal(v, copy));
  qd_json_append(qd_json_edit(copy, "a"), qd_json_null());
  cr_assert_not(qd_json_equal(v, copy));
  qd_json_free(v);
  qd_json_free(copy);
}

QD_TEST(json, sorts_members) {
  qd_json *v = qd_json_object();
  char key[32];
  for (int i = 99; i >= 10; i--) {
    (void)snprintf(key, sizeof key, "%d", i);
    qd_json_set(v, qd_slice_of(key), qd_json_int(i));
  }
  qd_json_sort(v);
  for (int i = 10; i < 100; i++) {
    (void)snprintf(key, sizeof key, "%d", i);
    cr_assert_eq(qd_json_get_int(qd_json_member_at(v, (size_t)i - 10, NULL), 0), i);
    cr_assert_eq(qd_json_get_int(qd_json_member(v, key), 0), i);
  }
  qd_json_free(v);
  qd_json_sort(NULL);
}

// An object of 100 members, long ones among them, each of them put, replaced and some taken out again.
static qd_json *busy_object(void) {
  qd_json *v = qd_json_object();
  char text[3000];
  memset(text, 'x', sizeof text);
  for (size_t i = 0; i < 100; i++) {
    char key[16];
    (void)snprintf(key, sizeof key, "k%zu", i);
    qd_json *list = qd_json_array();
    for (size_t k = 0; k < i; k++) qd_json_append(list, qd_json_int((int64_t)k));
    qd_json_add(v, qd_slice_of(key), list);
    if (i % 2) qd_json_set(v, qd_slice_of(key), qd_json_string((qd_slice){text, i * 30}));
    if (i % 5 == 0) qd_json_free(qd_json_remove(v, qd_slice_of(key)));
  }
  return v;
}

QD_TEST(json, a_pool_owns_what_is_made_in_it) {
  qd_json *outside = busy_object();
  qd_json_pool *pool = qd_json_pool_open();
  qd_json *a = busy_object();
  qd_json *copy = qd_json_dup(outside);
  qd_json_free(busy_object());
  qd_json_free(outside);  // the pool being open changes nothing for what is not in it
  qd_json_pool *inner = qd_json_pool_open();
  (void)busy_object();
  qd_json_free(copy);  // not open now: no more than a wish
  qd_json_pool_close(inner);
  qd_json_pool_free(inner);
  qd_json_set(a, QD_SLICE("more"), qd_json_null());
  qd_json_free(qd_json_remove(a, QD_SLICE("more")));
  qd_json_pool_close(pool);
  cr_expect(qd_json_equal(a, copy));
  cr_expect_eq(qd_json_count(a), 80);
  cr_expect_eq(qd_json_count(qd_json_member(a, "k96")), 96);
  qd_json_free(copy);
  cr_expect(qd_json_equal(a, copy));
  qd_json_pool_free(pool);
  qd_json_pool_free(NULL);
}

QD_TEST(json, closes_up) {
  qd_json *v = qd_json_object();
  for (size_t i = 0; i < 30; i++) qd_json_add(v, (qd_slice){&"abcdefghijklmnopqrstuvwxyz0123"[i], 1}, qd_json_int((int64_t)i));
  for (size_t i = 0; i < 30; i++)
    if (i % 3) qd_json_free(qd_json_swap_member_at(v, i, NULL));
  qd_json_close_up(v);
  qd_slice key;
  cr_expect_eq(qd_json_count(v), 10);
  cr_expect_eq(qd_json_get_int(qd_json_member_at(v, 1, &key), -1), 3);
  cr_expect(qd_slice_is(key, "d"));
  cr_expect_eq(qd_json_get_int(qd_json_member(v, "1"), -1), 27);
  cr_expect_null(qd_json_member(v, "b"));
  qd_json_close_up(v);
  cr_expect_eq(qd_json_count(v), 10);
  qd_json_free(v);
}
