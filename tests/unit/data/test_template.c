// What the tables of test_template_rows.c do not reach: options, caps, what a template mentions.
#include "data/template.h"

#include <stdint.h>

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
  renders("{{.Names.X}}", "{\"Names\":\"web\"}", &o, "template: :1:8: executing \"\" at <.Names.X>: can't evaluate field X in type string");
  renders("{{.Names}} {{json .}}", "{\"Names\":\"web\",\"ID\":\"1\"}", &o, "web {\"Names\":\"web\",\"ID\":\"1\"}");
  renders("{{json .}}{{json .Ports}}", "{\"Ports\":\"80->80 <&>\"}", &o,
          "{\"Ports\":\"80-\\u003e80 \\u003c\\u0026\\u003e\"}\"80->80 <&>\"");
  renders("{{.Names \"x\"}}", "{\"Names\":\"web\"}", &o,
          "template: :1:2: executing \"\" at <.Names>: wrong number of args for Names: want 0 got 1");
}

QD_TEST(template, takes_its_root_for_a_row_that_marshals_itself) {
  qd_template_options o = {.type_name = "*formatter.ContainerContext"};
  const char *json = "{\"Ports\":\"80->80 <&\",\"Platform\":null}";
  renders("{{json .}}", json, &o, "{\"Ports\":\"80-\\u003e80 \\u003c\\u0026\",\"Platform\":null}");
  renders("{{json .Ports}} {{json .Platform}}", json, &o, "\"80->80 <&\" null");
  renders("{{.Platform}} {{if .Platform}}y{{else}}n{{end}} {{with .Platform}}y{{end}}", json, &o, "<nil> n ");
}

QD_TEST(template, knows_the_modes_of_containers) {
  qd_error err = QD_ERROR_INIT;
  qd_json *spec = NULL;
  qd_template_types *types = NULL;
  cr_assert_eq(qd_json_parse(QD_SLICE("{\"T\":[\"Net container.NetworkMode\",\"Pid container.PidMode\",\"Re container.RestartPolicy\","
                                      "\"Ports map[nat.Port]string\"],\"container.NetworkMode\":\"string\",\"nat.Port\":\"string\","
                                      "\"container.PidMode\":\"string\",\"container.RestartPolicy\":[\"Name string\"]}"),
                             NULL, &spec, &err),
               QD_OK);
  cr_assert_eq(qd_template_types_parse(spec, &types, &err), QD_OK, "%s", err.message);
  qd_template_options o = {.type_name = "T", .types = types};
  const char *json = "{\"Net\":\"web\",\"Pid\":\"container:1\",\"Re\":{\"Name\":\"no\"},\"Ports\":{\"80/tcp\":\"x\"}}";
  renders("{{.Net.IsUserDefined}} {{.Net.IsHost}} {{.Net.NetworkName}} {{.Net.UserDefined}}", json, &o, "true false web web");
  renders("{{.Pid.IsContainer}} {{.Pid.IsPrivate}} {{.Pid.IsHost}}", json, &o, "true false false");
  renders("{{.Re.IsNone}} {{.Re.IsAlways}} {{.Re.Name}}", json, &o, "true false no");
  renders("{{.Net.IsNone}} {{.Pid.IsPrivate}} {{.Re.IsNone}}", "{}", &o, "false true true");
  renders("{{.Pid.IsBridge}}", json, &o,
          "template: :1:6: executing \"\" at <.Pid.IsBridge>: can't evaluate field IsBridge in type container.PidMode");
  renders("{{range $p, $x := .Ports}}{{$p.Port}} {{$p.Proto}}{{end}}", json, &o, "80 tcp");
  renders("{{index .Ports \"80/tcp\"}}", json, &o,
          "template: :1:2: executing \"\" at <index .Ports \"80/tcp\">: error calling index: value has type string; should be nat.Port");
  qd_template_types_free(types);
  qd_json_free(spec);
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

static const char spec[] =
    "{\"t.Root\":[\"ID string Id\",\"Base *t.Base .\",\"List []*t.Item\",\"Ports nat.PortMap\",\"Any interface{}\",\"Wait time.Duration\","
    "\"When time.Time\",\"Size *int64 ,omitempty\",\"Box [2]uint\",\"Set map[string]struct{}\",\"Mode fs.FileMode\",\"Limits "
    "[]*units.Ulimit\","
    "\"Cmd []string\",\"Labels map[string]string\",\"Health *t.Item ,omitempty\"],"
    "\"t.Base\":[\"Name string\",\"On bool\"],\"t.Item\":[\"K string\",\"V uint16 v,omitempty\"],\"nat.Port\":\"string\","
    "\"nat.PortMap\":\"map[nat.Port][]t.Item\",\"fs.FileMode\":\"uint32\",\"units.Ulimit\":[\"Name string\",\"Hard int64\",\"Soft "
    "int64\"]}";

static qd_template_types *types_of(const char *text, qd_error *err) {
  qd_json *tree = NULL;
  qd_template_types *types = NULL;
  cr_assert_eq(qd_json_parse(qd_slice_of(text), NULL, &tree, err), QD_OK, "%s", err->message);
  if (qd_template_types_parse(tree, &types, err)) types = NULL;
  qd_json_free(tree);
  return types;
}

// The answers are docker's for its own structs of the same shapes.
QD_TEST(template, reads_through_types) {
  qd_error err = QD_ERROR_INIT;
  qd_template_options o = {.types = types_of(spec, &err), .type_name = "t.Root"};
  cr_assert_not_null(o.types, "%s", err.message);
  const char *json =
      "{\"Id\":\"x\",\"Name\":\"n\",\"On\":true,\"List\":[{\"K\":\"a\",\"v\":1},null],\"Ports\":{\"80/tcp\":[{\"K\":\"0\"}],\"443\":null},"
      "\"Any\":[1,{\"x\":null}],\"Wait\":90500000000,\"When\":\"2024-05-01T10:00:00.50+02:00\",\"Box\":[3],\"Set\":{\"s\":{}},\"Mode\":493,"
      "\"Limits\":[{\"Name\":\"nofile\",\"Hard\":2,\"Soft\":1}],\"Unknown\":1}";
  renders("{{.ID}} {{.Name}} {{.Base.On}} {{.Wait}} {{.Wait.Seconds}} {{.When}}", json, &o,
          "x n true 1m30.5s 90.5 2024-05-01 10:00:00.5 +0200 +0200");
  renders("{{.Size}} {{.Cmd}} {{.Labels}} {{.Health}} {{.Box}} {{.Set}} {{.Mode}} {{.Limits}}", json, &o,
          "<nil> [] map[] <nil> [3 0] map[s:{}] -rwxr-xr-x [nofile=1:2]");
  renders("{{json .Cmd}} {{json .Labels}} {{json .Health}} {{json .Box}} {{json .Set}} {{json .When}} {{json .Any}}", json, &o,
          "null null null [3,0] {\"s\":{}} \"2024-05-01T10:00:00.50+02:00\" [1,{\"x\":null}]");
  renders("{{range $p, $b := .Ports}}{{$p.Port}}/{{$p.Proto}}={{$b}};{{end}}", json, &o, "443/tcp=[];80/tcp=[{0 0}];");
  renders("{{printf \"%T %T %T %T %v %d\" .List .Ports .Box .Wait .Any .Wait}}", json, &o,
          "[]*t.Item nat.PortMap [2]uint time.Duration [1 map[x:<nil>]] 90500000000");
  renders("{{printf \"%+v %#v\" (index .List 0) (index .List 0)}} {{index .List 0}} {{json (index .List 0)}}", json, &o,
          "&{K:a V:1} &t.Item{K:\"a\", V:0x1} {a 1} {\"K\":\"a\",\"v\":1}");
  renders("{{.Labels.nope}} {{index .Labels \"nope\"}}|{{if .Health}}y{{end}}", json, &o, "<no value> |");
  renders("{{.Unknown}}", json, &o, "template: :1:2: executing \"\" at <.Unknown>: can't evaluate field Unknown in type t.Root");
  renders("{{.Health.K}}", json, &o, "template: :1:9: executing \"\" at <.Health.K>: nil pointer evaluating *t.Item.K");
  renders("{{.Health.Nope}}", json, &o, "template: :1:9: executing \"\" at <.Health.Nope>: can't evaluate field Nope in type *t.Item");
  renders("{{.ID.X}}", json, &o, "template: :1:5: executing \"\" at <.ID.X>: can't evaluate field X in type string");
  renders("{{index .Ports \"80/tcp\"}}", json, &o,
          "template: :1:2: executing \"\" at <index .Ports \"80/tcp\">: error calling index: value has type string; should be nat.Port");
  renders("{{upper .Wait}}", json, &o,
          "template: :1:8: executing \"\" at <.Wait>: wrong type for value; expected string; got time.Duration");
  qd_template_types_free((qd_template_types *)(uintptr_t)o.types);
}

QD_TEST(template, refuses_types_that_make_no_sense) {
  static const char *const bad[] = {"{\"a.B\":[\"F nope.T\"]}",
                                    "{\"a.B\":[\"\"]}",
                                    "{\"a.B\":[\"F\"]}",
                                    "{\"a.B\":[\"F []\"]}",
                                    "{\"a.B\":[\"F map[string\"]}",
                                    "{\"a.B\":\"c.D\"}",
                                    "{\"a.B\":[\"F [0]int\"]}",
                                    "[]",
                                    "{\"a.B\":[\"F **********************int\"]}"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    qd_error err = QD_ERROR_INIT;
    cr_assert_null(types_of(bad[i], &err), "%s", bad[i]);
    cr_assert_str_eq(err.code, "bad_types");
  }
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
