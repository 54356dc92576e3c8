#include "docker/engine.h"

#include <stdlib.h>

#include "http_peer.h"
#include "qd_test.h"

#define PING "HTTP/1.1 200 OK\r\nApi-Version: 1.46\r\nServer: Docker/27.1.2-qnap8 (linux)\r\nContent-Length: 2\r\n\r\nOK"
#define ANSWER "HTTP/1.1 200 OK\r\nApi-Version: 1.46\r\nServer: Docker/27.1.2-qnap8 (linux)\r\nContent-Length: 2\r\n\r\n[]"
#define TOO_NEW                                                                                                                        \
  "HTTP/1.1 400 Bad Request\r\nApi-Version: 1.43\r\nContent-Length: 83\r\n\r\n{\"message\":\"client version 1.46 is too new. Maximum " \
  "supported API version is 1.43\"}"

typedef struct got {
  qd_engine_call *call;
  qd_buf body;
  int heads;
  bool ended;
  qd_error err;
} got;

static void on_head(void *ctx, const qd_http_head *head) {
  (void)head;
  ((got *)ctx)->heads++;
}
static void on_body(void *ctx, qd_slice bytes) { (void)qd_buf_add(&((got *)ctx)->body, bytes.p, bytes.n); }
static void on_end(void *ctx, const qd_error *err) {
  got *g = ctx;
  cr_assert_not(g->ended);
  g->ended = true;
  if (err) g->err = *err;
}
static const qd_engine_events EVENTS = {on_head, on_body, on_end, NULL};

static const qd_engine_request LIST = {
    .method = "GET", .path = "/containers/json", .collect = true, .pipeline = true, .what = "cannot list"};
static const qd_engine_request LOGS = {.method = "GET", .path = "/containers/x/logs", .what = "cannot read the logs"};
static const qd_engine_request PUT = {.method = "PUT", .path = "/archive", .upload = true, .collect = true};

static void start(got *g, qd_engine *e, const qd_engine_request *r) {
  *g = (got){.err = QD_ERROR_INIT};
  qd_buf_init(&g->body, 1 << 16);
  (void)qd_buf_adds(&g->body, "");
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_engine_start(e, r, &EVENTS, g, &g->call, &err), QD_OK, "%s", err.message);
}

static void drop(got *g) {
  qd_engine_call_free(g->call);
  qd_buf_deinit(&g->body);
}

#define WORLD(hint) \
  peer p;           \
  peer_init(&p);    \
  qd_engine *e = qd_engine_new(&p.dialer, "nas1", hint)
#define END_WORLD()  \
  qd_engine_free(e); \
  peer_spin(&p);     \
  peer_deinit(&p)

QD_TEST(docker_engine, asks_for_the_version_first) {
  WORLD(NULL);
  got a;
  got b;
  start(&a, e, &LIST);
  start(&b, e, &LIST);
  peer_spin(&p);
  cr_assert(strncmp(peer_take(&p, 0), "GET /_ping HTTP", 15) == 0);
  cr_assert_eq(qd_engine_api(e), 0);
  peer_send(&p, 0, PING);
  peer_spin(&p);
  cr_assert_eq(qd_engine_api(e), 146);
  cr_assert_str_eq(qd_engine_server(e), "27.1.2-qnap8");
  cr_assert(strncmp(peer_take(&p, 0), "GET /v1.46/containers/json HTTP", 31) == 0);
  peer_send(&p, 0, ANSWER ANSWER);
  peer_spin(&p);
  cr_assert(a.ended && b.ended && a.err.category == QD_OK);
  cr_assert_eq(p.count, 1);
  drop(&a);
  drop(&b);
  END_WORLD();
}

QD_TEST(docker_engine, a_remembered_version_costs_no_question) {
  WORLD("1.41");
  got a;
  start(&a, e, &LIST);
  peer_spin(&p);
  cr_assert(strncmp(peer_take(&p, 0), "GET /v1.41/", 11) == 0);
  peer_send(&p, 0, ANSWER);
  peer_spin(&p);
  cr_assert(a.ended);
  cr_assert_eq(qd_engine_api(e), 146, "the answer said that it has become newer");
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, corrects_a_version_that_is_too_new) {
  WORLD("1.46");
  got a;
  got b;
  start(&a, e, &LIST);
  start(&b, e, &LOGS);
  peer_spin(&p);
  peer_send(&p, 0, TOO_NEW);
  peer_send(&p, 1, TOO_NEW);
  (void)peer_take(&p, 0);
  peer_spin(&p);
  cr_assert_not(a.ended);
  cr_assert(strncmp(peer_take(&p, 0), "GET /v1.43/", 11) == 0);
  peer_send(&p, 0, ANSWER);
  peer_send(&p, 1, ANSWER);
  peer_spin(&p);
  cr_assert(a.ended && b.ended);
  cr_assert_eq(a.err.category, QD_OK);
  cr_assert_eq(b.heads, 1);
  cr_assert_str_eq(b.body.p, "[]");
  drop(&a);
  drop(&b);
  END_WORLD();
}

QD_TEST(docker_engine, an_upload_waits_for_a_confirmed_version) {
  WORLD("1.46");
  got a;
  start(&a, e, &PUT);
  cr_assert(qd_engine_call_write(a.call, QD_SLICE("abc")));
  qd_engine_call_finish(a.call);
  peer_spin(&p);
  cr_assert(strncmp(peer_take(&p, 0), "GET /_ping", 10) == 0);
  peer_send(&p, 0, PING);
  peer_spin(&p);
  const char *sent = peer_take(&p, 0);
  cr_assert(strncmp(sent, "PUT /v1.46/archive", 18) == 0 && strstr(sent, "\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), "%s", sent);
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, speaks_no_newer_version_than_it_knows) {
  WORLD(NULL);
  got a;
  start(&a, e, &LIST);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nApi-Version: 1.60\r\nContent-Length: 0\r\n\r\n");
  (void)peer_take(&p, 0);
  peer_spin(&p);
  cr_assert(strncmp(peer_take(&p, 0), "GET /v1.51/", 11) == 0);
  peer_send(&p, 0,
            "HTTP/1.1 400 Bad\r\nApi-Version: 1.60\r\nContent-Length: 83\r\n\r\n{\"message\":\"client version 1.51 is too old. Minimum "
            "supported API version is 1.55\"}");
  peer_spin(&p);
  cr_assert(a.ended, "no endless correction");
  cr_assert_str_eq(a.err.code, "engine_too_new");
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, refuses_an_engine_that_is_too_old) {
  WORLD(NULL);
  got a;
  start(&a, e, &LIST);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 200 OK\r\nApi-Version: 1.39\r\nServer: Docker/18.09 (linux)\r\nContent-Length: 0\r\n\r\n");
  peer_spin(&p);
  cr_assert_eq(a.err.category, QD_UNSUPPORTED);
  cr_assert_str_eq(a.err.code, "engine_too_old");
  cr_assert(strstr(a.err.why, "1.39") && strstr(a.err.why, "1.40"), "%s", a.err.why);
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, refuses_what_is_no_engine) {
  WORLD(NULL);
  got a;
  start(&a, e, &LIST);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n");
  peer_spin(&p);
  cr_assert_str_eq(a.err.code, "not_an_engine");
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, a_refusal_carries_the_engines_words) {
  WORLD("1.46");
  got a;
  got b;
  start(&a, e, &LIST);
  start(&b, e, &LOGS);
  peer_spin(&p);
  const char *no = "HTTP/1.1 404 Not Found\r\nApi-Version: 1.46\r\nContent-Length: 34\r\n\r\n{\"message\":\"No such container: x\"}";
  peer_send(&p, 0, no);
  peer_send(&p, 1, no);
  peer_spin(&p);
  got *both[] = {&a, &b};
  for (int i = 0; i < 2; i++) {
    cr_assert_eq(both[i]->err.category, QD_NOT_FOUND);
    cr_assert_str_eq(both[i]->err.code, "no_such_container");
    cr_assert_str_eq(both[i]->err.engine, "No such container: x");
    cr_assert_eq(qd_engine_call_status(both[i]->call), 404);
    cr_assert_eq(both[i]->body.n, 0);
  }
  cr_assert_str_eq(b.err.message, "cannot read the logs");
  cr_assert_eq(b.heads, 0);
  drop(&a);
  drop(&b);
  END_WORLD();
}

QD_TEST(docker_engine, reads_a_refusal_even_when_its_owner_is_not_reading) {
  WORLD("1.46");
  got a;
  start(&a, e, &LOGS);
  qd_engine_call_read(a.call, false);
  qd_engine_call_read(a.call, true);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\n");
  peer_spin(&p);
  qd_engine_call_read(a.call, false);
  peer_send(&p, 0, "oops");
  peer_spin(&p);
  cr_assert(a.ended);
  cr_assert_str_eq(a.err.engine, "oops");
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, takes_304_for_success_and_a_redirect_for_a_failure) {
  WORLD("1.46");
  got a;
  got b;
  start(&a, e, &LIST);
  start(&b, e, &LOGS);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 304 Not Modified\r\nApi-Version: 1.46\r\n\r\n");
  peer_send(&p, 1, "HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
  peer_spin(&p);
  cr_assert(a.ended && a.err.category == QD_OK);
  cr_assert_eq(qd_engine_call_status(a.call), 304);
  cr_assert(b.ended);
  cr_assert_str_eq(b.err.code, "not_an_engine");
  drop(&a);
  drop(&b);
  END_WORLD();
}

QD_TEST(docker_engine, accepts_the_statuses_it_is_told_to) {
  WORLD("1.46");
  static const int OK[] = {404, 409, 0};
  qd_engine_request r = LIST;
  r.ok = OK;
  got a;
  start(&a, e, &r);
  peer_spin(&p);
  peer_send(&p, 0, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
  peer_spin(&p);
  cr_assert(a.ended && a.err.category == QD_OK);
  cr_assert(qd_slice_is(qd_engine_call_body(a.call), "no"));
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, a_lost_connection_keeps_the_callers_headline) {
  WORLD("1.46");
  got a;
  start(&a, e, &LIST);
  peer_spin(&p);
  peer_close(&p, 0);
  peer_spin(&p);
  cr_assert_str_eq(a.err.code, "connection_lost");
  cr_assert_str_eq(a.err.message, "cannot list");
  cr_assert(strstr(a.err.why, "the connection to nas1 was lost"), "%s", a.err.why);
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, how_to_reach_it_keeps_its_own_headline) {
  WORLD(NULL);
  p.allowed = 0;
  got a;
  got b;
  start(&a, e, &LIST);
  start(&b, e, &PUT);
  peer_spin(&p);
  cr_assert_str_eq(a.err.message, "no further connection");
  cr_assert_str_eq(b.err.code, "unreachable");
  drop(&a);
  drop(&b);
  p.allowed = 1;  // it may work later
  start(&a, e, &LIST);
  peer_spin(&p);
  cr_assert(strncmp(peer_take(&p, 0), "GET /_ping", 10) == 0);
  drop(&a);
  END_WORLD();
}

QD_TEST(docker_engine, closing_ends_what_is_under_way) {
  for (int settled = 0; settled < 2; settled++) {
    WORLD(settled ? "1.46" : NULL);
    got a;
    start(&a, e, &LIST);
    peer_spin(&p);
    qd_engine_free(e);
    cr_assert(a.ended);
    cr_assert_str_eq(a.err.code, "connection_closed");
    drop(&a);
    peer_spin(&p);
    peer_deinit(&p);
  }
}

QD_TEST(docker_engine, refuses_bad_paths_at_once) {
  WORLD(NULL);
  qd_engine_request r = LIST;
  r.path = "/containers/a b/json";
  qd_engine_call *call = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_engine_start(e, &r, &EVENTS, NULL, &call, &err), QD_USAGE);
  cr_assert_str_eq(err.code, "bad_request");
  END_WORLD();
}
