// What a model implies: the default network, names, dependencies by links and shared namespaces.
#include <stdlib.h>

#include "compose/model.h"

// Whether the service is in the network "default".
static bool join_default(qd_json *service) {
  if (qd__is_set(service, "network_mode")) return false;
  qd_json *networks = qd_json_edit(service, "networks");
  if (qd_json_count(networks) > 0) return qd_json_member(networks, "default") != NULL;
  networks = qd_json_object();
  qd__set(networks, "default", qd_json_null());
  qd__set(service, "networks", networks);
  return true;
}

static void add_dependency(qd_json *service, qd_slice on, bool restart) {
  qd_json *all = qd__edit_or_make(service, "depends_on");
  if (qd_json_member_slice(all, on)) return;
  qd_json *v = qd_json_object();
  qd__set_text(v, "condition", "service_started");
  if (restart) qd__set(v, "restart", qd_json_bool(true));
  qd__set(v, "required", qd_json_bool(true));
  qd_json_set(all, on, v);
}

static qd_slice before_colon(const char *s) { return (qd_slice){s, strcspn(s, ":")}; }

static void imply_dependencies(qd_json *service) {
  static const char *const namespaces[] = {"network_mode", "ipc", "pid", "uts", "cgroup"};
  const qd_json *links = qd_json_member(service, "links");
  for (size_t i = 0; i < qd_json_count(links); i++) add_dependency(service, before_colon(qd_json_get_cstr(qd_json_at(links, i), "")), true);
  for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
    const char *of = qd__text(service, namespaces[i]);
    if (of && strncmp(of, "service:", 8) == 0) add_dependency(service, qd_slice_of(of + 8), true);
  }
  const qd_json *from = qd_json_member(service, "volumes_from");
  for (size_t i = 0; i < qd_json_count(from); i++) {
    const char *of = qd_json_get_cstr(qd_json_at(from, i), "");
    if (strncmp(of, "container:", 10) != 0) add_dependency(service, before_colon(of), false);
  }
}

static void name_resources(const char *project, qd_json *all) {
  for (size_t i = 0; i < qd_json_count(all); i++) {
    qd_slice key;
    qd_json *v = qd_json_edit_member_at(all, i, &key);
    if (qd_json_is_null(v)) {
      qd_json_free(qd_json_swap_member_at(all, i, qd_json_object()));
      v = qd_json_edit_member_at(all, i, &key);
    }
    if (qd__is_set(v, "name")) continue;
    bool external = qd_json_get_bool(qd_json_member(v, "external"), false);
    char *name = external ? qd_xstrndup(key.p, key.n) : qd_xasprintf("%s_%.*s", project, (int)key.n, key.p);
    qd__set_text(v, "name", name);
    free(name);
  }
}

void qd__normalize(qd_json *model) {
  bool wants_default = false;
  qd_json *services = qd_json_edit(model, "services");
  for (size_t i = 0; i < qd_json_count(services); i++) {
    qd_json *s = qd_json_edit_member_at(services, i, NULL);
    const char *policy = qd__text(s, "pull_policy");
    qd_json *build = qd_json_edit(s, "build");
    if (join_default(s)) wants_default = true;
    if (policy && strcmp(policy, "if_not_present") == 0) qd__set_text(s, "pull_policy", "missing");
    if (build && !qd__is_set(build, "dockerfile") && !qd__is_set(build, "dockerfile_inline"))
      qd__set_text(build, "dockerfile", "Dockerfile");
    imply_dependencies(s);
  }
  if (wants_default && !qd_json_member(qd_json_member(model, "networks"), "default"))
    qd__set(qd__edit_or_make(model, "networks"), "default", qd_json_null());
  static const char *const sections[] = {"networks", "volumes", "secrets", "configs"};
  for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) name_resources(qd__text(model, "name"), qd_json_edit(model, sections[i]));
}
