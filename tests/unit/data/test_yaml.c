#include "data/yaml.h"

#include <math.h>
#include <stdio.h>

#include "data/yaml_build.h"
#include "qd_test.h"

static qd_yaml_doc *load(const char *text) {
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *d = NULL;
  cr_assert_eq(qd_yaml_parse(qd_slice_of(text), "f.yaml", NULL, &d, &err), QD_OK, "%s: %s: %s", text, err.message, err.why);
  return d;
}

static void becomes(const char *text, const char *json) {
  qd_yaml_doc *d = load(text);
  qd_buf out;
  qd_buf_init(&out, 100000);
  cr_assert(qd_json_write(qd_yaml_root(d), NULL, &out));
  cr_assert_str_eq(out.p, json, "%s gave %s", text, out.p);
  qd_buf_deinit(&out);
  qd_yaml_free(d);
}

static void refused(const char *text, const char *message, const char *why) {
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *d = NULL;
  cr_assert_eq(qd_yaml_parse(qd_slice_of(text), "f.yaml", NULL, &d, &err), QD_CONFIG, "%s was accepted", text);
  cr_assert_null(d);
  cr_assert_str_eq(err.code, "bad_yaml");
  cr_assert_str_eq(err.message, message);
  cr_assert_str_eq(err.why, why);
}

QD_TEST(yaml, resolves_the_core_schema) {
  becomes("[null, Null, NULL, ~, ]", "[null,null,null,null]");
  becomes("[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]");
  becomes("[0, 12, -3, +4, 0o17, 0xfF, 0755]", "[0,12,-3,4,15,255,755]");
  becomes("[9007199254740993, 9223372036854775807, -9223372036854775808]", "[9007199254740993,9223372036854775807,-9223372036854775808]");
  becomes("[1.5, -.5, +1., 1e3, 1E-2, 9223372036854775808]", "[1.5,-0.5,1,1000,0.01,9223372036854776000]");
  becomes("[yes, No, on, OFF, y, nUll, tRUE]", "[\"yes\",\"No\",\"on\",\"OFF\",\"y\",\"nUll\",\"tRUE\"]");
  becomes("[1_000, 0b1, 12:30, 1.2.3, 0o8, 0xg, 0x, -0x1, ., +, -, e1, 1e, .e1, 1e999, 2001-12-14]",
          "[\"1_000\",\"0b1\",\"12:30\",\"1.2.3\",\"0o8\",\"0xg\",\"0x\",\"-0x1\",\".\",\"+\",\"-\",\"e1\",\"1e\",\".e1\",\"1e999\","
          "\"2001-12-14\"]");
  becomes("[\"1\", '2', \"true\", '~', \"\"]", "[\"1\",\"2\",\"true\",\"~\",\"\"]");
  becomes("a:\nb: |\n  1\n", "{\"a\":null,\"b\":\"1\\n\"}");
  becomes("0xffffffffffffffff", "\"0xffffffffffffffff\"");
}

QD_TEST(yaml, reads_infinities) {
  qd_yaml_doc *d = load("[.inf, -.Inf, .NaN, +.INF, 1.0]");
  const qd_json *root = qd_yaml_root(d);
  cr_assert(isinf(qd_json_get_float(qd_json_at(root, 0), 0)));
  cr_assert(qd_json_get_float(qd_json_at(root, 1), 0) == -(double)INFINITY);
  cr_assert(isnan(qd_json_get_float(qd_json_at(root, 2), 0)));
  cr_assert(isinf(qd_json_get_float(qd_json_at(root, 3), 0)));
  cr_assert_eq(qd_json_type_of(qd_json_at(root, 4)), QD_JSON_FLOAT);
  qd_yaml_free(d);
}

QD_TEST(yaml, obeys_tags) {
  becomes("[!!str 12, !!str true, !!str , !!int \"12\", !!float 1, !!bool 'true', !!null '', ! 12]",
          "[\"12\",\"true\",\"\",12,1,true,null,\"12\"]");
  becomes("{a: !reset null, b: !x [1], c: !x {d: 1}, e: !x 5, f: !x '5', g: !!seq [], h: !!binary aGk=}",
          "{\"a\":null,\"b\":[1],\"c\":{\"d\":1},\"e\":5,\"f\":\"5\",\"g\":[],\"h\":\"aGk=\"}");
  refused("a: !!int x", "f.yaml:1:4: !!int needs a whole number", "");
  refused("a: !!int 1.5", "f.yaml:1:4: !!int needs a whole number", "");
  refused("a: !!bool yes", "f.yaml:1:4: !!bool needs true or false", "");
  refused("a: !!float x", "f.yaml:1:4: !!float needs a number", "");
  refused("a: !!null x", "f.yaml:1:4: !!null stands before something else", "");
}

QD_TEST(yaml, tells_tags) {
  qd_yaml_doc *d = load("a: !reset null\nb: !!str x\nc: !<tag:example.com,2000:t> {d: 1}\ne: &e !mine [1]\nf: *e\n");
  const qd_json *root = qd_yaml_root(d);
  cr_assert_str_eq(qd_yaml_tag_of(d, qd_json_member(root, "a")), "!reset");
  cr_assert_null(qd_yaml_tag_of(d, qd_json_member(root, "b")));
  cr_assert_str_eq(qd_yaml_tag_of(d, qd_json_member(root, "c")), "tag:example.com,2000:t");
  cr_assert_str_eq(qd_yaml_tag_of(d, qd_json_member(root, "f")), "!mine");
  cr_assert_null(qd_yaml_tag_of(d, root));
  cr_assert_null(qd_yaml_tag_of(d, NULL));
  qd_yaml_free(d);
}

QD_TEST(yaml, takes_keys_as_text) {
  becomes("1: a\ntrue: b\n~: c\n\"\": d\n'x y': e\n1.50: f\n? long\n: g\n",
          "{\"1\":\"a\",\"true\":\"b\",\"~\":\"c\",\"\":\"d\",\"x y\":\"e\",\"1.50\":\"f\",\"long\":\"g\"}");
  becomes("a: &k name\n*k : 1\n&j key: 2\nb: *j\n", "{\"a\":\"name\",\"name\":1,\"key\":2,\"b\":\"key\"}");
  refused("? [a]\n: 1", "f.yaml:1:3: a mapping's key must be a string", "");
  refused("? {a: 1}\n: 1", "f.yaml:1:3: a mapping's key must be a string", "");
  refused("a: &n 1\n*n : 2", "f.yaml:2:1: a mapping's key must be a string", "");
  refused("?\n: 1", "f.yaml:1:2: there is no key in front of the colon", "");
}

QD_TEST(yaml, refuses_duplicate_keys) {
  refused("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "f.yaml:5:3: the key \"c\" stands here again", "it is already set at line 3");
  refused("{1: a, '1': b}", "f.yaml:1:8: the key \"1\" stands here again", "it is already set at line 1");
  refused("<<: {a: 1}\n<<: {b: 1}\n", "f.yaml:2:1: the key \"<<\" stands here again", "it is already set at line 1");
}

QD_TEST(yaml, expands_aliases) {
  becomes("a: &x [1, {b: 2}]\nc: *x\nd: [*x, *x]\n", "{\"a\":[1,{\"b\":2}],\"c\":[1,{\"b\":2}],\"d\":[[1,{\"b\":2}],[1,{\"b\":2}]]}");
  becomes("[&x 1, *x, &x 2, *x]", "[1,1,2,2]");
  becomes("[&x null, *x]", "[null,null]");
  refused("a: *x", "f.yaml:1:4: this alias names no anchor", "there is no &x in front of it");
  refused("a: &x [1, *x]", "f.yaml:1:11: this alias would contain itself", "*x stands inside of the value that it repeats");
}

QD_TEST(yaml, applies_merge_keys) {
  becomes("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  b: 0\n  <<: [*x, *y]\n  d: 5\n",
          "{\"x\":{\"a\":1,\"b\":2},\"y\":{\"b\":3,\"c\":4},\"z\":{\"b\":0,\"d\":5,\"a\":1,\"c\":4}}");
  becomes("a: {<<: {b: &n {c: 1}}}\nd: *n\n", "{\"a\":{\"b\":{\"c\":1}},\"d\":{\"c\":1}}");
  becomes("x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y}\n", "{\"x\":{\"a\":1},\"y\":{\"b\":2,\"a\":1},\"z\":{\"b\":2,\"a\":1}}");
  becomes("'<<': 1", "{\"<<\":1}");
  becomes("<<: []", "{}");
  refused("<<: 1", "f.yaml:1:5: << needs a mapping or a list of mappings", "");
  refused("a: &a [1]\n<<: *a", "f.yaml:2:5: << needs a mapping or a list of mappings", "");
  refused("<<: [{a: 1}, 2]", "f.yaml:1:5: << needs a mapping or a list of mappings", "");
}

QD_TEST(yaml, an_empty_text_is_null) {
  becomes("", "null");
  becomes("# nothing\n", "null");
  becomes("---\n...\n", "null");
  becomes("\xEF\xBB\xBF\x61: 1\n", "{\"a\":1}");
  becomes("--- a\n", "\"a\"");
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *d = NULL;
  cr_assert_eq(qd_yaml_parse((qd_slice){NULL, 0}, "f.yaml", NULL, &d, &err), QD_OK);
  qd_yaml_free(d);
}

QD_TEST(yaml, a_byte_order_mark_is_no_column) {
  const char *text = "\xEF\xBB\xBF\x61: 1\nb: x\n";
  becomes(text, "{\"a\":1,\"b\":\"x\"}");
  qd_yaml_doc *d = load(text);
  qd_yaml_mark mark;
  cr_assert(qd_yaml_mark_of(d, qd_json_member(qd_yaml_root(d), "b"), &mark));
  cr_assert_eq(text[mark.offset], 'x');
  cr_assert_eq(mark.end, mark.offset + 1);
  qd_yaml_free(d);
  refused("\xEF\xBB\xBF\x61: \xFFx", "f.yaml:1:4: invalid leading UTF-8 octet", "");
}

QD_TEST(yaml, names_the_place_of_the_mistake) {
  refused("a: 1\n b: 2\n", "f.yaml:2:3: mapping values are not allowed in this context", "");
  refused("a: [1\nb: 2\n", "f.yaml:2:2: did not find expected ',' or ']'", "while parsing a flow sequence that begins at line 1, column 4");
  refused("a: \"x\n", "f.yaml:2:1: found unexpected end of stream", "while scanning a quoted scalar that begins at line 1, column 4");
  refused("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here", "");
  refused("a: 1\nb: \xFFx\n", "f.yaml:2:4: invalid leading UTF-8 octet", "");
  refused("a: \x01\n", "f.yaml:1:4: control characters are not allowed", "");
}

QD_TEST(yaml, advises) {
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *d = NULL;
  cr_assert_eq(qd_yaml_parse(QD_SLICE("a:\n\tb: 1\n"), "f.yaml", NULL, &d, &err), QD_CONFIG);
  cr_assert_str_eq(err.hint, "indent with spaces: YAML does not allow tabs there");
  cr_assert_eq(qd_yaml_parse(QD_SLICE("\xC3\xA9: @x"), "f.yaml", NULL, &d, &err), QD_CONFIG);
  cr_assert_str_eq(err.hint, "put quotes around a value that begins with @");
  cr_assert_str_eq(err.message, "f.yaml:1:4: found character that cannot start any token");
}

QD_TEST(yaml, refuses_a_nul_byte) {
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *d = NULL;
  cr_assert_eq(qd_yaml_parse(QD_SLICE("a: b\0c\n"), "f.yaml", NULL, &d, &err), QD_CONFIG);
}

static void limited(const char *text, const qd_yaml_limits *limits, const char *message) {
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *d = NULL;
  cr_assert_eq(qd_yaml_parse(qd_slice_of(text), "f.yaml", limits, &d, &err), QD_CONFIG);
  cr_assert_str_eq(err.message, message);
}

QD_TEST(yaml, limits) {
  limited("a: 1", &(qd_yaml_limits){3, 10, 10}, "f.yaml is too large");
  limited("[[[[1]]]]", &(qd_yaml_limits){100, 4, 100}, "f.yaml:1:5: nested too deeply");
  limited("[1, 2, 3]", &(qd_yaml_limits){100, 4, 3}, "f.yaml:1:8: too many values, counting what aliases repeat");
  limited("a: &a [[1]]\nb: [[*a]]", &(qd_yaml_limits){100, 5, 100}, "f.yaml:2:6: nested too deeply");
  limited("a: &a [1,1,1,1]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ne: [*d,*d,*d,*d]",
          &(qd_yaml_limits){1000, 10, 1000}, "f.yaml:5:8: too many values, counting what aliases repeat");
  limited("- &s \"0123456789012345678901234567890123456789012345678901234567890123456789\"\n- [*s, *s, *s, *s]",
          &(qd_yaml_limits){1000, 10, 10}, "f.yaml:2:16: too many values, counting what aliases repeat");
}

QD_TEST(yaml, survives_deep_nesting) {
  qd_buf text;
  qd_buf_init(&text, 1 << 20);
  for (int i = 0; i < 100000; i++) cr_assert(qd_buf_addc(&text, '['));
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *d = NULL;
  cr_assert_eq(qd_yaml_parse(qd_buf_slice(&text), "f.yaml", NULL, &d, &err), QD_CONFIG);
  qd_buf_deinit(&text);
}

// The value's text is `expected`, and so is its key's.
static void placed(const qd_yaml_doc *d, const char *text, const qd_json *v, size_t line, size_t column, const char *expected,
                   const char *key) {
  qd_yaml_mark mark;
  cr_assert(qd_yaml_mark_of(d, v, &mark));
  qd_slice found = {text + mark.offset, mark.end - mark.offset};
  cr_assert(qd_slice_is(found, expected), "'%.*s' instead of '%s'", (int)found.n, found.p, expected);
  cr_assert_eq(mark.line, line, "%s: line %zu", expected, mark.line);
  cr_assert_eq(mark.column, column, "%s: column %zu", expected, mark.column);
  cr_assert_eq(qd_yaml_key_mark_of(d, v, &mark), key != NULL);
  if (key) cr_assert(qd_slice_is((qd_slice){text + mark.offset, mark.end - mark.offset}, key));
}

QD_TEST(yaml, knows_places) {
  const char *text =
      "# \xC3\xA9\n"
      "profiles:   # one\n"
      "  n\xC3\xA4s: \n"
      "    host: 'h\xC3\xA4'  # behind\n"
      "    port: 22   \n"
      "    list:\n"
      "    - a\n"
      "    - { b: \xF0\x9F\x98\x80 }\n"
      "    # a comment\n"
      "\n"
      "  empty:\n"
      "  text: |\n"
      "    one\n"
      "    two\n"
      "\n"
      "  last: &x !t \"q\"\n"
      "  alias: *x  \n"
      "  flow: [ 1,\n"
      "    2 ]\n"
      "\n"
      "# the end\n";
  qd_yaml_doc *d = load(text);
  const qd_json *profiles = qd_json_member(qd_yaml_root(d), "profiles");
  const qd_json *nas = qd_json_member(profiles, "n\xC3\xA4s");
  placed(d, text, qd_json_member(nas, "host"), 4, 11, "'h\xC3\xA4'", "host");
  placed(d, text, qd_json_member(nas, "port"), 5, 11, "22", "port");
  placed(d, text, qd_json_at(qd_json_member(nas, "list"), 0), 7, 7, "a", NULL);
  const qd_json *inner = qd_json_at(qd_json_member(nas, "list"), 1);
  placed(d, text, inner, 8, 7, "{ b: \xF0\x9F\x98\x80 }", NULL);
  placed(d, text, qd_json_member(inner, "b"), 8, 12, "\xF0\x9F\x98\x80", "b");
  placed(d, text, qd_json_member(nas, "list"), 7, 5, "- a\n    - { b: \xF0\x9F\x98\x80 }", "list");
  placed(d, text, nas, 4, 5, "host: 'h\xC3\xA4'  # behind\n    port: 22   \n    list:\n    - a\n    - { b: \xF0\x9F\x98\x80 }",
         "n\xC3\xA4s");
  placed(d, text, qd_json_member(profiles, "empty"), 11, 9, "", "empty");
  placed(d, text, qd_json_member(profiles, "text"), 12, 9, "|\n    one\n    two", "text");
  placed(d, text, qd_json_member(profiles, "last"), 16, 9, "&x !t \"q\"", "last");
  placed(d, text, qd_json_member(profiles, "alias"), 17, 10, "*x", "alias");
  placed(d, text, qd_json_member(profiles, "flow"), 18, 9, "[ 1,\n    2 ]", "flow");
  qd_yaml_mark mark;
  cr_assert(qd_yaml_mark_of(d, qd_yaml_root(d), &mark));
  cr_assert_eq(mark.end, (size_t)(strstr(text, "2 ]") - text) + 3);
  qd_json *stranger = qd_json_null();
  cr_assert_not(qd_yaml_mark_of(d, stranger, &mark));
  qd_json_free(stranger);
  qd_yaml_free(d);
}

QD_TEST(yaml, places_of_copies) {
  const char *text = "a: &a\n  b: 1\nc: *a\nd:\n  <<: *a\n  e: 2\n";
  qd_yaml_doc *d = load(text);
  const qd_json *root = qd_yaml_root(d);
  placed(d, text, qd_json_member(root, "c"), 3, 4, "*a", "c");
  placed(d, text, qd_json_path(root, "c.b"), 2, 6, "1", "b");
  placed(d, text, qd_json_path(root, "d.b"), 2, 6, "1", "b");
  placed(d, text, qd_json_member(root, "d"), 5, 3, "<<: *a\n  e: 2", "d");
  qd_yaml_free(d);
}

QD_TEST(yaml, gives_the_tree_away) {
  qd_json *root = qd_yaml_take(load("a: [1]"));
  cr_assert_eq(qd_json_get_int(qd_json_at(qd_json_member(root, "a"), 0), 0), 1);
  qd_json_free(root);
  qd_yaml_free(NULL);
}

static void written(const char *json, const char *yaml) {
  qd_error err = QD_ERROR_INIT;
  qd_json *v = NULL;
  cr_assert_eq(qd_json_parse(qd_slice_of(json), NULL, &v, &err), QD_OK);
  qd_buf out;
  qd_buf_init(&out, 100000);
  cr_assert(qd_yaml_write(v, &out));
  cr_assert_str_eq(out.p, yaml, "%s", out.p);
  qd_yaml_doc *d = load(out.p);
  cr_assert(qd_json_equal(qd_yaml_root(d), v), "%s reads back differently", out.p);
  qd_yaml_free(d);
  qd_json_free(v);
  qd_buf_deinit(&out);
}

QD_TEST(yaml, writes_blocks) {
  written("{\"a\":{\"b\":[1,{\"c\":true,\"d\":null},[2,[]]],\"e\":{}},\"f\":\"text\"}",
          "a:\n  b:\n  - 1\n  - c: true\n    d: null\n  - - 2\n    - []\n  e: {}\nf: text\n");
  written("[]", "[]\n");
  written("\"x\"", "x\n");
  written("null", "null\n");
}

QD_TEST(yaml, writes_numbers) {
  written("[1,-9223372036854775808,1.0,1.5,1e300,-0.0,1e-7]", "- 1\n- -9223372036854775808\n- 1.0\n- 1.5\n- 1.0e+300\n- -0.0\n- 1.0e-7\n");
}

QD_TEST(yaml, quotes_what_is_ambiguous) {
  written("[\"yes\",\"Off\",\"n\",\"TRUE\",\"null\",\"~\",\"\",\"=\",\"<<\"]",
          "- \"yes\"\n- \"Off\"\n- \"n\"\n- \"TRUE\"\n- \"null\"\n- \"~\"\n- \"\"\n- \"=\"\n- \"<<\"\n");
  written("[\"1\",\"0x1f\",\"1_000\",\"8080:80\",\"0755\",\"-1.5\",\".5\",\"1e3\",\"2001-12-14\",\"2001-12-14T21:59:43Z\",\".inf\"]",
          "- \"1\"\n- \"0x1f\"\n- \"1_000\"\n- \"8080:80\"\n- \"0755\"\n- \"-1.5\"\n- \".5\"\n- \"1e3\"\n- \"2001-12-14\"\n"
          "- \"2001-12-14T21:59:43Z\"\n- \".inf\"\n");
  written("[\"10.0.0.5\",\"a: b\",\"# c\",\"- d\",\"x #y\",\"@z\",\"a\\\"b\",\" pad \",\"/share/x\",\"1.2.3\",\"-x\"]",
          "- 10.0.0.5\n- 'a: b'\n- '# c'\n- '- d'\n- 'x #y'\n- '@z'\n- a\"b\n- ' pad '\n- /share/x\n- 1.2.3\n- -x\n");
  written("{\"yes\":1,\"1\":2,\"a b\":3}", "\"yes\": 1\n\"1\": 2\na b: 3\n");
}

QD_TEST(yaml, writes_lines_and_odd_bytes) {
  written("{\"a\":\"one\\ntwo\\n\",\"b\":\"no end\\nx\",\"c\":\"\\tx\\u0000\\u0007\",\"d\":\"\\u00e9\"}",
          "a: |\n  one\n  two\nb: |-\n  no end\n  x\nc: \"\\tx\\0\\a\"\nd: \xC3\xA9\n");
  qd_json *odd = qd_json_string(QD_SLICE("a\xFF"));
  qd_buf out;
  qd_buf_init(&out, 100);
  cr_assert(qd_yaml_write(odd, &out));
  qd_yaml_doc *d = load(out.p);
  cr_assert_str_eq(qd_json_get_cstr(qd_yaml_root(d), ""), "a\xEF\xBF\xBD");
  qd_yaml_free(d);
  qd_buf_deinit(&out);
  qd_json_free(odd);
}

QD_TEST(yaml, writing_stops_at_the_cap) {
  qd_json *v = qd_json_array();
  for (int i = 0; i < 10; i++) qd_json_append(v, qd_json_string(QD_SLICE("some text")));
  for (size_t cap = 0; cap < 120; cap += 7) {
    qd_buf out;
    qd_buf_init(&out, cap);
    cr_assert_not(qd_yaml_write(v, &out));
    qd_buf_deinit(&out);
  }
  qd_json_free(v);
}

static qd_json *all_of(const char *text, bool places) {
  qd_yaml_doc *d = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_yaml_parse_all(qd_slice_of(text), "f", QD_YAML_GO, places, NULL, &d, &err), QD_OK, "%s: %s", text, err.message);
  return qd_yaml_take(d);
}

static bool read_plain(const char *text) {
  qd__yaml_events events;
  bool right = qd__yaml_read_plain(qd_slice_of(text), &QD_YAML_LIMITS_DEFAULT, &events);
  qd__yaml_events_deinit(&events);
  return right;
}

// The reader of our own and libyaml come to the same; tests/fuzz/fuzz_yaml_plain.c compares their events for any text.
QD_TEST(yaml, reads_plain_texts_itself) {
  static const char *const texts[] = {
      "a: 1\nb:\n  c: [x, \"y\\n\", 'it''s', {d: e, \"f\": [1, 2,]}]\n  g:\n  h: ~\n",
      "---\n# text\nlist:\n- a\n-   b # text\n- - c\n  - d: 1\n    e:\n    - f\n-\n  g: h\n-\n- last",
      "a: &x {k: v}\nb: *x\nc: &y\n  k: w\nd:\n  <<: *y\n  l: 1\ne:\n  <<: [*x, *y]\n",
      "a: |\n  one\n    two\n\n  three\n\nb: |-\n\n  four\nc: |\n  five\n# text\n",
      "\"k\": http://x:80/y#z\n'l' : a  b   # text\nm: -x\nn: \xc3\xa4 \xe2\x82\xac\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    qd_json *mine = all_of(texts[i], false);
    qd_json *theirs = all_of(texts[i], true);
    cr_expect(read_plain(texts[i]), "%s", texts[i]);
    cr_expect(qd_json_equal(mine, theirs), "%s", texts[i]);
    qd_json_free(mine);
    qd_json_free(theirs);
  }
}

QD_TEST(yaml, leaves_to_libyaml_what_is_more) {
  static const char *const texts[] = {
      "a: b\n  c\n",    "a: \"b\n  c\"\n", "a: >\n  b\n", "a: !t b\n", "? a\n: b\n",   "a: [\n  b]\n",  "a: b\n---\nc: d\n",
      "a: b\r\nc: d\n", "a: \"\\x41\"\n",  "a:\tb\n",     "*a : b\n",  "&a b: c\n",    "a: {b: }\n",    "a: {b}\n",
      "%YAML 1.2\n",    "plain\n",         "[a]\n",       "",          "a: |+\n  b\n", "a: &b\nc: d\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) cr_expect(!read_plain(texts[i]), "%s", texts[i]);
}

// Each was seen to go wrong in a reader that only looks for colons and indents.
QD_TEST(yaml, refuses_in_both_readers) {
  static const char *const texts[] = {
      "a: b: c\n", "a:\n    b: 1\n  c: 2\n", "a: 1\n  b: 2\n", "- a\nb: c\n", "a: - b\n",    "a: [b\n", "a: 'b\n", "a: \"b\" c\n",
      "a: @b\n",   "a: 1\na: 2\n",           "a: *b\n",        "a: [b]]\n",   "a: 1\n b\n:",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    qd_yaml_doc *d = NULL;
    qd_error err = QD_ERROR_INIT;
    cr_expect_eq(qd_yaml_parse_all(qd_slice_of(texts[i]), "f", QD_YAML_GO, false, NULL, &d, &err), QD_CONFIG, "%s", texts[i]);
    qd_yaml_free(d);
  }
}
