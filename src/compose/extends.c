// `extends`: a service takes another one's attributes, of the same file or of another. (compose-spec, 05-services, "extends".)
#include <stdlib.h>

#include "compose/model.h"

typedef struct way {
  const struct way *up;
  const char *file, *service;
} way;

static bool is_on(const way *w, const char *file, const char *service) {
  for (; w; w = w->up)
    if (strcmp(w->file, file) == 0 && strcmp(w->service, service) == 0) return true;
  return false;
}

static qd_status extend(qd__load *l, const qd__context *c, const way *up, const char *file, qd_json *services, qd_slice name);

static qd_status not_found(qd__load *l, const qd__at *at, const char *service, const char *file) {
  return qd__bad(l, at, "%s has no service %.100s to extend", file, service);
}

// The other file's services, their paths already resolved against its directory. Caller frees *out_tree.
static qd_status load_other(qd__load *l, const qd__context *c, const char *path, qd_json **out_tree) {
  qd_json *tree = qd_json_object();
  char *directory = qd__dir_of(path);
  qd_status st = l->depth > 50 ? qd_fail(l->err, QD_CONFIG, "compose_cycle", "%s: files extend each other too deeply", path) : QD_OK;
  l->depth++;
  if (st == QD_OK) st = qd__load_file(l, c, path, true, &tree);
  l->depth--;
  if (st == QD_OK) st = qd__resolve_paths(l, directory, tree);
  free(directory);
  *out_tree = tree;
  return st;
}

// The service that `name` extends, itself extended. `base`: a copy, the caller frees.
static qd_status find_base(qd__load *l, const qd__context *c, const way *here, const qd__at *at, qd_json *services, const char *service,
                           const char *other, qd_json **base) {
  qd_json *tree = NULL;
  qd_json *in = services;
  char *path = other ? qd__user_path(l, c->directory, other) : qd_xstrdup(here->file);
  qd_status st = QD_OK;
  if (other && l->reader->kind(l->reader->ctx, path) != QD_COMPOSE_FILE) {
    st = qd__bad(l, at, "the file %s does not exist", path);
  } else if (other) {
    st = load_other(l, c, path, &tree);
    in = qd_json_edit(tree, "services");
  }
  if (st == QD_OK && !qd_json_member(in, service)) st = not_found(l, at, service, path);
  if (st == QD_OK) {
    char *directory = qd__dir_of(path);
    qd__context inner = *c;
    if (other) inner.directory = directory;
    if (other) inner.resets = NULL;
    st = extend(l, &inner, here, path, in, qd_slice_of(service));
    free(directory);
  }
  if (st == QD_OK) *base = qd_json_dup(qd_json_member(in, service));
  qd_json_free(tree);
  free(path);
  return st;
}

// What services[name] resets or overrides is not taken from its base.
static void reset_base(const qd__context *c, qd_slice name, qd_json *base) {
  for (size_t i = 0; i < qd_json_count(c->resets); i++) {
    const qd_json *place = qd_json_at(c->resets, i);
    if (qd_json_count(place) > 2 && qd_slice_is(qd__slice(qd_json_at(place, 0)), "services") &&
        qd_slice_eq(qd__slice(qd_json_at(place, 1)), name))
      qd__reset(base, place, 2);
  }
}

// Puts the extended service in the place of services[name].
static qd_status extend(qd__load *l, const qd__context *c, const way *up, const char *file, qd_json *services, qd_slice name) {
  const qd__at section = {NULL, QD_SLICE("services"), 0};
  const qd__at at = {&section, name, 0};
  const qd_json *v = qd_json_member_slice(services, name);
  const qd_json *extends = qd_json_member(v, "extends");
  if (v && !qd_json_is_null(v) && qd_json_type_of(v) != QD_JSON_OBJECT) return qd__bad(l, &at, "must be a mapping");
  if (qd_json_is_null(extends)) return QD_OK;
  const char *service = qd_json_type_of(extends) == QD_JSON_STRING ? qd_json_get_cstr(extends, "") : qd__text(extends, "service");
  const qd__at here = {&at, QD_SLICE("extends"), 0};
  if (!service) return qd__bad(l, &here, "must name a service");
  char *own = qd_xstrndup(name.p, name.n);
  const way step = {up, file, own};
  qd_json *base = NULL;
  qd_status st = is_on(up, file, own) ? qd_fail(l->err, QD_CONFIG, "compose_cycle", "%s: the service %s extends itself", file, own) : QD_OK;
  if (st == QD_OK) st = find_base(l, c, &step, &here, services, service, qd__text(extends, "file"), &base);
  if (st == QD_OK) {
    qd_json *over = qd_json_dup(qd_json_member_slice(services, name));
    qd_json_free(qd_json_remove(over, QD_SLICE("extends")));
    if (qd_json_type_of(base) == QD_JSON_OBJECT) {
      qd_json_free(qd_json_remove(base, QD_SLICE("extends")));
      reset_base(c, name, base);
      st = qd__merge_into(l, &at, &qd__service, &base, over);
    } else {
      qd_json_free(base);
      base = over;
    }
    qd_json_set(services, name, base);
  }
  free(own);
  return st;
}

qd_status qd__apply_extends(qd__load *l, const qd__context *c, const char *file, qd_json *tree) {
  qd_json *services = qd_json_edit(tree, "services");
  if (qd_json_type_of(services) != QD_JSON_OBJECT) return QD_OK;
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_slice name;
    (void)qd_json_member_at(services, i, &name);
    qd_status st = extend(l, c, NULL, file, services, name);
    if (st != QD_OK) return st;
  }
  return QD_OK;
}
