// One request to the engine: waits for the version, goes out, is repeated when the version was refused, and turns a refusal
// into an error with the engine's words.
#include "docker/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
  TARGET_MAX = 1 << 20,
  EARLY_HIGH = 64 * 1024,  // bytes to send that wait for the version
};

void qd__engine_call_end(qd_engine_call *call, const qd_error *err) {
  call->engine = NULL;
  call->events->on_end(call->ctx, err);
}

static bool accepted(const qd_engine_call *call, int status) {
  if (status < 300 || status == 304) return true;  // the engine redirects only paths that we built wrongly
  for (const int *ok = call->ok; ok && *ok; ok++)
    if (*ok == status) return true;
  return false;
}

static void on_head(void *ctx, const qd_http_head *head) {
  qd_engine_call *call = ctx;
  call->status = head->status;
  call->refused = !accepted(call, head->status);
  if (!call->refused) {
    if (call->events->on_head) call->events->on_head(call->ctx, head);
  } else if (call->paused) {
    qd_http_read(call->http, true);  // its owner waits for no body
  }
}

static void on_body(void *ctx, qd_slice bytes) {
  qd_engine_call *call = ctx;
  if (!call->refused) {
    call->events->on_body(call->ctx, bytes);
    return;
  }
  size_t room = call->words.cap - call->words.n;
  (void)qd_buf_add(&call->words, bytes.p, bytes.n < room ? bytes.n : room);
}

// A streamed upload cannot be sent twice, but it went out only after the version had settled.
static bool version_refused(const qd_engine_call *call) {
  if (call->status != 400 || call->corrected || call->request.upload) return false;
  qd_slice words = call->request.collect ? qd_http_call_body(call->http) : qd_buf_slice(&call->words);
  return words.n && memmem(words.p, words.n, "client version", 14) != NULL;
}

// The answer is complete: what it says about the version, then whether it is a refusal.
static qd_status judge(qd_engine_call *call, bool *out_again, qd_error *err) {
  qd_engine *e = call->engine;
  const qd_http_head *head = qd_http_call_head(call->http);
  *out_again = version_refused(call);
  if ((!e->settled || *out_again) && qd_http_head_get(head, "api-version") && qd__engine_learn(e, head, err) != QD_OK) return err->category;
  if (*out_again && e->api != call->api) return QD_OK;
  *out_again = false;
  if (accepted(call, call->status)) return QD_OK;
  qd_slice words = call->request.collect ? qd_http_call_body(call->http) : qd_buf_slice(&call->words);
  return qd_engine_fail(err, call->status, words, call->what);
}

// What went wrong below the engine's answer, under the caller's headline; how to reach the NAS keeps its own.
static void headline(const qd_engine_call *call, qd_error *err) {
  if (qd_http_call_sent(call->http) == QD_HTTP_NOT_SENT) return;
  char cause[sizeof err->message];
  memcpy(cause, err->message, sizeof cause);
  (void)snprintf(err->message, sizeof err->message, "%s", call->what);
  char why[sizeof err->why];
  memcpy(why, err->why, sizeof why);
  (void)qd_why(err, "%.300s%s%.200s", cause, why[0] ? ": " : "", why);
}

static void on_end(void *ctx, const qd_error *failure) {
  qd_engine_call *call = ctx;
  const qd_http_head *head = qd_http_call_head(call->http);
  qd_error err = QD_ERROR_INIT;
  if (failure) {
    err = *failure;
    headline(call, &err);
    qd__engine_call_end(call, &err);
    return;
  }
  call->status = head->status;
  bool again = false;
  if (judge(call, &again, &err) != QD_OK) {
    qd__engine_call_end(call, &err);
  } else if (again) {
    call->corrected = true;
    call->status = 0;
    call->refused = false;
    qd_buf_clear(&call->words);
    qd_http_call_free(call->http);
    call->http = NULL;
    qd__engine_launch(call);
  } else {
    qd__engine_call_end(call, NULL);
  }
}

static void on_drain(void *ctx) {
  qd_engine_call *call = ctx;
  if (call->events->on_drain) call->events->on_drain(call->ctx);
}

static const qd_http_events HTTP_EVENTS = {on_head, on_body, on_end, on_drain};

void qd__engine_launch(qd_engine_call *call) {
  qd_engine *e = call->engine;
  call->api = e->api;
  char *target = call->unversioned ? qd_xstrdup(call->target) : qd_xasprintf("/v1.%d%s", call->api - 100, call->target);
  qd_http_request r = call->request;
  r.method = call->method;
  r.target = target;
  r.fields = call->fields;
  r.field_count = call->field_count;
  qd_error err = QD_ERROR_INIT;
  if (qd_http_start(e->http, &r, &HTTP_EVENTS, call, &call->http, &err) != QD_OK) abort();  // qd_engine_start has checked it
  free(target);
  if (call->paused) qd_http_read(call->http, false);
  bool waits = call->early.n >= EARLY_HIGH;
  bool room = qd_http_write(call->http, qd_buf_slice(&call->early));
  qd_buf_deinit(&call->early);
  if (call->early_finish) qd_http_finish(call->http);
  if (waits && room) on_drain(call);
}

// Names and values in one block behind the array.
static qd_http_field *copy_fields(const qd_http_field *fields, size_t n) {
  if (n == 0) return NULL;
  size_t size = n * sizeof *fields;
  for (size_t i = 0; i < n; i++) size += strlen(fields[i].name) + strlen(fields[i].value) + 2;
  qd_http_field *copy = qd_xmalloc(size);
  char *text = (char *)(copy + n);
  for (size_t i = 0; i < n; i++) {
    size_t name = strlen(fields[i].name) + 1;
    size_t value = strlen(fields[i].value) + 1;
    memcpy(text, fields[i].name, name);
    memcpy(text + name, fields[i].value, value);
    copy[i] = (qd_http_field){text, text + name};
    text += name + value;
  }
  return copy;
}

static int *copy_ok(const int *ok) {
  if (!ok) return NULL;
  size_t n = 0;
  while (ok[n]) n++;
  int *copy = qd_xcalloc(n + 1, sizeof *copy);
  memcpy(copy, ok, n * sizeof *copy);
  return copy;
}

static qd_status make_target(const qd_engine_request *r, char **out, qd_error *err) {
  qd_buf b;
  qd_buf_init(&b, TARGET_MAX);
  (void)qd_buf_adds(&b, r->path);
  qd_status st = qd_engine_query(r->query, &b, err);
  if (st == QD_OK)
    *out = qd_buf_take(&b);
  else
    qd_buf_deinit(&b);
  return st;
}

qd_status qd_engine_start(qd_engine *e, const qd_engine_request *r, const qd_engine_events *events, void *ctx, qd_engine_call **out,
                          qd_error *err) {
  char *target = NULL;
  if (make_target(r, &target, err) != QD_OK) return err->category;
  const qd_http_request request = {.method = r->method,
                                   .target = target,
                                   .fields = r->fields,
                                   .field_count = r->field_count,
                                   .body = r->body,
                                   .upload = r->upload,
                                   .hijack = r->hijack,
                                   .collect = r->collect,
                                   .max_body = r->max_body,
                                   .pipeline = r->pipeline,
                                   .bulk = r->bulk,
                                   .idle_ms = r->idle_ms};
  if (qd_http_check(&request, err) != QD_OK) {
    free(target);
    return err->category;
  }
  qd_engine_call *call = qd_xcalloc(1, sizeof *call);
  qd_list_init(&call->link);
  call->engine = e;
  call->events = events;
  call->ctx = ctx;
  call->method = qd_xstrdup(r->method);
  call->target = target;
  call->what = r->what ? qd_xstrdup(r->what) : qd_xasprintf("%s %s failed on %s", r->method, r->path, e->label);
  call->fields = copy_fields(r->fields, r->field_count);
  call->field_count = r->field_count;
  call->ok = copy_ok(r->ok);
  call->request = request;
  call->unversioned = r->unversioned;
  qd_buf_init(&call->words, QD_ENGINE_MAX_ERROR_BODY);
  qd_buf_init(&call->early, (size_t)-1 / 2);
  *out = call;
  // A hint is trusted for what can be sent again.
  if (e->settled || r->unversioned || (e->api && !r->upload)) {
    qd__engine_launch(call);
  } else {
    qd_list_push(&e->pending, &call->link);
    qd__engine_ask(e);
  }
  return QD_OK;
}

void qd_engine_call_free(qd_engine_call *call) {
  if (!call) return;
  qd_http_call_free(call->http);
  qd_list_remove(&call->link);
  qd_buf_deinit(&call->words);
  qd_buf_deinit(&call->early);
  free(call->method);
  free(call->target);
  free(call->what);
  free(call->fields);
  free(call->ok);
  free(call);
}

void qd_engine_call_read(qd_engine_call *call, bool on) {
  call->paused = !on;
  if (call->http && !(call->refused && !on)) qd_http_read(call->http, on);
}

bool qd_engine_call_write(qd_engine_call *call, qd_slice bytes) {
  if (call->http) return qd_http_write(call->http, bytes);
  if (!call->engine) return true;
  (void)qd_buf_add(&call->early, bytes.p, bytes.n);
  return call->early.n < EARLY_HIGH;
}

void qd_engine_call_finish(qd_engine_call *call) {
  if (call->http)
    qd_http_finish(call->http);
  else
    call->early_finish = true;
}

bool qd_engine_call_wants_upload(const qd_engine_call *call) {
  return call->engine && (call->http ? qd_http_wants_upload(call->http) : call->request.upload);
}

const qd_http_head *qd_engine_call_head(const qd_engine_call *call) {
  return call->http && !call->refused ? qd_http_call_head(call->http) : NULL;
}

qd_slice qd_engine_call_body(const qd_engine_call *call) { return call->http ? qd_http_call_body(call->http) : (qd_slice){NULL, 0}; }

int qd_engine_call_status(const qd_engine_call *call) { return call->status; }
