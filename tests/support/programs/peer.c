// peer unix:/PATH|tcp [MATCH FILE THEN]...: a server that says what it was told to, to see how the program takes it.
// A request whose first line holds MATCH is answered with the bytes of FILE; MATCH "*" is answered before anything was
// read, as an SSH server greets. THEN: keep (next request) close, hang (says no more), drip (a byte every 50 ms),
// repeat (the bytes again and again). Other requests: a healthy /_ping, 404 for the rest. Prints "ready PORT", and
// "accepted" for each connection.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char **rules;
static int rule_count;

static const char PING[] = "HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nServer: Docker/26.1.0 (linux)\r\nContent-Length: 2\r\n\r\nOK";
static const char ABSENT[] =
    "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n{\"message\":\"page not found\"}\n  ";

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

static char *load(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  if (!f) die(path);
  (void)fseek(f, 0, SEEK_END);
  *n = (size_t)ftell(f);
  rewind(f);
  char *bytes = malloc(*n + 1);
  if (!bytes || fread(bytes, 1, *n, f) != *n) die(path);
  (void)fclose(f);
  return bytes;
}

// Until the other side has gone.
static void hang(int fd) {
  char piece[4096];
  while (read(fd, piece, sizeof piece) > 0) {
  }
}

// true: the connection is good for another request.
static bool answer(int fd, char **rule) {
  size_t n;
  char *bytes = load(rule[1], &n);
  const char *then = rule[2];
  bool ok = true;
  if (strcmp(then, "drip") == 0) {
    for (size_t i = 0; ok && i < n; i++) {
      ok = put(fd, bytes + i, 1);
      (void)poll(NULL, 0, 50);
    }
  } else {
    do ok = put(fd, bytes, n);
    while (ok && strcmp(then, "repeat") == 0);
  }
  free(bytes);
  if (ok && strcmp(then, "hang") == 0) hang(fd);
  return ok && strcmp(then, "keep") == 0;
}

static char **rule_for(const char *line) {
  for (int i = 0; i + 2 < rule_count; i += 3)
    if (line ? strstr(line, rules[i]) != NULL : strcmp(rules[i], "*") == 0) return rules + i;
  return NULL;
}

// One request: its head, and the body that Content-Length announces. Returns the head's length, 0 at the end.
static size_t read_request(int fd, char *head, size_t room) {
  size_t n = 0;
  while (n < room - 1) {
    ssize_t k = read(fd, head + n, 1);
    if (k <= 0) return 0;
    head[++n] = '\0';
    if (n >= 4 && strcmp(head + n - 4, "\r\n\r\n") == 0) break;
  }
  const char *length = strcasestr(head, "\r\ncontent-length:");
  char skipped;
  for (unsigned long left = length ? strtoul(length + 17, NULL, 10) : 0; left > 0; left--)
    if (read(fd, &skipped, 1) <= 0) return 0;
  return n;
}

static void serve(int fd) {
  static char head[65536];
  char **greeting = rule_for(NULL);
  if (greeting && !answer(fd, greeting)) return;
  while (read_request(fd, head, sizeof head) > 0) {
    head[strcspn(head, "\r")] = '\0';
    char **rule = rule_for(head);
    bool ping = !rule && strstr(head, "/_ping");
    if (rule ? !answer(fd, rule) : !put(fd, ping ? PING : ABSENT, ping ? sizeof PING - 1 : sizeof ABSENT - 1)) return;
  }
}

static int listen_on(const char *where, int *port) {
  struct sockaddr_un unix_address = {.sun_family = AF_UNIX};
  struct sockaddr_in tcp_address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  bool tcp = strcmp(where, "tcp") == 0;
  int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!tcp) (void)snprintf(unix_address.sun_path, sizeof unix_address.sun_path, "%s", where + strlen("unix:"));
  int bound =
      tcp ? bind(fd, (struct sockaddr *)&tcp_address, sizeof tcp_address) : bind(fd, (struct sockaddr *)&unix_address, sizeof unix_address);
  if (bound != 0 || listen(fd, 64) != 0) die(where);
  socklen_t n = sizeof tcp_address;
  if (tcp && getsockname(fd, (struct sockaddr *)&tcp_address, &n) == 0) *port = ntohs(tcp_address.sin_port);
  return fd;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)signal(SIGCHLD, SIG_IGN);
  (void)signal(SIGPIPE, SIG_IGN);
  rules = argv + 2;
  rule_count = argc - 2;
  int port = 0;
  int listener = listen_on(argv[1], &port);
  (void)printf("ready %d\n", port);
  (void)fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
      if (errno == EINTR) continue;
      die("accept");
    }
    (void)puts("accepted");
    (void)fflush(stdout);
    if (fork() == 0) {
      (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
      (void)close(listener);
      serve(fd);
      _exit(0);
    }
    (void)close(fd);
  }
}
