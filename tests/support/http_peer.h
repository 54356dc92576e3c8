// A scripted HTTP peer for unit tests: a dialer whose connections are in-memory pairs, and the far ends of them.
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include "http/http.h"
#include "net/net.h"

enum { PEER_MAX = 32 };

#define WIRE(method, target) method " " target " HTTP/1.1\r\nHost: docker\r\nUser-Agent: qnap-docker/" QD_VERSION "\r\n"
#define OK2 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// A client `http` of a peer `p`, and their end.
#define PEER_WORLD() \
  peer p;            \
  peer_init(&p);     \
  qd_http *http = qd_http_new(&p.dialer, "nas1")
#define PEER_END()    \
  qd_http_free(http); \
  peer_spin(&p);      \
  peer_deinit(&p)

typedef struct peer_conn {
  qd_stream *stream;  // the far end
  qd_buf in;          // what the client sent and the test has not taken
  bool ended;         // the client closed or half-closed
  bool bulk;
} peer_conn;

typedef struct peer {
  qd_dialer dialer;  // first member
  qd_loop *loop;
  qd_list dials;  // under way
  peer_conn conns[PEER_MAX];
  unsigned count;    // connections made
  unsigned allowed;  // further ones are refused
} peer;

// What a call reported.
typedef struct reply {
  qd_http_call *call;
  qd_buf body;
  qd_error err;
  int heads;
  int status;
  int drains;
  bool raw;
  bool ended;
} reply;

void peer_init(peer *p);
void peer_deinit(peer *p);                  // fails the test when the loop is left with handles
void peer_spin(peer *p);                    // turns the loop until nothing more happens
void peer_wait(peer *p, const bool *done);  // turns until *done
void peer_send(peer *p, unsigned conn, const char *text);
void peer_close(peer *p, unsigned conn);  // the peer's end goes away
// Takes what came on the connection so far; a static buffer.
const char *peer_take(peer *p, unsigned conn);

void reply_start(reply *r, qd_http *http, const qd_http_request *request);
void reply_deinit(reply *r);  // frees the call too
// One GET served on a connection, which is then kept.
void peer_warm_up(peer *p, qd_http *http);

#endif
