// load ADDRESS:PORT RATE SECONDS: RATE requests a second, each on a connection of its own, until SIGTERM or for so long at most. Then
// says on stdout what became of them: "sent N ok N failed N", why the first ones failed, and how many each version answered.
#include <arpa/inet.h>
#include <errno.h>
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

enum { VERSIONS = 32, REASONS = 5, LIMIT_SECONDS = 15, AT_ONCE = 400 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  char name[32];
  int count;
} versions[VERSIONS];
static int sent, ok, failed, busy;
static char reasons[REASONS][128];
static struct sockaddr_in to;
static volatile sig_atomic_t ending;

static void on_term(int signal) {
  (void)signal;
  ending = 1;
}

static void count(const char *version) {
  for (int i = 0; i < VERSIONS; i++) {
    if (!versions[i].count) (void)snprintf(versions[i].name, sizeof versions[i].name, "%s", version);
    if (strcmp(versions[i].name, version) != 0) continue;
    versions[i].count++;
    return;
  }
}

// NULL: good; else why not. The answer's body is in `body`.
static const char *ask(char *body, size_t size) {
  static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: service\r\n\r\n";
  static _Thread_local char why[128];
  char reply[1024];
  size_t n = 0;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct timeval limit = {.tv_sec = LIMIT_SECONDS};
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const char *step = "connect";
  bool good = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
  if (good) {
    step = "read";
    good = send(fd, REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) > 0;
    ssize_t k = 1;
    while (good && n < sizeof reply - 1 && (k = read(fd, reply + n, sizeof reply - 1 - n)) > 0) n += (size_t)k;
    good = good && k == 0 && n > 0;
  }
  (void)snprintf(why, sizeof why, "%s: %s", step, good ? "" : n ? "cut off" : errno ? strerror(errno) : "nothing");
  (void)close(fd);
  if (!good) return why;
  reply[n] = '\0';
  const char *end = strstr(reply, "\r\n\r\n");
  if (!end || strncmp(reply, "HTTP/1.1 200", 12) != 0) {
    (void)snprintf(why, sizeof why, "%.*s", (int)strcspn(reply, "\r\n"), reply);
    return why;
  }
  (void)snprintf(body, size, "%.*s", (int)strcspn(end + 4, "\n"), end + 4);
  return NULL;
}

static void *one(void *arg) {
  (void)arg;
  char version[32];
  const char *why = ask(version, sizeof version);
  (void)pthread_mutex_lock(&lock);
  if (!why) {
    ok++;
    count(version);
  } else if (failed++ < REASONS) {
    (void)snprintf(reasons[failed - 1], sizeof reasons[0], "%s", why);
  }
  busy--;
  (void)pthread_mutex_unlock(&lock);
  return NULL;
}

static void begin(void) {
  pthread_t thread;
  pthread_attr_t small;
  (void)pthread_attr_init(&small);
  (void)pthread_attr_setstacksize(&small, 64 << 10);
  (void)pthread_mutex_lock(&lock);
  bool may = busy < AT_ONCE;
  sent += may;
  busy += may;
  (void)pthread_mutex_unlock(&lock);
  if (may && pthread_create(&thread, &small, one, NULL) == 0) (void)pthread_detach(thread);
  (void)pthread_attr_destroy(&small);
}

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  char address[64];
  if (argc != 4 || strlen(argv[1]) >= sizeof address) return 2;
  (void)snprintf(address, sizeof address, "%.*s", (int)strcspn(argv[1], ":"), argv[1]);
  to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(argv[1] + strcspn(argv[1], ":") + 1, NULL, 10))};
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1) return 2;
  double rate = strtod(argv[2], NULL);
  double started = now();
  double end = started + strtod(argv[3], NULL);
  (void)signal(SIGTERM, on_term);
  (void)signal(SIGPIPE, SIG_IGN);
  while (!ending && now() < end) {
    for (int due = (int)((now() - started) * rate); sent < due && !ending && busy < AT_ONCE;) begin();
    (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  }
  double took = now() - started;
  for (double last = now() + LIMIT_SECONDS; busy > 0 && now() < last;) (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  (void)pthread_mutex_lock(&lock);
  (void)printf("sent %d ok %d failed %d rate %.0f\n", sent, ok, failed + busy, sent / took);
  for (int i = 0; i < REASONS && i < failed; i++) (void)printf("why %s\n", reasons[i]);
  for (int i = 0; i < VERSIONS && versions[i].count; i++) (void)printf("version %s %d\n", versions[i].name, versions[i].count);
  return failed + busy > 0;
}
