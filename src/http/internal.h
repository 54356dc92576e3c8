// What client.c, conn.c, pool.c and request.c share.
//
// A call is in exactly one place: http->waiting (no connection yet), a connection's `calls` (in flight, oldest first), a local
// list of calls about to be told, or nowhere once it ended. qd_list_remove() takes it out of any of them.
#ifndef QD_HTTP_INTERNAL_H
#define QD_HTTP_INTERNAL_H

#include "http/http.h"
#include "http/parser.h"
#include "loop/timer.h"

enum {
  QD__HTTP_MAX_DIALS = 8,        // connections being opened at once
  QD__HTTP_PIECE = 64 * 1024,    // bytes of a body handed to the stream in one go
  QD__HTTP_SLOW_MS = 500,        // a connection silent for so long gets no further request behind those it has
  QD__HTTP_PENDING = 64 * 1024,  // high-water mark of upload bytes that wait for their connection
};

typedef struct qd__http_conn qd__http_conn;

struct qd_http {
  qd_dialer *dialer;  // borrowed
  qd_loop *loop;
  char *label;
  qd_list conns, waiting, dials;
  unsigned conn_count, dial_count;  // dials for the queue; those of bulk calls are not counted
  unsigned max_conns;               // QD_HTTP_MAX_CONNECTIONS, or what the peer turned out to allow
  bool no_pipeline;                 // the peer closes after a response: nothing may queue behind another
  uint64_t idle_ms;
  uint64_t slow_ms;
  qd_timer *sweep;      // closes idle connections; NULL while there is none
  qd_http_stats stats;  // without idle and busy
};

struct qd_http_call {
  qd_list link;
  qd_http *http;               // NULL once ended
  qd__http_conn *conn;         // NULL while waiting and once ended
  struct qd__http_dial *dial;  // of a bulk call
  const qd_http_events *events;
  void *ctx;
  qd_buf wire;    // request line and header block
  qd_slice body;  // borrowed
  size_t body_sent;
  qd_buf pending;  // upload bytes (framed) or raw bytes that cannot go out yet
  qd_buf collected;
  qd_http_head *head;  // owned; NULL before the response
  qd_timer *idle;      // NULL when idle_ms is 0
  uint64_t idle_ms;
  qd_defer drained;  // on_drain, told later
  bool upload, hijack, collect, pipeline, bulk, head_only, idempotent;
  bool reading;     // the receiver wants bytes
  bool want_drain;  // qd_http_write() said false
  bool finish;      // qd_http_finish() was called
  bool finished;    // and its effect is on the wire
  bool started;     // a byte of the request was handed to a stream
  bool fresh_only, retried;
};

struct qd__http_conn {
  qd_list link;
  qd_http *http;
  qd_stream *stream;
  qd__http_parser *parser;
  qd_list calls;
  unsigned depth;     // number of calls
  uint64_t served;    // responses completed
  uint64_t moved_at;  // when bytes came last, or a request went out with nothing before it, or it became idle
  bool bulk;          // for one call
  bool raw;
  bool eof;
  bool feeding;  // inside on_data: freed when that returns
  bool dead;
};

// request.c: checks the request and serialises its head into `wire`.
QD_MUST_USE qd_status qd__http_wire(const qd_http_request *request, qd_buf *wire, qd_error *err);

// client.c
void qd__http_call_end(qd_http_call *call, const qd_error *err);  // unlinked already; tells the owner
void qd__http_call_rewind(qd_http_call *call);                    // as before it was sent
void qd__http_call_touch(qd_http_call *call);                     // (re)starts its idle deadline
void qd__http_call_drained(qd_http_call *call);                   // there is room again: tells the owner later, if it waits
bool qd__http_call_sent_all(const qd_http_call *call);

// conn.c
qd__http_conn *qd__http_conn_new(qd_http *http, qd_stream *stream, bool bulk);
bool qd__http_conn_takes(const qd__http_conn *c, const qd_http_call *call);
void qd__http_conn_attach(qd__http_conn *c, qd_http_call *call);
void qd__http_conn_pump(qd__http_conn *c);  // sends what can be sent
// Closes and frees (later, when inside on_data). Its calls move to `left`, an initialised list.
void qd__http_conn_close(qd__http_conn *c, qd_list *left);
// Closes because of `call`, which is only unlinked; the pipelined ones beside it, all unanswered GETs, go back to the queue.
void qd__http_conn_abandon(qd__http_conn *c, qd_http_call *call);

// pool.c
void qd__http_schedule(qd_http *http);                 // gives waiting calls to connections, opens more
void qd__http_requeue(qd_http *http, qd_list *calls);  // rewinds them; in front of the queue, in their order
void qd__http_dial_drop(struct qd__http_dial *d);
void qd__http_trim_idle(qd_http *http);

#endif
