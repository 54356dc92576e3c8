// Whether what a project names is there, and whether its parts contradict each other.
#include <stdlib.h>

#include "compose/model.h"

typedef struct checked {
  qd__load *l;
  const qd_json *model, *services, *disabled;
  const qd__at *at;  // of the service
  const qd_json *service;
} checked;

static bool known(const checked *c, const char *section, const char *name) {
  return qd_json_member(qd_json_member(c->model, section), name) != NULL;
}

static qd_status check_source(const checked *c) {
  const qd_json *build = qd_json_member(c->service, "build");
  if (!build && !qd__text(c->service, "image")) return qd__bad(c->l, c->at, "the service has neither an image nor a build");
  if (!build) return QD_OK;
  const qd__at at = {c->at, QD_SLICE("build"), 0};
  if (qd__text(build, "dockerfile") && qd__text(build, "dockerfile_inline"))
    return qd__bad(c->l, &at, "dockerfile and dockerfile_inline cannot both be given");
  const qd_json *contexts = qd_json_member(build, "additional_contexts");
  for (size_t i = 0; i < qd_json_count(contexts); i++) {
    const char *of = qd_json_get_cstr(qd_json_member_at(contexts, i, NULL), "");
    if (strncmp(of, "service:", 8) != 0) continue;
    const qd_json *other = qd_json_member(c->services, of + 8);
    if (!other) return qd__bad(c->l, &at, "additional_contexts names the service %.100s, which is not declared", of + 8);
    if (!qd_json_member(other, "build"))
      return qd__bad(c->l, &at, "additional_contexts names the service %.100s, which is not built", of + 8);
  }
  const qd_json *platforms = qd_json_member(build, "platforms");
  const char *platform = qd__text(c->service, "platform");
  bool found = !platform || qd_json_count(platforms) == 0;
  for (size_t i = 0; i < qd_json_count(platforms); i++) found = found || qd_slice_is(qd__slice(qd_json_at(platforms, i)), platform);
  return found ? QD_OK : qd__bad(c->l, &at, "platforms must have the service's platform, %.100s", platform);
}

static qd_status check_networks(const checked *c) {
  const qd_json *networks = qd_json_member(c->service, "networks");
  if (qd__text(c->service, "network_mode") && qd_json_count(networks))
    return qd__bad(c->l, c->at, "network_mode and networks cannot both be given");
  const qd__at at = {c->at, QD_SLICE("networks"), 0};
  for (size_t i = 0; i < qd_json_count(networks); i++) {
    qd_slice key;
    (void)qd_json_member_at(networks, i, &key);
    if (qd__is_extension(key)) return qd__bad(c->l, &at, "x-* is an extension here and joins no network");
    if (qd_json_member_slice(qd_json_member(c->model, "networks"), key)) continue;
    return qd__bad(c->l, QD__MEMBER(&at, key), "the network %.*s is not declared", (int)(key.n < 100 ? key.n : 100), key.p);
  }
  return QD_OK;
}

static qd_status check_dependencies(const checked *c) {
  const qd_json *all = qd_json_member(c->service, "depends_on");
  const qd__at at = {c->at, QD_SLICE("depends_on"), 0};
  for (size_t i = 0; i < qd_json_count(all); i++) {
    qd_slice key;
    const qd_json *v = qd_json_member_at(all, i, &key);
    if (qd_json_member_slice(c->services, key)) continue;
    bool disabled = qd_json_member_slice(c->disabled, key) != NULL;
    if (disabled && !qd_json_get_bool(qd_json_member(v, "required"), true)) continue;
    return qd__bad(c->l, QD__MEMBER(&at, key),
                   disabled ? "the service %.*s is in no profile that is enabled" : "the service %.*s is not declared",
                   (int)(key.n < 100 ? key.n : 100), key.p);
  }
  return QD_OK;
}

static qd_status check_listed(const checked *c, const qd_json *list, const char *member, const char *section, const char *what) {
  const qd__at at = {c->at, qd_slice_of(member), 0};
  for (size_t i = 0; i < qd_json_count(list); i++) {
    const char *source = qd__text(qd_json_at(list, i), "source");
    if (known(c, section, source ? source : "")) continue;
    return qd__bad(c->l, QD__ITEM(&at, i), "the %s \"%.100s\" is not declared", what, source ? source : "");
  }
  return QD_OK;
}

static qd_status check_mounts(const checked *c) {
  const qd_json *volumes = qd_json_member(c->service, "volumes");
  const qd__at at = {c->at, QD_SLICE("volumes"), 0};
  for (size_t i = 0; i < qd_json_count(volumes); i++) {
    const qd_json *v = qd_json_at(volumes, i);
    const char *source = qd__text(v, "source");
    if (!source || !qd__text(v, "type") || strcmp(qd__text(v, "type"), "volume") != 0 || known(c, "volumes", source)) continue;
    return qd__bad(c->l, QD__ITEM(&at, i), "the volume %.100s is not declared", source);
  }
  qd_status st = check_listed(c, qd_json_path(c->service, "build.secrets"), "build", "secrets", "secret");
  if (st == QD_OK) st = check_listed(c, qd_json_member(c->service, "secrets"), "secrets", "secrets", "secret");
  return st == QD_OK ? check_listed(c, qd_json_member(c->service, "configs"), "configs", "configs", "config") : st;
}

// Attributes that have a twin below deploy.
static qd_status check_twins(const checked *c) {
  static const struct {
    const char *attribute, *twin;
  } twins[] = {{"scale", "deploy.replicas"},
               {"cpus", "deploy.resources.limits.cpus"},
               {"mem_limit", "deploy.resources.limits.memory"},
               {"mem_reservation", "deploy.resources.reservations.memory"},
               {"pids_limit", "deploy.resources.limits.pids"}};
  for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
    const qd_json *a = qd_json_member(c->service, twins[i].attribute);
    const qd_json *b = qd_json_path(c->service, twins[i].twin);
    if (!a || !b || qd_json_equal(a, b)) continue;
    return qd__bad(c->l, c->at, "%s and %s have different values", twins[i].attribute, twins[i].twin);
  }
  const qd_json *scale = qd_json_member(c->service, "scale");
  if (!scale) scale = qd_json_path(c->service, "deploy.replicas");
  if (qd_json_get_int(scale, 1) > 1 && qd__text(c->service, "container_name"))
    return qd__bad(c->l, c->at, "container_name names one container, there cannot be %lld", (long long)qd_json_get_int(scale, 1));
  return QD_OK;
}

static qd_status check_rest(const checked *c) {
  const qd_json *test = qd_json_path(c->service, "healthcheck.test");
  qd_slice first = qd__slice(qd_json_at(test, 0));
  if (qd_json_count(test) && !qd_slice_is(first, "CMD") && !qd_slice_is(first, "CMD-SHELL") && !qd_slice_is(first, "NONE"))
    return qd__bad(c->l, QD__MEMBER(c->at, QD_SLICE("healthcheck")), "test must begin with CMD, CMD-SHELL or NONE");
  const qd_json *watches = qd_json_path(c->service, "develop.watch");
  for (size_t i = 0; i < qd_json_count(watches); i++) {
    const qd_json *w = qd_json_at(watches, i);
    const char *action = qd__text(w, "action");
    bool needs_target = action && strcmp(action, "rebuild") != 0 && strcmp(action, "restart") != 0;
    if (needs_target && !qd__text(w, "target"))
      return qd__bad(c->l, QD__MEMBER(c->at, QD_SLICE("develop")), "the watch with the action %s needs a target", action);
  }
  return QD_OK;
}

qd_status qd__check_consistency(qd__load *l, const qd_json *model, const qd_json *disabled) {
  const qd_json *services = qd_json_member(model, "services");
  const qd__at at = {NULL, QD_SLICE("services"), 0};
  qd_status st = QD_OK;
  for (size_t i = 0; st == QD_OK && i < qd_json_count(services); i++) {
    qd_slice name;
    const qd_json *s = qd_json_member_at(services, i, &name);
    const qd__at here = {&at, name, 0};
    checked c = {l, model, services, disabled, &here, s};
    st = check_source(&c);
    if (st == QD_OK) st = check_networks(&c);
    if (st == QD_OK) st = check_dependencies(&c);
    if (st == QD_OK) st = check_mounts(&c);
    if (st == QD_OK) st = check_twins(&c);
    if (st == QD_OK) st = check_rest(&c);
  }
  const qd_json *secrets = qd_json_member(model, "secrets");
  for (size_t i = 0; st == QD_OK && i < qd_json_count(secrets); i++) {
    qd_slice name;
    const qd_json *v = qd_json_member_at(secrets, i, &name);
    if (qd_json_get_bool(qd_json_member(v, "external"), false) || qd__text(v, "file") || qd__text(v, "environment")) continue;
    const qd__at section = {NULL, QD_SLICE("secrets"), 0};
    st = qd__bad(l, QD__MEMBER(&section, name), "file or environment is missing");
  }
  return st;
}

// ---- cycles: depth first, each service once

enum { UNSEEN, ON_THE_WAY, DONE };

typedef struct search {
  const qd_json *services;
  qd_json *places;  // name -> index in services
  unsigned char *state;
  qd_buf way;  // "a -> b"
} search;

static bool find_cycle(search *s, size_t at, unsigned depth) {
  qd_slice name;
  const qd_json *on = qd_json_member(qd_json_member_at(s->services, at, &name), "depends_on");
  if (s->state[at] == DONE || depth > 10000) return false;
  size_t before = s->way.n;
  if (before) (void)qd_buf_adds(&s->way, " -> ");
  (void)qd_buf_add(&s->way, name.p, name.n);
  if (s->state[at] == ON_THE_WAY) return true;
  s->state[at] = ON_THE_WAY;
  for (size_t i = 0; i < qd_json_count(on); i++) {
    qd_slice key;
    (void)qd_json_member_at(on, i, &key);
    int64_t place = qd_json_get_int(qd_json_member_slice(s->places, key), -1);
    if (place >= 0 && find_cycle(s, (size_t)place, depth + 1)) return true;
  }
  s->state[at] = DONE;
  s->way.n = before;
  return false;
}

qd_status qd__check_cycles(qd__load *l, const qd_json *services) {
  search s = {.services = services, .places = qd_json_object(), .state = qd_xcalloc(qd_json_count(services) + 1, 1)};
  qd_status st = QD_OK;
  qd_buf_init(&s.way, 300);
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_slice name;
    (void)qd_json_member_at(services, i, &name);
    qd_json_set(s.places, name, qd_json_int((int64_t)i));
  }
  for (size_t i = 0; st == QD_OK && i < qd_json_count(services); i++) {
    s.way.n = 0;
    if (find_cycle(&s, i, 0)) st = qd_fail(l->err, QD_CONFIG, "compose_cycle", "services depend on each other in a circle: %s", s.way.p);
  }
  qd_buf_deinit(&s.way);
  qd_json_free(s.places);
  free(s.state);
  return st;
}
