// What every model gets without saying so, and what its values may not be together.
#include <arpa/inet.h>
#include <stdlib.h>

#include "compose/model.h"

static void default_text(qd_json *v, const char *name, const char *value) {
  if (qd_json_type_of(v) == QD_JSON_OBJECT && !qd_json_member(v, name)) qd__set_text(v, name, value);
}

static void default_ports(qd_json *ports) {
  for (size_t i = 0; i < qd_json_count(ports); i++) {
    default_text(qd_json_edit_at(ports, i), "mode", "ingress");
    default_text(qd_json_edit_at(ports, i), "protocol", "tcp");
  }
}

static void default_secrets(qd_json *secrets) {
  for (size_t i = 0; i < qd_json_count(secrets); i++) {
    qd_json *s = qd_json_edit_at(secrets, i);
    const char *source = qd__text(s, "source");
    if (!source || qd_json_member(s, "target")) continue;
    char *path = qd_xasprintf("/run/secrets/%s", source);
    qd__set_text(s, "target", path);
    free(path);
  }
}

static void default_requests(qd_json *requests) {
  for (size_t i = 0; i < qd_json_count(requests); i++) {
    qd_json *r = qd_json_edit_at(requests, i);
    if (!qd_json_member(r, "count") && !qd_json_member(r, "device_ids")) qd__set(r, "count", qd_json_int(-1));
  }
}

static qd_json *edit_path(qd_json *v, const char *const *names) {
  for (; v && *names; names++) v = qd_json_edit(v, *names);
  return v;
}

static qd_json *deploy_devices(qd_json *service) {
  return edit_path(service, (const char *const[]){"deploy", "resources", "reservations", "devices", NULL});
}

void qd__set_defaults(qd_json *model) {
  qd_json *services = qd_json_edit(model, "services");
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_json *s = qd_json_edit_member_at(services, i, NULL);
    default_text(qd_json_edit(s, "build"), "context", ".");
    default_ports(qd_json_edit(s, "ports"));
    default_secrets(qd_json_edit(s, "secrets"));
    default_requests(deploy_devices(s));
    default_requests(qd_json_edit(s, "gpus"));
  }
}

static bool is_external(const qd_json *v) { return qd_json_get_bool(qd_json_member(v, "external"), false); }

// An external volume or network is found by its name; nothing else can be said of it.
static qd_status check_external(qd__load *l, const qd__at *at, const qd_json *v) {
  if (!is_external(v)) return QD_OK;
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key;
    (void)qd_json_member_at(v, i, &key);
    if (qd_slice_is(key, "name") || qd_slice_is(key, "external") || qd__is_extension(key)) continue;
    return qd__bad(l, at, "external and %.*s cannot both be given", (int)key.n, key.p);
  }
  return QD_OK;
}

// A secret's or config's content comes from one place.
static qd_status check_file_object(qd__load *l, const qd__at *at, const qd_json *v, const char *const *places) {
  size_t n = 0;
  for (size_t i = 0; places[i]; i++) n += qd_json_member(v, places[i]) != NULL;
  if (n > 1) return qd__bad(l, at, "only one of file, environment and content can be given");
  if (n == 1 || qd_json_member(v, "driver") || qd_json_member(v, "external")) return QD_OK;
  return qd__bad(l, at, places[2] ? "file, environment or content is missing" : "file or environment is missing");
}

static qd_status check_each(qd__load *l, const qd_json *model, const char *section,
                            qd_status (*one)(qd__load *l, const qd__at *at, const qd_json *v)) {
  const qd_json *all = qd_json_member(model, section);
  const qd__at at = {NULL, qd_slice_of(section), 0};
  for (size_t i = 0; i < qd_json_count(all); i++) {
    qd_slice name;
    const qd_json *v = qd_json_member_at(all, i, &name);
    qd_status st = one(l, QD__MEMBER(&at, name), v);
    if (st != QD_OK) return st;
  }
  return QD_OK;
}

static qd_status check_secret(qd__load *l, const qd__at *at, const qd_json *v) {
  return check_file_object(l, at, v, (const char *const[]){"file", "environment", NULL, NULL});
}

static qd_status check_config(qd__load *l, const qd__at *at, const qd_json *v) {
  return check_file_object(l, at, v, (const char *const[]){"file", "environment", "content", NULL});
}

static qd_status check_requests(qd__load *l, const qd__at *at, const qd_json *requests) {
  for (size_t i = 0; i < qd_json_count(requests); i++) {
    const qd_json *r = qd_json_at(requests, i);
    if (qd_json_member(r, "count") && qd_json_member(r, "device_ids"))
      return qd__bad(l, QD__ITEM(at, i), "count and device_ids cannot both be given");
  }
  return QD_OK;
}

static qd_status check_ports(qd__load *l, const qd__at *at, const qd_json *ports) {
  for (size_t i = 0; i < qd_json_count(ports); i++) {
    const char *ip = qd__text(qd_json_at(ports, i), "host_ip");
    unsigned char binary[16];
    if (!ip || !*ip || inet_pton(AF_INET, ip, binary) == 1 || inet_pton(AF_INET6, ip, binary) == 1) continue;
    return qd__bad(l, QD__ITEM(at, i), "%.100s is no IP address", ip);
  }
  return QD_OK;
}

static qd_status check_service(qd__load *l, const qd__at *at, const qd_json *s) {
  qd_status st = check_ports(l, QD__MEMBER(at, QD_SLICE("ports")), qd_json_member(s, "ports"));
  const qd__at deploy = {at, QD_SLICE("deploy"), 0};
  if (st == QD_OK) st = check_requests(l, &deploy, qd_json_path(s, "deploy.resources.reservations.devices"));
  if (st == QD_OK) st = check_requests(l, QD__MEMBER(at, QD_SLICE("gpus")), qd_json_member(s, "gpus"));
  const qd_json *watches = qd_json_path(s, "develop.watch");
  const qd__at develop = {at, QD_SLICE("develop"), 0};
  for (size_t i = 0; st == QD_OK && i < qd_json_count(watches); i++) {
    const char *path = qd__text(qd_json_at(watches, i), "path");
    if (path && *path == '\0') st = qd__bad(l, &develop, "the path of a watch is empty");
  }
  return st;
}

qd_status qd__check_values(qd__load *l, const qd_json *model) {
  qd_status st = check_each(l, model, "volumes", check_external);
  if (st == QD_OK) st = check_each(l, model, "secrets", check_secret);
  if (st == QD_OK) st = check_each(l, model, "configs", check_config);
  return st == QD_OK ? check_each(l, model, "services", check_service) : st;
}
