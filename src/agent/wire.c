// Frames: written, read. Contract in wire.h.
#include "agent/wire.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static void put_u32(char *p, size_t v) {
  p[0] = (char)(v >> 24 & 0xff);
  p[1] = (char)(v >> 16 & 0xff);
  p[2] = (char)(v >> 8 & 0xff);
  p[3] = (char)(v & 0xff);
}

static size_t get_u32(const char *p) {
  const unsigned char *u = (const unsigned char *)p;
  return (size_t)u[0] << 24 | (size_t)u[1] << 16 | (size_t)u[2] << 8 | (size_t)u[3];
}

void qd__wire_begin(qd_buf *b, qd__frame_type type, size_t *at) {
  *at = b->n;
  char head[QD__WIRE_HEAD] = {(char)type};
  (void)qd_buf_add(b, head, sizeof head);
}

void qd__frame_put(qd_buf *b, qd_slice s) {
  char n[4];
  put_u32(n, s.n);
  (void)qd_buf_add(b, n, sizeof n);
  (void)qd_buf_add(b, s.p, s.n);
}

void qd__frame_puts(qd_buf *b, const char *s) { qd__frame_put(b, qd_slice_of(s ? s : "")); }

void qd__frame_putn(qd_buf *b, long long n) {
  char text[24];
  (void)snprintf(text, sizeof text, "%lld", n);
  qd__frame_puts(b, text);
}

void qd__wire_end(qd_buf *b, size_t at) {
  if (!b->overflow) put_u32(b->p + at + 1, b->n - at - QD__WIRE_HEAD);
}

void qd__wire_data_head(char head[QD__WIRE_HEAD], qd__frame_type type, size_t n) {
  head[0] = (char)type;
  put_u32(head + 1, n);
}

void qd__wire_init(qd__wire *w) {
  *w = (qd__wire){.have = 0};
  qd_buf_init(&w->body, QD__WIRE_CONTROL_MAX);
}

void qd__wire_deinit(qd__wire *w) {
  if (w->body.p) qd_wipe(w->body.p, w->body.room);
  qd_buf_deinit(&w->body);
}

static qd_status bad(qd_error *err, const char *why) {
  (void)qd_fail(err, QD_CONNECT, "bad_agent_frame", "the connection holder does not speak our language");
  (void)qd_why(err, "%s", why);
  return qd_hint(err, "qnap-docker agent stop");
}

static bool is_data(char type) { return type == QD__DATA || type == QD__ERRDATA; }

static qd_status begin_body(qd__wire *w, qd_error *err) {
  static const char TYPES[] = {QD__HELLO,   QD__ENTER,  QD__QUESTION, QD__ANSWER, QD__SESSION, QD__OPEN,
                               QD__PREPARE, QD__OPENED, QD__FAILED,   QD__DATA,   QD__ERRDATA, QD__END,
                               QD__CLOSED,  QD__LOST,   QD__STATUS,   QD__STOP,   QD__RETIRE,  QD__TOLD};
  size_t n = get_u32(w->head + 1);
  if (!memchr(TYPES, w->head[0], sizeof TYPES)) return bad(err, "it sent a frame of an unknown type");
  if (n > (is_data(w->head[0]) ? (size_t)QD__WIRE_DATA_MAX : (size_t)QD__WIRE_CONTROL_MAX))
    return bad(err, "it sent a frame that is too long");
  if (is_data(w->head[0]))
    w->left = n;
  else
    w->want = n;
  if (w->body.p) qd_wipe(w->body.p, w->body.n);
  qd_buf_clear(&w->body);
  return QD_OK;
}

static qd_status split(const qd__wire *w, qd__frame *out, qd_error *err) {
  out->count = 0;
  for (size_t at = 0; at < w->body.n;) {
    if (w->body.n - at < 4 || out->count == QD__WIRE_STRINGS_MAX) return bad(err, "it sent a broken list");
    size_t n = get_u32(w->body.p + at);
    at += 4;
    if (n > w->body.n - at) return bad(err, "it sent a broken list");
    out->strings[out->count++] = (qd_slice){w->body.p + at, n};
    at += n;
  }
  return QD_OK;
}

static size_t take(qd_slice *bytes, size_t want) {
  size_t n = bytes->n < want ? bytes->n : want;
  bytes->p += n;
  bytes->n -= n;
  return n;
}

// Whether the head is there, and what it says was taken in.
static qd_status take_head(qd__wire *w, qd_slice *bytes, bool *out_there, qd_error *err) {
  *out_there = w->have == QD__WIRE_HEAD;
  if (*out_there) return QD_OK;
  const char *from = bytes->p;
  size_t n = take(bytes, QD__WIRE_HEAD - w->have);
  if (n > 0) memcpy(w->head + w->have, from, n);
  w->have += n;
  *out_there = w->have == QD__WIRE_HEAD;
  return *out_there ? begin_body(w, err) : QD_OK;
}

static bool take_data(qd__wire *w, qd_slice *bytes, qd__frame *out) {
  const char *from = bytes->p;
  size_t n = take(bytes, w->left);
  w->left -= n;
  if (w->left == 0) w->have = 0;
  out->bytes = (qd_slice){from, n};
  return n > 0;
}

static bool take_body(qd__wire *w, qd_slice *bytes) {
  const char *from = bytes->p;
  size_t n = take(bytes, w->want - w->body.n);
  if (n > 0) (void)qd_buf_add(&w->body, from, n);
  if (w->body.n < w->want) return false;
  w->have = 0;
  return true;
}

qd_status qd__wire_next(qd__wire *w, qd_slice *bytes, qd__frame *out, bool *out_got, qd_error *err) {
  *out_got = false;
  for (;;) {
    bool there = false;
    qd_status status = take_head(w, bytes, &there, err);
    if (status != QD_OK || !there) return status;
    out->type = (qd__frame_type)w->head[0];
    if (!is_data(w->head[0])) {
      *out_got = take_body(w, bytes);
      return *out_got ? split(w, out, err) : QD_OK;
    }
    *out_got = take_data(w, bytes, out);
    if (*out_got || w->have != 0) return QD_OK;  // an empty frame says nothing: the next one is looked at
  }
}

void qd__frame_cstr(const qd__frame *f, size_t i, char *out, size_t room) {
  size_t n = i < f->count ? f->strings[i].n : 0;
  if (n >= room) n = room - 1;
  if (n > 0) memcpy(out, f->strings[i].p, n);
  out[n] = '\0';
}

long long qd__frame_number(const qd__frame *f, size_t i) {
  char text[24];
  qd__frame_cstr(f, i, text, sizeof text);
  return strtoll(text, NULL, 10);
}
