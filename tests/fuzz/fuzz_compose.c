// The compose loader on a small tree of files in memory: the input is compose.yaml, and behind a line "%%% NAME" further files.
// What it makes loads again to the same.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compose/compose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct tree {
  qd_json *files;  // path -> text
} tree;

static qd_compose_kind kind(void *ctx, const char *path) {
  return qd_json_member(((tree *)ctx)->files, path) ? QD_COMPOSE_FILE : QD_COMPOSE_ABSENT;
}

static qd_status read_file(void *ctx, const char *path, qd_buf *out, qd_error *err) {
  const qd_json *v = qd_json_member(((tree *)ctx)->files, path);
  qd_slice s = qd_json_get_string(v, (qd_slice){"", 0});
  if (!v) return qd_fail(err, QD_NOT_FOUND, "cannot_read", "no file %s", path);
  return qd_buf_add(out, s.p, s.n) ? QD_OK : qd_fail(err, QD_CONFIG, "cannot_read", "too large");
}

static void split(qd_slice text, qd_json *files) {
  qd_slice name = QD_SLICE("compose.yaml");
  for (;;) {
    const char *mark = memmem(text.p, text.n, "\n%%% ", 5);
    size_t n = mark ? (size_t)(mark - text.p) + 1 : text.n;
    char *path = qd_xasprintf("/p/%.*s", (int)name.n, name.p);
    qd_json_set(files, qd_slice_of(path), qd_json_string((qd_slice){text.p, n}));
    free(path);
    if (!mark) return;
    text = (qd_slice){mark + 5, text.n - n - 4};
    const char *end = memchr(text.p, '\n', text.n);
    size_t length = end ? (size_t)(end - text.p) : text.n;
    name = (qd_slice){text.p, length < 60 ? length : 60};
    text = (qd_slice){text.p + length, text.n - length};
  }
}

static qd_compose_project *load(qd_json *files, const qd_json *env) {
  tree t = {files};
  const qd_compose_reader reader = {kind, read_file, &t};
  const qd_compose_options o = {.cwd = "/p", .environment = env, .reader = &reader, .keep_all = true};
  qd_error err = QD_ERROR_INIT;
  qd_compose_project *p = NULL;
  if (qd_compose_load(&o, &p, &err) == QD_OK) return p;
  if (err.category == QD_OK || err.message[0] == '\0' || strcmp(err.code, "") == 0) abort();
  return NULL;
}

// The canonical form with its dollar signs doubled is a compose file.
static void load_again(const qd_compose_project *p, const qd_json *env) {
  qd_buf text;
  qd_buf_init(&text, 32u << 20);
  qd_buf doubled;
  qd_buf_init(&doubled, 64u << 20);
  if (!qd_json_write(p->model, NULL, &text)) abort();
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '$') (void)qd_buf_addc(&doubled, '$');
    (void)qd_buf_addc(&doubled, text.p[i]);
  }
  qd_json *files = qd_json_object();
  qd_json_set(files, QD_SLICE("/p/compose.yaml"), qd_json_string(qd_buf_slice(&doubled)));
  qd_compose_project *again = load(files, env);
  qd_compose_free(again);
  qd_json_free(files);
  qd_buf_deinit(&doubled);
  qd_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 100000) return 0;
  qd_json *env = qd_json_object();
  qd_json_set(env, QD_SLICE("HOME"), qd_json_string(QD_SLICE("/h")));
  qd_json_set(env, QD_SLICE("A"), qd_json_string(QD_SLICE("a")));
  qd_json *files = qd_json_object();
  split((qd_slice){(const char *)data, size}, files);
  qd_compose_project *p = load(files, env);
  if (p) load_again(p, env);
  qd_compose_free(p);
  qd_json_free(files);
  qd_json_free(env);
  return 0;
}
