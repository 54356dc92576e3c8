// Finds the ends of concatenated JSON documents, wherever the chunks are cut. Only brackets and strings are
// looked at; whether a document is right is the parser's to say.
#include <stdlib.h>

#include "base/mem.h"
#include "data/json.h"

enum { RECORD_SEPARATOR = 0x1e };  // RFC 7464

typedef enum place {
  BETWEEN,  // no document has begun
  SCALAR,   // in a number or a literal at the top level
  NESTED,   // in a container
  STRING,   // in a string, at any depth
  ESCAPE,   // behind its backslash
} place;

struct qd_json_stream {
  size_t max;
  qd_json_stream_item *item;
  void *ctx;
  qd_buf held;  // begin of a document that arrived with earlier chunks
  place place;
  size_t depth;
  qd_status failed;  // sticky, with its error
  qd_error error;
};

qd_json_stream *qd_json_stream_new(size_t max_doc_bytes, qd_json_stream_item *item, void *ctx) {
  qd_json_stream *s = qd_xcalloc(1, sizeof *s);
  s->max = max_doc_bytes;
  s->item = item;
  s->ctx = ctx;
  qd_buf_init(&s->held, max_doc_bytes);
  return s;
}

void qd_json_stream_free(qd_json_stream *s) {
  if (!s) return;
  qd_buf_deinit(&s->held);
  free(s);
}

static qd_status fail(qd_json_stream *s, qd_status st, qd_error *err) {
  s->failed = st;
  s->error = *err;
  return st;
}

static qd_status too_long(qd_json_stream *s, qd_error *err) {
  (void)qd_fail(err, QD_FAIL, "bad_json", "a JSON document in the stream is too long");
  (void)qd_why(err, "it has more than %zu bytes", s->max);
  return fail(s, QD_FAIL, err);
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Takes one byte into account. true: the document ends with it (*behind: in front of it).
static bool step(qd_json_stream *s, char c, bool *behind) {
  *behind = false;
  switch (s->place) {
    case ESCAPE:
      s->place = STRING;
      return false;
    case STRING:
      if (c == '\\') s->place = ESCAPE;
      if (c == '"') s->place = s->depth > 0 ? NESTED : BETWEEN;
      return s->place == BETWEEN;
    case SCALAR:
      *behind = is_space(c) || c == RECORD_SEPARATOR || c == '"' || c == '[' || c == '{';
      if (*behind) s->place = BETWEEN;
      return *behind;
    case BETWEEN:
    case NESTED:
      break;
  }
  if (c == '"') {
    s->place = STRING;
  } else if (c == '[' || c == '{') {
    s->place = NESTED;
    s->depth++;
  } else if (s->place == BETWEEN) {
    s->place = SCALAR;
  } else if (c == ']' || c == '}') {
    s->depth--;
    if (s->depth == 0) s->place = BETWEEN;
    return s->depth == 0;
  }
  return false;
}

static qd_status deliver(qd_json_stream *s, qd_slice tail, qd_error *err) {
  qd_slice text = tail;
  if (s->held.n > 0) {
    if (!qd_buf_add(&s->held, tail.p, tail.n)) return too_long(s, err);
    text = qd_buf_slice(&s->held);
  }
  if (text.n > s->max) return too_long(s, err);
  qd_json_limits limits = QD_JSON_LIMITS_DEFAULT;
  limits.max_bytes = s->max;
  qd_json *doc = NULL;
  qd_status st = qd_json_parse(text, &limits, &doc, err);
  qd_buf_clear(&s->held);
  if (st != QD_OK) return fail(s, st, err);
  s->item(s->ctx, doc);
  return QD_OK;
}

qd_status qd_json_stream_feed(qd_json_stream *s, qd_slice bytes, qd_error *err) {
  if (s->failed) {
    *err = s->error;
    return s->failed;
  }
  size_t start = 0;  // of the current document in this chunk
  size_t i = 0;
  while (i < bytes.n) {
    char c = bytes.p[i];
    if (s->place == BETWEEN) {
      if (is_space(c) || c == RECORD_SEPARATOR) {
        i++;
        continue;
      }
      start = i;
    }
    bool behind;
    bool ends = step(s, c, &behind);
    if (!behind) i++;
    if (!ends) continue;
    qd_status st = deliver(s, (qd_slice){bytes.p + start, i - start}, err);
    if (st != QD_OK) return st;
    start = i;
  }
  if (s->place == BETWEEN) return QD_OK;
  return qd_buf_add(&s->held, bytes.p + start, bytes.n - start) ? QD_OK : too_long(s, err);
}

qd_status qd_json_stream_finish(qd_json_stream *s, qd_error *err) {
  if (s->failed) {
    *err = s->error;
    return s->failed;
  }
  if (s->place == BETWEEN) return QD_OK;
  if (s->place == SCALAR) {
    s->place = BETWEEN;
    return deliver(s, (qd_slice){"", 0}, err);
  }
  (void)qd_fail(err, QD_FAIL, "bad_json", "the stream ended inside a JSON document");
  (void)qd_why(err, "the connection was closed after %zu bytes of it", s->held.n);
  return fail(s, QD_FAIL, err);
}
