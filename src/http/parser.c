// Response parser over llhttp. A fresh llhttp state per response; every length is capped here, because llhttp has no limits of its own.
#include "http/parser.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

#include <llhttp.h>

#include "base/mem.h"

typedef struct field_at {
  size_t name, value;  // offsets into `text`
} field_at;

struct qd__http_parser {
  llhttp_t ll;
  const qd__http_parser_events *events;
  void *ctx;
  qd_buf text;  // "name\0value\0" of the head under way
  field_at fields[QD_HTTP_MAX_FIELDS];
  size_t field_count;
  bool in_value;
  bool begun;    // a byte of this response was seen
  bool in_body;  // the head is complete (what llhttp calls headers from here on are trailers)
  bool raw;
  bool done;
  bool stopped;
  bool keep_alive;
  const char *limit;  // which cap was passed, NULL = none
  size_t gap;         // bytes since the response began or since the last body byte
  const char *mark;   // where `gap` was last brought up to date, inside the bytes being fed
};

// Brings `gap` up to `at`, a position in the bytes being fed.
static int count_gap(qd__http_parser *p, const char *at) {
  p->gap += (size_t)(at - p->mark);
  p->mark = at;
  if (p->gap <= QD_HTTP_MAX_HEAD) return 0;
  p->limit = p->in_body ? "more than 64 KiB of chunk framing" : "a header block of more than 64 KiB";
  return HPE_USER;
}

static int on_status(llhttp_t *ll, const char *at, size_t n) {
  return count_gap(ll->data, at + n);  // the reason phrase says nothing that the number does not
}

static int on_field(llhttp_t *ll, const char *at, size_t n) {
  qd__http_parser *p = ll->data;
  if (count_gap(p, at + n) != 0) return HPE_USER;
  if (p->in_body) return 0;
  if (p->in_value || p->field_count == 0) {
    if (p->field_count == QD_HTTP_MAX_FIELDS) {
      p->limit = "more than 200 header fields";
      return HPE_USER;
    }
    if (p->field_count) (void)qd_buf_addc(&p->text, '\0');
    p->fields[p->field_count++] = (field_at){p->text.n, p->text.n};
    p->in_value = false;
  }
  for (size_t i = 0; i < n; i++) {
    (void)qd_buf_addc(&p->text, (char)tolower((unsigned char)at[i]));  // llhttp lets only ASCII through
  }
  return 0;
}

static int on_value(llhttp_t *ll, const char *at, size_t n) {
  qd__http_parser *p = ll->data;
  if (count_gap(p, at + n) != 0) return HPE_USER;
  if (p->in_body || p->field_count == 0) return 0;
  if (memchr(at, '\0', n)) {
    p->limit = "a NUL byte in a header field";
    return HPE_USER;
  }
  if (!p->in_value) {
    (void)qd_buf_addc(&p->text, '\0');
    p->fields[p->field_count - 1].value = p->text.n;
    p->in_value = true;
  }
  (void)qd_buf_add(&p->text, at, n);
  return 0;
}

// One block: the head, its fields, their text.
static qd_http_head *make_head(qd__http_parser *p) {
  (void)qd_buf_addc(&p->text, '\0');
  size_t fields_size = p->field_count * sizeof(qd_http_field);
  qd_http_head *head = qd_xmalloc(sizeof *head + fields_size + p->text.n);
  qd_http_field *fields = (qd_http_field *)(head + 1);
  char *text = (char *)(head + 1) + fields_size;
  memcpy(text, p->text.p, p->text.n);
  for (size_t i = 0; i < p->field_count; i++) {
    char *value = text + p->fields[i].value;
    if (p->fields[i].value == p->fields[i].name) value += strlen(value);  // a field without a value
    for (size_t n = strlen(value); n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'); n--) value[n - 1] = '\0';
    fields[i] = (qd_http_field){text + p->fields[i].name, value};
  }
  *head = (qd_http_head){.status = p->ll.status_code, .fields = fields, .field_count = p->field_count};
  return head;
}

static int refuse(qd__http_parser *p, const char *why) {
  p->limit = why;
  return HPE_USER;
}

static int on_headers_complete(llhttp_t *ll) {
  qd__http_parser *p = ll->data;
  int status = ll->status_code;
  if (ll->http_major != 1 || ll->http_minor > 1) return refuse(p, "an HTTP version other than 1.0 and 1.1");
  if (status < 100 || status > 599) return refuse(p, "a status outside 100 to 599");
  p->in_body = true;
  if (status < 200 && status != 101) return 1;
  if ((ll->flags & F_TRANSFER_ENCODING) && !(ll->flags & F_CHUNKED)) return refuse(p, "a transfer coding other than chunked");
  switch (p->events->on_head(p->ctx, make_head(p))) {
    case QD__HTTP_STOP:
      p->stopped = true;
      return HPE_USER;
    case QD__HTTP_RAW:
      p->raw = true;
      return 2;
    case QD__HTTP_NO_BODY:
      return 1;
    case QD__HTTP_BODY:
      break;
  }
  if (status == 101) return refuse(p, "an upgrade that was not asked for");
  return status == 204 || status == 304 ? 1 : 0;
}

static int on_body(llhttp_t *ll, const char *at, size_t n) {
  qd__http_parser *p = ll->data;
  if (count_gap(p, at) != 0) return HPE_USER;
  p->gap = 0;
  p->mark = at + n;
  if (p->events->on_body(p->ctx, (qd_slice){at, n})) return 0;
  p->stopped = true;
  return HPE_USER;
}

static int on_message_complete(llhttp_t *ll) {
  qd__http_parser *p = ll->data;
  if (p->raw) return 0;
  p->done = true;
  p->keep_alive = llhttp_should_keep_alive(ll) != 0;  // the flags behind it are gone after this callback
  return HPE_PAUSED;
}

static const llhttp_settings_t SETTINGS = {
    .on_status = on_status,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

static void begin(qd__http_parser *p) {
  llhttp_init(&p->ll, HTTP_RESPONSE, &SETTINGS);
  p->ll.data = p;
  qd_buf_clear(&p->text);
  p->field_count = 0;
  p->in_value = p->in_body = p->raw = p->done = p->stopped = false;
  p->limit = NULL;
  p->gap = 0;
}

qd__http_parser *qd__http_parser_new(const qd__http_parser_events *events, void *ctx) {
  qd__http_parser *p = qd_xcalloc(1, sizeof *p);
  p->events = events;
  p->ctx = ctx;
  qd_buf_init(&p->text, QD_HTTP_MAX_HEAD + 2 * QD_HTTP_MAX_FIELDS + 2);  // the gap's cap keeps it below
  begin(p);
  return p;
}

void qd__http_parser_free(qd__http_parser *p) {
  if (!p) return;
  qd_buf_deinit(&p->text);
  free(p);
}

// Printable form of the first bytes, to show what answered.
static void excerpt(qd_slice bytes, char *out, size_t room) {
  size_t n = 0;
  for (; n < bytes.n && n + 1 < room; n++) {
    char c = bytes.p[n];
    out[n] = '.';
    if (c >= ' ' && c < 127) out[n] = c;
  }
  out[n] = '\0';
}

static qd__http_result fail(qd__http_parser *p, qd_slice fed, qd_error *err) {
  (void)qd_fail(err, QD_CONNECT, "bad_response", "the answer is not valid HTTP");
  err->hint[0] = '\0';
  if (p->limit) {
    (void)qd_why(err, "it has %s", p->limit);
    return QD__HTTP_FAILED;
  }
  char text[61];
  excerpt(fed, text, sizeof text);
  const char *reason = llhttp_get_error_reason(&p->ll);
  (void)qd_why(err, "%s, in \"%s%s\"", reason && *reason ? reason : "protocol error", text, fed.n >= sizeof text ? "..." : "");
  return QD__HTTP_FAILED;
}

// One llhttp run over `bytes` (not empty); advances them.
static qd__http_result run(qd__http_parser *p, qd_slice *bytes, qd_error *err) {
  qd_slice fed = *bytes;
  p->mark = fed.p;
  p->begun = true;
  llhttp_errno_t code = llhttp_execute(&p->ll, fed.p, fed.n);
  if (p->stopped) return QD__HTTP_STOPPED;
  if (code == HPE_OK) {
    *bytes = (qd_slice){fed.p + fed.n, 0};
    return count_gap(p, fed.p + fed.n) == 0 ? QD__HTTP_MORE : fail(p, fed, err);
  }
  if (code != HPE_PAUSED && code != HPE_PAUSED_UPGRADE) return fail(p, fed, err);
  const char *end = llhttp_get_error_pos(&p->ll);
  if (count_gap(p, end) != 0) return fail(p, fed, err);
  *bytes = (qd_slice){end, (size_t)(fed.p + fed.n - end)};
  return p->raw ? QD__HTTP_SWITCHED : QD__HTTP_DONE;
}

static bool interim(const qd__http_parser *p) { return p->ll.status_code < 200 && p->ll.status_code != 101; }

qd__http_result qd__http_parser_feed(qd__http_parser *p, qd_slice *bytes, qd_error *err) {
  if (p->done) {
    begin(p);
    p->begun = false;
  }
  while (bytes->n) {
    qd__http_result r = run(p, bytes, err);
    if (r != QD__HTTP_DONE || !interim(p)) return r;
    size_t gap = p->gap;  // interim responses without end are no way around the cap
    begin(p);
    p->gap = gap;
  }
  return QD__HTTP_MORE;
}

qd__http_result qd__http_parser_finish(qd__http_parser *p, qd_error *err) {
  if (p->done || !p->begun) return QD__HTTP_MORE;
  llhttp_errno_t code = llhttp_finish(&p->ll);
  if (p->done && (code == HPE_OK || code == HPE_PAUSED)) {
    p->keep_alive = false;
    return QD__HTTP_DONE;
  }
  (void)qd_fail(err, QD_CONNECT, "truncated_response", "the answer broke off in the middle");
  err->hint[0] = '\0';
  return QD__HTTP_FAILED;
}

bool qd__http_parser_begun(const qd__http_parser *p) { return p->begun && !p->done; }

bool qd__http_parser_keeps_alive(const qd__http_parser *p) { return p->done && p->keep_alive; }
