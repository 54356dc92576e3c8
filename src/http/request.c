// The head of a request, checked so that nothing in it can begin another header field or request.
#include "http/internal.h"

#include <ctype.h>
#include <strings.h>

static bool is_token(const char *s) {
  if (!s || !*s) return false;
  for (; *s; s++)
    if (!isalnum((unsigned char)*s) && !strchr("!#$%&'*+-.^_`|~", *s)) return false;
  return true;
}

static bool is_value(const char *s) {
  if (!s) return false;
  for (; *s; s++)
    if (((unsigned char)*s < ' ' && *s != '\t') || *s == 127) return false;
  return true;
}

static bool is_target(const char *s) {
  if (!s || *s != '/') return false;
  for (; *s; s++)
    if (*s <= ' ' || *s >= 127) return false;
  return true;
}

// Fields whose values decide where a message ends belong to this room.
static bool is_ours(const char *name) {
  static const char *const OURS[] = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer"};
  for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++)
    if (strcasecmp(name, OURS[i]) == 0) return true;
  return false;
}

qd_status qd_http_check(const qd_http_request *r, qd_error *err) {
  if (!is_token(r->method)) return qd_fail(err, QD_USAGE, "bad_request", "the request method is not valid");
  if (!is_target(r->target))
    return qd_fail(err, QD_USAGE, "bad_request",
                   "the request path is not valid: it must begin with / and hold neither blanks nor control characters");
  if (r->pipeline && (!r->collect || r->upload || r->hijack || r->bulk || r->body.n || strcmp(r->method, "GET") != 0))
    return qd_fail(err, QD_USAGE, "bad_request", "only a GET whose body is collected can be pipelined");
  for (size_t i = 0; i < r->field_count; i++) {
    const qd_http_field *f = &r->fields[i];
    if (!is_token(f->name) || is_ours(f->name))
      return qd_fail(err, QD_USAGE, "bad_request", "the header name '%.60s' cannot be set", is_value(f->name) ? f->name : "?");
    if (!is_value(f->value))
      return qd_fail(err, QD_USAGE, "bad_request", "the header '%.60s' has a control character in its value", f->name);
  }
  return QD_OK;
}

qd_status qd__http_wire(const qd_http_request *r, qd_buf *wire, qd_error *err) {
  if (qd_http_check(r, err) != QD_OK) return err->category;
  bool no_body = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
  bool ok = qd_buf_addf(wire, "%s %s HTTP/1.1\r\nHost: docker\r\nUser-Agent: qnap-docker/" QD_VERSION "\r\n", r->method, r->target);
  for (size_t i = 0; i < r->field_count; i++) ok = qd_buf_addf(wire, "%s: %s\r\n", r->fields[i].name, r->fields[i].value) && ok;
  if (r->hijack) ok = qd_buf_adds(wire, "Connection: Upgrade\r\nUpgrade: tcp\r\n") && ok;
  if (r->upload)
    ok = qd_buf_adds(wire, "Transfer-Encoding: chunked\r\n") && ok;
  else if (r->body.p || !no_body)
    ok = qd_buf_addf(wire, "Content-Length: %zu\r\n", r->body.n) && ok;
  ok = qd_buf_adds(wire, "\r\n") && ok;
  if (!ok) return qd_fail(err, QD_USAGE, "bad_request", "the request's header block is too long");
  return QD_OK;
}
