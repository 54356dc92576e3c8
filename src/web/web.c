// Contract in web.h. libcurl's multi interface on our loop: it says which sockets and which time to wait for.
#include "web/web.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "loop/poll.h"
#include "loop/timer.h"
#include "web/lib.h"

#define HEADERS_CAP ((size_t)256 * 1024)
#define HOST_MAX 255

struct qd_web {
  qd_loop *loop;
  const qd__curl_lib *lib;
  CURLM *multi;
  qd_timer *timer;
  qd_list calls;
  int inside;  // depth of calls into libcurl: a handle cannot go while it is there
};

struct qd_web_call {
  qd_list link;
  qd_web *web;
  CURL *easy;
  struct curl_slist *headers;
  char why[CURL_ERROR_SIZE];
  char host[HOST_MAX + 1];  // for messages: a path or a query may hold a secret
  const qd_web_events *events;
  void *ctx;
  qd_buf head;  // lines of the last answer so far
  bool head_told, reading, closed;
};

static void call_free(qd_web_call *c) {
  const qd__curl_lib *lib = c->web->lib;
  (void)lib->curl_multi_remove_handle(c->web->multi, c->easy);
  lib->curl_easy_cleanup(c->easy);
  lib->curl_slist_free_all(c->headers);
  qd_buf_deinit(&c->head);
  qd_list_remove(&c->link);
  free(c);
}

static void sweep(qd_web *w) {
  if (w->inside) return;
  for (qd_list *node = w->calls.next; node != &w->calls;) {
    qd_web_call *c = QD_CONTAINER_OF(node, qd_web_call, link);
    node = node->next;
    if (c->closed) call_free(c);
  }
}

// ---- what failed

static qd_status fail_as(qd_error *err, CURLcode code, const char *host) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return qd_fail(err, QD_USAGE, "bad_url", "that is no URL of http or https");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return qd_fail(err, QD_CONNECT, "unknown_host", "%s cannot be found", host);
    case CURLE_COULDNT_CONNECT:
      return qd_fail(err, QD_CONNECT, "unreachable", "%s cannot be reached", host);
    case CURLE_OPERATION_TIMEDOUT:
      return qd_fail(err, QD_TIMEOUT, "timeout", "%s did not answer in time", host);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return qd_fail(err, QD_AUTH, "bad_certificate", "%s did not prove who it is", host);
    case CURLE_TOO_MANY_REDIRECTS:
      return qd_fail(err, QD_FAIL, "too_many_redirects", "%s sends from one place to the next", host);
    default:
      return qd_fail(err, QD_CONNECT, "connection_lost", "the connection to %s failed", host);
  }
}

static void explain(const qd_web_call *c, CURLcode code, qd_error *err) {
  (void)fail_as(err, code, c->host);
  (void)qd_why(err, "%s", c->why[0] ? c->why : c->web->lib->curl_easy_strerror(code));
  if (err->category == QD_CONNECT) (void)qd_hint(err, "check the address, and that this machine may reach it");
}

// ---- an answer

static void tell_header(qd_web_call *c, qd_slice line) {
  const char *colon = memchr(line.p, ':', line.n);
  char name[128];
  size_t n = colon ? (size_t)(colon - line.p) : 0;
  if (n == 0 || n > sizeof name) return;
  for (size_t i = 0; i < n; i++) name[i] = (char)tolower((unsigned char)line.p[i]);
  qd_slice value = {colon + 1, line.n - n - 1};
  while (value.n > 0 && isspace((unsigned char)*value.p)) value = (qd_slice){value.p + 1, value.n - 1};
  while (value.n > 0 && isspace((unsigned char)value.p[value.n - 1])) value.n--;
  if (c->events->on_header) c->events->on_header(c->ctx, (qd_slice){name, n}, value);
}

// Only now is it known that the answer is no redirect that is followed.
static void tell_head(qd_web_call *c) {
  long status = 0;
  if (c->head_told || c->closed) return;
  c->head_told = true;
  (void)c->web->lib->curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
  if (c->events->on_status) c->events->on_status(c->ctx, (int)status);
  qd_slice rest = qd_buf_slice(&c->head);
  while (rest.n > 0 && !c->closed) {
    const char *end = memchr(rest.p, '\n', rest.n);
    size_t n = end ? (size_t)(end - rest.p) : rest.n;
    tell_header(c, (qd_slice){rest.p, n});
    n += end ? 1 : 0;
    rest = (qd_slice){rest.p + n, rest.n - n};
  }
}

static size_t on_head(char *p, size_t one, size_t n, void *ctx) {
  qd_web_call *c = ctx;
  (void)one;  // always 1
  if (c->closed) return 0;
  if (c->head_told) return n;  // trailers
  if (n > 5 && strncasecmp(p, "HTTP/", 5) == 0) {
    qd_buf_clear(&c->head);
    return n;
  }
  return qd_buf_add(&c->head, p, n) ? n : 0;
}

static size_t on_body(char *p, size_t one, size_t n, void *ctx) {
  qd_web_call *c = ctx;
  (void)one;  // always 1
  if (!c->closed && !c->reading) return CURL_WRITEFUNC_PAUSE;
  tell_head(c);
  if (!c->closed) c->events->on_data(c->ctx, (qd_slice){p, n});
  return c->closed ? 0 : n;
}

// Those that are over, for whatever reason.
static void take_ends(qd_web *w) {
  const CURLMsg *message;
  int left;
  while (w->inside == 0 && (message = w->lib->curl_multi_info_read(w->multi, &left))) {
    qd_web_call *c = NULL;
    CURLcode code = message->data.result;
    if (message->msg != CURLMSG_DONE) continue;
    (void)w->lib->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &c);
    if (c->closed) continue;
    w->inside++;  // who is told may close the call
    qd_error err;
    if (code == CURLE_OK)
      tell_head(c);
    else
      explain(c, code, &err);
    if (!c->closed) c->events->on_end(c->ctx, code == CURLE_OK ? NULL : &err);
    w->inside--;
  }
  sweep(w);
}

// ---- the loop

static void act(qd_web *w, curl_socket_t fd, int what) {
  int running;
  w->inside++;
  (void)w->lib->curl_multi_socket_action(w->multi, fd, what, &running);
  w->inside--;
  take_ends(w);
}

static void on_time(void *ctx) { act(ctx, CURL_SOCKET_TIMEOUT, 0); }

typedef struct watched {
  qd_web *web;
  qd_poll *poll;
  curl_socket_t fd;
} watched;

static void on_ready(void *ctx, qd_ready ready) {
  const watched *s = ctx;
  act(s->web, s->fd, (ready.in ? CURL_CSELECT_IN : 0) | (ready.out ? CURL_CSELECT_OUT : 0) | (ready.failed ? CURL_CSELECT_ERR : 0));
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *of_socket) {
  qd_web *w = ctx;
  watched *s = of_socket;
  (void)easy;
  if (what == CURL_POLL_REMOVE) {
    if (s) qd_poll_free(s->poll);
    free(s);
    return 0;
  }
  if (!s) {
    s = qd_xcalloc(1, sizeof *s);
    *s = (watched){.web = w, .fd = fd};
    s->poll = qd_poll_new(w->loop, fd, on_ready, s);
    if (!s->poll) {
      free(s);
      return -1;
    }
    (void)w->lib->curl_multi_assign(w->multi, fd, s);
  }
  qd_poll_want(s->poll, (what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0);
  return 0;
}

static int on_timeout(CURLM *multi, long ms, void *ctx) {
  qd_web *w = ctx;
  (void)multi;
  if (ms < 0)
    qd_timer_stop(w->timer);
  else
    qd_timer_start(w->timer, (uint64_t)ms, 0);
  return 0;
}

qd_web *qd_web_new(qd_loop *loop, qd_error *err) {
  const qd__curl_lib *lib = qd__curl_library(err);
  if (!lib) return NULL;
  qd_web *w = qd_xcalloc(1, sizeof *w);
  w->loop = loop;
  w->lib = lib;
  w->multi = lib->curl_multi_init();
  w->timer = qd_timer_new(loop, on_time, w);
  qd_list_init(&w->calls);
  (void)lib->curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  (void)lib->curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
  (void)lib->curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
  (void)lib->curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
  return w;
}

void qd_web_free(qd_web *w) {
  if (!w) return;
  for (qd_list *node = w->calls.next; node != &w->calls;) {
    qd_web_call *c = QD_CONTAINER_OF(node, qd_web_call, link);
    node = node->next;
    call_free(c);
  }
  (void)w->lib->curl_multi_cleanup(w->multi);
  qd_timer_free(w->timer);
  free(w);
}

// ---- a request

// The host of a URL, without a user and what is behind it.
static void take_host(qd_web_call *c, const char *url) {
  const char *from = strstr(url, "://");
  from = from ? from + 3 : url;
  size_t n = strcspn(from, "/?#");
  const char *at = memchr(from, '@', n);
  if (at) {
    n -= (size_t)(at + 1 - from);
    from = at + 1;
  }
  if (n > HOST_MAX) n = HOST_MAX;
  for (size_t i = 0; i < n; i++) c->host[i] = iscntrl((unsigned char)from[i]) ? '?' : from[i];
  c->host[n] = '\0';
}

static bool set_headers(qd_web_call *c, const qd_web_request *r) {
  bool of_type = false;
  for (const char *const *h = r->headers; h && *h; h++) {
    if (strpbrk(*h, "\r\n")) return false;
    of_type = of_type || strncasecmp(*h, "content-type:", 13) == 0;
    c->headers = c->web->lib->curl_slist_append(c->headers, *h);
  }
  if (!of_type) c->headers = c->web->lib->curl_slist_append(c->headers, "Content-Type:");  // curl's own guess would be a form
  c->headers = c->web->lib->curl_slist_append(c->headers, "Expect:");                      // saves a round trip
  return true;
}

#define SET(option, value) (void)lib->curl_easy_setopt(c->easy, option, value)

static void set_up(qd_web_call *c, const qd_web_request *r) {
  const qd__curl_lib *lib = c->web->lib;
  bool secure = strncasecmp(r->url, "https:", 6) == 0;
  SET(CURLOPT_URL, r->url);
  SET(CURLOPT_PRIVATE, c);
  SET(CURLOPT_ERRORBUFFER, c->why);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
  SET(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  SET(CURLOPT_FOLLOWLOCATION, r->redirects > 0 ? 1L : 0L);
  SET(CURLOPT_MAXREDIRS, (long)r->redirects);
  SET(CURLOPT_USERAGENT, "qnap-docker/" QD_VERSION);
  SET(CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can undo
  SET(CURLOPT_HTTPHEADER, c->headers);
  SET(CURLOPT_HEADERFUNCTION, on_head);
  SET(CURLOPT_HEADERDATA, c);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, c);
  if (r->connect_ms > 0) SET(CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_ms);
  if (r->ca_file) SET(CURLOPT_CAINFO, r->ca_file);
  if (r->has_body) {
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
    SET(CURLOPT_COPYPOSTFIELDS, r->body.n > 0 ? r->body.p : "");
  }
  if (strcmp(r->method, "HEAD") == 0)
    SET(CURLOPT_NOBODY, 1L);
  else
    SET(CURLOPT_CUSTOMREQUEST, r->method);
}

static bool is_token(const char *s) {
  size_t n = strlen(s);
  return n > 0 && n < 32 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == n;
}

qd_web_call *qd_web_start(qd_web *w, const qd_web_request *r, const qd_web_events *events, void *ctx, qd_error *err) {
  if (!is_token(r->method)) {
    (void)qd_fail(err, QD_USAGE, "bad_method", "that is no method of HTTP");
    return NULL;
  }
  qd_web_call *c = qd_xcalloc(1, sizeof *c);
  c->web = w;
  c->events = events;
  c->ctx = ctx;
  c->reading = true;
  qd_buf_init(&c->head, HEADERS_CAP);
  c->easy = w->lib->curl_easy_init();
  qd_list_push(&w->calls, &c->link);
  take_host(c, r->url);
  if (!c->easy || !set_headers(c, r)) {
    (void)qd_fail(err, QD_USAGE, "bad_header", "a header of a request is one line");
    call_free(c);
    return NULL;
  }
  set_up(c, r);
  (void)w->lib->curl_multi_add_handle(w->multi, c->easy);  // sets the timer, from which everything goes on
  return c;
}

static void go_on(qd_web_call *c) {
  qd_web *w = c->web;
  w->inside++;
  (void)w->lib->curl_easy_pause(c->easy, CURLPAUSE_CONT);
  w->inside--;
}

void qd_web_read(qd_web_call *c, bool on) {
  bool again = on && !c->reading && !c->closed;
  c->reading = on;
  if (again) go_on(c);
}

void qd_web_close(qd_web_call *c) {
  if (!c) return;
  qd_web *w = c->web;
  c->closed = true;
  sweep(w);
}
