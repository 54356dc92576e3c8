// The endpoint: which API version is spoken (Engine API, "Versioning"). Every answer of the engine names the newest version it
// has (Api-Version), so a remembered version needs no question of its own.
#include "docker/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

int qd_engine_api_parse(const char *text) {
  if (!text || *text != '1' || text[1] != '.') return 0;
  char *end = NULL;
  long minor = text[2] >= '0' && text[2] <= '9' ? strtol(text + 2, &end, 10) : -1;
  return minor >= 0 && minor < 100 && *end == '\0' ? 100 + (int)minor : 0;
}

bool qd_engine_version_parse(const char *text, int *out_major, int *out_minor, int *out_patch) {
  int v[3] = {0, 0, 0};
  if (*text == 'v') text++;
  if (*text < '0' || *text > '9') return false;
  for (int i = 0; i < 3 && *text >= '0' && *text <= '9'; i++) {
    char *end = NULL;
    long n = strtol(text, &end, 10);
    v[i] = n > 99999 ? 99999 : (int)n;
    text = *end == '.' ? end + 1 : "";
  }
  *out_major = v[0];
  *out_minor = v[1];
  *out_patch = v[2];
  return true;
}

qd_engine *qd_engine_new(qd_dialer *dialer, const char *label, const char *api_hint) {
  qd_engine *e = qd_xcalloc(1, sizeof *e);
  e->http = qd_http_new(dialer, label);
  e->label = qd_xstrdup(label);
  int hint = qd_engine_api_parse(api_hint);
  if (hint >= QD_ENGINE_API_MIN && hint <= QD_ENGINE_API_MAX) e->api = hint;
  qd_list_init(&e->pending);
  return e;
}

static void end_pending(qd_list *calls, const qd_error *err) {
  for (qd_list *n; (n = qd_list_shift(calls)) != NULL;) qd__engine_call_end(QD_CONTAINER_OF(n, qd_engine_call, link), err);
}

static void take_pending(qd_engine *e, qd_list *calls) {
  qd_list_init(calls);
  for (qd_list *n; (n = qd_list_shift(&e->pending)) != NULL;) {
    QD_CONTAINER_OF(n, qd_engine_call, link)->engine = NULL;
    qd_list_push(calls, n);
  }
}

void qd_engine_free(qd_engine *e) {
  if (!e) return;
  qd_list left;
  take_pending(e, &left);
  qd_http_call_free(e->ping);
  qd_error err = QD_ERROR_INIT;
  (void)qd_fail(&err, QD_FAIL, "connection_closed", "the connection to %s was closed here", e->label);
  qd_http_free(e->http);  // ends the calls on the wire
  free(e->label);
  free(e);
  end_pending(&left, &err);
}

static void remember_server(qd_engine *e, const char *server) {  // "Docker/27.1.2-qnap8 (linux)"
  if (!server) return;
  const char *slash = strchr(server, '/');
  const char *from = slash ? slash + 1 : server;
  (void)snprintf(e->server, sizeof e->server, "%.*s", (int)strcspn(from, " "), from);
}

qd_status qd__engine_learn(qd_engine *e, const qd_http_head *head, qd_error *err) {
  const char *text = qd_http_head_get(head, "api-version");
  int newest = qd_engine_api_parse(text);
  remember_server(e, qd_http_head_get(head, "server"));
  if (!newest) {
    (void)qd_fail(err, QD_CONNECT, "not_an_engine", "what answers on %s is not a Docker Engine", e->label);
    return qd_why(err, "the answer to /_ping (status %d) names no API version", head->status);
  }
  if (newest < QD_ENGINE_API_MIN) {
    (void)qd_fail(err, QD_UNSUPPORTED, "engine_too_old", "the Docker Engine of %s is too old", e->label);
    (void)qd_why(err, "it speaks API %s at most (engine %s); 1.%d is needed", text, e->server[0] ? e->server : "unknown",
                 QD_ENGINE_API_MIN - 100);
    return qd_hint(err, "update Container Station in the App Center");
  }
  e->api = newest < QD_ENGINE_API_MAX ? newest : QD_ENGINE_API_MAX;
  e->settled = true;
  QD_DEBUG("docker", "%s: API 1.%d (engine %s)", e->label, e->api - 100, e->server);
  return QD_OK;
}

static void on_ping_end(void *ctx, const qd_error *err) {
  qd_engine *e = ctx;
  qd_http_call *ping = e->ping;
  e->ping = NULL;
  qd_error why = QD_ERROR_INIT;
  qd_status st = QD_OK;
  if (err)
    why = *err;
  else
    st = qd__engine_learn(e, qd_http_call_head(ping), &why);
  bool failed = err != NULL || st != QD_OK;
  qd_http_call_free(ping);
  if (failed) {
    qd_list left;
    take_pending(e, &left);
    end_pending(&left, &why);
    return;
  }
  for (qd_list *n; (n = qd_list_shift(&e->pending)) != NULL;) qd__engine_launch(QD_CONTAINER_OF(n, qd_engine_call, link));
}

static const qd_http_events PING_EVENTS = {.on_end = on_ping_end};

void qd__engine_ask(qd_engine *e) {
  if (e->ping) return;
  const qd_http_request ping = {.method = "GET", .target = "/_ping", .collect = true, .max_body = 4096};
  qd_error err = QD_ERROR_INIT;
  if (qd_http_start(e->http, &ping, &PING_EVENTS, e, &e->ping, &err) != QD_OK) abort();  // a constant request is well-formed
}

int qd_engine_api(const qd_engine *e) { return e->settled ? e->api : 0; }

const char *qd_engine_server(const qd_engine *e) { return e->server; }

qd_http_stats qd_engine_stats(const qd_engine *e) { return qd_http_get_stats(e->http); }

void qd_engine_warm(qd_engine *e, unsigned n) { qd_http_warm(e->http, n); }
