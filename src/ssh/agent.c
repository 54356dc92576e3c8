// ssh-agent client. Contract in agent.h.
#include "ssh/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define REQUEST_IDENTITIES 11
#define IDENTITIES_ANSWER 12
#define SIGN_REQUEST 13
#define SIGN_RESPONSE 14
#define FLAG_RSA_SHA2_256 2
#define FLAG_RSA_SHA2_512 4
#define ANSWER_CAP (256u << 10)  // OpenSSH's AGENT_MAX_LEN
#define MAX_KEYS 64
#define MSG_USERAUTH_REQUEST 50

static qd_status no_agent(qd_error *err) { return qd_fail(err, QD_FAIL, "agent", "the ssh agent does not answer"); }

static qd_status send_all(qd__agent *a, qd__worker *w, qd_slice s, qd_error *err) {
  while (s.n) {
    ssize_t n = send(a->fd, s.p, s.n, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return no_agent(err);
    if (n < 0) {
      qd_status st = qd__worker_wait(w, a->fd, POLLOUT, 0, err);
      if (st != QD_OK) return st;
      continue;
    }
    s.p += n;
    s.n -= (size_t)n;
  }
  return QD_OK;
}

static qd_status receive(qd__agent *a, qd__worker *w, char *p, size_t n, qd_error *err) {
  while (n) {
    ssize_t got = recv(a->fd, p, n, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return no_agent(err);
    if (got < 0) {
      qd_status st = qd__worker_wait(w, a->fd, POLLIN, 0, err);
      if (st != QD_OK) return st;
      continue;
    }
    p += got;
    n -= (size_t)got;
  }
  return QD_OK;
}

// One request (without its length) and its answer (likewise).
static qd_status exchange(qd__agent *a, qd__worker *w, const qd_buf *request, qd_buf *answer, qd_error *err) {
  qd_buf framed;
  qd_buf_init(&framed, ANSWER_CAP + 4);
  qd__put_string(&framed, qd_buf_slice(request));
  qd_status st = framed.overflow ? no_agent(err) : send_all(a, w, qd_buf_slice(&framed), err);
  qd_buf_deinit(&framed);
  char head[4];
  if (st == QD_OK) st = receive(a, w, head, sizeof head, err);
  if (st != QD_OK) return st;
  qd__wire length = {{head, sizeof head}, false};
  uint32_t n = qd__wire_u32(&length);
  if (n == 0 || n > ANSWER_CAP) return no_agent(err);
  char *body = qd_xmalloc(n);
  st = receive(a, w, body, n, err);
  if (st == QD_OK) (void)qd_buf_add(answer, body, n);
  free(body);
  return st;
}

bool qd__agent_parse_keys(qd__agent *a, qd_slice answer) {
  qd__wire w = {answer, false};
  if (qd__wire_u8(&w) != IDENTITIES_ANSWER) return false;
  uint32_t count = qd__wire_u32(&w);
  if (count > MAX_KEYS) count = MAX_KEYS;
  a->keys = qd_xcalloc(count, sizeof *a->keys);
  for (uint32_t i = 0; i < count; i++) {
    qd_slice blob = qd__wire_string(&w);
    qd_slice comment = qd__wire_string(&w);
    if (w.bad) return false;
    qd_slice type = qd__blob_type(blob);
    qd__agent_key *key = &a->keys[a->n];
    if (type.n == 0) continue;
    key->blob = blob;
    qd__clean_text(key->type, sizeof key->type, type);
    qd__clean_text(key->comment, sizeof key->comment, comment);
    a->n++;
  }
  return true;
}

// A connected socket; -1 when nobody listens there.
static int connect_socket(const char *path) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof to.sun_path) return -1;
  memcpy(to.sun_path, path, strlen(path) + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) return fd;
  (void)close(fd);
  return -1;
}

qd_status qd__agent_open(qd__agent *a, qd__worker *w, const char *path, qd_error *err) {
  *a = (qd__agent){.fd = connect_socket(path)};
  qd_buf_init(&a->listing, ANSWER_CAP);
  if (a->fd < 0) return QD_OK;
  qd_buf request;
  qd_buf_init(&request, 16);
  (void)qd_buf_addc(&request, REQUEST_IDENTITIES);
  qd_status st = exchange(a, w, &request, &a->listing, err);
  qd_buf_deinit(&request);
  if (st == QD_OK && !qd__agent_parse_keys(a, qd_buf_slice(&a->listing))) a->n = 0;
  return st == QD_FAIL ? QD_OK : st;
}

void qd__agent_close(qd__agent *a) {
  if (a->fd >= 0) (void)close(a->fd);
  free(a->keys);
  qd_buf_deinit(&a->listing);
  *a = (qd__agent){.fd = -1};
}

// string session id, byte 50, string user, string service, string "publickey", bool, string algorithm, string blob
uint32_t qd__agent_flags(qd_slice data) {
  qd__wire w = {data, false};
  (void)qd__wire_string(&w);
  if (qd__wire_u8(&w) != MSG_USERAUTH_REQUEST) return 0;
  for (int i = 0; i < 3; i++) (void)qd__wire_string(&w);
  (void)qd__wire_u8(&w);
  qd_slice algorithm = qd__wire_string(&w);
  if (qd_slice_is(algorithm, "rsa-sha2-256")) return FLAG_RSA_SHA2_256;
  return qd_slice_is(algorithm, "rsa-sha2-512") ? FLAG_RSA_SHA2_512 : 0;
}

qd_status qd__agent_sign(qd__agent *a, qd__worker *w, qd_slice blob, qd_slice data, unsigned char **sig, size_t *sig_n, qd_error *err) {
  qd_buf request;
  qd_buf answer;
  qd_buf_init(&request, ANSWER_CAP);
  qd_buf_init(&answer, ANSWER_CAP);
  (void)qd_buf_addc(&request, SIGN_REQUEST);
  qd__put_string(&request, blob);
  qd__put_string(&request, data);
  qd__put_u32(&request, qd__agent_flags(data));
  qd_status st = exchange(a, w, &request, &answer, err);
  if (st == QD_OK) {
    qd__wire r = {qd_buf_slice(&answer), false};
    bool signed_it = qd__wire_u8(&r) == SIGN_RESPONSE;
    qd__wire whole = {qd__wire_string(&r), r.bad};
    (void)qd__wire_string(&whole);  // algorithm name
    qd_slice bare = qd__wire_string(&whole);
    if (signed_it && !whole.bad && bare.n) {
      *sig = qd_xmalloc(bare.n);
      memcpy(*sig, bare.p, bare.n);
      *sig_n = bare.n;
    } else {
      st = qd_fail(err, QD_FAIL, "agent", "the ssh agent did not sign");
    }
  }
  qd_buf_deinit(&request);
  qd_buf_deinit(&answer);
  return st;
}
