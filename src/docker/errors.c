// What the engine's refusals mean: category and stable code by status, made finer by the words where the status says too
// little (20.10 answers many mistakes with 500). The words stay in err->engine as they came.
#include "docker/engine.h"

#include <strings.h>

typedef struct meaning {
  int status;  // 0: any
  qd_status category;
  const char *words;  // the message holds them, in any case
  const char *also;   // and these; NULL: no more
  const char *code;
  const char *hint;  // "" = none
} meaning;

static const meaning MEANINGS[] = {
    {0, QD_UNSUPPORTED, "client version", "is too old", "engine_too_new", "update qnap-docker: it does not know so new an engine"},
    {0, QD_UNSUPPORTED, "client version", "is too new", "engine_too_old", "update Container Station in the App Center"},
    {0, QD_CONFLICT, "port is already allocated", NULL, "port_conflict",
     "publish another port (-p HOST:CONTAINER), or stop the container that has this one: qnap-docker ps"},
    {0, QD_CONFLICT, "address already in use", NULL, "port_conflict",
     "publish another port (-p HOST:CONTAINER): a service of the NAS itself has this one"},
    {0, QD_FAIL, "executable file not found", NULL, "command_not_found", ""},
    {0, QD_FAIL, "runtime", "exec: \"", "command_failed", ""},
    {0, QD_NOT_FOUND, "multiple ids found with provided prefix", NULL, "ambiguous_id", "give more of the id"},
    {404, QD_NOT_FOUND, "no such container", NULL, "no_such_container", ""},
    {404, QD_NOT_FOUND, "no such image", NULL, "no_such_image", ""},
    {404, QD_NOT_FOUND, "no such volume", NULL, "no_such_volume", ""},
    {404, QD_NOT_FOUND, "no such exec", NULL, "no_such_exec", ""},
    {404, QD_NOT_FOUND, "network", "not found", "no_such_network", ""},
    {404, QD_UNSUPPORTED, "page not found", NULL, "endpoint_unknown",
     "this engine does not have that function: update Container Station in the App Center"},
    {0, QD_NOT_FOUND, "pull access denied", NULL, "pull_denied", "check the name; a private image needs: qnap-docker login REGISTRY"},
    {0, QD_NOT_FOUND, "manifest unknown", NULL, "manifest_unknown", "check the tag"},
    {0, QD_UNSUPPORTED, "no matching manifest", NULL, "no_matching_platform", "the image does not exist for this NAS's processor"},
    {0, QD_FAIL, "toomanyrequests", NULL, "registry_rate_limit", "wait, or log in to the registry for a higher limit"},
    {0, QD_AUTH, "unauthorized", NULL, "registry_unauthorized", "qnap-docker login REGISTRY"},
    {0, QD_AUTH, "authentication required", NULL, "registry_unauthorized", "qnap-docker login REGISTRY"},
    {0, QD_AUTH, "no basic auth credentials", NULL, "registry_unauthorized", "qnap-docker login REGISTRY"},
    {0, QD_AUTH, "access to the resource is denied", NULL, "registry_denied", "qnap-docker login REGISTRY"},
    {0, QD_FAIL, "too many requests", NULL, "registry_rate_limit", "wait, or log in to the registry for a higher limit"},
    {0, QD_NOT_FOUND, "does not exist locally with the tag", NULL, "no_such_image", "qnap-docker images lists what there is"},
    {0, QD_FAIL, "x509:", NULL, "registry_tls", "the registry's certificate is not trusted by the NAS"},
    {0, QD_FAIL, "dial tcp", NULL, "registry_unreachable",
     "the NAS cannot reach it: check its gateway and DNS in Network & Virtual Switch"},
    {0, QD_FAIL, "request canceled while waiting for connection", NULL, "registry_unreachable",
     "the NAS cannot reach it: check its gateway and DNS in Network & Virtual Switch"},
    {0, QD_FAIL, "tls handshake timeout", NULL, "registry_unreachable",
     "the NAS cannot reach it: check its gateway and DNS in Network & Virtual Switch"},
    {0, QD_FAIL, "no space left on device", NULL, "disk_full", "free space on the NAS: qnap-docker system df"},
    {0, QD_CONFLICT, "disk usage operation is already running", NULL, "busy", "try again in a moment"},
    {0, QD_CONFLICT, "is already in progress", NULL, "in_progress", ""},
    {0, QD_CONFLICT, "is already in use by container", NULL, "name_conflict", "choose another --name, or remove that container"},
    {0, QD_CONFLICT, "is not running", NULL, "not_running", ""},
    {0, QD_CONFLICT, "is already paused", NULL, "already_paused", ""},
    {0, QD_CONFLICT, "is paused", NULL, "paused", ""},
    {0, QD_CONFLICT, "is not paused", NULL, "not_paused", ""},
    {0, QD_CONFLICT, "is restarting", NULL, "restarting", ""},
    {409, QD_CONFLICT, "volume is in use", NULL, "volume_in_use", ""},
    {409, QD_CONFLICT, "cannot remove a running container", NULL, "container_running", "stop it first, or remove it with --force"},
    {409, QD_CONFLICT, "container is running", NULL, "container_running", "stop it first, or remove it with --force"},
    {409, QD_CONFLICT, "unable to", "image", "image_in_use", ""},
    {0, QD_CONFLICT, "active endpoints", NULL, "network_in_use", ""},
    {403, QD_CONFLICT, "pre-defined network", NULL, "predefined_network", ""},
    {0, QD_CONFLICT, "already exists", NULL, "already_exists", ""},
    {0, QD_UNSUPPORTED, "does not support reading", NULL, "logs_unreadable",
     "recreate it with a log driver that can be read: json-file, local or journald"},
    {0, QD_CONFLICT, "read-only", NULL, "read_only", ""},
};

static const meaning BY_STATUS[] = {
    {400, QD_FAIL, "", NULL, "bad_parameter", ""},   {401, QD_AUTH, "", NULL, "registry_unauthorized", "qnap-docker login REGISTRY"},
    {403, QD_FAIL, "", NULL, "forbidden", ""},       {404, QD_NOT_FOUND, "", NULL, "not_found", ""},
    {409, QD_CONFLICT, "", NULL, "conflict", ""},    {501, QD_UNSUPPORTED, "", NULL, "not_implemented", ""},
    {503, QD_CONFLICT, "", NULL, "unavailable", ""}, {0, QD_FAIL, "", NULL, "engine_error", ""},
};

static bool holds(const char *text, const char *words) { return !words || strcasestr(text, words) != NULL; }

static const meaning *look_up(int status, const char *text) {
  for (size_t i = 0; i < sizeof MEANINGS / sizeof *MEANINGS; i++) {
    const meaning *m = &MEANINGS[i];
    if ((m->status == 0 || m->status == status) && holds(text, m->words) && holds(text, m->also)) return m;
  }
  const meaning *m = BY_STATUS;
  while (m->status && m->status != status) m++;
  return m;
}

// A runtime that could not start the command: docker's 126 and 127.
static const char *command_code(const char *text) {
  if (holds(text, "no such file or directory")) return "command_not_found";
  return holds(text, "permission denied") || holds(text, "is a directory") ? "command_not_executable" : "command_failed";
}

// "{"message": "..."}" as the engine sends it, or the text of whatever stands in between.
static void message_of(qd_slice body, char *out, size_t room) {
  qd_json *doc = NULL;
  qd_error ignored = QD_ERROR_INIT;
  qd_slice text = body;
  if (body.n && body.p[0] == '{' && qd_json_parse(body, NULL, &doc, &ignored) == QD_OK)
    text = qd_json_get_string(qd_json_member(doc, "message"), body);
  while (text.n && strchr(" \r\n\t", text.p[text.n - 1])) text.n--;
  size_t n = text.n < room - 1 ? text.n : room - 1;
  if (n) memcpy(out, text.p, n);
  out[n] = '\0';
  if (text.n > n) memcpy(out + n - 3, "...", 3);
  qd_json_free(doc);
}

qd_status qd_engine_fail(qd_error *err, int status, qd_slice message, const char *what) {
  bool page = message.n > 0 && message.p[0] == '<';
  if (page || (status >= 300 && status < 400)) {  // an engine sends no pages and redirects nobody
    (void)qd_fail(err, QD_CONNECT, "not_an_engine", "%s", what);
    (void)qd_why(err, "what answers is not a Docker Engine: status %d%s", status, page ? " with a web page" : "");
    return qd_hint(err, "check the address and the socket's path in the profile");
  }
  char text[sizeof err->engine];
  message_of(message, text, sizeof text);
  const meaning *m = look_up(status, text);
  const char *code = strcmp(m->code, "command_failed") == 0 ? command_code(text) : m->code;
  (void)qd_fail(err, m->category, code, "%s", what);
  if (text[0]) {
    (void)qd_why(err, "%s", text);
    (void)qd_engine_says(err, "%s", text);
  } else {
    (void)qd_why(err, "the engine answered with status %d and no explanation", status);
  }
  return qd_hint(err, "%s", m->hint);
}
