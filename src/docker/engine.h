// A Docker Engine behind a dialer: API version, requests, errors (Docker Engine API, "Versioning" and "Errors").
// Connections, pipelining and backpressure are those of http/http.h, whose contracts hold for the calls here too.
#ifndef QD_DOCKER_ENGINE_H
#define QD_DOCKER_ENGINE_H

#include "data/json.h"
#include "http/http.h"

// API versions as major * 100 + minor: "1.41" is 141.
enum {
  QD_ENGINE_API_MIN = 140,
  QD_ENGINE_API_MAX = 151,  // the newest whose answers we know; newer engines serve it too
  QD_ENGINE_MAX_ERROR_BODY = 1 << 20,
};

typedef struct qd_engine qd_engine;
typedef struct qd_engine_call qd_engine_call;

typedef struct qd_engine_request {
  const char *method;
  const char *path;             // behind the version: "/containers/json"; names in it escaped (qd_engine_escape)
  const qd_json *query;         // object for qd_engine_query, or NULL; borrowed until qd_engine_start returns
  const char *what;             // headline of a failure: "cannot start container 'web' on nas1"; NULL: made from method and path
  const qd_http_field *fields;  // further header fields
  size_t field_count;
  const int *ok;                                 // 0-terminated: statuses >= 400 that are no error here; NULL: none
  qd_slice body;                                 // borrowed until the call ended or was freed; p NULL: none
  bool upload, hijack, collect, pipeline, bulk;  // as in qd_http_request
  bool unversioned;                              // "/_ping"
  size_t max_body;
  uint64_t idle_ms;
} qd_engine_request;

// As qd_http_events, with these differences: on_head comes for accepted statuses only (below 400, or in `ok`); any other is
// read to its end and told as on_end's error, with the engine's words (err->engine), a category and a stable code.
typedef qd_http_events qd_engine_events;

// `dialer` is borrowed and must outlive the engine. api_hint is the version this engine had last time ("1.41"): the first
// request goes out with it, without asking first, and is repeated when the engine refuses the version. NULL or out of
// range: the first request waits for GET /_ping.
qd_engine *qd_engine_new(qd_dialer *dialer, const char *label, const char *api_hint);
// Ends the calls under way with "connection_closed". NULL ok.
void qd_engine_free(qd_engine *engine);

// Errors at once: QD_USAGE "bad_request", "bad_query". Later, beside those of http and of the engine: engine_too_old,
// engine_too_new (QD_UNSUPPORTED), not_an_engine (QD_CONNECT). Caller frees *out with qd_engine_call_free.
QD_MUST_USE qd_status qd_engine_start(qd_engine *engine, const qd_engine_request *request, const qd_engine_events *events, void *ctx,
                                      qd_engine_call **out, qd_error *err);
void qd_engine_call_free(qd_engine_call *call);  // cancels an unfinished one; NULL ok
void qd_engine_call_read(qd_engine_call *call, bool on);
bool qd_engine_call_write(qd_engine_call *call, qd_slice bytes);
void qd_engine_call_finish(qd_engine_call *call);
bool qd_engine_call_wants_upload(const qd_engine_call *call);
const qd_http_head *qd_engine_call_head(const qd_engine_call *call);  // NULL before an accepted answer
qd_slice qd_engine_call_body(const qd_engine_call *call);
int qd_engine_call_status(const qd_engine_call *call);  // of the answer, refused ones too; 0 before

// The version requests go out with, 0 before it is known. Known once an answer came; a hint alone does not count.
int qd_engine_api(const qd_engine *engine);
// The engine's own version from its Server header ("27.1.2-qnap8"), "" before an answer came.
const char *qd_engine_server(const qd_engine *engine);
qd_http_stats qd_engine_stats(const qd_engine *engine);
// Opens connections until there are `n`: several requests are about to be made at once.
void qd_engine_warm(qd_engine *engine, unsigned n);

// "1.41" -> 141; 0 when it is no version.
int qd_engine_api_parse(const char *text);
// Leading numbers of an engine version ("27.1.2-qnap8", "20.10.24+dfsg1", "v26.0.0-rc.1"); false when there are none.
bool qd_engine_version_parse(const char *text, int *out_major, int *out_minor, int *out_patch);

// Appends `text` percent-encoded for one path segment; with `slashes` '/' stays (image names).
void qd_engine_escape(qd_slice text, bool slashes, qd_buf *out);
// Appends "?a=b&c=d" (nothing for an empty object). Members: null is left out; booleans 1 or 0; strings and numbers as they
// are; a list repeats its key; an object goes out as JSON. "filters" takes {key = value | list | {value = true}} and
// becomes the engine's {"key": {"value": true}}. Errors: QD_USAGE "bad_query".
QD_MUST_USE qd_status qd_engine_query(const qd_json *query, qd_buf *out, qd_error *err);

// Fills err for a refused answer (status) or an error inside a stream (status 0) from the engine's message.
// Returns err->category. `what` is the headline.
qd_status qd_engine_fail(qd_error *err, int status, qd_slice message, const char *what);

#endif
