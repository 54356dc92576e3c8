// Outbound HTTP and HTTPS (RFC 9110) by libcurl, for what people's scripts talk to: webhooks, notifications, APIs. Certificates are always
// checked. The Docker Engine is spoken to by http/, not by this.
#ifndef QD_WEB_WEB_H
#define QD_WEB_WEB_H

#include "base/slice.h"
#include "loop/loop.h"

typedef struct qd_web qd_web;            // the connections of a loop: kept for the next request
typedef struct qd_web_call qd_web_call;  // one request

typedef struct qd_web_request {
  const char *method;          // "GET"
  const char *url;             // http:// or https://
  const char *const *headers;  // "Name: value", NULL-terminated; NULL: none
  qd_slice body;               // sent where has_body
  bool has_body;
  unsigned redirects;   // how many are followed; from https only to https
  uint64_t connect_ms;  // until the connection (with TLS) is there; 0: libcurl's 300 s
  const char *ca_file;  // certificates of the authorities that are trusted; NULL: the system's
} qd_web_request;

// Slices are borrowed for the call. The owner may close the call in any of them.
typedef struct qd_web_events {
  void (*on_status)(void *ctx, int status);                     // of the answer that is the last one; before its headers
  void (*on_header)(void *ctx, qd_slice name, qd_slice value);  // name in lower case
  void (*on_data)(void *ctx, qd_slice bytes);
  void (*on_end)(void *ctx, const qd_error *err);  // once; err NULL: the answer is whole. It is the owner's to close the call
} qd_web_events;

// NULL with `err` filled when libcurl is not installed.
qd_web *qd_web_new(qd_loop *loop, qd_error *err);
// Calls that are not closed are ended; on_end is not called. NULL ok.
void qd_web_free(qd_web *w);

// Starts a request; everything in `request` is copied, `events` stays. NULL with `err` filled when the request is none.
qd_web_call *qd_web_start(qd_web *w, const qd_web_request *request, const qd_web_events *events, void *ctx, qd_error *err);
// Whether more of the answer is wanted now; at first it is. Backpressure reaches the peer.
void qd_web_read(qd_web_call *c, bool on);
// Ends it, wherever it is. No event comes any more. NULL ok.
void qd_web_close(qd_web_call *c);

#endif
