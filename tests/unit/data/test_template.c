// What the tables of test_template_rows.c do not reach: options, caps, what a template mentions.
#include "data/template.h"

#include "qd_test.h"

static void renders(const char *text, const char *json, const qd_template_options *options, const char *want) {
  qd_error err = QD_ERROR_INIT;
  qd_template *t = NULL;
  qd_json *root = NULL;
  qd_buf out;
  qd_buf_init(&out, 1u << 20);
  cr_assert_eq(qd_json_parse(qd_slice_of(json), NULL, &root, &err), QD_OK, "%s", err.message);
  qd_status st = qd_template_parse(qd_slice_of(text), &t, &err);
  if (!st) st = qd_template_run(t, root, options, &out, &err);
  const char *got = st ? err.message : out.p ? out.p : "";
  cr_assert_str_eq(got, want, "%s: got %s, want %s", text, got, want);
  if (st) {
    cr_assert_eq(st, QD_USAGE);
    cr_assert_str_eq(err.code, "bad_template");
  }
  qd_template_free(t);
  qd_json_free(root);
  qd_buf_deinit(&out);
}

QD_TEST(template, reads_untyped_values) {
  const char *json =
      "{\"s\":\"x\",\"i\":42,\"f\":1.5,\"n\":null,\"l\":[\"a\",\"b\"],\"m\":{\"k\":\"v\"},\"a\":[1,\"b\"],\"o\":{\"z\":1,\"a\":[]}}";
  renders("{{.s}} {{.i}} {{.f}} {{.n}} {{.nope}}", json, NULL, "x 42 1.5 <no value> <no value>");
  renders("{{printf \"%T %T %T %T %T %T %T\" .s .i .f .l .m .a .o}}", json, NULL,
          "string int float64 []string map[string]string []interface {} map[string]interface {}");
  renders("{{join .l \",\"}} {{index .m \"no\"}}|{{.m.no}}", json, NULL, "a,b |<no value>");
  renders("{{if gt .i 41}}more{{end}}", json, NULL, "more");
  renders("{{json .}}", json, NULL, json);
  renders("{{.o}}", json, NULL, "map[a:[] z:1]");
  renders("{{.nope.x}}", json, NULL, "<no value>");
}

QD_TEST(template, strict_misses_are_errors) {
  qd_template_options strict = {.strict = true};
  renders("{{.b}}", "{\"a\":1}", &strict, "template: :1:2: executing \"\" at <.b>: map has no entry for key \"b\"");
  renders("\n{{with .a}}{{.x}}{{end}}", "{\"a\":{\"y\":1}}", &strict,
          "template: :2:13: executing \"\" at <.x>: map has no entry for key \"x\"");
}

QD_TEST(template, names_the_type_of_its_root) {
  qd_template_options o = {.strict = true, .type_name = "*formatter.ContainerContext"};
  renders("{{.Nope}}", "{\"Names\":\"web\"}", &o,
          "template: :1:2: executing \"\" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext");
  renders("{{.Names}} {{json .}}", "{\"Names\":\"web\",\"ID\":\"1\"}", &o, "web {\"Names\":\"web\",\"ID\":\"1\"}");
  renders("{{.Names \"x\"}}", "{\"Names\":\"web\"}", &o,
          "template: :1:2: executing \"\" at <.Names>: wrong number of args for Names: want 0 got 1");
}

QD_TEST(template, calls_methods_of_the_root) {
  qd_error err = QD_ERROR_INIT;
  qd_json *methods = NULL;
  cr_assert_eq(qd_json_parse(QD_SLICE("{\"Label\":{\"role\":\"web\"}}"), NULL, &methods, &err), QD_OK);
  qd_template_options o = {.methods = methods, .type_name = "*formatter.ContainerContext"};
  const char *json = "{\"Names\":\"a\",\"in\":{\"x\":1}}";
  renders("{{.Label \"role\"}}|{{.Label \"no\"}}|{{\"role\" | .Label}}|{{(.Label \"role\") | upper}}", json, &o, "web||web|WEB");
  renders("{{range $i := 2}}{{$.Label \"role\"}}{{end}}", json, &o, "webweb");
  renders("{{.Label}}", json, &o, "template: :1:2: executing \"\" at <.Label>: wrong number of args for Label: want 1 got 0");
  renders("{{.Label 1}}", json, &o, "template: :1:9: executing \"\" at <1>: expected string; found 1");
  renders("{{with .in}}{{.Label \"role\"}}{{end}}", json, &o,
          "template: :1:14: executing \"\" at <.Label>: Label is not a method but has arguments");
  renders("{{json .}}", json, &o, json);
  qd_json_free(methods);
}

QD_TEST(template, leaves_headers_as_they_are) {
  qd_template_options o = {.header = true};
  const char *json = "{\"ID\":\"CONTAINER ID\",\"Names\":\"NAMES\"}";
  renders("{{lower .ID}} {{truncate .ID 3}} {{json .Names}} {{join .Names \",\"}} {{split .ID \" \"}} {{title \"a\"}}", json, &o,
          "CONTAINER ID CONTAINER ID NAMES NAMES CONTAINER ID a");
  renders("{{pad .ID 1 1}}|{{printf \"%.3s\" .ID}}", json, &o, " CONTAINER ID |CON");
}

QD_TEST(template, keeps_its_caps) {
  renders("{{range 1000}}{{range 1000}}{{end}}{{end}}", "null", NULL,
          "template: :1:22: executing \"\" at <1000>: more than 1000000 loop steps");
  renders("{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}", "null", NULL,
          "template: :1:25: executing \"x\" at <{{template \"x\"}}>: exceeded maximum template depth (100)");
  renders("{{range 100000}}{{printf \"%1000d\" 1}}{{end}}", "null", NULL,
          "template: :1:18: executing \"\" at <{{printf \"%1000d\" 1}}>: output larger than 1048576 bytes");
  renders("{{$x := printf \"%900000d\" 1}}{{range 100}}{{$x = print $x $x}}{{end}}", "null", NULL,
          "template: :1:49: executing \"\" at <print $x $x>: values larger than 67108864 bytes");
}

static qd_status parse(const char *piece, size_t times, const char *tail, qd_error *err) {
  qd_buf b;
  qd_template *t = NULL;
  qd_buf_init(&b, 1u << 24);
  for (size_t i = 0; i < times; i++) cr_assert(qd_buf_adds(&b, piece));
  cr_assert(qd_buf_adds(&b, tail));
  qd_status st = qd_template_parse(qd_buf_slice(&b), &t, err);
  if (!st) qd_template_free(t);
  qd_buf_deinit(&b);
  return st;
}

QD_TEST(template, refuses_deep_nesting_and_long_text) {
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(parse("{{if 1}}", 101, "", &err), QD_USAGE);
  cr_assert_str_eq(err.message, "template: :1: nested deeper than 100 levels");
  cr_assert_eq(parse("{{if 1}}", 100, "", &err), QD_USAGE);
  cr_assert_str_eq(err.message, "template: :1: unexpected EOF");
  cr_assert_eq(parse("(", 100000, "", &err), QD_OK);
  cr_assert_eq(parse("{{(((((((((((((((((((((((((((((((((((((((((", 3, "", &err), QD_USAGE);
  cr_assert_eq(parse("{{block \"x\" .}}", 101, "", &err), QD_USAGE);
  cr_assert_str_eq(err.message, "template: :1: nested deeper than 100 levels");
  cr_assert_eq(parse("x", (1u << 20) + 1, "", &err), QD_USAGE);
  cr_assert_str_eq(err.message, "template: longer than 1048576 bytes");
}

QD_TEST(template, knows_what_it_mentions) {
  qd_error err = QD_ERROR_INIT;
  qd_template *t = NULL;
  const char *text =
      "{{if eq .Size \"x\"}}{{range $x := .Mounts}}{{$x.Deep}}{{(index $ 0).Chain}}{{end}}{{end}}{{define \"d\"}}{{.InDefine}}{{end}}Text";
  cr_assert_eq(qd_template_parse(qd_slice_of(text), &t, &err), QD_OK);
  const char *yes[] = {"Size", "Mounts", "Deep", "Chain", "InDefine"};
  const char *no[] = {"x", "Text", "index", "siz"};
  for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) cr_assert(qd_template_uses(t, yes[i]), "%s", yes[i]);
  for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) cr_assert_not(qd_template_uses(t, no[i]), "%s", no[i]);
  qd_template_free(t);
}
