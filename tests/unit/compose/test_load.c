#include "compose/compose.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "data/yaml.h"
#include "qd_test.h"

// Files in memory: name, text, name, text ..., NULL. They stand in /p.
static qd_json *files_of(const char *const *list) {
  qd_json *files = qd_json_object();
  for (; *list; list += 2) {
    char *path = qd_xasprintf("/p/%s", list[0]);
    qd_json_set(files, qd_slice_of(path), qd_json_string(qd_slice_of(list[1])));
    free(path);
  }
  return files;
}

static qd_compose_kind kind(void *ctx, const char *path) { return qd_json_member(ctx, path) ? QD_COMPOSE_FILE : QD_COMPOSE_ABSENT; }

static qd_status read_file(void *ctx, const char *path, qd_buf *out, qd_error *err) {
  const qd_json *v = qd_json_member(ctx, path);
  qd_slice s = qd_json_get_string(v, (qd_slice){"", 0});
  if (!v) return qd_fail(err, QD_NOT_FOUND, "cannot_read", "no file %s", path);
  return qd_buf_add(out, s.p, s.n) ? QD_OK : qd_fail(err, QD_CONFIG, "cannot_read", "too large");
}

static qd_status load(const char *const *list, qd_compose_options o, qd_compose_project **out, qd_error *err) {
  qd_json *files = files_of(list);
  qd_json *env = qd_json_object();
  qd_json_set(env, QD_SLICE("HOME"), qd_json_string(QD_SLICE("/home/u")));
  qd_json_set(env, QD_SLICE("TAG"), qd_json_string(QD_SLICE("7")));
  const qd_compose_reader reader = {kind, read_file, files};
  o.cwd = "/p";
  o.environment = env;
  o.reader = &reader;
  qd_status st = qd_compose_load(&o, out, err);
  qd_json_free(files);
  qd_json_free(env);
  return st;
}

// The part of the model at `path` is what the YAML text says.
static void expect_at(const qd_compose_project *p, const char *path, const char *yaml) {
  qd_yaml_doc *d = NULL;
  qd_error err = QD_ERROR_INIT;
  qd_buf text;
  cr_assert_eq(qd_yaml_parse(qd_slice_of(yaml), "expected", NULL, &d, &err), QD_OK, "%s", err.message);
  qd_buf_init(&text, 1 << 20);
  (void)qd_json_write(qd_json_path(p->model, path), &(qd_json_style){.sort_keys = true}, &text);
  cr_expect(qd_json_equal(qd_json_path(p->model, path), qd_yaml_root(d)), "%s is %s, not %s", path, text.p, yaml);
  qd_buf_deinit(&text);
  qd_yaml_free(d);
}

typedef struct expectation {
  const char *path, *yaml;
} expectation;

static void expect_model(const char *const *list, const expectation *e) {
  qd_compose_project *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(load(list, (qd_compose_options){0}, &p, &err), QD_OK, "%s: %s", err.message, err.why);
  for (; e->path; e++) expect_at(p, e->path, e->yaml);
  qd_compose_free(p);
}

#define FILES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define EXPECT(...) ((const expectation[]){__VA_ARGS__, {NULL, NULL}})

Test(compose_load, short_forms_become_long) {
  expect_model(FILES("compose.yaml",
                     "services:\n"
                     "  a:\n"
                     "    image: img:$TAG\n"
                     "    build: ./src\n"
                     "    command: run \"two words\" $$X\n"
                     "    ports: ['8080:80', '127.0.0.1:53:53/udp', '7000-7001:70-71']\n"
                     "    volumes: ['./d:/d:ro', 'vol:/v', '~/x:/x']\n"
                     "    devices: ['/dev/a']\n"
                     "    depends_on: [b]\n"
                     "    env_file: a.env\n"
                     "    environment: [A=1, TAG, NONE]\n"
                     "    healthcheck: {test: probe, interval: 90s}\n"
                     "    mem_limit: 1.5m\n"
                     "  b: {image: b}\n"
                     "volumes: {vol: }\n",
                     "a.env", "A=0\nFROM_FILE=${TAG}x\n"),
               EXPECT({"name", "p"}, {"services.a.image", "img:7"}, {"services.a.build", "{context: /p/src, dockerfile: Dockerfile}"},
                      {"services.a.command", "[run, two words, $X]"},
                      {"services.a.ports",
                       "[{mode: ingress, target: 80, published: '8080', protocol: tcp}, {mode: ingress, host_ip: 127.0.0.1, target: 53, "
                       "published: '53', protocol: udp}, {mode: ingress, target: 70, published: '7000', protocol: tcp}, {mode: ingress, "
                       "target: 71, published: '7001', protocol: tcp}]"},
                      {"services.a.volumes",
                       "[{type: bind, source: /p/d, target: /d, read_only: true, bind: {create_host_path: true}}, {type: volume, source: "
                       "vol, target: /v, volume: {}}, {type: bind, source: /home/u/x, target: /x, bind: {create_host_path: true}}]"},
                      {"services.a.devices", "[{source: /dev/a, target: /dev/a, permissions: rwm}]"},
                      {"services.a.depends_on", "{b: {condition: service_started, required: true}}"},
                      {"services.a.environment", "{A: '1', TAG: '7', NONE: null, FROM_FILE: 7x}"},
                      {"services.a.healthcheck", "{test: [CMD-SHELL, probe], interval: 1m30s}"}, {"services.a.mem_limit", "'1572864'"},
                      {"services.a.networks", "{default: null}"}, {"networks", "{default: {name: p_default, ipam: {}}}"},
                      {"volumes", "{vol: {name: p_vol}}"}));
}

Test(compose_load, later_files_are_merged) {
  const char *const files[] = {"one.yaml", "two.yaml"};
  qd_compose_project *p = NULL;
  qd_error err = QD_ERROR_INIT;
  const qd_compose_options o = {.files = {files, 2}};
  cr_assert_eq(
      load(FILES("one.yaml",
                 "services: {a: {image: x, ports: ['1:1', '2:2'], environment: {A: 1, B: 2}, command: [a], labels: [l=1], dns: 1.1.1.1,"
                 " volumes: ['/a:/x', '/b:/y'], logging: {driver: j, options: {o: 1}}}}\n",
                 "two.yaml",
                 "services: {a: {ports: ['2:2', '3:3'], environment: [B=3], command: [b], labels: {m: 2}, dns: [2.2.2.2],"
                 " volumes: ['/c:/x'], logging: {driver: k, options: {p: 2}}}, b: {image: y}}\n"),
           o, &p, &err),
      QD_OK, "%s", err.message);
  expect_at(p, "services.a.environment", "{A: '1', B: '3'}");
  expect_at(p, "services.a.command", "[b]");
  expect_at(p, "services.a.labels", "{l: '1', m: '2'}");
  expect_at(p, "services.a.dns", "[1.1.1.1, 2.2.2.2]");
  expect_at(p, "services.a.logging", "{driver: k, options: {p: '2'}}");
  cr_expect_eq(qd_json_count(qd_json_path(p->model, "services.a.ports")), 3);
  const qd_json *volumes = qd_json_path(p->model, "services.a.volumes");
  cr_expect_eq(qd_json_count(volumes), 2);
  cr_expect_str_eq(qd_json_get_cstr(qd_json_member(qd_json_at(volumes, 0), "source"), ""), "/c");
  qd_compose_free(p);
}

Test(compose_load, reset_and_override_take_away) {
  expect_model(FILES("compose.yaml",
                     "services: {a: {image: x, ports: ['1:1'], environment: {A: 1, B: 2}, command: run, dns: [1.1.1.1]}}\n"
                     "---\n"
                     "services: {a: {ports: !reset [], environment: {A: !reset null}, command: !reset null, dns: !override [2.2.2.2]}}\n"),
               EXPECT({"services.a.ports", "null"}, {"services.a.environment", "{B: '2'}"}, {"services.a.command", "null"},
                      {"services.a.dns", "[2.2.2.2]"}));
}

Test(compose_load, services_extend_others) {
  expect_model(FILES("compose.yaml",
                     "services:\n"
                     "  a: {extends: {file: sub/base.yaml, service: mid}, environment: {C: 3}}\n"
                     "  b: {extends: a, image: other}\n",
                     "sub/base.yaml",
                     "services:\n"
                     "  root: {image: r, environment: {A: 1}, volumes: ['./d:/d']}\n"
                     "  mid: {extends: root, environment: {B: 2}}\n"),
               EXPECT({"services.a.image", "r"}, {"services.a.environment", "{A: '1', B: '2', C: '3'}"}, {"services.b.image", "other"},
                      {"services.b.environment", "{A: '1', B: '2', C: '3'}"},
                      {"services.a.volumes", "[{type: bind, source: /p/sub/d, target: /d, bind: {create_host_path: true}}]"}));
}

Test(compose_load, what_is_reset_is_not_taken_from_the_base) {
  expect_model(FILES("compose.yaml",
                     "services:\n"
                     "  a: {image: x, ports: ['1:1'], dns: [1.1.1.1], environment: {A: 1, B: 2}}\n"
                     "  b: {extends: a, ports: !reset [], dns: !override [2.2.2.2], environment: {B: !reset null}}\n"),
               EXPECT({"services.a.ports", "[{mode: ingress, target: 1, published: '1', protocol: tcp}]"}, {"services.b.ports", "null"},
                      {"services.b.dns", "[2.2.2.2]"}, {"services.b.environment", "{A: '1'}"}));
}

Test(compose_load, included_files_have_their_own_environment) {
  expect_model(FILES("compose.yaml", "include: [sub/compose.yaml]\nservices: {a: {image: 'a${SUB:-none}'}}\n", "sub/compose.yaml",
                     "services: {b: {image: 'b${SUB}-${TAG}', volumes: ['./d:/d']}}\n", "sub/.env", "SUB=s\nTAG=not this\n"),
               EXPECT({"services.a.image", "anone"}, {"services.b.image", "bs-7"},
                      {"services.b.volumes", "[{type: bind, source: /p/sub/d, target: /d, bind: {create_host_path: true}}]"}));
}

Test(compose_load, profiles_and_wanted_services) {
  const char *const wanted[] = {"a"};
  qd_compose_project *p = NULL;
  qd_error err = QD_ERROR_INIT;
  const qd_compose_options o = {.services = {wanted, 1}};
  cr_assert_eq(load(FILES("compose.yaml",
                          "services: {a: {image: a, depends_on: [b]}, b: {image: b, volumes: ['vol:/v']}, c: {image: c},"
                          " d: {image: d, profiles: [x, y]}}\nvolumes: {vol: , w: }\n"),
                    o, &p, &err),
               QD_OK, "%s", err.message);
  cr_expect_eq(qd_json_count(qd_json_member(p->model, "services")), 2);
  cr_expect_eq(qd_json_count(p->profiles), 2);
  cr_expect(qd_json_member(p->disabled, "d") != NULL);
  expect_at(p, "volumes", "{vol: {name: p_vol}}");
  qd_compose_free(p);
}

// A wrong file, and what the headline begins with.
static const struct {
  const char *text, *message;
} wrong[] = {
    {"services:\n  a:\n    image: x\n    bogus: 1\n", "/p/compose.yaml:4:5: services.a.bogus: "},
    {"services:\n  a:\n    image: 5\n", "/p/compose.yaml:3:5: services.a.image: must be a string"},
    {"services:\n  a:\n    image: x\n    ports:\n      - '80'\n      - 'x:80'\n", "/p/compose.yaml:6:9: services.a.ports[1]: "},
    {"services: {a: {image: x, networks: [n]}}\n", "/p/compose.yaml:1:26: services.a.networks"},
    {"services: {a: {}}\n", "/p/compose.yaml:1:12: services.a: the service has neither"},
    {"services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}\n", "services depend on each other in a circle"},
    {"services: {a: {image: '${X:?set it}'}}\n", "/p/compose.yaml:1:16: services.a.image: the variable X is required"},
    {"services: {a: {image: x, privileged: '${TAG}'}}\n", "/p/compose.yaml:1:26: services.a.privileged: \"7\" is not a boolean"},
    {"services: {a: {image: x, shm_size: .5g}}\n", "/p/compose.yaml:1:26: services.a.shm_size: \".5g\" is not a size"},
    {"services: {a: {image: x, scale: 2, container_name: c}}\n", "/p/compose.yaml:1:12: services.a: container_name names one"},
    {"services: {1: {image: x}}\n", "/p/compose.yaml:1:12: a mapping's key must be a string"},
    {"", "/p/compose.yaml: the file is empty"},
    {"[]\n", "/p/compose.yaml: the top level must be a mapping"},
    {"include: compose.yaml\nservices: {}\n", "/p/compose.yaml:1:1: include: must be a list"},
    {"include: [compose.yaml]\nservices: {}\n", "/p/compose.yaml includes itself"},
    {"services: {a: {extends: a}}\n", "/p/compose.yaml: the service a extends itself"},
    {"services: {a: {image: x, extends: b}}\n", "/p/compose.yaml:1:26: services.a.extends: "},
};

Test(compose_load, mistakes_are_shown_where_they_are) {
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    qd_compose_project *p = NULL;
    qd_error err = QD_ERROR_INIT;
    cr_expect_neq(load(FILES("compose.yaml", wrong[i].text), (qd_compose_options){0}, &p, &err), QD_OK, "case %zu", i);
    cr_expect_eq(strncmp(err.message, wrong[i].message, strlen(wrong[i].message)), 0, "case %zu: %s", i, err.message);
    qd_compose_free(p);
  }
}

Test(compose_load, a_file_that_is_not_there) {
  qd_compose_project *p = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_expect_eq(load(FILES("x", ""), (qd_compose_options){0}, &p, &err), QD_NOT_FOUND);
  cr_expect_str_eq(err.code, "no_compose_file");
  const char *const files[] = {"nope.yaml"};
  cr_expect_eq(load(FILES("x", ""), (qd_compose_options){.files = {files, 1}}, &p, &err), QD_NOT_FOUND);
}

static const struct {
  const char *text, *name, *value;  // value NULL: not set; name NULL: an error
} env_files[] = {
    {"A=1", "A", "1"},
    {"export A = 1 # c\n", "A", "1"},
    {"A: yaml", "A", "yaml"},
    {"A=\"x\\ty\\$B\"\n", "A", "x\ty$B"},
    {"A='x\\ty$B'\n", "A", "x\\ty$B"},
    {"A=1\nB=${A}${C:-2}\n", "B", "12"},
    {"A=a#b\n", "A", "a#b"},
    {"HOST\n", "HOST", "outer"},
    {"NONE\n", "NONE", NULL},
    {"A=\"two\nlines\"\nB=2\n", "B", "2"},
    {"A=$HOST\n", "A", "outer"},
    {"A B=1\n", NULL, NULL},
    {"A@=1\n", NULL, NULL},
    {"A=\"open\n", NULL, NULL},
    {"=1\n", NULL, NULL},
    {"A=${B:?need B}\n", NULL, NULL},
};

Test(compose_dotenv, forms) {
  for (size_t i = 0; i < sizeof env_files / sizeof *env_files; i++) {
    qd_json *env = qd_json_object();
    qd_json *into = qd_json_object();
    qd_error err = QD_ERROR_INIT;
    qd_json_set(env, QD_SLICE("HOST"), qd_json_string(QD_SLICE("outer")));
    qd_status st = qd_compose_dotenv(qd_slice_of(env_files[i].text), ".env", env, into, &err);
    cr_expect_eq(st == QD_OK, env_files[i].name != NULL, "case %zu: %s", i, err.message);
    const char *value = env_files[i].name ? qd_json_get_cstr(qd_json_member(into, env_files[i].name), NULL) : NULL;
    cr_expect_eq(!value, !env_files[i].value, "case %zu", i);
    if (value && env_files[i].value) cr_expect_str_eq(value, env_files[i].value, "case %zu", i);
    qd_json_free(into);
    qd_json_free(env);
  }
}

static const struct {
  const char *text, *out;  // out NULL: an error
} references[] = {
    {"$A ${A} $$A", "v v $A"},
    {"${E:-d}|${E-d}|${N-d}", "d||d"},
    {"${A:+x}|${E:+x}|${E+x}", "x||x"},
    {"${N:-${A:-z}}", "v"},
    {"a $ b $", "a $ b $"},
    {"$N.", "."},
    {"${A", NULL},
    {"${A!}", NULL},
    {"${}", NULL},
    {"${N?msg}", NULL},
    {"${N:?}", NULL},
    {"${A?msg}", "v"},
};

Test(compose_interpolate, forms) {
  qd_json *env = qd_json_object();
  qd_json_set(env, QD_SLICE("A"), qd_json_string(QD_SLICE("v")));
  qd_json_set(env, QD_SLICE("E"), qd_json_string(QD_SLICE("")));
  for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
    qd_buf out;
    qd_error err = QD_ERROR_INIT;
    qd_buf_init(&out, 1000);
    qd_status st = qd_compose_interpolate(qd_slice_of(references[i].text), env, NULL, &out, &err);
    cr_expect_eq(st == QD_OK, references[i].out != NULL, "%s: %s", references[i].text, err.message);
    if (st == QD_OK && references[i].out) cr_expect_str_eq(out.n ? out.p : "", references[i].out, "%s", references[i].text);
    qd_buf_deinit(&out);
  }
  qd_json_free(env);
}

static long peak_kib(void) {
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Nine lists of nine, each of the one before: 387 million values in 600 bytes. It is refused after as many as a file of its size
// may have, and in the memory that those take.
Test(compose_load, refuses_billion_laughs_early) {
  qd_buf text;
  qd_buf_init(&text, 10000);
  (void)qd_buf_adds(&text, "x-0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
  for (int i = 1; i < 9; i++)
    (void)qd_buf_addf(&text, "x-%d: &l%d [*l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d]\n", i, i, i - 1, i - 1, i - 1, i - 1, i - 1,
                      i - 1, i - 1, i - 1, i - 1);
  (void)qd_buf_adds(&text, "services: {a: {image: x}}\n");
  const char *const files[] = {"compose.yaml", text.p, NULL};
  qd_compose_project *p = NULL;
  qd_error err = QD_ERROR_INIT;
  long before = peak_kib();
  cr_expect_eq(load(files, (qd_compose_options){.keep_all = true}, &p, &err), QD_CONFIG);
  long used = peak_kib() - before;
#ifdef __SANITIZE_ADDRESS__
  used /= 8;  // what is freed is kept from use there, and every block is fenced
#endif
  cr_expect_lt(used, 32 * 1024, "%ld KiB", used);
  cr_expect(strstr(err.message, "too many values") != NULL, "%s", err.message);
  cr_expect(strncmp(err.message, "/p/compose.yaml:5:", 18) == 0 || strncmp(err.message, "/p/compose.yaml:6:", 18) == 0, "%s", err.message);
  qd_buf_deinit(&text);
}
