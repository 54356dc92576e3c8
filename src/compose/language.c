// The Compose Specification's language as a table: which forms each attribute may have, what they mean, how files are merged.
// (compose-spec, chapters 04-spec to 14-include, and its JSON schema.)
#include "compose/model.h"

#define ANY_STRING (QD__STRING | QD__NUMBER)
#define SHAPE(name, ...) static const qd__shape name = {__VA_ARGS__}
#define OBJECT(name, table) static const qd__shape name = {.forms = QD__MAP, .fields = (table)}
#define OBJECT_WITH(name, table, ...) static const qd__shape name = {.forms = QD__MAP, .fields = (table), __VA_ARGS__}
#define END \
  { NULL, NULL, QD__DROP_ZERO }

SHAPE(anything, .forms = QD__NULL | QD__BOOL | QD__NUMBER | QD__STRING | QD__LIST | QD__MAP);
SHAPE(text, .forms = QD__STRING, .value = QD__TEXT);
SHAPE(any_text, .forms = ANY_STRING, .value = QD__TEXT);
SHAPE(null_text, .forms = ANY_STRING | QD__NULL, .value = QD__TEXT);
SHAPE(flag, .forms = QD__BOOL | QD__STRING, .value = QD__FLAG, .cast = true);
SHAPE(late_flag, .forms = QD__BOOL | QD__STRING, .value = QD__FLAG);
SHAPE(plain_flag, .forms = QD__BOOL, .value = QD__FLAG);
SHAPE(whole, .forms = QD__INT | QD__STRING, .value = QD__WHOLE, .cast = true);
SHAPE(count, .forms = QD__INT | QD__STRING, .value = QD__WHOLE, .cast = true, .min = 0, .max = INT64_MAX);
SHAPE(late_whole, .forms = QD__NUMBER | QD__STRING, .value = QD__WHOLE);
SHAPE(number, .forms = QD__NUMBER, .value = QD__WHOLE);
SHAPE(whole_number, .forms = QD__NUMBER | QD__STRING, .value = QD__WHOLE, .cast = true);
SHAPE(real, .forms = QD__NUMBER | QD__STRING, .value = QD__REAL, .cast = true);
SHAPE(late_real, .forms = QD__NUMBER | QD__STRING, .value = QD__REAL);
SHAPE(bytes, .forms = QD__NUMBER | QD__STRING, .value = QD__BYTES);
SHAPE(text_bytes, .forms = QD__STRING, .value = QD__BYTES);
SHAPE(whole_bytes, .forms = QD__INT | QD__STRING, .value = QD__BYTES);
SHAPE(duration, .forms = QD__STRING, .value = QD__DURATION);
SHAPE(strings, .forms = QD__LIST, .items = &text);
SHAPE(string_set, .forms = QD__LIST, .items = &text, .unique = true);
SHAPE(named_set, .forms = QD__LIST, .items = &text, .unique = true, .identity = QD__BY_NAME);
SHAPE(named_list, .forms = QD__LIST, .items = &text, .identity = QD__BY_NAME);
SHAPE(any_strings, .forms = QD__LIST, .items = &any_text, .unique = true);
SHAPE(string_or_list, .forms = QD__STRING | QD__LIST, .items = &text, .unique = true, .expand = qd__expand_strings);
SHAPE(dns, .forms = QD__STRING | QD__LIST, .items = &text, .unique = true, .merge = QD__SEQUENCE, .identity = QD__BY_NAME,
      .expand = qd__expand_strings);
SHAPE(text_map, .forms = QD__MAP, .values = &any_text);
SHAPE(command, .forms = QD__NULL | QD__STRING | QD__LIST, .items = &text, .value = QD__WORDS, .merge = QD__REPLACE);

// NAME: value, or a list of NAME=value.
SHAPE(pair_value, .forms = QD__NULL | QD__BOOL | QD__NUMBER | QD__STRING);
#define PAIRS .forms = QD__MAP | QD__LIST, .values = &pair_value, .items = &text, .unique = true
SHAPE(variables, PAIRS, .value = QD__ARGS, .merge = QD__SEQUENCE, .identity = QD__BY_NAME);
SHAPE(labels, PAIRS, .value = QD__LABELS, .merge = QD__SEQUENCE, .identity = QD__BY_NAME);

SHAPE(host_addresses, .forms = QD__STRING | QD__LIST, .items = &text);
SHAPE(extra_hosts, .forms = QD__MAP | QD__LIST, .values = &host_addresses, .items = &text, .unique = true, .value = QD__HOSTS,
      .merge = QD__MERGE_HOSTS);

static const qd__field ulimit_fields[] = {{"soft", &whole, QD__KEEP_SET}, {"hard", &whole, QD__KEEP_SET}, END};
SHAPE(ulimit, .forms = QD__INT | QD__STRING | QD__MAP, .value = QD__WHOLE, .cast = true, .fields = ulimit_fields, .required = "soft hard",
      .merge = QD__MERGE_ULIMIT);
SHAPE(ulimits, .forms = QD__MAP, .values = &ulimit);

static const qd__field mount_fields[] = {{"source", &text, QD__DROP_ZERO},      {"target", &text, QD__DROP_ZERO},
                                         {"uid", &text, QD__DROP_ZERO},         {"gid", &text, QD__DROP_ZERO},
                                         {"mode", &whole_number, QD__KEEP_SET}, END};
SHAPE(mount, .forms = QD__STRING | QD__MAP, .fields = mount_fields, .wrap = "source");
SHAPE(service_secrets, .forms = QD__LIST, .items = &mount, .identity = QD__BY_SECRET);
SHAPE(service_configs, .forms = QD__LIST, .items = &mount, .identity = QD__BY_CONFIG);
SHAPE(build_secrets, .forms = QD__LIST, .items = &mount);

SHAPE(context, .forms = QD__STRING, .value = QD__TEXT, .path = QD__CONTEXT_PATH);
SHAPE(context_value, .forms = QD__NULL | QD__BOOL | QD__NUMBER | QD__STRING, .value = QD__TEXT, .path = QD__CONTEXT_PATH);
SHAPE(contexts, .forms = QD__MAP | QD__LIST, .values = &context_value, .items = &text, .unique = true, .merge = QD__SEQUENCE,
      .identity = QD__BY_NAME, .expand = qd__expand_pairs);
SHAPE(ssh_key, .forms = QD__STRING, .value = QD__TEXT, .path = QD__SSH_PATH);
SHAPE(ssh, .forms = QD__MAP | QD__LIST, .values = &pair_value, .items = &ssh_key, .unique = true, .expand = qd__expand_ssh);
static const qd__field build_fields[] = {{"context", &context, QD__DROP_ZERO},
                                         {"dockerfile", &text, QD__DROP_ZERO},
                                         {"dockerfile_inline", &text, QD__DROP_ZERO},
                                         {"entitlements", &strings, QD__DROP_ZERO},
                                         {"args", &variables, QD__DROP_ZERO},
                                         {"ssh", &ssh, QD__DROP_ZERO},
                                         {"labels", &labels, QD__DROP_ZERO},
                                         {"cache_from", &strings, QD__DROP_ZERO},
                                         {"cache_to", &strings, QD__DROP_ZERO},
                                         {"no_cache", &late_flag, QD__DROP_ZERO},
                                         {"additional_contexts", &contexts, QD__DROP_ZERO},
                                         {"network", &text, QD__DROP_ZERO},
                                         {"pull", &late_flag, QD__DROP_ZERO},
                                         {"target", &text, QD__DROP_ZERO},
                                         {"shm_size", &whole_bytes, QD__DROP_ZERO},
                                         {"extra_hosts", &extra_hosts, QD__DROP_ZERO},
                                         {"isolation", &text, QD__DROP_ZERO},
                                         {"privileged", &late_flag, QD__DROP_ZERO},
                                         {"secrets", &build_secrets, QD__DROP_ZERO},
                                         {"tags", &named_list, QD__DROP_ZERO},
                                         {"ulimits", &ulimits, QD__DROP_ZERO},
                                         {"platforms", &strings, QD__DROP_ZERO},
                                         END};
SHAPE(build, .forms = QD__STRING | QD__MAP, .fields = build_fields, .merge = QD__MERGE_BUILD, .wrap = "context");

static const qd__field rate_fields[] = {{"path", &text, QD__KEEP_SET}, {"rate", &whole_bytes, QD__KEEP_SET}, END};
OBJECT_WITH(rate, rate_fields, .closed = true, .capital = true);
SHAPE(rates, .forms = QD__LIST, .items = &rate);
static const qd__field weight_fields[] = {{"path", &text, QD__KEEP_SET}, {"weight", &late_whole, QD__KEEP_SET}, END};
OBJECT_WITH(weight, weight_fields, .closed = true, .capital = true);
SHAPE(weights, .forms = QD__LIST, .items = &weight);
static const qd__field blkio_fields[] = {{"device_read_bps", &rates, QD__DROP_ZERO},
                                         {"device_read_iops", &rates, QD__DROP_ZERO},
                                         {"device_write_bps", &rates, QD__DROP_ZERO},
                                         {"device_write_iops", &rates, QD__DROP_ZERO},
                                         {"weight", &late_whole, QD__DROP_ZERO},
                                         {"weight_device", &weights, QD__DROP_ZERO},
                                         END};
OBJECT_WITH(blkio, blkio_fields, .closed = true);

static const qd__field credential_fields[] = {
    {"config", &text, QD__DROP_ZERO}, {"file", &text, QD__DROP_ZERO}, {"registry", &text, QD__DROP_ZERO}, END};
OBJECT(credential_spec, credential_fields);

SHAPE(condition, .forms = QD__STRING, .value = QD__TEXT, .words = "service_started service_healthy service_completed_successfully");
static const qd__field dependency_fields[] = {
    {"restart", &late_flag, QD__DROP_ZERO}, {"required", &plain_flag, QD__KEEP_SET}, {"condition", &condition, QD__DROP_ZERO}, END};
OBJECT_WITH(dependency, dependency_fields, .required = "condition");
SHAPE(depends_on, .forms = QD__LIST | QD__MAP, .items = &text, .unique = true, .values = &dependency, .names = true,
      .merge = QD__MERGE_DEPENDS, .expand = qd__expand_depends);

SHAPE(choice_cgroup, .forms = QD__STRING, .value = QD__TEXT, .words = "host private");
SHAPE(pull_policy, .forms = QD__STRING, .value = QD__TEXT, .words = "always never build if_not_present missing");
SHAPE(cpu_count, .forms = QD__INT | QD__STRING, .value = QD__WHOLE, .cast = true, .min = 0, .max = INT64_MAX);
SHAPE(cpu_percent, .forms = QD__INT | QD__STRING, .value = QD__REAL, .cast = true, .min = 0, .max = 100);
SHAPE(oom_score_adj, .forms = QD__INT | QD__STRING, .value = QD__WHOLE, .cast = true, .min = -1000, .max = 1000);

static const qd__field device_fields[] = {
    {"source", &text, QD__DROP_ZERO}, {"target", &text, QD__DROP_ZERO}, {"permissions", &text, QD__DROP_ZERO}, END};
SHAPE(device, .forms = QD__STRING | QD__MAP, .fields = device_fields, .required = "source", .expand = qd__expand_device);
SHAPE(devices, .forms = QD__LIST, .items = &device, .identity = QD__BY_DEVICE);

SHAPE(env_path, .forms = QD__STRING, .value = QD__TEXT, .path = QD__FILE_PATH);
static const qd__field env_file_fields[] = {
    {"path", &env_path, QD__DROP_ZERO}, {"format", &text, QD__DROP_ZERO}, {"required", &late_flag, QD__KEEP_SET}, END};
SHAPE(env_file_item, .forms = QD__STRING | QD__MAP, .fields = env_file_fields, .required = "path", .closed = true);
SHAPE(env_file, .forms = QD__STRING | QD__LIST, .items = &env_file_item, .merge = QD__SEQUENCE, .identity = QD__BY_PATH,
      .expand = qd__expand_env_file);
SHAPE(label_file, .forms = QD__STRING | QD__LIST, .items = &env_path, .merge = QD__SEQUENCE, .expand = qd__expand_strings);

SHAPE(expose, .forms = QD__LIST, .items = &any_text, .unique = true, .identity = QD__BY_TEXT);
static const qd__field extends_fields[] = {{"service", &text, QD__DROP_ZERO}, {"file", &text, QD__DROP_ZERO}, END};
SHAPE(extends, .forms = QD__STRING | QD__MAP, .fields = extends_fields, .required = "service", .closed = true, .wrap = "service");

SHAPE(device_count, .forms = QD__INT | QD__STRING);
SHAPE(device_options, PAIRS, .value = QD__LABELS);
static const qd__field request_fields[] = {{"capabilities", &string_set, QD__DROP_ZERO}, {"count", &device_count, QD__DROP_ZERO},
                                           {"device_ids", &string_set, QD__DROP_ZERO},   {"driver", &text, QD__DROP_ZERO},
                                           {"options", &device_options, QD__DROP_ZERO},  END};
OBJECT_WITH(device_request, request_fields, .required = "capabilities");
SHAPE(device_requests, .forms = QD__LIST, .items = &device_request);
OBJECT(gpu, request_fields);
SHAPE(gpus, .forms = QD__STRING | QD__LIST, .words = "all", .items = &gpu, .expand = qd__expand_gpus);

SHAPE(test, .forms = QD__STRING | QD__LIST, .items = &text, .value = QD__TEST, .merge = QD__REPLACE);
SHAPE(retries, .forms = QD__NUMBER | QD__STRING, .value = QD__WHOLE, .cast = true, .min = 0, .max = INT64_MAX);
static const qd__field healthcheck_fields[] = {{"disable", &flag, QD__DROP_ZERO},           {"interval", &duration, QD__KEEP_SET},
                                               {"retries", &retries, QD__KEEP_SET},         {"test", &test, QD__DROP_ZERO},
                                               {"timeout", &duration, QD__KEEP_SET},        {"start_period", &duration, QD__KEEP_SET},
                                               {"start_interval", &duration, QD__KEEP_SET}, END};
OBJECT(healthcheck, healthcheck_fields);

SHAPE(log_options, .forms = QD__MAP, .values = &null_text);
static const qd__field logging_fields[] = {{"driver", &text, QD__DROP_ZERO}, {"options", &log_options, QD__DROP_ZERO}, END};
OBJECT_WITH(logging, logging_fields, .merge = QD__MERGE_LOGGING);

static const qd__field attachment_fields[] = {
    {"aliases", &named_set, QD__DROP_ZERO},        {"ipv4_address", &text, QD__DROP_ZERO}, {"ipv6_address", &text, QD__DROP_ZERO},
    {"link_local_ips", &named_set, QD__DROP_ZERO}, {"mac_address", &text, QD__DROP_ZERO},  {"driver_opts", &text_map, QD__DROP_ZERO},
    {"priority", &number, QD__DROP_ZERO},          {"gw_priority", &number, QD__NEVER},    END};
static const qd__shape attachment = {.forms = QD__MAP | QD__NULL, .fields = attachment_fields};
SHAPE(service_networks, .forms = QD__LIST | QD__MAP, .items = &text, .unique = true, .values = &attachment, .names = true,
      .merge = QD__MERGE_NETWORKS, .expand = qd__expand_networks);

static const qd__field port_fields[] = {{"name", &text, QD__DROP_ZERO},          {"mode", &text, QD__DROP_ZERO},
                                        {"host_ip", &text, QD__DROP_ZERO},       {"target", &count, QD__DROP_ZERO},
                                        {"published", &any_text, QD__DROP_ZERO}, {"protocol", &text, QD__DROP_ZERO},
                                        {"app_protocol", &text, QD__DROP_ZERO},  END};
SHAPE(port, .forms = QD__NUMBER | QD__STRING | QD__MAP, .fields = port_fields);
SHAPE(ports, .forms = QD__LIST, .items = &port, .unique = true, .identity = QD__BY_PORT, .expand = qd__expand_ports);

static const qd__field hook_fields[] = {{"command", &command, QD__KEEP_ALWAYS},     {"user", &text, QD__DROP_ZERO},
                                        {"privileged", &late_flag, QD__DROP_ZERO},  {"working_dir", &text, QD__DROP_ZERO},
                                        {"environment", &variables, QD__DROP_ZERO}, END};
OBJECT_WITH(hook, hook_fields, .required = "command");
OBJECT_WITH(watch_exec, hook_fields, .required = "command");
SHAPE(hooks, .forms = QD__LIST, .items = &hook);

SHAPE(action, .forms = QD__STRING, .value = QD__TEXT, .words = "rebuild sync restart sync+restart sync+exec");
SHAPE(watch_path, .forms = QD__STRING, .value = QD__TEXT, .path = QD__FILE_PATH);
static const qd__field watch_fields[] = {{"ignore", &string_or_list, QD__DROP_ZERO},
                                         {"include", &string_or_list, QD__DROP_ZERO},
                                         {"path", &watch_path, QD__DROP_ZERO},
                                         {"action", &action, QD__DROP_ZERO},
                                         {"target", &text, QD__DROP_ZERO},
                                         {"exec", &watch_exec, QD__KEEP_ALWAYS},
                                         END};
OBJECT_WITH(watch, watch_fields, .required = "path action");
SHAPE(watches, .forms = QD__LIST, .items = &watch);
static const qd__field develop_fields[] = {{"watch", &watches, QD__DROP_ZERO}, END};
static const qd__shape develop = {.forms = QD__MAP | QD__NULL, .fields = develop_fields};

SHAPE(update_order, .forms = QD__STRING, .value = QD__TEXT, .words = "start-first stop-first");
static const qd__field update_fields[] = {{"parallelism", &count, QD__KEEP_SET},
                                          {"delay", &duration, QD__DROP_ZERO},
                                          {"failure_action", &text, QD__DROP_ZERO},
                                          {"monitor", &duration, QD__DROP_ZERO},
                                          {"max_failure_ratio", &real, QD__DROP_ZERO},
                                          {"order", &update_order, QD__DROP_ZERO},
                                          END};
OBJECT(update_config, update_fields);
static const qd__field limit_fields[] = {
    {"cpus", &late_real, QD__DROP_ZERO}, {"memory", &text_bytes, QD__DROP_ZERO}, {"pids", &late_whole, QD__DROP_ZERO}, END};
OBJECT(limits, limit_fields);
static const qd__field discrete_fields[] = {{"kind", &text, QD__KEEP_SET}, {"value", &late_whole, QD__KEEP_SET}, END};
OBJECT(discrete, discrete_fields);
static const qd__field generic_fields[] = {{"discrete_resource_spec", &discrete, QD__DROP_ZERO}, END};
OBJECT(generic, generic_fields);
SHAPE(generic_resources, .forms = QD__LIST, .items = &generic);
static const qd__field reservation_fields[] = {{"cpus", &late_real, QD__DROP_ZERO},
                                               {"memory", &text_bytes, QD__DROP_ZERO},
                                               {"generic_resources", &generic_resources, QD__DROP_ZERO},
                                               {"devices", &device_requests, QD__DROP_ZERO},
                                               END};
OBJECT(reservations, reservation_fields);
static const qd__field resource_fields[] = {{"limits", &limits, QD__DROP_ZERO}, {"reservations", &reservations, QD__DROP_ZERO}, END};
OBJECT(resources, resource_fields);
static const qd__field restart_fields[] = {{"condition", &text, QD__DROP_ZERO},
                                           {"delay", &duration, QD__KEEP_SET},
                                           {"max_attempts", &count, QD__KEEP_SET},
                                           {"window", &duration, QD__KEEP_SET},
                                           END};
OBJECT(restart_policy, restart_fields);
static const qd__field preference_fields[] = {{"spread", &text, QD__DROP_ZERO}, END};
OBJECT(preference, preference_fields);
SHAPE(preferences, .forms = QD__LIST, .items = &preference);
static const qd__field placement_fields[] = {{"constraints", &strings, QD__DROP_ZERO},
                                             {"preferences", &preferences, QD__DROP_ZERO},
                                             {"max_replicas_per_node", &count, QD__DROP_ZERO},
                                             END};
OBJECT(placement, placement_fields);
static const qd__field deploy_fields[] = {{"mode", &text, QD__DROP_ZERO},
                                          {"endpoint_mode", &text, QD__DROP_ZERO},
                                          {"replicas", &whole, QD__KEEP_SET},
                                          {"labels", &labels, QD__DROP_ZERO},
                                          {"rollback_config", &update_config, QD__DROP_ZERO},
                                          {"update_config", &update_config, QD__DROP_ZERO},
                                          {"resources", &resources, QD__KEEP_ALWAYS},
                                          {"restart_policy", &restart_policy, QD__DROP_ZERO},
                                          {"placement", &placement, QD__KEEP_ALWAYS},
                                          END};
static const qd__shape deploy = {.forms = QD__MAP | QD__NULL, .fields = deploy_fields};

SHAPE(recursive, .forms = QD__STRING, .value = QD__TEXT, .words = "enabled disabled writable readonly");
SHAPE(selinux, .forms = QD__STRING, .value = QD__TEXT, .words = "z Z");
static const qd__field bind_fields[] = {{"propagation", &text, QD__DROP_ZERO},
                                        {"create_host_path", &late_flag, QD__DROP_ZERO},
                                        {"recursive", &recursive, QD__DROP_ZERO},
                                        {"selinux", &selinux, QD__DROP_ZERO},
                                        END};
OBJECT(bind, bind_fields);
static const qd__field volume_option_fields[] = {{"nocopy", &flag, QD__DROP_ZERO}, {"subpath", &text, QD__DROP_ZERO}, END};
OBJECT(volume_options, volume_option_fields);
SHAPE(tmpfs_size, .forms = QD__INT | QD__STRING, .value = QD__BYTES, .min = 0, .max = INT64_MAX);
static const qd__field tmpfs_fields[] = {{"size", &tmpfs_size, QD__DROP_ZERO}, {"mode", &late_whole, QD__DROP_ZERO}, END};
OBJECT(tmpfs_options, tmpfs_fields);
SHAPE(mount_type, .forms = QD__STRING, .value = QD__TEXT, .words = "bind volume tmpfs cluster npipe image");
static const qd__field volume_mount_fields[] = {
    {"type", &mount_type, QD__DROP_ZERO},      {"source", &text, QD__DROP_ZERO},        {"target", &text, QD__DROP_ZERO},
    {"read_only", &flag, QD__DROP_ZERO},       {"consistency", &text, QD__DROP_ZERO},   {"bind", &bind, QD__KEEP_SET},
    {"volume", &volume_options, QD__KEEP_SET}, {"tmpfs", &tmpfs_options, QD__KEEP_SET}, END};
SHAPE(volume_mount, .forms = QD__STRING | QD__MAP, .fields = volume_mount_fields, .required = "type", .expand = qd__expand_volume);
SHAPE(volume_mounts, .forms = QD__LIST, .items = &volume_mount, .unique = true, .identity = QD__BY_TARGET);
SHAPE(storage_opt, .forms = QD__MAP, .values = &anything, .value = QD__LABELS);

// The common ones first: they are looked for in this order.
static const qd__field service_fields[] = {
    {"image", &text, QD__DROP_ZERO},
    {"environment", &variables, QD__DROP_ZERO},
    {"ports", &ports, QD__DROP_ZERO},
    {"volumes", &volume_mounts, QD__DROP_ZERO},
    {"depends_on", &depends_on, QD__DROP_ZERO},
    {"restart", &text, QD__DROP_ZERO},
    {"networks", &service_networks, QD__DROP_ZERO},
    {"command", &command, QD__KEEP_ALWAYS},
    {"labels", &labels, QD__DROP_ZERO},
    {"container_name", &text, QD__DROP_ZERO},
    {"healthcheck", &healthcheck, QD__KEEP_SET},
    {"build", &build, QD__DROP_ZERO},
    {"deploy", &deploy, QD__KEEP_SET},
    {"logging", &logging, QD__KEEP_SET},
    {"profiles", &named_set, QD__DROP_ZERO},
    {"env_file", &env_file, QD__DROP_ZERO},
    {"user", &text, QD__DROP_ZERO},
    {"entrypoint", &command, QD__KEEP_ALWAYS},
    {"expose", &expose, QD__DROP_ZERO},
    {"secrets", &service_secrets, QD__DROP_ZERO},
    {"develop", &develop, QD__KEEP_SET},
    {"annotations", &labels, QD__DROP_ZERO},
    {"attach", &late_flag, QD__KEEP_SET},
    {"blkio_config", &blkio, QD__DROP_ZERO},
    {"cap_add", &named_set, QD__DROP_ZERO},
    {"cap_drop", &named_set, QD__DROP_ZERO},
    {"cgroup", &choice_cgroup, QD__DROP_ZERO},
    {"cgroup_parent", &text, QD__DROP_ZERO},
    {"configs", &service_configs, QD__DROP_ZERO},
    {"cpu_count", &cpu_count, QD__DROP_ZERO},
    {"cpu_percent", &cpu_percent, QD__DROP_ZERO},
    {"cpu_shares", &whole_number, QD__DROP_ZERO},
    {"cpu_quota", &whole_number, QD__DROP_ZERO},
    {"cpu_period", &whole_number, QD__DROP_ZERO},
    {"cpu_rt_period", &whole_number, QD__DROP_ZERO},
    {"cpu_rt_runtime", &whole_number, QD__DROP_ZERO},
    {"cpus", &real, QD__DROP_ZERO},
    {"cpuset", &text, QD__DROP_ZERO},
    {"credential_spec", &credential_spec, QD__DROP_ZERO},
    {"device_cgroup_rules", &string_set, QD__DROP_ZERO},
    {"devices", &devices, QD__DROP_ZERO},
    {"dns", &dns, QD__DROP_ZERO},
    {"dns_opt", &named_set, QD__DROP_ZERO},
    {"dns_search", &dns, QD__DROP_ZERO},
    {"domainname", &text, QD__DROP_ZERO},
    {"label_file", &label_file, QD__DROP_ZERO},
    {"extends", &extends, QD__DROP_ZERO},
    {"external_links", &string_set, QD__DROP_ZERO},
    {"extra_hosts", &extra_hosts, QD__DROP_ZERO},
    {"gpus", &gpus, QD__DROP_ZERO},
    {"group_add", &any_strings, QD__DROP_ZERO},
    {"hostname", &text, QD__DROP_ZERO},
    {"init", &flag, QD__KEEP_SET},
    {"ipc", &text, QD__DROP_ZERO},
    {"isolation", &text, QD__DROP_ZERO},
    {"links", &named_set, QD__DROP_ZERO},
    {"mac_address", &text, QD__DROP_ZERO},
    {"mem_limit", &bytes, QD__DROP_ZERO},
    {"mem_reservation", &whole_bytes, QD__DROP_ZERO},
    {"mem_swappiness", &whole_bytes, QD__DROP_ZERO},
    {"memswap_limit", &bytes, QD__DROP_ZERO},
    {"network_mode", &text, QD__DROP_ZERO},
    {"oom_kill_disable", &flag, QD__DROP_ZERO},
    {"oom_score_adj", &oom_score_adj, QD__DROP_ZERO},
    {"pid", &null_text, QD__DROP_ZERO},
    {"pids_limit", &whole_number, QD__DROP_ZERO},
    {"platform", &text, QD__DROP_ZERO},
    {"post_start", &hooks, QD__DROP_ZERO},
    {"pre_stop", &hooks, QD__DROP_ZERO},
    {"privileged", &flag, QD__DROP_ZERO},
    {"pull_policy", &pull_policy, QD__DROP_ZERO},
    {"read_only", &flag, QD__DROP_ZERO},
    {"runtime", &text, QD__DROP_ZERO},
    {"scale", &whole, QD__KEEP_SET},
    {"security_opt", &string_set, QD__DROP_ZERO},
    {"shm_size", &bytes, QD__DROP_ZERO},
    {"sysctls", &labels, QD__DROP_ZERO},
    {"stdin_open", &flag, QD__DROP_ZERO},
    {"stop_grace_period", &duration, QD__KEEP_SET},
    {"stop_signal", &text, QD__DROP_ZERO},
    {"storage_opt", &storage_opt, QD__DROP_ZERO},
    {"tmpfs", &dns, QD__DROP_ZERO},
    {"tty", &flag, QD__DROP_ZERO},
    {"ulimits", &ulimits, QD__DROP_ZERO},
    {"uts", &text, QD__DROP_ZERO},
    {"userns_mode", &text, QD__DROP_ZERO},
    {"volumes_from", &string_set, QD__DROP_ZERO},
    {"working_dir", &text, QD__DROP_ZERO},
    END,
};
const qd__shape qd__service = {.forms = QD__MAP, .fields = service_fields};
SHAPE(services, .forms = QD__MAP, .values = &qd__service, .names = true);

static const qd__field external_fields[] = {{"name", &text, QD__DROP_ZERO}, END};
SHAPE(external, .forms = QD__BOOL | QD__STRING | QD__MAP, .value = QD__FLAG, .cast = true, .fields = external_fields);
static const qd__field pool_fields[] = {{"subnet", &text, QD__DROP_ZERO},
                                        {"ip_range", &text, QD__DROP_ZERO},
                                        {"gateway", &text, QD__DROP_ZERO},
                                        {"aux_addresses", &text_map, QD__DROP_ZERO},
                                        END};
OBJECT(pool, pool_fields);
SHAPE(pools, .forms = QD__LIST, .items = &pool, .merge = QD__MERGE_IPAM);
SHAPE(ipam_options, .forms = QD__MAP, .values = &text);
static const qd__field ipam_fields[] = {
    {"driver", &text, QD__DROP_ZERO}, {"config", &pools, QD__DROP_ZERO}, {"options", &ipam_options, QD__NEVER}, END};
OBJECT(ipam, ipam_fields);
static const qd__field network_fields[] = {{"name", &text, QD__DROP_ZERO},
                                           {"driver", &text, QD__DROP_ZERO},
                                           {"driver_opts", &text_map, QD__DROP_ZERO},
                                           {"ipam", &ipam, QD__KEEP_ALWAYS},
                                           {"external", &external, QD__DROP_ZERO},
                                           {"internal", &flag, QD__DROP_ZERO},
                                           {"attachable", &flag, QD__DROP_ZERO},
                                           {"enable_ipv4", &late_flag, QD__KEEP_SET},
                                           {"enable_ipv6", &flag, QD__KEEP_SET},
                                           {"labels", &labels, QD__DROP_ZERO},
                                           END};
static const qd__shape network = {.forms = QD__MAP | QD__NULL, .fields = network_fields, .expand = qd__expand_external};
SHAPE(networks, .forms = QD__MAP, .values = &network, .names = true);

static const qd__field volume_fields[] = {
    {"name", &text, QD__DROP_ZERO},         {"driver", &text, QD__DROP_ZERO},   {"driver_opts", &text_map, QD__DROP_ZERO},
    {"external", &external, QD__DROP_ZERO}, {"labels", &labels, QD__DROP_ZERO}, END};
static const qd__shape volume = {.forms = QD__MAP | QD__NULL, .fields = volume_fields, .expand = qd__expand_external};
SHAPE(volumes, .forms = QD__MAP, .values = &volume, .names = true);

SHAPE(file_path, .forms = QD__STRING, .value = QD__TEXT, .path = QD__FILE_PATH);
#define FILE_FIELDS                                                                                           \
  {"name", &text, QD__DROP_ZERO}, {"environment", &text, QD__DROP_ZERO}, {"file", &file_path, QD__DROP_ZERO}, \
      {"external", &external, QD__DROP_ZERO}, {"labels", &labels, QD__DROP_ZERO}, {                           \
    "template_driver", &text, QD__DROP_ZERO                                                                   \
  }
static const qd__field secret_fields[] = {FILE_FIELDS, {"driver", &text, QD__DROP_ZERO}, {"driver_opts", &text_map, QD__DROP_ZERO}, END};
OBJECT_WITH(secret, secret_fields, .expand = qd__expand_external);
SHAPE(secrets, .forms = QD__MAP, .values = &secret, .names = true);
static const qd__field config_fields[] = {FILE_FIELDS, {"content", &text, QD__DROP_ZERO}, END};
OBJECT_WITH(config, config_fields, .expand = qd__expand_external);
SHAPE(configs, .forms = QD__MAP, .values = &config, .names = true);

static const qd__field include_fields[] = {{"path", &string_or_list, QD__DROP_ZERO},
                                           {"env_file", &string_or_list, QD__DROP_ZERO},
                                           {"project_directory", &text, QD__DROP_ZERO},
                                           END};
SHAPE(include_item, .forms = QD__STRING | QD__MAP, .fields = include_fields, .open = true, .expand = qd__expand_include);
SHAPE(includes, .forms = QD__LIST, .items = &include_item);

static const qd__field file_fields[] = {
    {"version", &text, QD__DROP_ZERO},     {"name", &text, QD__KEEP_SET},          {"include", &includes, QD__DROP_ZERO},
    {"services", &services, QD__KEEP_SET}, {"networks", &networks, QD__DROP_ZERO}, {"volumes", &volumes, QD__DROP_ZERO},
    {"secrets", &secrets, QD__DROP_ZERO},  {"configs", &configs, QD__DROP_ZERO},   END};
const qd__shape qd__language = {.forms = QD__MAP, .fields = file_fields};

const qd__field *qd__field_of(const qd__shape *mapping, qd_slice key) {
  if (!mapping || !mapping->fields) return NULL;
  for (const qd__field *f = mapping->fields; f->name; f++)
    if (key.n && f->name[0] == key.p[0] && strncmp(f->name, key.p, key.n) == 0 && f->name[key.n] == '\0') return f;
  return NULL;
}

const qd__shape *qd__shape_of(const qd__shape *mapping, qd_slice key) {
  const qd__field *f = qd__field_of(mapping, key);
  return f ? f->shape : mapping ? mapping->values : NULL;
}

const qd__shape *qd__shape_inside(const qd__shape *shape, qd_slice key) {
  return key.p ? qd__shape_of(shape, key) : shape ? shape->items : NULL;
}

static bool is_scalar(const qd__shape *shape) {
  return !shape || (!shape->fields && !shape->values && !shape->items && !shape->expand && !shape->wrap && !shape->path);
}

bool qd__is_plain(const qd__shape *shape) { return !shape->fields && is_scalar(shape->values) && is_scalar(shape->items); }
