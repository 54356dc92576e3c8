// tundelay NETNS_A NAME_A NETNS_B NAME_B ONEWAY_US: a cable between two network namespaces that delays every frame by a
// fixed time each way; stands in for `tc netem` where the kernel lacks it. Makes a TAP device in each namespace (files
// like /proc/PID/ns/net), prints "ready" and relays until it is killed; both devices go with it.
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 70000u              // a segmentation-offload frame of 64 KiB with its headers
#define QUEUE_MAX ((size_t)64 << 20)  // frames beyond this are dropped, as a cable's buffers would
#define BATCH 64                      // frames read from one side before the other has its turn

typedef struct frame {
  struct frame *next;
  uint64_t due;  // CLOCK_MONOTONIC, ns
  size_t size;
  unsigned char bytes[];
} frame;

typedef struct direction {
  int from;
  int to;
  frame *head;
  frame **tail;
  size_t queued;  // bytes
} direction;

static uint64_t now_ns(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int failed(const char *what) {
  (void)fprintf(stderr, "tundelay: %s: %s\n", what, strerror(errno));
  return -1;
}

// A TAP device `name` in the network namespace `netns`. The header in front of each frame carries the offload state, which
// passes to the other side untouched, so large segments cross uncut. Returns its descriptor or -1.
static int tap_open(const char *netns, const char *name) {
  int ns = open(netns, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) return failed(netns);
  (void)close(ns);
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return failed("/dev/net/tun");
  struct ifreq request = {0};
  (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(fd, TUNSETIFF, &request) < 0) return failed(name);
  if (ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0) return failed("offload");
  return fd;
}

static void take_in(direction *d, uint64_t delay) {
  static unsigned char bytes[FRAME_MAX];
  for (int i = 0; i < BATCH; i++) {
    ssize_t n = read(d->from, bytes, sizeof bytes);
    if (n <= 0) return;
    if (d->queued > QUEUE_MAX) continue;
    frame *f = malloc(sizeof *f + (size_t)n);
    if (!f) abort();
    f->next = NULL;
    f->size = (size_t)n;
    f->due = now_ns() + delay;
    memcpy(f->bytes, bytes, (size_t)n);
    *d->tail = f;
    d->tail = &f->next;
    d->queued += f->size;
  }
}

// Sends what is due; a frame the other side does not take is lost. Returns when the next one is due, 0 for never.
static uint64_t let_out(direction *d, uint64_t now) {
  while (d->head && d->head->due <= now) {
    frame *f = d->head;
    d->head = f->next;
    if (!d->head) d->tail = &d->head;
    d->queued -= f->size;
    ssize_t written = write(d->to, f->bytes, f->size);
    (void)written;
    free(f);
  }
  return d->head ? d->head->due : 0;
}

static int relay(int a, int b, uint64_t delay) {
  static direction way[2];
  way[0].from = way[1].to = a;
  way[1].from = way[0].to = b;
  for (int i = 0; i < 2; i++) way[i].tail = &way[i].head;
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer < 0) return failed("timerfd");
  for (;;) {
    struct pollfd fds[3] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}, {.fd = timer, .events = POLLIN}};
    if (poll(fds, 3, -1) < 0 && errno != EINTR) return failed("poll");
    for (int i = 0; i < 2; i++) {
      if (fds[i].revents & (POLLERR | POLLHUP | POLLNVAL)) return 0;  // its namespace is gone
      if (fds[i].revents & POLLIN) take_in(&way[i], delay);
    }
    uint64_t now = now_ns();
    uint64_t one = let_out(&way[0], now);
    uint64_t other = let_out(&way[1], now);
    uint64_t next = one && (!other || one < other) ? one : other;
    struct itimerspec at = {.it_value = {.tv_sec = (time_t)(next / 1000000000u), .tv_nsec = (long)(next % 1000000000u)}};
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) < 0) return failed("timer");  // zero disarms; setting clears a past expiry
  }
}

int main(int argc, char **argv) {
  char *end = NULL;
  uint64_t oneway_us = argc == 6 ? strtoull(argv[5], &end, 10) : 0;
  if (argc != 6 || *end || oneway_us > 10000000u) {
    (void)fprintf(stderr, "usage: tundelay NETNS_A NAME_A NETNS_B NAME_B ONEWAY_US\n");
    return 2;
  }
  int a = tap_open(argv[1], argv[2]);
  int b = a < 0 ? -1 : tap_open(argv[3], argv[4]);
  if (b < 0) return 1;
  (void)puts("ready");
  (void)fflush(stdout);
  return relay(a, b, oneway_us * 1000u) < 0;
}
