// answer VERSION [--port N] [--slow MS] [--start-after MS] [--unhealthy]: an HTTP server that says its version. On SIGTERM it accepts what
// has been queued, stops listening, finishes what it has and ends with 0. --slow: an answer takes so long; --start-after: so long
// until it listens; --unhealthy: /health is 503.
// answer health [PORT]: exit code 0 where /health there is 200.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 256, PORT = 8000 };

typedef struct {
  int fd;  // 0: free
  char head[2048];
  size_t n;
  long due;  // ms, when the answer goes out; 0: the request is not whole
} connection;

static volatile sig_atomic_t ending;
static connection all[CONNECTIONS];

static void on_term(int signal) {
  (void)signal;
  ending = 1;
}

static long now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int open_port(int port, bool listens) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  at.sin_addr.s_addr = htonl(listens ? INADDR_ANY : INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  bool ok = listens ? bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, CONNECTIONS) == 0
                    : connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
  if (ok) return fd;
  perror("answer");
  exit(1);
}

static int ask_health(int port) {
  char reply[64] = "";
  int fd = open_port(port, false);
  const char *ask = "GET /health HTTP/1.0\r\n\r\n";
  if (write(fd, ask, strlen(ask)) < 0 || read(fd, reply, sizeof reply - 1) <= 0) return 1;
  (void)puts(reply);
  return strncmp(reply + strcspn(reply, " "), " 200", 4) != 0;
}

// Takes all that wait; false: there is no room.
static void take(int listener) {
  for (int i = 0; i < CONNECTIONS; i++) {
    if (all[i].fd) continue;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) return;
    all[i] = (connection){.fd = fd};
  }
}

static void reply(connection *c, const char *version, bool unhealthy) {
  bool health = strncmp(c->head, "GET /health", 11) == 0;
  char text[512];
  int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s\n",
                   health && unhealthy ? "503 Unhealthy" : "200 OK", strlen(version) + 1, version);
  if (write(c->fd, text, (size_t)n) != n) perror("write");
  (void)shutdown(c->fd, SHUT_WR);
  (void)close(c->fd);
  c->fd = 0;
}

static void hear(connection *c, long slow) {
  ssize_t n = read(c->fd, c->head + c->n, sizeof c->head - 1 - c->n);
  if (n <= 0) {
    (void)close(c->fd);
    c->fd = 0;
    return;
  }
  c->n += (size_t)n;
  c->head[c->n] = '\0';
  if (strstr(c->head, "\r\n\r\n") || c->n == sizeof c->head - 1) c->due = now() + slow;
}

static int serve(int listener, const char *version, long slow, bool unhealthy) {
  for (;;) {
    struct pollfd fds[CONNECTIONS + 1] = {{.fd = listener, .events = POLLIN}};
    int wait = 50;
    int open = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
      fds[i + 1] = (struct pollfd){.fd = all[i].fd && !all[i].due ? all[i].fd : -1, .events = POLLIN};
      open += all[i].fd != 0;
      if (all[i].fd && all[i].due && all[i].due - now() < wait) wait = (int)(all[i].due > now() ? all[i].due - now() : 0);
    }
    if (listener < 0 && open == 0) return 0;
    if (poll(fds, CONNECTIONS + 1, wait) < 0 && errno != EINTR) return 1;
    for (int i = 0; i < CONNECTIONS; i++) {
      if (fds[i + 1].revents) hear(&all[i], slow);
      if (all[i].fd && all[i].due && all[i].due <= now()) reply(&all[i], version, unhealthy);
    }
    if (listener >= 0) take(listener);
    if (ending && listener >= 0) {
      (void)close(listener);
      listener = -1;
    }
  }
}

int main(int argc, char **argv) {
  long slow = 0;
  long start_after = 0;
  int port = PORT;
  bool unhealthy = false;
  if (argc < 2) return 2;
  if (strcmp(argv[1], "health") == 0) return ask_health(argc > 2 ? (int)strtol(argv[2], NULL, 10) : PORT);
  for (int i = 2; i < argc; i++) {
    bool more = i + 1 < argc;
    if (strcmp(argv[i], "--unhealthy") == 0) {
      unhealthy = true;
    } else if (more && strcmp(argv[i], "--slow") == 0) {
      slow = strtol(argv[++i], NULL, 10);
    } else if (more && strcmp(argv[i], "--start-after") == 0) {
      start_after = strtol(argv[++i], NULL, 10);
    } else if (more && strcmp(argv[i], "--port") == 0) {
      port = (int)strtol(argv[++i], NULL, 10);
    } else {
      return 2;
    }
  }
  (void)signal(SIGPIPE, SIG_IGN);
  (void)signal(SIGTERM, on_term);
  for (long end = now() + start_after; now() < end && !ending;) (void)poll(NULL, 0, 10);
  int listener = open_port(port, true);
  (void)fcntl(listener, F_SETFL, O_NONBLOCK);
  (void)printf("answer %s: ready\n", argv[1]);
  (void)fflush(stdout);
  int status = serve(listener, argv[1], slow, unhealthy);
  (void)printf("answer %s: ends\n", argv[1]);
  return status;
}
