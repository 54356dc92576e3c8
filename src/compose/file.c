// One file onto the model, and several: reading, !reset and !override, and the passes in their order.
#include <stdlib.h>

#include "compose/model.h"

qd_status qd__read(qd__load *l, const char *path, qd_buf *out) {
  qd_status st = l->reader->read(l->reader->ctx, path, out, l->err);
  if (st == QD_OK && out->overflow) st = qd_fail(l->err, QD_CONFIG, "bad_compose", "%s is too large", path);
  return st;
}

// An alias may repeat what it names, but a file cannot become many times as large as it is.
static qd_yaml_limits limits_of(const qd_buf *text) { return (qd_yaml_limits){QD_COMPOSE_FILE_MAX, 100, 50000 + text->n / 2}; }

static const char *shown(const char *file) { return strcmp(file, "-") == 0 ? "stdin" : file; }

static qd_status parse(const qd__source *s, bool places, qd_yaml_doc **out, qd_error *err) {
  qd_yaml_limits limits = limits_of(&s->text);
  return qd_yaml_parse_all(qd_buf_slice(&s->text), shown(s->name), QD_YAML_GO, places, &limits, out, err);
}

qd_yaml_doc *qd__parse_again(const qd__source *s) {
  qd_error ignored = QD_ERROR_INIT;
  qd_yaml_doc *doc = NULL;
  return parse(s, true, &doc, &ignored) == QD_OK ? doc : NULL;
}

static qd__source *find_source(qd__load *l, const char *file) {
  for (size_t i = 0; i < l->source_count; i++)
    if (strcmp(l->sources[i].name, file) == 0) return &l->sources[i];
  return NULL;
}

static qd_status read_source(qd__load *l, const char *file, qd__source **out) {
  qd_buf text;
  qd_buf_init(&text, QD_COMPOSE_FILE_MAX);
  qd_status st = QD_OK;
  if (strcmp(file, "-") == 0) {
    (void)qd_buf_add(&text, l->o->input.p, l->o->input.n);
  } else {
    st = qd__read(l, file, &text);
  }
  if (st != QD_OK) {
    qd_buf_deinit(&text);
    return st;
  }
  if (l->source_count == l->source_room) {
    l->source_room = l->source_room ? l->source_room * 2 : 8;
    l->sources = qd_xrealloc(l->sources, l->source_room * sizeof *l->sources);
  }
  *out = &l->sources[l->source_count++];
  **out = (qd__source){qd_xstrdup(file), text, NULL, false};
  return QD_OK;
}

qd_status qd__parsed(qd__load *l, const char *file, qd__source **out) {
  qd__source *s = find_source(l, file);
  if (!s) {
    qd_status st = read_source(l, file, &s);
    if (st != QD_OK) return st;
  }
  if (s->taken) {
    qd_yaml_free(s->doc);
    s->doc = NULL;
    s->taken = false;
  }
  *out = s;
  if (s->doc) return QD_OK;
  qd_error ignored = QD_ERROR_INIT;
  if (parse(s, false, &s->doc, &ignored) == QD_OK) return QD_OK;
  return parse(s, true, &s->doc, l->err);  // for its better message
}

// ---- !reset and !override: the way to the value, from the root; names, and numbers in lists

static qd_json *way_to(const qd__at *at) {
  qd_json *way = at->up ? way_to(at->up) : qd_json_array();
  qd_json_append(way, at->key.p ? qd_json_string(at->key) : qd_json_int((int64_t)at->index));
  return way;
}

// A copy of the document without what is tagged !reset.
static qd_json *copy(const qd_yaml_doc *d, const qd__at *at, const qd_json *v, qd_json *resets) {
  const char *tag = qd_yaml_tag_of(d, v);
  bool reset = tag && strcmp(tag, "!reset") == 0;
  if (at && (reset || (tag && strcmp(tag, "!override") == 0))) qd_json_append(resets, way_to(at));
  if (reset) return NULL;
  qd_json_type type = qd_json_type_of(v);
  if (type != QD_JSON_ARRAY && type != QD_JSON_OBJECT) return qd_json_dup(v);
  qd_json *made = type == QD_JSON_ARRAY ? qd_json_array() : qd_json_object();
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    const qd_json *item = type == QD_JSON_ARRAY ? qd_json_at(v, i) : qd_json_member_at(v, i, &key);
    qd_json *of = type == QD_JSON_ARRAY ? copy(d, QD__ITEM(at, i), item, resets) : copy(d, QD__MEMBER(at, key), item, resets);
    if (!of) continue;
    if (type == QD_JSON_ARRAY) {
      qd_json_append(made, of);
    } else {
      qd_json_add(made, key, of);
    }
  }
  return made;
}

// The i-th document onto `trees`, what it resets onto `ways`. Without tags it need not be copied.
static void take_document(qd__source *s, size_t i, qd_json *trees, qd_json *ways) {
  qd_json *of = qd_json_array();
  if (qd_yaml_has_tags(s->doc)) {
    qd_json_append(trees, copy(s->doc, NULL, qd_json_at(qd_yaml_root(s->doc), i), of));
  } else {
    qd_json_append(trees, qd_json_swap_at(qd_yaml_edit_root(s->doc), i, qd_json_null()));
    s->taken = true;
  }
  qd_json_append(ways, of);
}

void qd__reset(qd_json *model, const qd_json *way, size_t from) {
  size_t n = qd_json_count(way);
  for (size_t i = from; model && i + 1 < n; i++) {
    const qd_json *step = qd_json_at(way, i);
    model = qd_json_type_of(step) == QD_JSON_STRING ? qd_json_edit(model, qd_json_get_cstr(step, ""))
                                                    : qd_json_edit_at(model, (size_t)qd_json_get_int(step, 0));
  }
  const qd_json *last = qd_json_at(way, n - 1);
  if (model && qd_json_type_of(last) == QD_JSON_STRING) qd_json_free(qd_json_remove(model, qd__slice(last)));
}

// ---- the passes

// Name servers that came out empty are none.
static void drop_empty_dns(qd_json *model) {
  qd_json *services = qd_json_edit(model, "services");
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_json *list = qd_json_edit(qd_json_edit_member_at(services, i, NULL), "dns");
    for (size_t n = qd_json_count(list); n > 0; n--)
      if (qd__slice(qd_json_at(list, n - 1)).n == 0) qd_json_free(qd_json_remove_at(list, n - 1));
  }
}

static qd_status merge_document(qd__load *l, const qd__context *c, const char *file, bool raw, qd_json **tree, const qd_json *resets,
                                qd_json **model) {
  qd_status st = qd__interpolate(l, &qd__language, tree);
  qd__context inner = *c;
  inner.resets = resets;
  if (st == QD_OK && !raw) st = qd__apply_extends(l, &inner, file, *tree);
  for (size_t i = 0; st == QD_OK && i < qd_json_count(resets); i++) qd__reset(*model, qd_json_at(resets, i), 0);
  if (st == QD_OK && !raw) st = qd__apply_includes(l, c, *tree);
  if (st != QD_OK) return st;
  st = qd__merge_into(l, NULL, &qd__language, model, *tree);
  *tree = NULL;
  if (st == QD_OK) st = qd__make_unique(l, &qd__language, *model);
  if (st == QD_OK && !raw) st = qd__check_forms(l, &qd__language, *model);
  if (st == QD_OK && qd_json_member(*model, "version")) {
    if (!raw) qd__warn(l, "%s: the attribute `version` is obsolete, it is ignored", file);
    qd_json_free(qd_json_remove(*model, QD_SLICE("version")));
  }
  if (st == QD_OK) st = qd__canonical(l, &qd__language, model);
  if (st == QD_OK) drop_empty_dns(*model);
  return st == QD_OK ? qd__make_unique(l, &qd__language, *model) : st;
}

qd_status qd__load_file(qd__load *l, const qd__context *c, const char *file, bool raw, qd_json **model) {
  qd__source *source = NULL;
  qd_status st = qd__parsed(l, file, &source);
  size_t n = st == QD_OK ? qd_json_count(qd_yaml_root(source->doc)) : 0;
  qd_json *trees = qd_json_array();
  qd_json *ways = qd_json_array();
  for (size_t i = 0; i < n; i++) take_document(source, i, trees, ways);
  for (size_t i = 0; st == QD_OK && i < n; i++) {
    qd_json *tree = qd_json_swap_at(trees, i, NULL);
    if (qd_json_type_of(tree) == QD_JSON_OBJECT) {
      st = merge_document(l, c, file, raw, &tree, qd_json_at(ways, i), model);
    } else if (!qd_json_is_null(tree)) {
      st = qd_fail(l->err, QD_CONFIG, "bad_compose", "%s: the top level must be a mapping", file);
    }
    qd_json_free(tree);
  }
  qd_json_free(trees);
  qd_json_free(ways);
  return st;
}

// Names without a value take it from the environment of these files, which an including file does not see.
static void resolve_bare(const qd_json *env, qd_json *v) {
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    if (qd_json_type_of(v) == QD_JSON_OBJECT) {
      const qd_json *item = qd_json_member_at(v, i, &key);
      const qd_json *found = qd_json_is_null(item) ? qd_json_member_slice(env, key) : NULL;
      if (found) qd_json_free(qd_json_swap_member_at(v, i, qd_json_dup(found)));
      continue;
    }
    key = qd__slice(qd_json_at(v, i));
    const qd_json *found = key.n && !memchr(key.p, '=', key.n) ? qd_json_member_slice(env, key) : NULL;
    if (!found) continue;
    char *pair = qd_xasprintf("%.*s=%s", (int)key.n, key.p, qd_json_get_cstr(found, ""));
    qd_json_free(qd_json_swap_at(v, i, qd__str(pair)));
    free(pair);
  }
}

qd_status qd__load_model(qd__load *l, const qd__context *c, const qd_json *files, qd_json **out) {
  qd_json *model = qd_json_object();
  qd_json *including = c->including ? qd_json_dup(c->including) : qd_json_array();
  qd_json_append(including, qd_json_dup(qd_json_at(files, 0)));
  qd__context inner = {c->directory, c->env, including, NULL};
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(files); i++)
    st = qd__load_file(l, &inner, qd_json_get_cstr(qd_json_at(files, i), ""), false, &model);
  qd_json_free(including);
  if (st == QD_OK) qd__set_defaults(model);
  if (st == QD_OK) st = qd__check_values(l, model);
  if (st == QD_OK && !l->o->no_path_resolution) st = qd__resolve_paths(l, c->directory, model);
  qd_json *services = qd_json_edit(model, "services");
  for (size_t i = 0; st == QD_OK && !l->o->no_env_resolution && i < qd_json_count(services); i++)
    resolve_bare(c->env, qd_json_edit(qd_json_edit_member_at(services, i, NULL), "environment"));
  if (st == QD_OK) {
    *out = model;
  } else {
    qd_json_free(model);
  }
  return st;
}
