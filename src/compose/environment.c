// Variables that a service has from elsewhere: the caller's environment, env_file, label_file.
#include <stdlib.h>

#include "compose/model.h"

// A name without a value takes it from the environment; without one there too it stays, or goes.
static void fill_in(const qd_json *env, qd_json *variables, bool keep) {
  for (size_t i = 0; i < qd_json_count(variables); i++) {
    qd_slice key;
    if (!qd_json_is_null(qd_json_member_at(variables, i, &key))) continue;
    const qd_json *v = qd_json_member_slice(env, key);
    if (v) {
      qd_json_free(qd_json_swap_member_at(variables, i, qd_json_dup(v)));
    } else if (!keep) {
      qd_json_free(qd_json_remove(variables, key));
      i--;
    }
  }
}

// Members of `from` into `to`; those that are there stay.
static void add_missing(qd_json *to, const qd_json *from) {
  for (size_t i = 0; i < qd_json_count(from); i++) {
    qd_slice key;
    const qd_json *v = qd_json_member_at(from, i, &key);
    if (!qd_json_member_slice(to, key)) qd_json_set(to, key, qd_json_dup(v));
  }
}

static void read_raw_line(qd_slice line, const qd_json *env, qd_json *into) {
  if (line.n && line.p[line.n - 1] == '\r') line.n--;
  while (line.n && (line.p[0] == ' ' || line.p[0] == '\t')) line = (qd_slice){line.p + 1, line.n - 1};
  if (line.n == 0 || line.p[0] == '#') return;
  const char *equals = memchr(line.p, '=', line.n);
  qd_slice key = {line.p, equals ? (size_t)(equals - line.p) : line.n};
  const qd_json *inherited = equals ? NULL : qd_json_member_slice(env, key);
  if (equals) qd_json_set(into, key, qd_json_string((qd_slice){equals + 1, line.n - key.n - 1}));
  if (inherited) qd_json_set(into, key, qd_json_dup(inherited));
}

// docker's own form (format: raw): NAME=value, one a line, nothing is expanded.
static void read_raw(qd_slice text, const qd_json *env, qd_json *into) {
  while (text.n) {
    const char *end = memchr(text.p, '\n', text.n);
    qd_slice line = {text.p, end ? (size_t)(end - text.p) : text.n};
    text = (qd_slice){text.p + line.n + (end != NULL), text.n - line.n - (end != NULL)};
    read_raw_line(line, env, into);
  }
}

// References in the file see the environment, the service's own variables, and what stands above in the files.
static qd_status read_env_file(qd__load *l, const qd__at *at, const qd_json *file, const qd_json *own, qd_json *into) {
  const char *path = qd__text(file, "path");
  const char *format = qd__text(file, "format");
  if (l->reader->kind(l->reader->ctx, path) == QD_COMPOSE_ABSENT) {
    if (!qd_json_get_bool(qd_json_member(file, "required"), true)) return QD_OK;
    return qd__bad(l, at, "the env file %s does not exist", path);
  }
  if (format && *format && strcmp(format, "raw") != 0) return qd__bad(l, at, "%.50s is no format of an env file (raw)", format);
  qd_buf text;
  qd_buf_init(&text, QD_COMPOSE_FILE_MAX);
  qd_status st = qd__read(l, path, &text);
  if (st == QD_OK && format && *format) {
    read_raw(qd_buf_slice(&text), l->env, into);
  } else if (st == QD_OK) {
    qd_json *seen = qd_json_dup(l->env);
    for (size_t i = 0; i < qd_json_count(own); i++) {
      qd_slice key;
      const qd_json *v = qd_json_member_at(own, i, &key);
      if (!qd_json_is_null(v) && !qd_json_member_slice(seen, key)) qd_json_set(seen, key, qd_json_dup(v));
    }
    st = qd_compose_dotenv(qd_buf_slice(&text), path, seen, into, l->err);
    qd_json_free(seen);
  }
  qd_buf_deinit(&text);
  return st;
}

static qd_status resolve_env_files(qd__load *l, const qd__at *at, qd_json *service) {
  qd_json *files = qd_json_remove(service, QD_SLICE("env_file"));
  qd_json *read = qd_json_object();
  qd_status st = QD_OK;
  const qd__at here = {at, QD_SLICE("env_file"), 0};
  for (size_t i = 0; st == QD_OK && i < qd_json_count(files); i++)
    st = read_env_file(l, QD__ITEM(&here, i), qd_json_at(files, i), qd_json_member(service, "environment"), read);
  if (st == QD_OK && qd_json_count(read)) add_missing(qd__edit_or_make(service, "environment"), read);
  qd_json_free(read);
  qd_json_free(files);
  return st;
}

static qd_status resolve_label_files(qd__load *l, const qd__at *at, qd_json *service) {
  qd_json *files = qd_json_remove(service, QD_SLICE("label_file"));
  qd_json *read = qd_json_object();
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(files); i++) {
    const char *path = qd_json_get_cstr(qd_json_at(files, i), "");
    qd_buf text;
    qd_buf_init(&text, QD_COMPOSE_FILE_MAX);
    if (l->reader->kind(l->reader->ctx, path) == QD_COMPOSE_ABSENT) {
      st = qd__bad(l, QD__MEMBER(at, QD_SLICE("label_file")), "the label file %s does not exist", path);
    } else {
      st = qd__read(l, path, &text);
    }
    if (st == QD_OK) st = qd_compose_dotenv(qd_buf_slice(&text), path, l->env, read, l->err);
    qd_buf_deinit(&text);
  }
  if (st == QD_OK && qd_json_count(read)) add_missing(qd__edit_or_make(service, "labels"), read);
  qd_json_free(read);
  qd_json_free(files);
  return st;
}

qd_status qd__resolve_environment(qd__load *l, qd_json *services) {
  const qd__at at = {NULL, QD_SLICE("services"), 0};
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_slice name;
    qd_json *s = qd_json_edit_member_at(services, i, &name);
    const qd__at here = {&at, name, 0};
    fill_in(l->env, qd_json_edit(s, "environment"), true);
    fill_in(l->env, qd_json_edit(qd_json_edit(s, "build"), "args"), false);
    qd_status st = resolve_env_files(l, &here, s);
    if (st == QD_OK) st = resolve_label_files(l, &here, s);
    if (st != QD_OK) return st;
  }
  return QD_OK;
}
