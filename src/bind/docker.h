// What docker.c, docker_args.c and docker_stream.c share.
#ifndef QD_BIND_DOCKER_H
#define QD_BIND_DOCKER_H

#include "bind/convert.h"
#include "docker/engine.h"

// The engine userdata; its user value is the dialer.
typedef struct qd__docker_engine {
  qd_engine *engine;  // NULL: closed
  char *label;
} qd__docker_engine;

// The engine at `arg`; raises when it was closed.                                        [-0, +0, e]
qd__docker_engine *qd__docker_check(lua_State *L, int arg);

// A request table turned into C. Lives in an anchored op or userdata, zeroed before it is read.
typedef struct qd__docker_args {
  qd_engine_request r;
  qd_json *query;
  qd_buf body;            // of a table, as JSON
  qd_http_field *fields;  // their text belongs to the table
  int ok[17];
  char *what, *object, *profile;
  uint64_t timeout_ms;  // until the answer (request) or its head (stream); 0: none
  bool raw;             // the body is not decoded
  bool lean;            // null members are left out
} qd__docker_args;

// Reads the table at `arg` (absolute). A body string is borrowed: the caller anchors the table's "body".  [-0, +0, e]
void qd__docker_args_read(lua_State *L, int arg, const char *label, qd__docker_args *out);
void qd__docker_args_free(qd__docker_args *args);
// Raises `err` with what the request knows: engine_status (0: none), profile, object.      [-0, +0, e]
int qd__docker_raise(lua_State *L, const qd__docker_args *args, const qd_error *err, int status);
// Pushes {name = value}.                                                                 [-0, +1, m]
void qd__docker_push_headers(lua_State *L, const qd_http_head *head);
// Pushes {status =, headers =, body =}: the body decoded when it is JSON and args->raw is not set.   [-0, +1, e]
void qd__docker_push_answer(lua_State *L, const qd__docker_args *args, const qd_http_head *head, qd_slice body);

// docker_stream.c: engine:stream{...} and engine:hijack{...}                              yields
int qd__docker_stream(lua_State *L);
int qd__docker_hijack(lua_State *L);
void qd__docker_stream_class(lua_State *L);

#endif
