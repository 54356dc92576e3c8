// Paths: cleaned as Go's path/filepath does, and relative ones made absolute in the project's tree.
#include <ctype.h>
#include <stdlib.h>

#include "compose/model.h"

// The parts of `path` onto those in `out`, whose first `root` bytes stay; .. takes one off.
static void add_parts(qd_buf *out, const char *path, size_t root) {
  while (*path) {
    qd_slice part = {path, strcspn(path, "/")};
    path += part.n + (path[part.n] == '/');
    if (part.n == 0 || qd_slice_is(part, ".")) continue;
    size_t last = out->n;
    while (last > root && out->p[last - 1] != '/') last--;
    bool below_root = out->n > root && !qd_slice_is((qd_slice){out->p + last, out->n - last}, "..");
    if (!qd_slice_is(part, "..") || (!below_root && root == 0)) {
      if (out->n > root) (void)qd_buf_addc(out, '/');
      (void)qd_buf_add(out, part.p, part.n);
    } else if (below_root) {
      out->n = last > root ? last - 1 : root;
      out->p[out->n] = '\0';
    }
  }
}

char *qd__join_path(const char *directory, const char *path) {
  qd_buf b;
  qd_buf_init(&b, (size_t)1 << 20);
  bool absolute = path[0] == '/' || directory[0] == '/';
  if (absolute) (void)qd_buf_addc(&b, '/');
  size_t root = b.n;
  if (path[0] != '/') add_parts(&b, directory, root);
  add_parts(&b, path, root);
  if (b.n == 0) (void)qd_buf_addc(&b, '.');
  return qd_buf_take(&b);
}

char *qd__dir_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return qd_xstrdup(".");
  return slash == path ? qd_xstrdup("/") : qd_xstrndup(path, (size_t)(slash - path));
}

static bool is_absolute(const char *path) {
  if (path[0] == '/' || (path[0] == '\\' && path[1] == '\\')) return true;
  return isalpha((unsigned char)path[0]) && path[1] == ':' && (path[2] == '/' || path[2] == '\\');
}

char *qd__user_path(const qd__load *l, const char *directory, const char *path) {
  const char *home = qd__text(l->o->environment, "HOME");
  if (path[0] == '~' && home) {
    while (*++path == '/') {
    }
    return qd__join_path(home, path);
  }
  return is_absolute(path) ? qd_xstrdup(path) : qd__join_path(directory, path);
}

// What BuildKit takes for a remote context.
bool qd__is_url(const char *context) {
  static const char *const prefixes[] = {"http://", "https://",        "git://",        "ssh://",  "github.com/",
                                         "git@",    "docker-image://", "oci-layout://", "target:", "service:"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp(context, prefixes[i], strlen(prefixes[i])) == 0) return true;
  return strstr(context, "://") != NULL;
}

static qd_json *resolved(const qd__load *l, const char *directory, qd__path kind, qd_json *v) {
  const char *path = qd_json_get_cstr(v, "");
  const char *equals = kind == QD__SSH_PATH ? strchr(path, '=') : NULL;
  if ((kind == QD__SSH_PATH && !equals) || (kind == QD__CONTEXT_PATH && qd__is_url(path))) return v;
  if (equals) path = equals + 1;
  if (kind == QD__SSH_PATH && *path == '\0') return v;
  char *made = qd__user_path(l, directory, path);
  if (equals) {
    char *whole = qd_xasprintf("%.*s%s", (int)(equals + 1 - qd_json_get_cstr(v, "")), qd_json_get_cstr(v, ""), made);
    free(made);
    made = whole;
  }
  qd_json *out = qd__str(made);
  free(made);
  qd_json_free(v);
  return out;
}

static void walk(const qd__load *l, const char *directory, const qd__shape *shape, qd_json **v) {
  if (!shape) return;
  if (qd_json_type_of(*v) == QD_JSON_STRING && shape->path) *v = resolved(l, directory, shape->path, *v);
  if (qd__is_plain(shape)) return;
  for (size_t i = 0; i < qd_json_count(*v); i++) {
    qd_slice key;
    qd_json **item = qd_json_place(*v, i, &key);
    walk(l, directory, qd__shape_inside(shape, key), item);
  }
}

static void replace_path(const qd__load *l, const char *directory, qd_json *v, const char *name) {
  char *path = qd__user_path(l, directory, qd__text(v, name));
  qd__set_text(v, name, path);
  free(path);
}

static qd_status resolve_mounts(qd__load *l, const char *directory, const qd__at *at, qd_json *mounts) {
  for (size_t i = 0; i < qd_json_count(mounts); i++) {
    qd_json *m = qd_json_edit_at(mounts, i);
    const char *type = qd__text(m, "type");
    if (!type || strcmp(type, "bind") != 0) continue;
    if (!qd__text(m, "source") || !*qd__text(m, "source")) return qd__bad(l, QD__ITEM(at, i), "a bind mount needs a source");
    replace_path(l, directory, m, "source");
  }
  return QD_OK;
}

// The local driver's bind volumes: driver_opts {type: none, o: bind, device: path}.
static void resolve_volume(const qd__load *l, const char *directory, qd_json *v) {
  const char *driver = qd__text(v, "driver");
  qd_json *options = qd_json_edit(v, "driver_opts");
  const char *type = qd__text(options, "type");
  const char *o = qd__text(options, "o");
  if (driver && *driver && strcmp(driver, "local") != 0) return;
  if (!type || strcmp(type, "none") != 0 || !o || strcmp(o, "bind") != 0 || !qd__text(options, "device")) return;
  replace_path(l, directory, options, "device");
}

qd_status qd__resolve_paths(qd__load *l, const char *directory, qd_json *model) {
  walk(l, directory, &qd__language, &model);
  qd_json *services = qd_json_edit(model, "services");
  const qd__at at = {NULL, QD_SLICE("services"), 0};
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_slice name;
    qd_json *s = qd_json_edit_member_at(services, i, &name);
    const qd__at of = {&at, name, 0};
    qd_status st = resolve_mounts(l, directory, QD__MEMBER(&of, QD_SLICE("volumes")), qd_json_edit(s, "volumes"));
    if (st != QD_OK) return st;
    qd_json *extends = qd_json_edit(s, "extends");
    if (qd__text(extends, "file")) replace_path(l, directory, extends, "file");
  }
  qd_json *volumes = qd_json_edit(model, "volumes");
  for (size_t i = 0; i < qd_json_count(volumes); i++) resolve_volume(l, directory, qd_json_edit_member_at(volumes, i, NULL));
  return QD_OK;
}
