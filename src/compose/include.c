// `include`: other models, with directories and environment files of their own. (compose-spec, 14-include.)
#include <stdlib.h>

#include "compose/model.h"

static qd_json *absolute_paths(const qd__load *l, const char *directory, const qd_json *paths) {
  qd_json *list = qd_json_array();
  for (size_t i = 0; i < qd_json_count(paths); i++) {
    char *path = qd__user_path(l, directory, qd_json_get_cstr(qd_json_at(paths, i), ""));
    qd_json_append(list, qd__str(path));
    free(path);
  }
  return list;
}

// The environment of the included files: what is set, and below it their env files (.env beside them when none is named).
static qd_status include_environment(qd__load *l, const qd__context *c, const char *directory, const qd_json *named, qd_json **out) {
  qd_json *files = absolute_paths(l, c->directory, named);
  qd_json *read = qd_json_object();
  qd_status st = QD_OK;
  if (qd_json_count(files) == 0) {
    char *dot_env = qd__join_path(directory, ".env");
    if (l->reader->kind(l->reader->ctx, dot_env) == QD_COMPOSE_FILE) qd_json_append(files, qd__str(dot_env));
    free(dot_env);
  }
  for (size_t i = 0; st == QD_OK && i < qd_json_count(files); i++) {
    const char *path = qd_json_get_cstr(qd_json_at(files, i), "");
    if (strcmp(path, "/dev/null") == 0) continue;
    qd_buf text;
    qd_buf_init(&text, QD_COMPOSE_FILE_MAX);
    st = qd__read(l, path, &text);
    if (st == QD_OK) st = qd_compose_dotenv(qd_buf_slice(&text), path, c->env, read, l->err);
    qd_buf_deinit(&text);
  }
  for (size_t i = 0; i < qd_json_count(c->env); i++) {
    qd_slice key;
    const qd_json *v = qd_json_member_at(c->env, i, &key);
    qd_json_set(read, key, qd_json_dup(v));
  }
  qd_json_free(files);
  *out = read;
  return st;
}

// What is declared here and there must be the same.
static qd_status import(qd__load *l, const char *section, qd_json *from, qd_json *to) {
  qd_json *all = qd_json_edit(from, section);
  if (!all) return QD_OK;
  qd_json *mine = qd__edit_or_make(to, section);
  const qd__at at = {NULL, qd_slice_of(section), 0};
  for (size_t i = 0; i < qd_json_count(all); i++) {
    qd_slice key;
    const qd_json *v = qd_json_member_at(all, i, &key);
    const qd_json *was = qd_json_member_slice(mine, key);
    if (was && !qd_json_equal(was, v)) return qd__bad(l, QD__MEMBER(&at, key), "an included file declares this otherwise");
    if (!was) qd_json_set(mine, key, qd_json_dup(v));
  }
  return QD_OK;
}

static qd_status check_circle(qd__load *l, const qd__context *c, const qd_json *paths) {
  for (size_t i = 0; i < qd_json_count(paths); i++)
    for (size_t k = 0; k < qd_json_count(c->including); k++)
      if (qd_json_equal(qd_json_at(paths, i), qd_json_at(c->including, k)))
        return qd_fail(l->err, QD_CONFIG, "compose_cycle", "%s includes itself", qd_json_get_cstr(qd_json_at(paths, i), ""));
  return QD_OK;
}

// One that does not exist stands for the directory it would be in, as in compose v2.
static char *project_directory(const qd__load *l, const qd__context *c, const char *named) {
  char *directory = qd__user_path(l, c->directory, named);
  if (named[0] == '/' || l->reader->kind(l->reader->ctx, directory) == QD_COMPOSE_DIRECTORY) return directory;
  char *up = qd__dir_of(directory);
  free(directory);
  return up;
}

static qd_status include_one(qd__load *l, const qd__context *c, const qd_json *item, qd_json *tree) {
  if (qd_json_count(qd_json_member(item, "path")) == 0) return QD_OK;
  static const char *const sections[] = {"services", "volumes", "networks", "secrets", "configs"};
  qd_json *paths = absolute_paths(l, c->directory, qd_json_member(item, "path"));
  const char *named = qd__text(item, "project_directory");
  char *directory = named ? project_directory(l, c, named) : qd__dir_of(qd_json_get_cstr(qd_json_at(paths, 0), "/"));
  qd_json *env = NULL;
  qd_json *model = NULL;
  qd_status st = check_circle(l, c, paths);
  if (st == QD_OK) st = include_environment(l, c, directory, qd_json_member(item, "env_file"), &env);
  if (st == QD_OK) {
    qd__context inner = {directory, env, c->including, NULL};
    const qd_json *outer = l->env;
    l->env = env;
    st = qd__load_model(l, &inner, paths, &model);
    l->env = outer;
  }
  for (size_t i = 0; st == QD_OK && i < sizeof sections / sizeof *sections; i++) st = import(l, sections[i], model, tree);
  qd_json_free(model);
  qd_json_free(env);
  qd_json_free(paths);
  free(directory);
  return st;
}

qd_status qd__apply_includes(qd__load *l, const qd__context *c, qd_json *tree) {
  if (!qd_json_member(tree, "include")) return QD_OK;
  qd_json *part = qd_json_object();
  qd__set(part, "include", qd_json_remove(tree, QD_SLICE("include")));
  qd_status st = qd__check_forms(l, &qd__language, part);
  if (st == QD_OK) st = qd__canonical(l, &qd__language, &part);
  const qd_json *items = qd_json_member(part, "include");
  for (size_t i = 0; st == QD_OK && i < qd_json_count(items); i++) st = include_one(l, c, qd_json_at(items, i), tree);
  qd_json_free(part);
  return st;
}
