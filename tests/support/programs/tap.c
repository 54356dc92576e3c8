// tap LISTEN TARGET LOG [N before|after]: stands between a client and an engine's socket (both unix) and writes every
// request line to LOG. With N, all stands still at the Nth request that is not GET or HEAD: "before" the engine has it, or "after"
// the engine has answered and before the client knows; LOG then holds a line "held". Prints "ready".
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEAD_CAP = 1 << 16 };

typedef struct {
  int client, engine;
  char head[HEAD_CAP + 1];  // of the request that is being read
  size_t head_len;
  size_t body;  // bytes of it that are still to come
  bool chunked, raw;
  bool held;  // its next answer is the one that nobody gets
} link_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *log_file;
static int writes, hold_at;
static bool hold_after, frozen;
static const char *target;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static bool put(int fd, const char *p, size_t n) {
  while (n > 0) {
    ssize_t k = write(fd, p, n);
    if (k <= 0) return false;
    p += k;
    n -= (size_t)k;
  }
  return true;
}

static void freeze(void) {
  (void)pthread_mutex_lock(&lock);
  frozen = true;
  (void)fputs("held\n", log_file);
  (void)pthread_mutex_unlock(&lock);
}

// Logs the request; false: it is the one to be held before the engine has it.
static bool note(link_t *l) {
  bool pass = true;
  (void)pthread_mutex_lock(&lock);
  if (frozen) {
    pass = false;
  } else {
    (void)fprintf(log_file, "%.*s\n", (int)strcspn(l->head, "\r"), l->head);
    bool reads = strncmp(l->head, "GET ", 4) == 0 || strncmp(l->head, "HEAD ", 5) == 0;
    if (!reads && ++writes == hold_at) {
      l->held = hold_after;
      pass = hold_after;
    }
  }
  (void)pthread_mutex_unlock(&lock);
  if (!pass && !frozen) freeze();
  return pass;
}

static const char *header(const link_t *l, const char *name) {
  size_t n = strlen(name);
  for (const char *p = strstr(l->head, "\r\n"); p && p[2]; p = strstr(p + 2, "\r\n"))
    if (strncasecmp(p + 2, name, n) == 0 && p[2 + n] == ':') return p + 3 + n + strspn(p + 3 + n, " ");
  return NULL;
}

// The head is whole: passes it on and says what body follows.
static bool begin(link_t *l) {
  l->head[l->head_len] = '\0';
  if (!note(l)) return false;
  const char *length = header(l, "content-length");
  const char *coding = header(l, "transfer-encoding");
  l->raw = header(l, "upgrade") != NULL;
  l->body = length ? strtoul(length, NULL, 10) : 0;
  l->chunked = coding && strncasecmp(coding, "chunked", 7) == 0;
  size_t n = l->head_len;
  l->head_len = 0;
  return put(l->engine, l->head, n);
}

// A byte that is not part of a known length: of a head, or of a chunked body, whose pieces end as heads do: with an empty line
// behind "0". (Only the last bytes are kept of it.)
static bool step(link_t *l, char c) {
  if (l->head_len == HEAD_CAP) return false;
  l->head[l->head_len++] = c;
  const char *end = l->chunked ? "\r\n0\r\n\r\n" : "\r\n\r\n";
  size_t n = strlen(end);
  if (!l->chunked) return l->head_len < n || memcmp(l->head + l->head_len - n, end, n) != 0 || begin(l);
  if (!put(l->engine, &c, 1)) return false;
  bool first = l->head_len == 5 && memcmp(l->head, end + 2, 5) == 0;
  if (first || (l->head_len >= n && memcmp(l->head + l->head_len - n, end, n) == 0)) {
    l->chunked = false;
    l->head_len = 0;
  } else if (l->head_len > 4096) {
    memmove(l->head, l->head + l->head_len - n, n);
    l->head_len = n;
  }
  return true;
}

static bool from_client(link_t *l, const char *p, size_t n) {
  while (n > 0) {
    size_t take = l->raw || l->body > n ? n : l->body;
    if (take > 0) {
      if (!put(l->engine, p, take)) return false;
      if (!l->raw) l->body -= take;
    } else {
      take = 1;
      if (!step(l, *p)) return false;
    }
    p += take;
    n -= take;
  }
  return true;
}

// false: that side says no more.
static bool pump(link_t *l, bool up) {
  char piece[16384];
  ssize_t n = read(up ? l->client : l->engine, piece, sizeof piece);
  if (n <= 0) {
    (void)shutdown(up ? l->engine : l->client, SHUT_WR);
    return false;
  }
  if (up) return from_client(l, piece, (size_t)n);
  if (l->held) freeze();
  return !frozen && put(l->client, piece, (size_t)n);
}

static void *serve(void *arg) {
  link_t *l = arg;
  bool up = true, down = true;
  while (down && !frozen) {
    struct pollfd fds[2] = {{.fd = up ? l->client : -1, .events = POLLIN}, {.fd = l->engine, .events = POLLIN}};
    if (poll(fds, 2, 100) < 0 && errno != EINTR) break;
    if (fds[0].revents) up = pump(l, true);
    if (fds[1].revents) down = pump(l, false);
  }
  while (frozen) (void)pause();
  (void)close(l->client);
  (void)close(l->engine);
  free(l);
  return NULL;
}

static struct sockaddr_un address(const char *path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof a.sun_path) die("path");
  memcpy(a.sun_path, path, strlen(path));
  return a;
}

static void accept_one(int listener) {
  struct sockaddr_un to = address(target);
  link_t *l = calloc(1, sizeof *l);
  if (!l) die("calloc");
  l->client = accept(listener, NULL, NULL);
  l->engine = socket(AF_UNIX, SOCK_STREAM, 0);
  pthread_t thread;
  if (l->client < 0 || connect(l->engine, (struct sockaddr *)&to, sizeof to) != 0 || pthread_create(&thread, NULL, serve, l) != 0) {
    (void)close(l->client);
    (void)close(l->engine);
    free(l);
    return;
  }
  (void)pthread_detach(thread);
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 6) return 2;
  (void)signal(SIGPIPE, SIG_IGN);
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  target = argv[2];
  log_file = fopen(argv[3], "w");
  if (!log_file) die(argv[3]);
  (void)setvbuf(log_file, NULL, _IOLBF, 0);
  if (argc == 6) {
    hold_at = (int)strtol(argv[4], NULL, 10);
    hold_after = strcmp(argv[5], "after") == 0;
  }
  struct sockaddr_un here = address(argv[1]);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof here) != 0 || listen(listener, 64) != 0) die(argv[1]);
  (void)puts("ready");
  (void)fflush(stdout);
  for (;;) accept_one(listener);
}
