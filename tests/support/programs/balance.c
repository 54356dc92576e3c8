// balance PORT NAME:PORT: a proxy as nginx and curl take a name: asks Docker's own name server for every connection, and where one
// address refuses, does not answer in time or goes away before it said anything, tries the next one; without another one,
// 502; says on stdout why. One request for each connection.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ADDRESSES = 16, CONNECT_MS = 300 };

static long now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec % 1000 * 1000 + t.tv_nsec / 1000000;
}

static char name[256];
static int port;

// Behind the name that begins at `at`: labels up to the root or to a pointer of two bytes.
static ssize_t behind_name(const unsigned char *packet, ssize_t at, ssize_t end) {
  while (at < end && packet[at] > 0 && packet[at] < 0xc0) at += packet[at] + 1;
  return at < end && packet[at] >= 0xc0 ? at + 2 : at + 1;
}

// One question for an address record to 127.0.0.11; the addresses of the answer.
static size_t resolve(struct in_addr *out) {
  unsigned char packet[1024] = {0x4e, 0x41, 1, 0, 0, 1};
  size_t n = 12;
  for (const char *p = name; *p;) {
    size_t label = strcspn(p, ".");
    packet[n++] = (unsigned char)label;
    memcpy(packet + n, p, label);
    n += label;
    p += label + (p[label] == '.');
  }
  packet[n + 2] = packet[n + 4] = 1;  // behind the root's 0: type A, class IN
  n += 5;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
  (void)inet_pton(AF_INET, "127.0.0.11", &server.sin_addr);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct timeval limit = {.tv_sec = 2};
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  (void)sendto(fd, packet, n, 0, (struct sockaddr *)&server, sizeof server);
  ssize_t got = recv(fd, packet, sizeof packet, 0);
  (void)close(fd);
  size_t found = 0;
  for (ssize_t at = behind_name(packet, (ssize_t)n, got); got > 12 && at + 14 <= got && found < ADDRESSES;) {
    ssize_t length = packet[at + 8] << 8 | packet[at + 9];
    if (packet[at + 1] == 1 && length == 4) memcpy(&out[found++], packet + at + 10, 4);
    at = behind_name(packet, at + 10 + length, got);
  }
  return found;
}

// Less than 0: why not, in errno.
static int open_to(struct in_addr address) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = address};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int error = 0;
  socklen_t size = sizeof error;
  (void)fcntl(fd, F_SETFL, O_NONBLOCK);
  struct pollfd ready = {.fd = fd, .events = POLLOUT};
  if ((connect(fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS) && poll(&ready, 1, CONNECT_MS) == 1 &&
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) {
    (void)fcntl(fd, F_SETFL, 0);
    return fd;
  }
  (void)close(fd);
  errno = error ? error : ETIMEDOUT;
  return -1;
}

// Passes the request on and the answer back; false: nothing came back, so that another one can be asked.
static bool pass(int client, int to, const char *head, size_t n) {
  char piece[4096];
  bool any = false;
  if (send(to, head, n, MSG_NOSIGNAL) != (ssize_t)n) return false;
  for (;;) {
    ssize_t k = read(to, piece, sizeof piece);
    if (k <= 0) return any;
    any = true;
    if (send(client, piece, (size_t)k, MSG_NOSIGNAL) != k) return true;
  }
}

static bool answered(int client, const char *head, size_t n) {
  struct in_addr addresses[ADDRESSES];
  size_t found = resolve(addresses);
  for (size_t i = 0; i < found; i++) {
    int to = open_to(addresses[i]);
    bool done = to >= 0 && pass(client, to, head, n);
    if (to >= 0) (void)close(to);
    if (done) return true;
    const char *why = to < 0 ? strerror(errno) : "no answer";
    (void)printf("%ld %08x (%zu of %zu) %s\n", now(), ntohl(addresses[i].s_addr), i + 1, found, why);
  }
  if (found == 0) (void)puts("the name has no address");
  return false;
}

static void *serve(void *arg) {
  int client = (int)(long)arg;
  char head[4096];
  size_t n = 0;
  for (ssize_t k; n < sizeof head - 1 && (k = read(client, head + n, sizeof head - 1 - n)) > 0;) {
    n += (size_t)k;
    head[n] = '\0';
    if (strstr(head, "\r\n\r\n")) break;
  }
  static const char BAD[] = "HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  if (n > 0 && !answered(client, head, n)) (void)send(client, BAD, sizeof BAD - 1, MSG_NOSIGNAL);
  (void)shutdown(client, SHUT_WR);
  (void)close(client);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3 || strcspn(argv[2], ":") >= sizeof name || !strchr(argv[2], ':')) return 2;
  memcpy(name, argv[2], strcspn(argv[2], ":"));
  port = (int)strtol(strchr(argv[2], ':') + 1, NULL, 10);
  (void)signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10))};
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 512) != 0) {
    perror("balance");
    return 1;
  }
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  (void)puts("balance: ready");
  for (;;) {
    int client = accept(listener, NULL, NULL);
    pthread_t thread;
    if (client < 0) continue;
    if (pthread_create(&thread, NULL, serve, (void *)(long)client) != 0) {
      (void)close(client);
    } else {
      (void)pthread_detach(thread);
    }
  }
}
