// HTTP/1.1 client over the streams of one dialer (RFC 9110, 9112): keep-alive pool, pipelined GETs, streamed bodies both ways
// with backpressure, upgrade to a raw two-way stream. Everything runs on the loop; no function waits.
#ifndef QD_HTTP_HTTP_H
#define QD_HTTP_HTTP_H

#include "net/stream.h"

typedef struct qd_http qd_http;            // a client: the connections to one place
typedef struct qd_http_call qd_http_call;  // one request and its response

enum {
  QD_HTTP_MAX_HEAD = 64 * 1024,  // bytes of a response's status line and header block; also of the framing between two body pieces
  QD_HTTP_MAX_FIELDS = 200,      // header fields of a response
  QD_HTTP_MAX_BODY = 64 << 20,   // bytes of a collected body, unless the request says otherwise
  QD_HTTP_MAX_PIPELINE = 8,      // GETs under way on one connection
  QD_HTTP_MAX_IDLE = 4,          // kept connections without a request
  QD_HTTP_IDLE_MS = 30000,       // how long one is kept
  QD_HTTP_MAX_CONNECTIONS = 64,
};

typedef struct qd_http_field {
  const char *name, *value;
} qd_http_field;

// The head of a final response; valid until the call is freed (a pipelined GET: until it is repeated).
typedef struct qd_http_head {
  int status;                   // 101, 200..599
  const qd_http_field *fields;  // names in lower case, in the order they came
  size_t field_count;
  bool raw;  // upgraded or hijacked: what follows is a raw stream, qd_http_write and _finish act on it
} qd_http_head;

// Value of the first field of that name (lower case), NULL when absent.
const char *qd_http_head_get(const qd_http_head *head, const char *name);

// How much of a request had left when its call failed.
typedef enum qd_http_sent { QD_HTTP_NOT_SENT, QD_HTTP_PARTLY_SENT, QD_HTTP_SENT } qd_http_sent;

typedef struct qd_http_request {
  const char *method;           // "GET"
  const char *target;           // path and query as they go out: printable ASCII without blanks
  const qd_http_field *fields;  // beside Host, User-Agent, Connection and the body's framing; no control characters in values
  size_t field_count;
  qd_slice body;     // borrowed until on_end or qd_http_call_free; p NULL: none (Content-Length: 0 unless GET or HEAD)
  size_t max_body;   // of a collected body; 0: QD_HTTP_MAX_BODY
  uint64_t idle_ms;  // fail with QD_TIMEOUT after so long without a byte from the peer (not while reading is off); 0: never
  bool upload;       // the body comes by qd_http_write and qd_http_finish, chunked
  bool hijack;       // asks for an upgrade to a raw stream ("Upgrade: tcp")
  bool collect;      // gather the response body (qd_http_call_body) instead of on_body
  bool pipeline;     // may share a connection with others like it: for quick GETs; needs collect
  bool bulk;         // a connection of its own with a large window, closed afterwards
} qd_http_request;

// Told from the loop, never from inside a function of this header. The call may be freed in any of them.
typedef struct qd_http_events {
  void (*on_head)(void *ctx, const qd_http_head *head);  // once (again when a pipelined GET is repeated); may be NULL
  void (*on_body)(void *ctx, qd_slice bytes);            // borrowed during the call; NULL with collect
  // Once: the response (or raw stream) is complete, or failed. Codes, all QD_CONNECT unless said: what the dialer says;
  // connection_lost (before any response byte), truncated_response, bad_response (not HTTP, or over a limit),
  // response_too_large (QD_FAIL), idle_timeout (QD_TIMEOUT).
  void (*on_end)(void *ctx, const qd_error *err);
  void (*on_drain)(void *ctx);  // qd_http_write() said false before, and there is room again; may be NULL
} qd_http_events;

// `dialer` is borrowed and must outlive the client; `label` names the place in messages ("nas1"; copied).
qd_http *qd_http_new(qd_dialer *dialer, const char *label);
// Opens connections until there are `n` (at most QD_HTTP_MAX_IDLE), so that requests which come later need not wait for them.
void qd_http_warm(qd_http *http, unsigned n);
// Closes every connection. Calls still there get no further event and stay to be freed by their owners.
void qd_http_free(qd_http *http);

// Whether a request is well-formed. Errors: QD_USAGE "bad_request" (a control character in target or fields, a field that is
// not the caller's to set, pipeline without collect).
QD_MUST_USE qd_status qd_http_check(const qd_http_request *request, qd_error *err);
// Queues the request; a connection is taken from the pool or opened. `events` must be static. An idempotent request
// (GET, HEAD) that fails on a kept connection before any response byte is repeated once on a fresh one; any other never.
// Errors: those of qd_http_check. Caller frees *out.
QD_MUST_USE qd_status qd_http_start(qd_http *http, const qd_http_request *request, const qd_http_events *events, void *ctx,
                                    qd_http_call **out, qd_error *err);
// An unfinished call is cancelled, which closes its connection. NULL ok.
void qd_http_call_free(qd_http_call *call);

// Response backpressure: switching off stops reading from the connection. On at first. What is under way still comes.
void qd_http_read(qd_http_call *call, bool on);
// Next bytes of an upload, or of a raw stream. Bytes for a raw stream wait inside until its head came (the engine drops what
// comes earlier). false: wait for on_drain before writing more (the bytes were taken). Ignored once the response has begun (uploads) or
// ended.
bool qd_http_write(qd_http_call *call, qd_slice bytes);
// End of the upload, or of our direction of a raw stream.
void qd_http_finish(qd_http_call *call);
// Whether the peer still wants upload bytes: false once its response has begun or the call ended.
bool qd_http_wants_upload(const qd_http_call *call);
// NULL before the head came.
const qd_http_head *qd_http_call_head(const qd_http_call *call);
qd_slice qd_http_call_body(const qd_http_call *call);  // collected so far; until the call is freed
qd_http_sent qd_http_call_sent(const qd_http_call *call);

typedef struct qd_http_stats {
  uint64_t requests, connections, bytes_in, bytes_out;  // since qd_http_new
  unsigned idle, busy;                                  // connections now
} qd_http_stats;
qd_http_stats qd_http_get_stats(const qd_http *http);

#endif
