// JSON: what is accepted comes back the same from the writer, from the stream splitter in pieces of the first byte, and with
// other white space.
#include <stdint.h>
#include <stdlib.h>

#include "data/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void keep_one(void *ctx, qd_json *doc) {
  qd_json **kept = ctx;
  if (*kept) abort();
  *kept = doc;
}

static void drop(void *ctx, qd_json *doc) {
  (void)ctx;
  qd_json_free(doc);
}

static bool feed(qd_json_stream *s, qd_slice text, size_t piece) {
  qd_error err;
  qd_status st = QD_OK;
  for (size_t i = 0; i < text.n && st == QD_OK; i += piece)
    st = qd_json_stream_feed(s, (qd_slice){text.p + i, text.n - i < piece ? text.n - i : piece}, &err);
  return st == QD_OK && qd_json_stream_finish(s, &err) == QD_OK;
}

static qd_json *write_and_read(const qd_json *v, const qd_json_style *style, qd_buf *out) {
  qd_error err;
  qd_json *again = NULL;
  qd_buf_init(out, 64u << 20);
  if (!qd_json_write(v, style, out) || qd_json_parse(qd_buf_slice(out), NULL, &again, &err) != QD_OK) abort();
  return again;
}

// From the second time on the text stays the same (the first time a -0.0 becomes the integer -0, which is 0).
static void check_writer(const qd_json *v, const qd_json_style *style) {
  qd_buf texts[3];
  qd_json *once = write_and_read(v, style, &texts[0]);
  qd_json *twice = write_and_read(once, style, &texts[1]);
  qd_json *thrice = write_and_read(twice, style, &texts[2]);
  if (!qd_json_equal(once, twice) || !qd_slice_eq(qd_buf_slice(&texts[1]), qd_buf_slice(&texts[2]))) abort();
  qd_json_free(once);
  qd_json_free(twice);
  qd_json_free(thrice);
  for (int i = 0; i < 3; i++) qd_buf_deinit(&texts[i]);
}

// A text that is taken once is taken again and then stays as it is; one that is JSON keeps its meaning.
static void check_reformat(qd_slice text, const qd_json *v, unsigned indent) {
  qd_error err;
  qd_buf once;
  qd_buf twice;
  qd_buf_init(&once, 64u << 20);
  qd_buf_init(&twice, 64u << 20);
  if (qd_json_reformat(text, indent, &once, &err) == QD_OK) {
    if (qd_json_reformat(qd_buf_slice(&once), indent, &twice, &err) != QD_OK) abort();
    if (!qd_slice_eq(qd_buf_slice(&once), qd_buf_slice(&twice))) abort();
    qd_json *again = NULL;
    if (v && (qd_json_parse(qd_buf_slice(&once), NULL, &again, &err) != QD_OK || !qd_json_equal(v, again))) abort();
    qd_json_free(again);
  } else if (v) {
    abort();
  }
  qd_buf_deinit(&once);
  qd_buf_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  size_t piece = (size_t)data[0] + 1;
  qd_slice text = {(const char *)data + 1, size - 1};
  qd_error err;
  qd_json *v = NULL;
  bool accepted = qd_json_parse(text, &(qd_json_limits){1u << 20, 200}, &v, &err) == QD_OK;
  if (!accepted && (err.code == NULL || err.message[0] == '\0' || err.why[0] == '\0')) abort();
  check_reformat(text, v, 0);
  check_reformat(text, v, 3);
  bool marked = text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0;  // a byte order mark is no part of a stream
  qd_json *streamed = NULL;
  qd_json_stream *s = qd_json_stream_new(1u << 20, accepted && !marked ? keep_one : drop, &streamed);
  bool through = feed(s, text, piece);
  qd_json_stream_free(s);
  if (accepted && !marked && (!through || !streamed || !qd_json_equal(v, streamed))) abort();
  if (accepted) {
    check_writer(v, &(qd_json_style){.html_safe = true});
    check_writer(v, &(qd_json_style){.indent = 1, .sort_keys = true});
    qd_json *copy = qd_json_dup(v);
    if (!qd_json_equal(copy, v)) abort();
    qd_json_free(copy);
  }
  qd_json_free(streamed);
  qd_json_free(v);
  return 0;
}
