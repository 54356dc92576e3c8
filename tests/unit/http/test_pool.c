#include "http/http.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "http/internal.h"
#include "http_peer.h"
#include "qd_test.h"

static const qd_http_request GET = {.method = "GET", .target = "/a", .collect = true};
static const qd_http_request POST = {.method = "POST", .target = "/p", .collect = true};
static const qd_http_request PIPELINED = {.method = "GET", .target = "/q", .collect = true, .pipeline = true};
static const qd_http_request STREAM = {.method = "GET", .target = "/s"};

QD_TEST(http_pool, pipelines_gets_and_keeps_their_order) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  reply r[20];
  p.allowed = 1;  // no second connection: all go over the one that is there
  for (int i = 0; i < 20; i++) {
    char target[16];
    (void)snprintf(target, sizeof target, "/%d", i);
    qd_http_request q = PIPELINED;
    q.target = target;
    reply_start(&r[i], http, &q);
  }
  peer_spin(&p);
  const char *sent = peer_take(&p, 0);
  cr_assert(strstr(sent, "GET /7 ") && !strstr(sent, "GET /8 "), "eight at once");
  for (int i = 0; i < 20; i++) {
    char answer[64];
    (void)snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%02d", i);
    peer_send(&p, 0, answer);
    if (i == 7) peer_spin(&p);
  }
  peer_spin(&p);
  for (int i = 0; i < 20; i++) {
    cr_assert(r[i].ended);
    cr_assert_eq(r[i].err.category, QD_OK, "%s", r[i].err.message);
    cr_assert_eq(strtol(r[i].body.p, NULL, 10), i);
    reply_deinit(&r[i]);
  }
  PEER_END();
}

QD_TEST(http_pool, opens_connections_for_what_cannot_share_one) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  reply r[4];
  reply_start(&r[0], http, &PIPELINED);
  reply_start(&r[1], http, &POST);       // not behind a GET
  reply_start(&r[2], http, &PIPELINED);  // behind the first
  reply_start(&r[3], http, &STREAM);
  peer_spin(&p);
  cr_assert_eq(p.count, 3);
  cr_assert_str_eq(peer_take(&p, 0), WIRE("GET", "/q") "\r\n" WIRE("GET", "/q") "\r\n");
  for (int i = 0; i < 4; i++) reply_deinit(&r[i]);
  PEER_END();
}

QD_TEST(http_pool, puts_nothing_behind_a_slow_answer) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  http->slow_ms = 0;
  reply r[2];
  for (int i = 0; i < 2; i++) {
    reply_start(&r[i], http, &PIPELINED);
    peer_spin(&p);
  }
  cr_assert_eq(p.count, 2);
  for (int i = 0; i < 2; i++) reply_deinit(&r[i]);
  PEER_END();
}

QD_TEST(http_pool, repeats_a_get_when_a_kept_connection_turns_out_dead) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  reply r[3];
  peer_close(&p, 0);  // not seen yet
  for (int i = 0; i < 3; i++) reply_start(&r[i], http, &PIPELINED);
  peer_spin(&p);
  cr_assert_eq(p.count, 2);
  cr_assert_eq(strlen(peer_take(&p, 1)), 3 * strlen(WIRE("GET", "/q") "\r\n"));
  peer_close(&p, 1);  // a fresh one: no second repetition
  peer_spin(&p);
  for (int i = 0; i < 3; i++) {
    cr_assert(r[i].ended);
    cr_assert_str_eq(r[i].err.code, "connection_lost");
    reply_deinit(&r[i]);
  }
  PEER_END();
}

QD_TEST(http_pool, never_repeats_a_post) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  reply r;
  peer_close(&p, 0);
  reply_start(&r, http, &POST);
  peer_spin(&p);
  cr_assert_eq(p.count, 1);
  cr_assert_str_eq(r.err.code, "connection_lost");
  cr_assert(strstr(r.err.message, "nas1"));
  cr_assert(strstr(r.err.hint, "may have taken effect"), "%s", r.err.hint);
  cr_assert_eq(qd_http_call_sent(r.call), QD_HTTP_SENT);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_pool, takes_a_fresh_connection_when_a_kept_one_ended) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  peer_close(&p, 0);
  peer_spin(&p);  // seen this time
  reply r;
  reply_start(&r, http, &POST);
  peer_spin(&p);
  cr_assert_eq(p.count, 2);
  peer_send(&p, 1, OK2);
  peer_spin(&p);
  cr_assert_eq(r.status, 200);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_pool, drops_a_kept_connection_that_speaks_unasked) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  peer_send(&p, 0, OK2);  // would be taken for the answer to the next request
  peer_spin(&p);
  cr_assert(p.conns[0].ended);
  reply r;
  reply_start(&r, http, &GET);
  peer_spin(&p);
  cr_assert_eq(p.count, 2);
  peer_send(&p, 1, OK2 "HTTP/1.1 200 OK\r\n");  // and so would bytes behind an answer
  peer_spin(&p);
  cr_assert_eq(r.status, 200);
  cr_assert(p.conns[1].ended);
  reply_deinit(&r);
  PEER_END();
}

QD_TEST(http_pool, repeats_pipelined_gets_after_connection_close) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  reply r[3];
  for (int i = 0; i < 3; i++) reply_start(&r[i], http, &PIPELINED);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  peer_spin(&p);
  cr_assert(r[0].ended && !r[1].ended && !r[2].ended);
  cr_assert_eq(p.count, 3, "one connection each from now on");
  peer_send(&p, 1, OK2);
  peer_send(&p, 2, OK2);
  peer_spin(&p);
  for (int i = 0; i < 3; i++) {
    cr_assert_eq(r[i].status, 200);
    reply_deinit(&r[i]);
  }
  PEER_END();
}

QD_TEST(http_pool, cancelling_closes_the_connection_and_spares_the_others) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  reply r[3];
  for (int i = 0; i < 3; i++) reply_start(&r[i], http, &PIPELINED);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");  // half an answer to the first
  peer_spin(&p);
  reply_deinit(&r[1]);
  peer_spin(&p);
  cr_assert(p.conns[0].ended);
  cr_assert_eq(p.count, 2);
  peer_send(&p, 1, OK2 OK2);
  peer_spin(&p);
  cr_assert_str_eq(r[0].body.p, "ok");
  cr_assert_str_eq(r[2].body.p, "ok");
  reply_deinit(&r[0]);
  reply_deinit(&r[2]);
  PEER_END();
}

QD_TEST(http_pool, everybody_waiting_fails_when_nothing_can_be_opened) {
  PEER_WORLD();
  p.allowed = 0;
  reply r[12];
  for (int i = 0; i < 12; i++) reply_start(&r[i], http, i % 2 ? &PIPELINED : &POST);
  qd_http_request bulk = STREAM;
  bulk.bulk = true;
  reply_start(&r[11], http, (reply_deinit(&r[11]), &bulk));
  peer_spin(&p);
  for (int i = 0; i < 12; i++) {
    cr_assert(r[i].ended, "%d", i);
    cr_assert_str_eq(r[i].err.code, "unreachable");
    cr_assert_eq(qd_http_call_sent(r[i].call), QD_HTTP_NOT_SENT);
    reply_deinit(&r[i]);
  }
  PEER_END();
}

QD_TEST(http_pool, makes_do_with_one_connection) {
  PEER_WORLD();
  p.allowed = 1;  // MaxSessions 1
  reply r[3];
  for (int i = 0; i < 3; i++) reply_start(&r[i], http, &POST);
  for (int i = 0; i < 3; i++) {
    peer_spin(&p);
    cr_assert_not(r[i].ended, "%s", r[i].err.message);
    peer_send(&p, 0, OK2);
  }
  peer_spin(&p);
  for (int i = 0; i < 3; i++) {
    cr_assert_eq(r[i].status, 200);
    reply_deinit(&r[i]);
  }
  PEER_END();
}

QD_TEST(http_pool, fails_rather_than_wait_behind_a_stream) {
  PEER_WORLD();
  p.allowed = 1;
  reply stream;
  reply_start(&stream, http, &STREAM);
  peer_spin(&p);
  reply r;
  reply_start(&r, http, &GET);
  peer_spin(&p);
  cr_assert_str_eq(r.err.code, "unreachable");
  reply_deinit(&r);
  reply_deinit(&stream);
  PEER_END();
}

QD_TEST(http_pool, bulk_calls_have_a_connection_of_their_own) {
  PEER_WORLD();
  peer_warm_up(&p, http);
  qd_http_request q = STREAM;
  q.bulk = true;
  reply r;
  reply_start(&r, http, &q);
  peer_spin(&p);
  cr_assert_eq(p.count, 2);
  cr_assert(p.conns[1].bulk && !p.conns[0].bulk);
  peer_send(&p, 1, OK2);
  peer_spin(&p);
  cr_assert(r.ended && p.conns[1].ended);
  reply_deinit(&r);
  reply_start(&r, http, &q);
  reply_deinit(&r);  // while it is being dialled
  PEER_END();
}

QD_TEST(http_pool, keeps_four_idle_connections_and_not_for_ever) {
  PEER_WORLD();
  reply r[6];
  for (int i = 0; i < 6; i++) reply_start(&r[i], http, &POST);
  peer_spin(&p);
  cr_assert_eq(p.count, 6);
  for (unsigned i = 0; i < 6; i++) peer_send(&p, i, OK2);
  peer_spin(&p);
  cr_assert_eq(qd_http_get_stats(http).idle, 4);
  for (int i = 0; i < 6; i++) reply_deinit(&r[i]);
  PEER_END();
}

static void nothing(void *ctx) { (void)ctx; }

QD_TEST(http_pool, closes_idle_connections_in_the_end) {
  PEER_WORLD();
  http->idle_ms = 1;
  peer_warm_up(&p, http);
  qd_timer *awake = qd_timer_new(p.loop, nothing, NULL);  // idle connections alone do not keep the loop turning
  qd_timer_start(awake, 10000, 0);
  peer_wait(&p, &p.conns[0].ended);
  cr_assert(p.conns[0].ended);
  cr_assert_eq(qd_http_get_stats(http).idle, 0);
  qd_timer_free(awake);
  PEER_END();
}
