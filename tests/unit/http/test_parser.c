#include "http/parser.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "qd_test.h"

// What one parser reported, as text: "200 a=1 b=2|body|done(keep)".
typedef struct seen {
  qd_buf text;
  qd__http_verdict verdict;
} seen;

static qd__http_verdict on_head(void *ctx, qd_http_head *head) {
  seen *s = ctx;
  (void)qd_buf_addf(&s->text, "%d", head->status);
  for (size_t i = 0; i < head->field_count; i++) (void)qd_buf_addf(&s->text, " %s=%s", head->fields[i].name, head->fields[i].value);
  (void)qd_buf_addc(&s->text, '|');
  free(head);
  return s->verdict;
}

static bool on_body(void *ctx, qd_slice bytes) {
  seen *s = ctx;
  return qd_buf_add(&s->text, bytes.p, bytes.n);
}

static const qd__http_parser_events EVENTS = {on_head, on_body};

static const char *const RESULTS[] = {"more", "done", "switched", "stopped", "failed"};

// Feeds one piece until it is used up.
static qd__http_result feed(qd__http_parser *p, seen *s, qd_slice bytes, qd_error *err) {
  qd__http_result r = QD__HTTP_MORE;
  while (bytes.n && r < QD__HTTP_SWITCHED) {
    r = qd__http_parser_feed(p, &bytes, err);
    if (r != QD__HTTP_MORE) (void)qd_buf_addf(&s->text, "|%s%s", RESULTS[r], qd__http_parser_keeps_alive(p) ? "+" : "");
  }
  if (r == QD__HTTP_SWITCHED) (void)qd_buf_addf(&s->text, ":%.*s", (int)bytes.n, bytes.p);
  return r;
}

// Feeds `input` in pieces of `piece` bytes, then the end of the connection when `end`. The caller frees the report.
static char *parse(qd_slice input, size_t piece, qd__http_verdict verdict, bool end) {
  seen s = {.verdict = verdict};
  qd_buf_init(&s.text, 1 << 20);
  qd__http_parser *p = qd__http_parser_new(&EVENTS, &s);
  qd_error err = QD_ERROR_INIT;
  qd__http_result r = QD__HTTP_MORE;
  size_t at = 0;
  while (at < input.n && r < QD__HTTP_SWITCHED) {
    qd_slice bytes = {input.p + at, input.n - at < piece ? input.n - at : piece};
    at += bytes.n;
    r = feed(p, &s, bytes, &err);
  }
  if (r == QD__HTTP_SWITCHED) (void)qd_buf_add(&s.text, input.p + at, input.n - at);
  if (end && r < QD__HTTP_SWITCHED) {
    r = qd__http_parser_finish(p, &err);
    (void)qd_buf_addf(&s.text, "|end:%s", RESULTS[r]);
  }
  if (r == QD__HTTP_FAILED) (void)qd_buf_addf(&s.text, "(%s: %s)", err.code, err.why);
  qd__http_parser_free(p);
  return qd_buf_take(&s.text);
}

#define EXPECT(input, verdict, end, wanted)                                                \
  do {                                                                                     \
    for (size_t piece = 1; piece < 4096; piece = piece * 5 + 2) {                          \
      char *got = parse(QD_SLICE(input), piece, verdict, end);                             \
      cr_assert_str_eq(got, wanted, "in pieces of %zu:\n%s\nnot\n%s", piece, got, wanted); \
      free(got);                                                                           \
    }                                                                                      \
  } while (0)

QD_TEST(http_parser, reads_a_body_of_known_length) {
  EXPECT("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nX-Empty:\r\n\r\nhello", QD__HTTP_BODY, true,
         "200 content-type=text/plain content-length=5 x-empty=|hello|done+|end:more");
}

QD_TEST(http_parser, joins_chunks_and_drops_extensions_and_trailers) {
  EXPECT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n", QD__HTTP_BODY, true,
         "200 transfer-encoding=chunked|abcde|done+|end:more");
}

QD_TEST(http_parser, keeps_pipelined_answers_apart) {
  EXPECT(
      "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
      "1\r\nConnection: close\r\n\r\nx",
      QD__HTTP_BODY, true, "204||done+304 content-length=9||done+200 content-length=1 connection=close|x|done|end:more");
}

QD_TEST(http_parser, reads_to_the_end_of_the_connection_without_a_length) {
  EXPECT("HTTP/1.1 200 OK\r\n\r\nabc", QD__HTTP_BODY, true, "200|abc|end:done");
  EXPECT("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", QD__HTTP_BODY, true, "200 content-length=1|a|done|end:more");
}

QD_TEST(http_parser, skips_interim_answers) {
  EXPECT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
         QD__HTTP_BODY, true, "200 content-length=2|ok|done+|end:more");
}

QD_TEST(http_parser, an_answer_to_head_has_no_body) {
  EXPECT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", QD__HTTP_NO_BODY, true, "200 content-length=5||done+|end:more");
}

QD_TEST(http_parser, hands_over_what_follows_an_upgrade) {
  EXPECT("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n\x01raw", QD__HTTP_RAW, true,
         "101 connection=Upgrade upgrade=tcp||switched:\x01raw");
  EXPECT("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nraw", QD__HTTP_RAW, true,
         "200 content-type=application/vnd.docker.raw-stream||switched:raw");
  EXPECT("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nHTTP", QD__HTTP_RAW, true, "101 upgrade=tcp||switched:HTTP");
}

static void expect_fails(qd_slice input, const char *code, const char *why) {
  for (size_t piece = 1; piece < 100000; piece = piece * 40 + 1) {
    char *got = parse(input, piece, QD__HTTP_BODY, true);
    const char *at = strstr(got, "failed(");
    cr_assert(at && strstr(at, code) && strstr(at, why), "in pieces of %zu: %s", piece, got);
    free(got);
  }
}

QD_TEST(http_parser, refuses_what_is_not_http) {
  expect_fails(QD_SLICE("SSH-2.0-OpenSSH_9.2\r\n"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/3.7 200 OK\r\n\r\n"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/2.0 200 OK\r\n\r\n"), "bad_response", "HTTP version");
  expect_fails(QD_SLICE("HTTP/1.1 999 Odd\r\n\r\n"), "bad_response", "status");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n"), "bad_response", "");
}

QD_TEST(http_parser, refuses_ambiguous_framing) {
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n"), "bad_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello"), "bad_response", "transfer coding");
  expect_fails(QD_SLICE("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"), "bad_response", "upgrade");
}

QD_TEST(http_parser, says_when_an_answer_was_cut_off) {
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"), "truncated_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), "truncated_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 200 OK\r\nTransfer-Enc"), "truncated_response", "");
  expect_fails(QD_SLICE("HT"), "truncated_response", "");
  expect_fails(QD_SLICE("HTTP/1.1 100 Continue\r\n\r\n"), "truncated_response", "");
}

// `head`, then `unit` over and over until there are `size` bytes.
static void expect_limit(const char *head, const char *unit, size_t size, const char *why) {
  qd_buf b;
  qd_buf_init(&b, size + 1024);
  (void)qd_buf_adds(&b, head);
  while (b.n < size) (void)qd_buf_adds(&b, unit);
  expect_fails(qd_buf_slice(&b), "bad_response", why);
  qd_buf_deinit(&b);
}

QD_TEST(http_parser, caps_everything_that_has_no_end) {
  expect_limit("HTTP/1.1 200 OK\r\n", "X-A: b\r\n", 4000, "200 header fields");
  expect_limit("HTTP/1.1 200 OK\r\nX-Long: ", "aaaaaaaaaa", 70000, "header block");
  expect_limit("HTTP/1.1 200 OK\r\nX-Blank:", "          ", 70000, "header block");
  expect_limit("HTTP/1.1 200 OK\r\n", "Xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 70000, "header block");
  expect_limit("HTTP/1.1 200 ", "reason ", 70000, "header block");
  expect_limit("", "HTTP/1.1 100 Continue\r\n\r\n", 70000, "header block");
  expect_limit("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "ext", 70000, "chunk framing");
  expect_limit("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "Trailer: x\r\n", 70000, "chunk framing");
}

QD_TEST(http_parser, many_small_chunks_are_no_framing_flood) {
  qd_buf b;
  qd_buf_init(&b, 1 << 20);
  (void)qd_buf_adds(&b, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 30000; i++) (void)qd_buf_adds(&b, "1\r\nx\r\n");
  (void)qd_buf_adds(&b, "0\r\n\r\n");
  char *got = parse(qd_buf_slice(&b), 65536, QD__HTTP_BODY, true);
  cr_assert(strstr(got, "|done+"));
  cr_assert_eq(strlen(got), strlen("200 transfer-encoding=chunked|") + 30000 + strlen("|done+|end:more"));
  free(got);
  qd_buf_deinit(&b);
}

QD_TEST(http_parser, stops_when_the_receiver_is_gone) {
  EXPECT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", QD__HTTP_STOP, true, "200 content-length=5||stopped");
}
