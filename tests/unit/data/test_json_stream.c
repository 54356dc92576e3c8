#include "data/json.h"
#include "qd_test.h"

static void collect(void *ctx, qd_json *doc) {
  qd_buf *out = ctx;
  cr_assert(qd_json_write(doc, NULL, out) && qd_buf_addc(out, '|'));
  qd_json_free(doc);
}

static const char stream_text[] =
    "\x1e{\"a\":\"}]\\\"{\\\\\"}\n[1,[2],{\"x\":[]}] 12 true\x1e\"s\\\\\" null\"t\"{}[]\r\n-1.5[\"\xE2\x82\xAC\"]\n\n";
static const char stream_docs[] = "{\"a\":\"}]\\\"{\\\\\"}|[1,[2],{\"x\":[]}]|12|true|\"s\\\\\"|null|\"t\"|{}|[]|-1.5|[\"\xE2\x82\xAC\"]|";

// Feeds the text cut at `first` and `second`.
static void fed(const char *text, size_t n, size_t first, size_t second, const char *expected) {
  qd_error err = QD_ERROR_INIT;
  qd_buf out;
  qd_buf_init(&out, 10000);
  qd_json_stream *s = qd_json_stream_new(1000, collect, &out);
  cr_assert_eq(qd_json_stream_feed(s, (qd_slice){text, first}, &err), QD_OK);
  cr_assert_eq(qd_json_stream_feed(s, (qd_slice){text + first, second - first}, &err), QD_OK);
  cr_assert_eq(qd_json_stream_feed(s, (qd_slice){text + second, n - second}, &err), QD_OK);
  cr_assert_eq(qd_json_stream_finish(s, &err), QD_OK, "%s", err.message);
  cr_assert_str_eq(out.n ? out.p : "", expected);
  qd_json_stream_free(s);
  qd_buf_deinit(&out);
}

QD_TEST(json_stream, splits_at_every_boundary) {
  size_t n = sizeof stream_text - 1;
  for (size_t first = 0; first <= n; first++)
    for (size_t second = first; second <= n; second += 3) fed(stream_text, n, first, second, stream_docs);
}

QD_TEST(json_stream, splits_byte_by_byte) {
  qd_error err = QD_ERROR_INIT;
  qd_buf out;
  qd_buf_init(&out, 10000);
  qd_json_stream *s = qd_json_stream_new(1000, collect, &out);
  for (size_t i = 0; i < sizeof stream_text - 1; i++) cr_assert_eq(qd_json_stream_feed(s, (qd_slice){stream_text + i, 1}, &err), QD_OK);
  cr_assert_eq(qd_json_stream_finish(s, &err), QD_OK);
  cr_assert_str_eq(out.p, stream_docs);
  qd_json_stream_free(s);
  qd_buf_deinit(&out);
}

QD_TEST(json_stream, a_last_scalar_needs_no_line_end) {
  fed("12 34", 5, 1, 4, "12|34|");
  fed("", 0, 0, 0, "");
  fed(" \n", 2, 1, 1, "");
}

static void fails(const char *text, size_t chunk, const char *message, const char *why) {
  qd_error err = QD_ERROR_INIT;
  qd_buf out;
  qd_buf_init(&out, 10000);
  qd_json_stream *s = qd_json_stream_new(20, collect, &out);
  qd_status st = QD_OK;
  for (size_t i = 0; i < strlen(text) && st == QD_OK; i += chunk)
    st = qd_json_stream_feed(s, (qd_slice){text + i, strnlen(text + i, chunk)}, &err);
  if (st == QD_OK) st = qd_json_stream_finish(s, &err);
  cr_assert_eq(st, QD_FAIL);
  cr_assert_str_eq(err.code, "bad_json");
  cr_assert_str_eq(err.message, message);
  cr_assert_str_eq(err.why, why);
  qd_error again = QD_ERROR_INIT;
  cr_assert_eq(qd_json_stream_feed(s, QD_SLICE("1 "), &again), QD_FAIL);
  cr_assert_str_eq(again.message, message);
  cr_assert_eq(qd_json_stream_finish(s, &again), QD_FAIL);
  cr_assert_str_eq(out.p, "1|", "nothing is delivered behind the mistake");
  qd_json_stream_free(s);
  qd_buf_deinit(&out);
}

QD_TEST(json_stream, reports_broken_documents) {
  for (size_t chunk = 1; chunk < 12; chunk++) {
    fails("1 {\"a\":]} 2", chunk, "not valid JSON: line 1, column 6", "unexpected ']'");
    fails("1 } 2", chunk, "not valid JSON: line 1, column 1", "unexpected '}'");
    fails("1 nope 2", chunk, "not valid JSON: line 1, column 1", "unexpected 'n'");
    fails("1 [\n1,\n2,,3]", chunk, "not valid JSON: line 3, column 3", "unexpected ','");
  }
}

QD_TEST(json_stream, reports_an_unfinished_document) {
  fails("1 {\"a\":1", 3, "the stream ended inside a JSON document", "the connection was closed after 6 bytes of it");
  fails("1 \"abc", 1, "the stream ended inside a JSON document", "the connection was closed after 4 bytes of it");
}

QD_TEST(json_stream, caps_each_document) {
  for (size_t chunk = 1; chunk < 40; chunk++)
    fails("1 [\"0123456789abcdefghijklmnop\"] 2", chunk, "a JSON document in the stream is too long", "it has more than 20 bytes");
  fed("[\"0123456789abcdef\"]", 20, 7, 19, "[\"0123456789abcdef\"]|");
}
