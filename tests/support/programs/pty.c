// pty COLSxROWS COMMAND...: runs COMMAND on a terminal of its own and does what the lines of stdin say:
//   expect TEXT   waits until TEXT is in the output behind what was matched before (escapes: \r \n \t \e \\ \xHH)
//   send TEXT     types it            size COLSxROWS   changes the window
//   signal N      to the command      run SHELL        a command beside it
// then waits for the command's end. Output is copied to stdout. Notes on stderr: what the terminal and the processes are
// like afterwards. Exit code: the command's; 128+N by a signal; 124 when a line of stdin could not be done.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { STEP_SECONDS = 30, END_SECONDS = 90, SEEN_MAX = 8 << 20 };

static int master;
static pid_t child;
static int status = -1;  // of waitpid; -1 while the command runs
static char *seen;
static size_t seen_n, matched;

static void die(const char *what) {
  perror(what);
  exit(125);
}

static bool parse_size(const char *text, struct winsize *out) {
  char *end;
  unsigned long columns = strtoul(text, &end, 10);
  if (*end != 'x') return false;
  unsigned long rows = strtoul(end + 1, &end, 10);
  *out = (struct winsize){.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  return *end == '\0' && columns > 0 && rows > 0;
}

// Decodes escapes in place; the new length.
static size_t decode(char *s) {
  char *to = s;
  for (const char *p = s; *p; p++) {
    if (*p != '\\' || !p[1]) {
      *to++ = *p;
      continue;
    }
    static const char names[] = "rnte\\";
    static const char bytes[] = "\r\n\t\033\\";
    const char *at = strchr(names, *++p);
    if (at) {
      *to++ = bytes[at - names];
    } else if (*p == 'x' && p[1] && p[2]) {
      const char hex[3] = {p[1], p[2], '\0'};
      *to++ = (char)strtoul(hex, NULL, 16);
      p += 2;
    }
  }
  *to = '\0';
  return (size_t)(to - s);
}

// Takes what the terminal shows within `ms`; false at its end.
static bool take(int ms) {
  struct pollfd p = {.fd = master, .events = POLLIN};
  if (poll(&p, 1, ms) <= 0) return true;
  char piece[65536];
  ssize_t n = read(master, piece, sizeof piece);
  if (n <= 0) return n < 0 && errno == EINTR;
  (void)fwrite(piece, 1, (size_t)n, stdout);
  (void)fflush(stdout);
  if (seen_n + (size_t)n > SEEN_MAX) {
    seen_n = matched = 0;
  }
  memcpy(seen + seen_n, piece, (size_t)n);
  seen_n += (size_t)n;
  return true;
}

static void reap(void) {
  int s;
  if (status < 0 && waitpid(child, &s, WNOHANG) == child) status = s;
}

static time_t now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec;
}

static bool expect(char *text) {
  size_t n = decode(text);
  time_t until = now() + STEP_SECONDS;
  for (;;) {
    const char *at = memmem(seen + matched, seen_n - matched, text, n);
    if (at) {
      matched = (size_t)(at - seen) + n;
      return true;
    }
    size_t before = seen_n;
    bool over = status >= 0;
    (void)take(20);
    reap();
    if ((over && seen_n == before) || now() > until) return false;
  }
}

static bool type(char *text) {
  size_t n = decode(text);
  for (size_t at = 0; at < n;) {
    ssize_t put = write(master, text + at, n - at);
    if (put <= 0) return false;
    at += (size_t)put;
    (void)take(0);
  }
  return true;
}

static bool run(const char *command) {
  pid_t pid = fork();
  if (pid == 0) {
    (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
  }
  int s;
  return pid > 0 && waitpid(pid, &s, 0) == pid && s == 0;
}

static bool step(char *line) {
  char *rest = strchr(line, ' ');
  if (!rest) return false;
  *rest++ = '\0';
  struct winsize size;
  if (strcmp(line, "expect") == 0) return expect(rest);
  if (strcmp(line, "send") == 0) return type(rest);
  if (strcmp(line, "size") == 0) return parse_size(rest, &size) && ioctl(master, TIOCSWINSZ, &size) == 0;
  if (strcmp(line, "signal") == 0) return kill(child, (int)strtol(rest, NULL, 10)) == 0;
  if (strcmp(line, "run") == 0) return run(rest);
  return false;
}

static void follow_script(void) {
  char line[8192];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    if (!line[0]) continue;
    char copy[sizeof line];
    memcpy(copy, line, sizeof copy);
    if (step(line)) continue;
    (void)fprintf(stderr, "pty: failed at: %s\n", copy);
    (void)kill(-child, SIGKILL);
    (void)kill(child, SIGKILL);
    exit(124);
  }
}

static void start(char **argv, int slave) {
  child = fork();
  if (child < 0) die("fork");
  if (child > 0) return;
  (void)setsid();
  (void)ioctl(slave, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++) (void)dup2(slave, fd);
  (void)close(master);
  if (slave > 2) (void)close(slave);
  (void)execvp(argv[0], argv);
  die(argv[0]);
}

static int open_terminal(const char *size) {
  struct winsize w;
  if (!parse_size(size, &w)) die("size");
  master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) die("posix_openpt");
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY);  // stays open here: the terminal outlives the command
  if (slave < 0 || ioctl(slave, TIOCSWINSZ, &w) != 0) die("terminal");
  return slave;
}

int main(int argc, char **argv) {
  if (argc < 3) return 125;
  seen = malloc(SEEN_MAX);
  if (!seen) die("malloc");
  int slave = open_terminal(argv[1]);
  struct termios before;
  struct termios after;
  (void)tcgetattr(slave, &before);
  start(argv + 2, slave);
  follow_script();
  for (time_t until = now() + END_SECONDS; status < 0; reap()) {
    (void)take(20);
    if (now() <= until) continue;
    (void)fprintf(stderr, "pty: the command does not end\n");
    (void)kill(-child, SIGKILL);
    return 124;
  }
  for (size_t n = seen_n + 1; n != seen_n;) {
    n = seen_n;
    (void)take(20);
  }
  (void)tcgetattr(slave, &after);
  bool same = before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag && before.c_cflag == after.c_cflag &&
              before.c_lflag == after.c_lflag && memcmp(before.c_cc, after.c_cc, sizeof before.c_cc) == 0;
  (void)fprintf(stderr, "terminal: %s\n", same ? "as before" : "changed");
  (void)fprintf(stderr, "processes: %s\n", kill(-child, 0) == 0 ? "left" : "none");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
