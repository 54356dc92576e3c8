// Response parser: the room's only view of llhttp. Push in bytes, get head, body pieces and the end of each response.
#ifndef QD_HTTP_PARSER_H
#define QD_HTTP_PARSER_H

#include "http/http.h"

typedef struct qd__http_parser qd__http_parser;

typedef enum qd__http_verdict {
  QD__HTTP_BODY,     // framed as the head says
  QD__HTTP_NO_BODY,  // answer to HEAD
  QD__HTTP_RAW,      // upgraded: what follows is not HTTP
  QD__HTTP_STOP,     // the receiver is gone; feed returns QD__HTTP_STOPPED
} qd__http_verdict;

typedef struct qd__http_parser_events {
  // Not called for interim responses (1xx but 101). The receiver owns `head`, one block: free().
  qd__http_verdict (*on_head)(void *ctx, qd_http_head *head);
  bool (*on_body)(void *ctx, qd_slice bytes);  // false: the receiver is gone
} qd__http_parser_events;

typedef enum qd__http_result {
  QD__HTTP_MORE,      // all bytes taken, the response goes on
  QD__HTTP_DONE,      // a response ended; `bytes` begins behind it
  QD__HTTP_SWITCHED,  // raw from here on: `bytes` begins with it
  QD__HTTP_STOPPED,
  QD__HTTP_FAILED,  // err is set: QD_CONNECT "bad_response" or "truncated_response"
} qd__http_result;

qd__http_parser *qd__http_parser_new(const qd__http_parser_events *events, void *ctx);
void qd__http_parser_free(qd__http_parser *p);  // not from inside an event
// After QD__HTTP_DONE the next feed begins a new response.
qd__http_result qd__http_parser_feed(qd__http_parser *p, qd_slice *bytes, qd_error *err);
// The peer ended: DONE when that is the end of a body without a length, FAILED when a response is cut off, MORE when none had begun.
qd__http_result qd__http_parser_finish(qd__http_parser *p, qd_error *err);
// A byte of the current response was seen (interim ones count).
bool qd__http_parser_begun(const qd__http_parser *p);
// After DONE: the connection may serve another request.
bool qd__http_parser_keeps_alive(const qd__http_parser *p);

#endif
