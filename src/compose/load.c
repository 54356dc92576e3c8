// A project from its beginning to its end: which files, which environment, which services. Contract in compose.h.
#include <ctype.h>
#include <stdlib.h>

#include "compose/model.h"

// ---- where the project is

typedef struct place {
  qd_json *files;      // array: absolute paths, or "-"
  qd_json *env_files;  // array: absolute paths
  qd_json *env;        // object
  char *directory;
} place;

static const char *first_file(const qd_json *files) {
  for (size_t i = 0; i < qd_json_count(files); i++)
    if (strcmp(qd_json_get_cstr(qd_json_at(files, i), ""), "-") != 0) return qd_json_get_cstr(qd_json_at(files, i), NULL);
  return NULL;
}

static void append_path(const qd__load *l, qd_json *list, const char *directory, const char *path) {
  if (strcmp(path, "-") == 0) {
    qd_json_append(list, qd__str(path));
    return;
  }
  char *absolute = qd__user_path(l, directory, path);
  qd_json_append(list, qd__str(absolute));
  free(absolute);
}

// The pieces between separators, empty ones left out.
static void append_split(const qd__load *l, qd_json *list, const char *text, const char *separator) {
  while (*text) {
    const char *end = strstr(text, separator);
    size_t n = end ? (size_t)(end - text) : strlen(text);
    char *piece = qd_xstrndup(text, n);
    if (n) append_path(l, list, l->o->cwd, piece);
    free(piece);
    text += n + (end ? strlen(separator) : 0);
  }
}

static void set_directory(const qd__load *l, place *p) {
  const char *file = first_file(p->files);
  free(p->directory);
  if (l->o->project_dir) {
    p->directory = qd__join_path(l->o->cwd, l->o->project_dir);
  } else {
    p->directory = file ? qd__dir_of(file) : qd_xstrdup(l->o->cwd);
  }
}

// What is set already counts.
static qd_status read_env_file(qd__load *l, place *p, const char *path) {
  qd_buf text;
  qd_json *read = qd_json_object();
  qd_buf_init(&text, QD_COMPOSE_FILE_MAX);
  qd_status st = qd__read(l, path, &text);
  if (st == QD_OK) st = qd_compose_dotenv(qd_buf_slice(&text), path, p->env, read, l->err);
  for (size_t i = 0; st == QD_OK && i < qd_json_count(read); i++) {
    qd_slice key;
    const qd_json *v = qd_json_member_at(read, i, &key);
    if (!qd_json_member_slice(l->o->environment, key)) qd_json_set(p->env, key, qd_json_dup(v));
  }
  if (st == QD_OK) qd_json_append(p->env_files, qd__str(path));
  qd_json_free(read);
  qd_buf_deinit(&text);
  return st;
}

// .env of the project's directory, where no environment file is named.
static qd_status read_dot_env(qd__load *l, place *p) {
  bool off = false;
  const char *word = qd__text(p->env, "COMPOSE_DISABLE_ENV_FILE");
  if (word && (strcmp(word, "1") == 0 || (qd__read_flag(qd_slice_of(word), &off) && off))) return QD_OK;
  char *path = qd__join_path(p->directory, ".env");
  bool known = false;
  for (size_t i = 0; i < qd_json_count(p->env_files); i++) known = known || qd_slice_is(qd__slice(qd_json_at(p->env_files, i)), path);
  qd_status st = QD_OK;
  if (!known && l->reader->kind(l->reader->ctx, path) == QD_COMPOSE_FILE) st = read_env_file(l, p, path);
  free(path);
  return st;
}

static qd_status read_environment(qd__load *l, place *p) {
  qd_json *named = qd_json_array();
  const char *variable = qd__text(l->o->environment, "COMPOSE_ENV_FILES");
  for (size_t i = 0; i < l->o->env_files.n; i++) append_path(l, named, l->o->cwd, l->o->env_files.v[i]);
  if (qd_json_count(named) == 0 && variable) append_split(l, named, variable, ",");
  qd_status st = qd_json_count(named) ? QD_OK : read_dot_env(l, p);
  for (size_t i = 0; st == QD_OK && i < qd_json_count(named); i++) {
    const char *path = qd_json_get_cstr(qd_json_at(named, i), "");
    st = read_env_file(l, p, path);
    if (st == QD_NOT_FOUND) st = qd_hint(l->err, "name a file that exists with --env-file");
  }
  qd_json_free(named);
  return st;
}

static bool append_first(const qd__load *l, qd_json *list, const char *directory, const char *const *names) {
  for (; *names; names++) {
    char *path = qd__join_path(directory, *names);
    bool found = l->reader->kind(l->reader->ctx, path) != QD_COMPOSE_ABSENT;
    if (found) qd_json_append(list, qd__str(path));
    free(path);
    if (found) return true;
  }
  return false;
}

// compose.yaml and its like, in `directory` or above, with the override file beside it.
static qd_status discover(qd__load *l, place *p) {
  static const char *const names[] = {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", NULL};
  static const char *const overrides[] = {"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
                                          "docker-compose.override.yaml", NULL};
  char *directory = qd_xstrdup(l->o->project_dir ? p->directory : l->o->cwd);
  bool found = false;
  for (;;) {
    found = append_first(l, p->files, directory, names);
    if (found) (void)append_first(l, p->files, directory, overrides);
    if (found || strcmp(directory, "/") == 0) break;
    char *up = qd__dir_of(directory);
    free(directory);
    directory = up;
  }
  free(directory);
  if (found) return QD_OK;
  (void)qd_fail(l->err, QD_NOT_FOUND, "no_compose_file", "there is no compose file");
  (void)qd_why(l->err, "neither %s nor a directory above it has a compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml",
               l->o->project_dir ? p->directory : l->o->cwd);
  return qd_hint(l->err, "name it with -f FILE");
}

static qd_status find_place(qd__load *l, place *p) {
  for (size_t i = 0; i < l->o->files.n; i++) append_path(l, p->files, l->o->cwd, l->o->files.v[i]);
  set_directory(l, p);
  qd_status st = read_environment(l, p);
  if (st != QD_OK) return st;
  const char *variable = qd__text(p->env, "COMPOSE_FILE");
  const char *separator = qd__text(p->env, "COMPOSE_PATH_SEPARATOR");
  if (qd_json_count(p->files) == 0 && variable && *variable) {
    append_split(l, p->files, variable, separator && *separator ? separator : ":");
  } else if (qd_json_count(p->files) == 0) {
    st = discover(l, p);
  }
  set_directory(l, p);
  bool named = l->o->env_files.n || qd__is_set(l->o->environment, "COMPOSE_ENV_FILES");
  return st == QD_OK && !named ? read_dot_env(l, p) : st;
}

// ---- its name

char *qd_compose_project_name(qd_slice text) {
  char *name = qd_xmalloc(text.n + 1);
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++) {
    char c = (char)tolower((unsigned char)text.p[i]);
    bool letter = isalnum((unsigned char)c) && (unsigned char)c < 0x80;
    if (letter || (n > 0 && (c == '_' || c == '-'))) name[n++] = c;
  }
  name[n] = '\0';
  return name;
}

// The `name` of the last file that has one; NULL: none does.
static qd_status name_in_files(qd__load *l, const place *p, char **out) {
  qd_status st = QD_OK;
  for (size_t i = qd_json_count(p->files); st == QD_OK && i > 0 && !*out; i--) {
    qd__source *source = NULL;
    st = qd__parsed(l, qd_json_get_cstr(qd_json_at(p->files, i - 1), ""), &source);
    const qd_json *documents = st == QD_OK ? qd_yaml_root(source->doc) : NULL;
    for (size_t k = qd_json_count(documents); st == QD_OK && k > 0 && !*out; k--) {
      const qd_json *v = qd_json_member(qd_json_at(documents, k - 1), "name");
      if (qd_json_type_of(v) != QD_JSON_STRING) continue;
      qd_buf b;
      qd_buf_init(&b, 4096);
      if (l->o->no_interpolate) {
        (void)qd_buf_add(&b, qd__slice(v).p, qd__slice(v).n);
      } else {
        st = qd_compose_interpolate(qd__slice(v), p->env, NULL, &b, l->err);
      }
      if (st == QD_OK && b.n) *out = qd_compose_project_name(qd_buf_slice(&b));
      qd_buf_deinit(&b);
    }
  }
  return st;
}

static qd_status find_name(qd__load *l, const place *p, char **out) {
  const char *given = l->o->project_name ? l->o->project_name : qd__text(p->env, "COMPOSE_PROJECT_NAME");
  if (given && *given) {
    *out = qd_compose_project_name(qd_slice_of(given));
    if (strcmp(*out, given) == 0) return QD_OK;
    (void)qd_fail(l->err, QD_USAGE, "bad_project_name", "\"%.100s\" is no name for a project", given);
    return qd_hint(l->err, "use lower case letters, digits, - and _, and begin with a letter or digit");
  }
  qd_status st = name_in_files(l, p, out);
  if (st != QD_OK || *out) return st;
  const char *slash = strrchr(p->directory, '/');
  *out = qd_compose_project_name(qd_slice_of(slash ? slash + 1 : p->directory));
  if (**out) return QD_OK;
  (void)qd_fail(l->err, QD_USAGE, "bad_project_name", "the directory %s gives no name for the project", p->directory);
  return qd_hint(l->err, "name it with --project-name");
}

// ---- which services

static bool in_list(const qd_json *list, qd_slice text) {
  for (size_t i = 0; i < qd_json_count(list); i++)
    if (qd_slice_eq(qd__slice(qd_json_at(list, i)), text)) return true;
  return false;
}

static qd_json *enabled_profiles(const qd__load *l, const place *p) {
  qd_json *list = qd_json_array();
  const char *text = qd__text(p->env, "COMPOSE_PROFILES");
  for (size_t i = 0; i < l->o->profiles.n; i++) qd_json_append(list, qd__str(l->o->profiles.v[i]));
  while (l->o->profiles.n == 0 && text && *text) {
    qd_slice one = {text, strcspn(text, ",")};
    text += one.n + (text[one.n] == ',');
    while (one.n && one.p[0] == ' ') one = (qd_slice){one.p + 1, one.n - 1};
    while (one.n && one.p[one.n - 1] == ' ') one.n--;
    if (one.n) qd_json_append(list, qd_json_string(one));
  }
  return list;
}

static bool is_enabled(const qd__load *l, const qd_json *profiles, qd_slice name, const qd_json *service) {
  const qd_json *own = qd_json_member(service, "profiles");
  bool on = qd_json_count(own) == 0 || in_list(profiles, QD_SLICE("*"));
  for (size_t i = 0; i < qd_json_count(own); i++) on = on || in_list(profiles, qd__slice(qd_json_at(own, i)));
  for (size_t i = 0; i < l->o->services.n; i++) on = on || qd_slice_is(name, l->o->services.v[i]);
  return on;
}

// Services that no enabled profile names and that are not asked for go aside.
static void split_by_profiles(const qd__load *l, const qd_json *profiles, qd_json *model, qd_json *disabled, qd_json *all_profiles) {
  qd_json *services = qd_json_edit(model, "services");
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_slice name;
    const qd_json *s = qd_json_member_at(services, i, &name);
    const qd_json *own = qd_json_member(s, "profiles");
    for (size_t k = 0; k < qd_json_count(own); k++)
      if (!in_list(all_profiles, qd__slice(qd_json_at(own, k)))) qd_json_append(all_profiles, qd_json_dup(qd_json_at(own, k)));
    if (is_enabled(l, profiles, name, s)) continue;
    qd_json_set(disabled, name, qd_json_swap_member_at(services, i, qd_json_null()));
    qd_json_free(qd_json_remove(services, name));
    i--;
  }
}

static void keep_with_dependencies(const qd_json *services, qd_slice name, qd_json *kept) {
  const qd_json *s = qd_json_member_slice(services, name);
  if (!s || qd_json_member_slice(kept, name)) return;
  qd_json_set(kept, name, qd_json_bool(true));
  const qd_json *on = qd_json_member(s, "depends_on");
  for (size_t i = 0; i < qd_json_count(on); i++) {
    qd_slice key;
    (void)qd_json_member_at(on, i, &key);
    keep_with_dependencies(services, key, kept);
  }
}

static qd_status select_services(qd__load *l, qd_json *model) {
  qd_json *services = qd_json_edit(model, "services");
  qd_json *kept = qd_json_object();
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < l->o->services.n; i++) {
    const char *name = l->o->services.v[i];
    if (!qd_json_member(services, name)) {
      (void)qd_fail(l->err, QD_NOT_FOUND, "no_service", "the project has no service %.100s", name);
      st = qd_hint(l->err, "qnap-docker compose config --services");
    }
    keep_with_dependencies(services, qd_slice_of(name), kept);
  }
  for (size_t i = qd_json_count(services); st == QD_OK && l->o->services.n && i > 0; i--) {
    qd_slice name;
    (void)qd_json_member_at(services, i - 1, &name);
    if (!qd_json_member_slice(kept, name)) qd_json_free(qd_json_remove(services, name));
  }
  qd_json_free(kept);
  return st;
}

// ---- what they use

static void note(qd_json *used, const char *section, qd_slice name) { qd_json_set(qd_json_edit(used, section), name, qd_json_bool(true)); }

static void note_sources(qd_json *used, const char *section, const qd_json *list) {
  for (size_t i = 0; i < qd_json_count(list); i++) note(used, section, qd__slice(qd_json_member(qd_json_at(list, i), "source")));
}

static void note_used(qd_json *used, const qd_json *service) {
  const qd_json *networks = qd_json_member(service, "networks");
  const qd_json *volumes = qd_json_member(service, "volumes");
  for (size_t i = 0; i < qd_json_count(networks); i++) {
    qd_slice key;
    (void)qd_json_member_at(networks, i, &key);
    note(used, "networks", key);
  }
  for (size_t i = 0; i < qd_json_count(volumes); i++) {
    const qd_json *v = qd_json_at(volumes, i);
    if (qd_slice_is(qd__slice(qd_json_member(v, "type")), "volume")) note(used, "volumes", qd__slice(qd_json_member(v, "source")));
  }
  note_sources(used, "secrets", qd_json_member(service, "secrets"));
  note_sources(used, "secrets", qd_json_path(service, "build.secrets"));
  note_sources(used, "configs", qd_json_member(service, "configs"));
}

static void drop_unused(qd_json *model) {
  static const char *const sections[] = {"networks", "volumes", "secrets", "configs"};
  qd_json *used = qd_json_object();
  for (size_t i = 0; i < 4; i++) qd__set(used, sections[i], qd_json_object());
  const qd_json *services = qd_json_member(model, "services");
  for (size_t i = 0; i < qd_json_count(services); i++) note_used(used, qd_json_member_at(services, i, NULL));
  for (size_t i = 0; i < 4; i++) {
    qd_json *all = qd_json_edit(model, sections[i]);
    for (size_t k = qd_json_count(all); k > 0; k--) {
      qd_slice name;
      (void)qd_json_member_at(all, k - 1, &name);
      if (!qd_json_member_slice(qd_json_member(used, sections[i]), name)) qd_json_free(qd_json_remove(all, name));
    }
    if (all && qd_json_count(all) == 0) qd_json_free(qd_json_remove(model, qd_slice_of(sections[i])));
  }
  qd_json_free(used);
}

// What x-* of services say: they are no part of the canonical form.
static void note_extensions(const qd_json *services, qd_json *into) {
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_slice name;
    const qd_json *s = qd_json_member_at(services, i, &name);
    qd_json *found = NULL;
    for (size_t k = 0; k < qd_json_count(s); k++) {
      qd_slice key;
      const qd_json *item = qd_json_member_at(s, k, &key);
      if (!qd__is_extension(key)) continue;
      if (!found) found = qd_json_object();
      qd_json_set(found, key, qd_json_dup(item));
    }
    if (found) qd_json_set(into, name, found);
  }
}

// ---- all of it

static qd_status finish(qd__load *l, const place *p, qd_json **model, qd_compose_project *out) {
  qd_status st = QD_OK;
  qd__set_text(*model, "name", out->name);
  if (qd_json_type_of(qd_json_member(*model, "services")) != QD_JSON_OBJECT) qd__set(*model, "services", qd_json_object());
  if (!l->o->no_normalize) qd__normalize(*model);
  note_extensions(qd_json_member(*model, "services"), out->extensions);
  st = qd__to_project(l, &qd__language, model);
  if (st != QD_OK) return st;
  qd_json *profiles = enabled_profiles(l, p);
  split_by_profiles(l, profiles, *model, out->disabled, out->profiles);
  qd_json_free(profiles);
  if (!l->o->no_consistency) st = qd__check_consistency(l, *model, out->disabled);
  if (st == QD_OK && !l->o->no_consistency) st = qd__check_cycles(l, qd_json_member(*model, "services"));
  if (st == QD_OK && !l->o->no_env_resolution) st = qd__resolve_environment(l, qd_json_edit(*model, "services"));
  if (st == QD_OK) st = select_services(l, *model);
  if (st == QD_OK && !l->o->keep_all) drop_unused(*model);
  for (size_t i = 0; i < qd_json_count(l->unset); i++) {
    qd_slice name;
    (void)qd_json_member_at(l->unset, i, &name);
    qd__warn(l, "the variable %.*s is not set, it counts as empty", (int)name.n, name.p);
  }
  return st;
}

static qd_status load(qd__load *l, place *p, qd_compose_project *out) {
  qd_status st = find_place(l, p);
  if (st == QD_OK) st = find_name(l, p, &out->name);
  if (st != QD_OK) return st;
  qd__set_text(p->env, "COMPOSE_PROJECT_NAME", out->name);
  l->env = p->env;
  qd_json *model = NULL;
  const qd__context c = {p->directory, p->env, NULL, NULL};
  st = qd__load_model(l, &c, p->files, &model);
  if (st == QD_OK && qd_json_count(model) == 0)
    st = qd_fail(l->err, QD_CONFIG, "bad_compose", "%s: the file is empty", qd_json_get_cstr(qd_json_at(p->files, 0), ""));
  if (st == QD_OK) st = finish(l, p, &model, out);
  out->model = model;
  return st;
}

qd_status qd_compose_load(const qd_compose_options *o, qd_compose_project **out, qd_error *err) {
  qd_compose_project *project = qd_xcalloc(1, sizeof *project);
  project->pool = qd_json_pool_open();
  project->warnings = qd_json_array();
  project->disabled = qd_json_object();
  project->extensions = qd_json_object();
  project->profiles = qd_json_array();
  qd__load l = {.o = o, .reader = o->reader ? o->reader : &qd_compose_disk, .warnings = project->warnings, .err = err};
  place p = {qd_json_array(), qd_json_array(), o->environment ? qd_json_dup(o->environment) : qd_json_object(), NULL};
  l.unset = qd_json_object();
  qd_status st = load(&l, &p, project);
  project->files = p.files;
  project->env_files = p.env_files;
  project->environment = p.env;
  project->directory = p.directory;
  for (size_t i = 0; i < l.source_count; i++) {
    free(l.sources[i].name);
    qd_yaml_free(l.sources[i].doc);
    qd_buf_deinit(&l.sources[i].text);
  }
  free(l.sources);
  qd_json_pool_close(project->pool);
  if (st == QD_OK) {
    *out = project;
  } else {
    qd_compose_free(project);
  }
  return st;
}

void qd_compose_free(qd_compose_project *p) {
  if (!p) return;
  free(p->name);
  free(p->directory);
  qd_json_pool_free(p->pool);
  free(p);
}
