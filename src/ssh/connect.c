// Waiting, name look-up and TCP connect of a login's worker thread. Contract in worker.h.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "ssh/worker.h"

#define MAX_ADDRESSES 8
#define STAGGER_MS 250

uint64_t qd__worker_now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void qd__worker_phase(qd__worker *w, const char *phase, uint64_t budget_ms) {
  w->phase = phase;
  w->budget_ms = budget_ms;
  w->deadline = qd__worker_now() + budget_ms;
}

static qd_status cancelled(const qd__worker *w, qd_error *err) {
  return qd_fail(err, QD_CANCELLED, "cancelled", "the login to %s was cancelled", w->name);
}

static qd_status timed_out(const qd__worker *w, qd_error *err) {
  (void)qd_fail(err, QD_TIMEOUT, "timeout", "%s did not answer in time", w->name);
  return qd_why(err, "nothing came within %llu s while %s", (unsigned long long)((w->budget_ms + 999) / 1000), w->phase);
}

static int ms_until(uint64_t end) {
  uint64_t now = qd__worker_now();
  uint64_t left = end > now ? end - now : 0;
  return left < 60000 ? (int)left : 60000;
}

// Polls `n` descriptors of fds[1...]; fds[0] is filled in with the wake descriptor.
static qd_status wait_many(qd__worker *w, struct pollfd *fds, size_t n, uint64_t until, qd_error *err) {
  fds[0] = (struct pollfd){.fd = w->wake_fd, .events = POLLIN};
  uint64_t end = until && until < w->deadline ? until : w->deadline;
  for (;;) {
    int ready = poll(fds, (nfds_t)n + 1, ms_until(end));
    if (ready > 0) return fds[0].revents ? cancelled(w, err) : QD_OK;
    if (ready < 0 && errno != EINTR) return qd_fail(err, QD_INTERNAL, "poll", "poll failed: %s", strerror(errno));
    if (qd__worker_now() >= end) return end == w->deadline ? timed_out(w, err) : QD_OK;
  }
}

qd_status qd__worker_wait(qd__worker *w, int fd, short events, uint64_t until, qd_error *err) {
  struct pollfd fds[2] = {{0}, {.fd = fd, .events = events}};
  return wait_many(w, fds, 1, until, err);
}

qd_status qd__worker_wait_session(qd__worker *w, qd_error *err) {
  int dirs = libssh2_session_block_directions(w->session);
  short events = 0;
  if (dirs & LIBSSH2_SESSION_BLOCK_OUTBOUND) events |= POLLOUT;
  if (dirs & LIBSSH2_SESSION_BLOCK_INBOUND || events == 0) events |= POLLIN;
#ifdef TCP_QUICKACK
  // sshd keeps Nagle on until a session channel exists: without an immediate ACK each of its small packets waits 40 ms. The
  // kernel forgets the option, so it is set again before every wait.
  int on = 1;
  (void)setsockopt(w->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
#endif
  return qd__worker_wait(w, w->fd, events, 0, err);
}

bool qd__worker_abandon(qd__worker *w) {
  if (w->abandoned++ == 0) (void)shutdown(w->fd, SHUT_RDWR);
  return w->abandoned < 16;
}

// ---- look-up ----
// getaddrinfo cannot be stopped, so it has a thread of its own; whoever of the two comes last frees the block.
typedef struct lookup {
  pthread_mutex_t lock;
  int refs;
  int pipe[2];  // the thread closes its end [1] when the answer is there
  char *host;
  char port[8];
  int rc;
  struct addrinfo *found;
} lookup;

static void lookup_unref(lookup *l) {
  (void)pthread_mutex_lock(&l->lock);
  int refs = --l->refs;
  (void)pthread_mutex_unlock(&l->lock);
  if (refs > 0) return;
  (void)pthread_mutex_destroy(&l->lock);
  if (l->found) freeaddrinfo(l->found);
  free(l->host);
  free(l);
}

static void *lookup_thread(void *arg) {
  lookup *l = arg;
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
  struct addrinfo *found = NULL;
  int rc = getaddrinfo(l->host, l->port, &hints, &found);
  if (rc == EAI_BADFLAGS || rc == EAI_NONAME) {  // AI_ADDRCONFIG hides ::1 where only loopback exists
    hints.ai_flags = 0;
    rc = getaddrinfo(l->host, l->port, &hints, &found);
  }
  (void)pthread_mutex_lock(&l->lock);
  l->rc = rc;
  l->found = found;
  (void)pthread_mutex_unlock(&l->lock);
  (void)close(l->pipe[1]);
  lookup_unref(l);
  return NULL;
}

static qd_status resolve_failed(const qd__worker *w, const char *host, int rc, qd_error *err) {
  (void)qd_fail(err, QD_CONNECT, "resolve_failed", "cannot find the address of %s", host);
  (void)qd_why(err, "%s", rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
  return strcmp(host, w->target->alias) == 0 ? qd_hint(err, "check the name, or use the NAS's IP address as host in the profile")
                                             : qd_hint(err, "'%s' comes from HostName of ~/.ssh/config for '%s'", host, w->target->alias);
}

static bool make_pipe(int fds[2]) {
  if (pipe(fds) != 0) return false;
  for (int i = 0; i < 2; i++) (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
  return true;
}

// The look-up under way, NULL when no thread could be started.
static lookup *lookup_start(const char *host, const char *port) {
  lookup *l = qd_xcalloc(1, sizeof *l);
  pthread_attr_t attr;
  pthread_t thread;
  l->refs = 2;
  l->host = qd_xstrdup(host);
  (void)snprintf(l->port, sizeof l->port, "%s", port);
  (void)pthread_mutex_init(&l->lock, NULL);
  (void)pthread_attr_init(&attr);
  (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  bool piped = make_pipe(l->pipe);
  bool started = piped && pthread_create(&thread, &attr, lookup_thread, l) == 0;
  (void)pthread_attr_destroy(&attr);
  if (started) return l;
  if (piped) {
    (void)close(l->pipe[0]);
    (void)close(l->pipe[1]);
  }
  l->refs = 1;
  lookup_unref(l);
  return NULL;
}

static qd_status resolve(qd__worker *w, const char *host, int port, struct addrinfo **out, qd_error *err) {
  char service[8];
  (void)snprintf(service, sizeof service, "%d", port);
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
  if (getaddrinfo(host, service, &hints, out) == 0) return QD_OK;
  lookup *l = lookup_start(host, service);
  if (l == NULL) return resolve_failed(w, host, EAI_MEMORY, err);
  qd_status st = qd__worker_wait(w, l->pipe[0], POLLIN, 0, err);
  (void)close(l->pipe[0]);
  if (st == QD_OK) {
    (void)pthread_mutex_lock(&l->lock);
    int rc = l->rc;
    *out = l->found;
    l->found = NULL;
    (void)pthread_mutex_unlock(&l->lock);
    if (rc != 0) st = resolve_failed(w, host, rc, err);
  }
  lookup_unref(l);
  return st;
}

// ---- connect ----

typedef struct attempts {
  struct pollfd fds[MAX_ADDRESSES + 1];  // [0] is the wake descriptor's
  size_t n;                              // sockets under way
  int last_errno;                        // of an attempt that failed
  int refused;                           // how many were refused
} attempts;

static void start_one(attempts *a, const struct addrinfo *to) {
  int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
  if (fd < 0) {
    a->last_errno = errno;
    return;
  }
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (connect(fd, to->ai_addr, to->ai_addrlen) != 0 && errno != EINPROGRESS) {
    a->last_errno = errno;
    a->refused += errno == ECONNREFUSED;
    (void)close(fd);
    return;
  }
  a->fds[++a->n] = (struct pollfd){.fd = fd, .events = POLLOUT};
}

// The first socket that is connected, taken out; -1 while none is. Failed ones are dropped.
static int take_connected(attempts *a) {
  for (size_t i = 1; i <= a->n;) {
    if (a->fds[i].revents == 0) {
      i++;
      continue;
    }
    int fd = a->fds[i].fd;
    int e = 0;
    socklen_t size = sizeof e;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &size) != 0) e = errno;
    a->fds[i] = a->fds[a->n--];
    if (e == 0) return fd;
    a->last_errno = e;
    a->refused += e == ECONNREFUSED;
    (void)close(fd);
  }
  return -1;
}

static qd_status connect_failed(const attempts *a, const char *host, int port, qd_error *err) {
  if (a->refused > 0) {
    (void)qd_fail(err, QD_CONNECT, "refused", "%s refuses connections on port %d", host, port);
    return qd_why(err, "nothing listens there: SSH is off on the NAS, or it uses another port");
  }
  (void)qd_fail(err, QD_CONNECT, "unreachable", "cannot reach %s port %d", host, port);
  return qd_why(err, "%s", strerror(a->last_errno));
}

static qd_status connect_any(qd__worker *w, const char *host, int port, const struct addrinfo *list, int *out_fd, qd_error *err) {
  attempts a = {.n = 0};
  const struct addrinfo *next = list;
  uint64_t next_at = qd__worker_now();
  size_t started = 0;
  int fd = -1;
  qd_status st = QD_OK;
  while (fd < 0 && st == QD_OK) {
    if (next && started < MAX_ADDRESSES && (a.n == 0 || qd__worker_now() >= next_at)) {
      start_one(&a, next);
      next = next->ai_next;
      started++;
      next_at = qd__worker_now() + STAGGER_MS;
      continue;
    }
    bool more = next && started < MAX_ADDRESSES;
    if (a.n == 0) {
      st = connect_failed(&a, host, port, err);
    } else {
      st = wait_many(w, a.fds, a.n, more ? next_at : 0, err);
      if (st == QD_OK) fd = take_connected(&a);
    }
  }
  for (size_t i = 1; i <= a.n; i++) (void)close(a.fds[i].fd);
  if (fd >= 0) *out_fd = fd;
  return st;
}

qd_status qd__worker_connect(qd__worker *w, const char *host, int port, int *out_fd, qd_error *err) {
  struct addrinfo *list = NULL;
  qd_status st = resolve(w, host, port, &list, err);
  if (st != QD_OK) return st;
  st = connect_any(w, host, port, list, out_fd, err);
  freeaddrinfo(list);
  return st;
}
