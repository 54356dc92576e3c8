#include "http/http.h"

#include <stdlib.h>

#include "base/mem.h"
#include "http/internal.h"
#include "http_peer.h"
#include "qd_test.h"

static const qd_http_request GET = {.method = "GET", .target = "/a", .collect = true};
static const qd_http_request POST = {.method = "POST", .target = "/p", .collect = true};
static const qd_http_request PIPELINED = {.method = "GET", .target = "/q", .collect = true, .pipeline = true};
static const qd_http_request STREAM = {.method = "GET", .target = "/s"};
static const qd_http_request UPLOAD = {.method = "PUT", .target = "/u", .upload = true, .collect = true};
static const qd_http_request HIJACK = {.method = "POST", .target = "/h", .hijack = true};

QD_TEST(http_client, sends_a_request_and_keeps_the_connection) {
  PEER_WORLD();
  reply r;
  qd_http_field fields[] = {{"X-A", "b"}};
  reply_start(&r, http, &(qd_http_request){.method = "GET", .target = "/v1.41/x?y=1", .fields = fields, .field_count = 1, .collect = true});
  peer_spin(&p);
  cr_assert_str_eq(peer_take(&p, 0), WIRE("GET", "/v1.41/x?y=1") "X-A: b\r\n\r\n");
  cr_assert_not(r.ended);
  peer_send(&p, 0, "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nApi-Version: 1.41\r\n\r\nhello");
  peer_spin(&p);
  cr_assert(r.ended);
  cr_assert_eq(r.status, 201);
  cr_assert_str_eq(r.body.p, "hello");
  cr_assert_str_eq(qd_http_head_get(qd_http_call_head(r.call), "api-version"), "1.41");
  reply_deinit(&r);
  reply_start(&r, http, &POST);
  peer_spin(&p);
  cr_assert_str_eq(peer_take(&p, 0), WIRE("POST", "/p") "Content-Length: 0\r\n\r\n");
  cr_assert_eq(p.count, 1);
  peer_send(&p, 0, "HTTP/1.1 204 No Content\r\n\r\n");
  peer_spin(&p);
  cr_assert_eq(r.status, 204);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, reads_answers_that_come_byte_by_byte) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &STREAM);
  peer_spin(&p);
  const char *text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (; *text; text++) {
    peer_send(&p, 0, (char[]){*text, 0});
    (void)qd_loop_turn(p.loop, false);
  }
  peer_spin(&p);
  cr_assert(r.ended && r.err.category == QD_OK);
  cr_assert_eq(r.heads, 1);
  cr_assert_str_eq(r.body.p, "abcde");
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, says_when_an_answer_breaks_off) {
  PEER_WORLD();
  reply r[2];
  reply_start(&r[0], http, &GET);
  reply_start(&r[1], http, &STREAM);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  peer_send(&p, 1, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  peer_spin(&p);
  peer_close(&p, 0);
  peer_close(&p, 1);
  peer_spin(&p);
  for (int i = 0; i < 2; i++) {
    cr_assert_eq(r[i].err.category, QD_CONNECT);
    cr_assert_str_eq(r[i].err.code, "truncated_response");
    cr_assert_str_eq(r[i].err.message, "nas1: the answer broke off in the middle");
    reply_deinit(&r[i]);
  }
  PEER_END();
}

QD_TEST(http_client, garbage_is_no_answer) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &GET);
  peer_spin(&p);
  peer_send(&p, 0, "SSH-2.0-OpenSSH_9.2\r\n");
  peer_spin(&p);
  cr_assert_str_eq(r.err.code, "bad_response");
  cr_assert(strstr(r.err.why, "SSH-2.0-OpenSSH_9.2"), "%s", r.err.why);
  cr_assert(p.conns[0].ended);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, refuses_a_body_that_is_too_large_before_it_comes) {
  PEER_WORLD();
  reply r[2];
  reply_start(&r[0], http, &GET);
  qd_http_request small = GET;
  small.max_body = 4;
  reply_start(&r[1], http, &small);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n");
  peer_send(&p, 1, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  peer_spin(&p);
  for (int i = 0; i < 2; i++) {
    cr_assert_str_eq(r[i].err.code, "response_too_large");
    cr_assert(p.conns[i].ended);
    reply_deinit(&r[i]);
  }
  PEER_END();
}

QD_TEST(http_client, head_has_a_length_but_no_body) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &(qd_http_request){.method = "HEAD", .target = "/x", .collect = true});
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n");
  peer_spin(&p);
  cr_assert(r.ended && r.err.category == QD_OK);
  cr_assert_not(p.conns[0].ended);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, uploads_in_chunks) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &UPLOAD);
  cr_assert(qd_http_write(r.call, QD_SLICE("abc")));  // before there is a connection
  peer_spin(&p);
  cr_assert(qd_http_write(r.call, QD_SLICE("")));
  cr_assert(qd_http_write(r.call, QD_SLICE("0123456789abcdef")));
  qd_http_finish(r.call);
  peer_spin(&p);
  cr_assert_str_eq(peer_take(&p, 0), WIRE("PUT", "/u") "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
  peer_send(&p, 0, OK2);
  peer_spin(&p);
  cr_assert_eq(r.status, 200);
  cr_assert_eq(qd_http_get_stats(http).idle, 1);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, an_early_answer_ends_an_upload) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &UPLOAD);
  peer_spin(&p);
  cr_assert(qd_http_wants_upload(r.call));
  peer_send(&p, 0, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
  peer_spin(&p);
  cr_assert(r.ended);
  cr_assert_eq(r.status, 404);
  cr_assert_not(qd_http_wants_upload(r.call));
  cr_assert(qd_http_write(r.call, QD_SLICE("more")));
  peer_spin(&p);
  cr_assert(p.conns[0].ended, "the connection has half a request on it");
  cr_assert(strstr(peer_take(&p, 0), "more") == NULL);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, a_large_body_goes_out_as_the_peer_takes_it) {
  PEER_WORLD();
  size_t n = 3u << 20;
  char *body = qd_xmalloc(n);
  memset(body, 'x', n);
  qd_http_request q = POST;
  q.body = (qd_slice){body, n};
  reply r;
  reply_start(&r, http, &q);
  (void)qd_loop_turn(p.loop, false);
  qd_stream_read(p.conns[0].stream, false);
  peer_spin(&p);
  cr_assert_eq(qd_http_call_sent(r.call), QD_HTTP_PARTLY_SENT);
  qd_stream_read(p.conns[0].stream, true);
  peer_spin(&p);
  const char *head = WIRE("POST", "/p") "Content-Length: 3145728\r\n\r\n";
  cr_assert_eq(p.conns[0].in.n, strlen(head) + n);
  cr_assert_eq(memcmp(p.conns[0].in.p, head, strlen(head)), 0);
  cr_assert_eq(qd_http_call_sent(r.call), QD_HTTP_SENT);
  reply_deinit(&r);
  free(body);
  PEER_END();
}

QD_TEST(http_client, tells_when_an_upload_may_go_on) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &UPLOAD);
  peer_spin(&p);
  qd_stream_read(p.conns[0].stream, false);
  char block[8192];
  memset(block, 'y', sizeof block);
  int writes = 1;
  while (qd_http_write(r.call, (qd_slice){block, sizeof block})) cr_assert_lt(writes++, 1000, "no backpressure");
  peer_spin(&p);
  cr_assert_eq(r.drains, 0);
  qd_stream_read(p.conns[0].stream, true);
  peer_spin(&p);
  cr_assert_eq(r.drains, 1);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, an_early_answer_wakes_a_waiting_upload) {
  PEER_WORLD();
  reply r;
  qd_http_request q = UPLOAD;
  q.collect = false;
  reply_start(&r, http, &q);
  peer_spin(&p);
  qd_stream_read(p.conns[0].stream, false);
  char block[8192];
  memset(block, 'y', sizeof block);
  while (qd_http_write(r.call, (qd_slice){block, sizeof block})) {
  }
  peer_send(&p, 0, "HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nfu");
  peer_spin(&p);
  cr_assert_eq(r.drains, 1);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, reading_off_holds_the_peer_back) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &STREAM);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  peer_spin(&p);
  qd_http_read(r.call, false);
  peer_send(&p, 0, "5\r\nhello\r\n0\r\n\r\n");
  peer_spin(&p);
  cr_assert_eq(r.body.n, 0);
  cr_assert_not(r.ended);
  qd_http_read(r.call, true);
  peer_spin(&p);
  cr_assert_str_eq(r.body.p, "hello");
  cr_assert(r.ended);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, upgrades_to_a_raw_stream) {
  PEER_WORLD();
  reply r;
  qd_http_request q = HIJACK;
  q.body = QD_SLICE("{}");
  reply_start(&r, http, &q);
  cr_assert(qd_http_write(r.call, QD_SLICE("early")));  // the engine would drop it: it waits for the head
  peer_spin(&p);
  cr_assert_str_eq(peer_take(&p, 0), WIRE("POST", "/h") "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}");
  peer_send(&p, 0, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello");
  peer_spin(&p);
  cr_assert(r.raw);
  cr_assert_str_eq(r.body.p, "hello");
  cr_assert_str_eq(peer_take(&p, 0), "early");
  (void)qd_http_write(r.call, QD_SLICE("in"));
  qd_http_finish(r.call);
  peer_spin(&p);
  cr_assert_str_eq(peer_take(&p, 0), "in");
  cr_assert(p.conns[0].ended, "our side is half-closed");
  cr_assert_not(r.ended);
  peer_send(&p, 0, " world");
  peer_spin(&p);
  peer_close(&p, 0);
  peer_spin(&p);
  cr_assert_str_eq(r.body.p, "hello world");
  cr_assert(r.ended && r.err.category == QD_OK);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, takes_the_200_form_of_a_hijack) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &HIJACK);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nout");
  peer_spin(&p);
  cr_assert(r.raw);
  cr_assert_str_eq(r.body.p, "out");
  reply_deinit(&r);
  cr_assert_eq(qd_http_get_stats(http).busy, 0);
  PEER_END();
}

QD_TEST(http_client, a_refused_hijack_is_an_ordinary_answer) {
  PEER_WORLD();
  reply r;
  reply_start(&r, http, &HIJACK);
  cr_assert(qd_http_write(r.call, QD_SLICE("stdin")));
  peer_spin(&p);
  (void)peer_take(&p, 0);
  peer_send(&p, 0, "HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nno such container");
  peer_spin(&p);
  qd_stream_shutdown(p.conns[0].stream);
  peer_spin(&p);
  cr_assert(r.ended && !r.raw && r.err.category == QD_OK);
  cr_assert_eq(r.status, 404);
  cr_assert_str_eq(r.body.p, "no such container");
  cr_assert_str_eq(peer_take(&p, 0), "");
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, gives_up_on_a_silent_peer) {
  PEER_WORLD();
  qd_http_request q = STREAM;
  q.idle_ms = 5;
  reply r;
  reply_start(&r, http, &q);
  peer_wait(&p, &r.ended);
  cr_assert_eq(r.err.category, QD_TIMEOUT);
  cr_assert_str_eq(r.err.code, "idle_timeout");
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_client, refuses_requests_that_would_smuggle) {
  PEER_WORLD();
  qd_http_field line[] = {{"X-A", "b\r\nX-C: d"}};
  qd_http_field length[] = {{"content-length", "7"}};
  qd_http_field name[] = {{"X A", "b"}};
  const qd_http_request bad[] = {
      {.method = "GET", .target = "/a b"},
      {.method = "GET", .target = "/a\r\nX: y"},
      {.method = "GET", .target = "a"},
      {.method = "GET ", .target = "/a"},
      {.method = "GET", .target = "/a", .fields = line, .field_count = 1},
      {.method = "GET", .target = "/a", .fields = length, .field_count = 1},
      {.method = "GET", .target = "/a", .fields = name, .field_count = 1},
      {.method = "POST", .target = "/a", .collect = true, .pipeline = true},
      {.method = "GET", .target = "/a", .pipeline = true},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qd_http_call *call = NULL;
    qd_error err = QD_ERROR_INIT;
    static const qd_http_events none;
    cr_assert_eq(qd_http_start(http, &bad[i], &none, NULL, &call, &err), QD_USAGE, "%zu", i);
    cr_assert_str_eq(err.code, "bad_request");
    cr_assert_null(call);
  }
  PEER_END();
}

// Frees the client from inside an answer's end.
typedef struct quitter {
  qd_http *http;
  qd_http_call *call;
  bool ended;
} quitter;
static void quit(void *ctx, const qd_error *err) {
  (void)err;
  quitter *q = ctx;
  q->ended = true;
  qd_http_call_free(q->call);
  qd_http_free(q->http);
}
static const qd_http_events QUIT = {.on_end = quit};

QD_TEST(http_client, may_be_freed_from_inside_an_event) {
  for (int broken = 0; broken < 2; broken++) {
    PEER_WORLD();
    reply r;
    quitter q = {.http = http};
    qd_error err = QD_ERROR_INIT;
    cr_assert_eq(qd_http_start(http, &PIPELINED, &QUIT, &q, &q.call, &err), QD_OK);
    reply_start(&r, http, &PIPELINED);
    peer_spin(&p);
    if (broken)
      peer_close(&p, 0);
    else
      peer_send(&p, 0, OK2);
    peer_spin(&p);
    cr_assert(q.ended);
    cr_assert(r.ended, "the other call is told too");
    cr_assert_neq(r.err.category, QD_OK);
    reply_deinit(&r);
    peer_deinit(&p);
  }
}

static void drop_both(void *ctx, qd_slice bytes) {
  (void)bytes;
  quitter *q = ctx;
  qd_http_call_free(q->call);
  q->call = NULL;
}
static const qd_http_events DROP = {.on_body = drop_both};

QD_TEST(http_client, a_call_may_be_freed_from_inside_its_body) {
  PEER_WORLD();
  quitter q = {.http = http};
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_http_start(http, &STREAM, &DROP, &q, &q.call, &err), QD_OK);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n");
  peer_spin(&p);
  cr_assert_null(q.call);
  cr_assert(p.conns[0].ended);
  PEER_END();
}

QD_TEST(http_client, counts_what_it_does) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  qd_http_stats s = qd_http_get_stats(http);
  cr_assert_eq(s.requests, 1);
  cr_assert_eq(s.connections, 1);
  cr_assert_eq(s.bytes_in, strlen(OK2));
  cr_assert_eq(s.bytes_out, strlen(WIRE("GET", "/a") "\r\n"));
  PEER_END();
}
