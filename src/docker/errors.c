// What the engine's refusals mean: category and stable code by status, made finer by the words where the status says too
// little (20.10 answers many mistakes with 500). The words stay in err->engine as they came.
#include "docker/engine.h"

#include <strings.h>

typedef struct meaning {
  int status;          // 0: any
  const char *words;   // the message holds them, in any case
  const char *also;    // and these; NULL: no more
  qd_status category;
  const char *code;
  const char *hint;    // "" = none
} meaning;

static const meaning MEANINGS[] = {
    {0, "client version", "is too old", QD_UNSUPPORTED, "engine_too_new", "update qnap-docker: it does not know so new an engine"},
    {0, "client version", "is too new", QD_UNSUPPORTED, "engine_too_old", "update Container Station in the App Center"},
    {0, "port is already allocated", NULL, QD_CONFLICT, "port_conflict", "publish another port (-p HOST:CONTAINER), or stop the container that has this one: qnap-docker ps"},
    {0, "address already in use", NULL, QD_CONFLICT, "port_conflict", "publish another port (-p HOST:CONTAINER): a service of the NAS itself has this one"},
    {0, "executable file not found", NULL, QD_FAIL, "command_not_found", ""},
    {0, "runtime", "exec: \"", QD_FAIL, "command_failed", ""},
    {404, "no such container", NULL, QD_NOT_FOUND, "no_such_container", ""},
    {404, "no such image", NULL, QD_NOT_FOUND, "no_such_image", ""},
    {404, "no such volume", NULL, QD_NOT_FOUND, "no_such_volume", ""},
    {404, "no such exec", NULL, QD_NOT_FOUND, "no_such_exec", ""},
    {404, "network", "not found", QD_NOT_FOUND, "no_such_network", ""},
    {404, "page not found", NULL, QD_UNSUPPORTED, "endpoint_unknown", "this engine does not have that function: update Container Station in the App Center"},
    {0, "pull access denied", NULL, QD_NOT_FOUND, "pull_denied", "check the name; a private image needs: qnap-docker login REGISTRY"},
    {0, "manifest unknown", NULL, QD_NOT_FOUND, "manifest_unknown", "check the tag"},
    {0, "no matching manifest", NULL, QD_UNSUPPORTED, "no_matching_platform", "the image does not exist for this NAS's processor"},
    {0, "toomanyrequests", NULL, QD_FAIL, "registry_rate_limit", "wait, or log in to the registry for a higher limit"},
    {0, "unauthorized", NULL, QD_AUTH, "registry_unauthorized", "qnap-docker login REGISTRY"},
    {0, "authentication required", NULL, QD_AUTH, "registry_unauthorized", "qnap-docker login REGISTRY"},
    {0, "no space left on device", NULL, QD_FAIL, "disk_full", "free space on the NAS: qnap-docker system df"},
    {0, "disk usage operation is already running", NULL, QD_CONFLICT, "busy", "try again in a moment"},
    {0, "is already in progress", NULL, QD_CONFLICT, "in_progress", ""},
    {0, "is already in use by container", NULL, QD_CONFLICT, "name_conflict", "choose another --name, or remove that container"},
    {0, "is not running", NULL, QD_CONFLICT, "not_running", ""},
    {0, "is already paused", NULL, QD_CONFLICT, "already_paused", ""},
    {0, "is paused", NULL, QD_CONFLICT, "paused", ""},
    {0, "is not paused", NULL, QD_CONFLICT, "not_paused", ""},
    {0, "is restarting", NULL, QD_CONFLICT, "restarting", ""},
    {409, "volume is in use", NULL, QD_CONFLICT, "volume_in_use", ""},
    {409, "cannot remove a running container", NULL, QD_CONFLICT, "container_running", "stop it first, or remove it with --force"},
    {409, "container is running", NULL, QD_CONFLICT, "container_running", "stop it first, or remove it with --force"},
    {409, "unable to", "image", QD_CONFLICT, "image_in_use", ""},
    {0, "active endpoints", NULL, QD_CONFLICT, "network_in_use", ""},
    {403, "pre-defined network", NULL, QD_CONFLICT, "predefined_network", ""},
    {0, "already exists", NULL, QD_CONFLICT, "already_exists", ""},
    {0, "does not support reading", NULL, QD_UNSUPPORTED, "logs_unreadable", "the container's log driver keeps nothing here"},
    {0, "read-only", NULL, QD_CONFLICT, "read_only", ""},
};

static const meaning BY_STATUS[] = {
    {400, "", NULL, QD_FAIL, "bad_parameter", ""},      {401, "", NULL, QD_AUTH, "registry_unauthorized", "qnap-docker login REGISTRY"},
    {403, "", NULL, QD_FAIL, "forbidden", ""},          {404, "", NULL, QD_NOT_FOUND, "not_found", ""},
    {409, "", NULL, QD_CONFLICT, "conflict", ""},       {501, "", NULL, QD_UNSUPPORTED, "not_implemented", ""},
    {503, "", NULL, QD_CONFLICT, "unavailable", ""},    {0, "", NULL, QD_FAIL, "engine_error", ""},
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
  if (body.n && body.p[0] == '{' && qd_json_parse(body, NULL, &doc, &ignored) == QD_OK) text = qd_json_get_string(qd_json_member(doc, "message"), body);
  while (text.n && strchr(" \r\n\t", text.p[text.n - 1])) text.n--;
  size_t n = text.n < room - 1 ? text.n : room - 1;
  if (n) memcpy(out, text.p, n);
  out[n] = '\0';
  if (text.n > n) memcpy(out + n - 3, "...", 3);
  qd_json_free(doc);
}

qd_status qd_engine_fail(qd_error *err, int status, qd_slice body, const char *what) {
  char text[sizeof err->engine];
  message_of(body, text, sizeof text);
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
