// What engine.c and call.c share.
#ifndef QD_DOCKER_INTERNAL_H
#define QD_DOCKER_INTERNAL_H

#include "docker/engine.h"

struct qd_engine {
  qd_http *http;
  char *label;
  int api;       // what requests go out with; 0: not known
  bool settled;  // an answer confirmed it
  char server[64];
  qd_list pending;     // calls that wait for the version
  qd_http_call *ping;  // under way
};

struct qd_engine_call {
  qd_list link;       // in engine->pending, else unlinked
  qd_engine *engine;  // NULL once ended
  qd_http_call *http;
  const qd_engine_events *events;
  void *ctx;
  char *method, *target, *what;  // target without the version
  qd_http_field *fields;         // one block with their text
  size_t field_count;
  int *ok;                  // 0-terminated or NULL
  qd_http_request request;  // flags and body; its strings are set at launch
  bool unversioned;
  int api;  // it went out with
  int status;
  bool refused;    // the answer is an error: its body is gathered in `words`
  bool corrected;  // sent again with another version
  qd_buf words;
  qd_buf early;  // upload or raw bytes that wait for the version
  bool early_finish;
  bool paused;
};

// call.c
void qd__engine_launch(qd_engine_call *call);                         // the version is known
void qd__engine_call_end(qd_engine_call *call, const qd_error *err);  // tells the owner

// engine.c
void qd__engine_ask(qd_engine *e);  // starts GET /_ping unless it is under way
// Takes the version from an answer's headers; an error when we have none in common.
QD_MUST_USE qd_status qd__engine_learn(qd_engine *e, const qd_http_head *head, qd_error *err);

#endif
