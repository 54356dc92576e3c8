// Lists in which an item has an identity: of two items that are the same one, the later counts, in the earlier's place.
#include <stdlib.h>

#include "compose/model.h"

static void add(qd_buf *out, qd_slice s) { (void)qd_buf_add(out, s.p, s.n); }

static void add_text(qd_buf *out, const qd_json *v, const char *otherwise) {
  if (qd_json_type_of(v) == QD_JSON_STRING) {
    add(out, qd__slice(v));
  } else if (v) {
    (void)qd_json_write(v, NULL, out);
  } else {
    (void)qd_buf_adds(out, otherwise);
  }
}

static qd_status port_identity(qd__load *l, const qd__at *at, const qd_json *v, qd_buf *out) {
  if (qd_json_type_of(v) != QD_JSON_OBJECT) {
    add_text(out, v, "");
    return QD_OK;
  }
  if (!qd_json_member(v, "target")) return qd__bad(l, at, "target, the port in the container, is missing");
  add_text(out, qd_json_member(v, "host_ip"), "0.0.0.0");
  (void)qd_buf_addc(out, ':');
  if (qd_json_type_of(qd_json_member(v, "published")) == QD_JSON_INT)
    (void)qd_buf_adds(out, "#");  // a number is another port than its text
  add_text(out, qd_json_member(v, "published"), "");
  (void)qd_buf_addc(out, ':');
  add_text(out, qd_json_member(v, "target"), "");
  (void)qd_buf_addc(out, '/');
  add_text(out, qd_json_member(v, "protocol"), "tcp");
  return QD_OK;
}

static qd_status target_identity(qd__load *l, const qd__at *at, const qd_json *v, bool device, qd_buf *out) {
  if (qd_json_type_of(v) == QD_JSON_STRING) return qd__short_target(l, at, qd__slice(v), device, out);
  if (!qd_json_member(v, "target") && !device) return qd__bad(l, at, "target, the path in the container, is missing");
  add_text(out, qd_json_member(v, device && !qd_json_member(v, "target") ? "source" : "target"), "");
  return QD_OK;
}

static void mount_identity(const qd_json *v, const char *directory, qd_buf *out) {
  const qd_json *target = qd_json_member(v, "target");
  if (!target) (void)qd_buf_addf(out, "%s/", directory);
  add_text(out, target ? target : qd_json_type_of(v) == QD_JSON_STRING ? v : qd_json_member(v, "source"), "");
}

static qd_status identity_of(qd__load *l, const qd__at *at, const qd__shape *shape, const qd_json *v, qd_buf *out) {
  qd_slice text = qd__slice(v);
  const char *equals = text.n ? memchr(text.p, '=', text.n) : NULL;
  switch (shape->identity) {
    case QD__NO_IDENTITY:
      break;
    case QD__BY_NAME:
      if (equals) text.n = (size_t)(equals - text.p);
      add(out, text);
      break;
    case QD__BY_TARGET:
      return target_identity(l, at, v, false, out);
    case QD__BY_DEVICE:
      return target_identity(l, at, v, true, out);
    case QD__BY_PORT:
      return port_identity(l, at, v, out);
    case QD__BY_SECRET:
      mount_identity(v, "/run/secrets", out);
      break;
    case QD__BY_CONFIG:
      mount_identity(v, "", out);
      break;
    case QD__BY_PATH:
      add_text(out, qd_json_type_of(v) == QD_JSON_OBJECT ? qd_json_member(v, "path") : v, "");
      break;
    case QD__BY_TEXT:
      add_text(out, v, "");
      break;
  }
  return QD_OK;
}

static qd_status make_unique(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json *list) {
  qd_json *places = qd_json_object();
  qd_status st = QD_OK;
  size_t kept = 0;
  size_t n = qd_json_count(list);
  qd_buf key;
  qd_buf_init(&key, QD_COMPOSE_FILE_MAX);
  for (size_t i = 0; st == QD_OK && i < n; i++) {
    qd_buf_clear(&key);
    st = identity_of(l, QD__ITEM(at, i), shape, qd_json_at(list, i), &key);
    int64_t place = st == QD_OK ? qd_json_get_int(qd_json_member_slice(places, qd_buf_slice(&key)), -1) : -1;
    size_t to = place >= 0 ? (size_t)place : kept++;
    if (st == QD_OK && place < 0) qd_json_add(places, qd_buf_slice(&key), qd_json_int((int64_t)to));
    if (st != QD_OK || to == i) continue;
    qd_json *item = qd_json_swap_at(list, i, qd_json_null());
    qd_json_free(qd_json_swap_at(list, to, item));
  }
  while (st == QD_OK && qd_json_count(list) > kept) qd_json_free(qd_json_remove_at(list, qd_json_count(list) - 1));
  qd_buf_deinit(&key);
  qd_json_free(places);
  return st;
}

static qd_status walk(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json *v) {
  if (!shape) return QD_OK;
  if (qd_json_type_of(v) == QD_JSON_ARRAY) return shape->identity ? make_unique(l, at, shape, v) : QD_OK;
  if (qd__is_plain(shape)) return QD_OK;
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    qd_json *item = qd_json_edit_member_at(v, i, &key);
    qd_status st = walk(l, QD__MEMBER(at, key), qd__shape_of(shape, key), item);
    if (st != QD_OK) return st;
  }
  return QD_OK;
}

qd_status qd__make_unique(qd__load *l, const qd__shape *shape, qd_json *v) { return walk(l, NULL, shape, v); }
