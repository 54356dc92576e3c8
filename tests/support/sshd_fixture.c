// Contract in sshd_fixture.h.
#include "sshd_fixture.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qd_test.h"

char fixture_pattern(size_t at) { return (char)(at * 2654435761u >> 13 & 0xff); }

unsigned long fixture_sum(unsigned long sum, const char *p, size_t n) {
  for (size_t i = 0; i < n; i++) sum = (sum * 31 + (unsigned char)p[i]) & 0xffffffff;
  return sum;
}

static void write_all(int fd, const char *p, size_t n) {
  while (n > 0) {
    ssize_t k = write(fd, p, n);
    if (k <= 0) _exit(0);
    p += k;
    n -= (size_t)k;
  }
}

static void serve_one(int fd) {
  static char buf[65536];
  char line[64];
  size_t n = 0;
  while (n + 1 < sizeof line && read(fd, line + n, 1) == 1 && line[n] != '\n') n++;
  line[n] = '\0';
  ssize_t k;
  if (strcmp(line, "echo") == 0) {
    while ((k = read(fd, buf, sizeof buf)) > 0) write_all(fd, buf, (size_t)k);
  } else if (strncmp(line, "source ", 7) == 0) {
    size_t total = strtoul(line + 7, NULL, 10);
    for (size_t at = 0; at < total;) {
      size_t m = 0;
      while (m < sizeof buf && at < total) buf[m++] = fixture_pattern(at++);
      write_all(fd, buf, m);
    }
  } else if (strcmp(line, "sink") == 0) {
    size_t count = 0;
    unsigned long sum = 0;
    while ((k = read(fd, buf, sizeof buf)) > 0) {
      count += (size_t)k;
      sum = fixture_sum(sum, buf, (size_t)k);
    }
    int m = snprintf(line, sizeof line, "%zu %lu\n", count, sum);
    write_all(fd, line, (size_t)m);
  } else {
    for (;;) (void)pause();
  }
}

static pid_t start_server(const char *path) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  (void)snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
  cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
  cr_assert_eq(listen(fd, 64), 0);
  pid_t pid = fork();
  if (pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setpgid(0, 0);
    (void)signal(SIGCHLD, SIG_IGN);
    for (int c; (c = accept(fd, NULL, NULL)) >= 0; (void)close(c)) {
      if (fork() != 0) continue;
      serve_one(c);
      _exit(0);
    }
    _exit(0);
  }
  (void)setpgid(pid, pid);
  (void)close(fd);
  return pid;
}

static void run(const char *command) {
  pid_t pid = fork();
  if (pid == 0) {
    (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
  }
  int status = -1;
  (void)waitpid(pid, &status, 0);
  cr_assert_eq(status, 0, "%s", command);
}

static bool answers(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  bool ok = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
  (void)close(fd);
  return ok;
}

static int free_port(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
  cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
  (void)close(fd);
  return ntohs(a.sin_port);
}

static pid_t start_sshd(fixture *f) {
  char config[96];
  char log[96];
  (void)snprintf(config, sizeof config, "%s/sshd_config", f->dir);
  (void)snprintf(log, sizeof log, "%s/log", f->dir);
  char port[16];
  (void)snprintf(port, sizeof port, "%d", f->port);
  pid_t pid = fork();
  if (pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setpgid(0, 0);
    (void)execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", config, "-p", port, "-E", log, (char *)NULL);
    _exit(127);
  }
  (void)setpgid(pid, pid);
  for (int i = 0; i < 400; i++) {
    if (answers(f->port)) return pid;
    if (waitpid(pid, NULL, WNOHANG) == pid) return -1;  // the port was taken meanwhile
    (void)usleep(10000);
  }
  return -1;
}

void fixture_start(fixture *f, const char *options) {
  if (access("/usr/sbin/sshd", X_OK) != 0) cr_skip_test("no sshd on this machine");
  *f = (fixture){.sshd = -1};
  (void)snprintf(f->dir, sizeof f->dir, "/tmp/qd-sshd-XXXXXX");
  cr_assert_not_null(mkdtemp(f->dir));
  (void)snprintf(f->socket, sizeof f->socket, "%s/engine.sock", f->dir);
  f->server = start_server(f->socket);
  if (geteuid() == 0) (void)mkdir("/run/sshd", 0755);
  char text[512];
  (void)snprintf(text, sizeof text,
                 "cd %s && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user && cp user.pub authorized",
                 f->dir);
  run(text);
  (void)snprintf(text, sizeof text, "%s/sshd_config", f->dir);
  FILE *out = fopen(text, "w");
  (void)fprintf(out,
                "%s\nListenAddress 127.0.0.1\nHostKey %s/host\nAuthorizedKeysFile %s/authorized\nPidFile none\nStrictModes no\n"
                "PermitRootLogin yes\nPasswordAuthentication no\nUsePAM no\nMaxStartups 100\n%s",
                options, f->dir, f->dir, strstr(options, "Subsystem") ? "" : "Subsystem sftp internal-sftp\n");
  (void)fclose(out);
  for (int i = 0; i < 5 && f->sshd < 0; i++) {
    f->port = free_port();
    f->sshd = start_sshd(f);
  }
  cr_assert_gt(f->sshd, 0, "sshd did not start");
}

// Parent of a process whose name begins with "sshd"; -1: it is none.
static pid_t parent_of_sshd(pid_t pid) {
  char path[64];
  char line[512];
  (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  FILE *in = fopen(path, "r");
  if (!in) return -1;
  bool ok = fgets(line, sizeof line, in) != NULL;
  (void)fclose(in);
  char *name = ok ? strchr(line, '(') : NULL;
  char *end = name ? strrchr(name, ')') : NULL;
  return end && strncmp(name + 1, "sshd", 4) == 0 ? (pid_t)strtol(end + 4, NULL, 10) : -1;
}

// A connection is one process or, from OpenSSH 9.8 on, a monitor and its child.
static bool serves(const fixture *f, pid_t pid) {
  for (int i = 0; i < 4 && pid > 1; i++) {
    pid = parent_of_sshd(pid);
    if (pid == f->sshd) return true;
  }
  return false;
}

int fixture_signal_connections(fixture *f, int sig) {
  pid_t found[64];
  int n = 0;
  int hit = 0;
  DIR *proc = opendir("/proc");
  for (struct dirent *e; n < 64 && (e = readdir(proc)) != NULL;) {
    pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
    if (serves(f, pid)) found[n++] = pid;
  }
  (void)closedir(proc);
  for (int i = 0; i < n; i++) hit += kill(found[i], sig) == 0;
  return hit;
}

void fixture_stop(fixture *f) {
  (void)fixture_signal_connections(f, SIGCONT);
  (void)fixture_signal_connections(f, SIGKILL);
  (void)kill(f->sshd, SIGTERM);
  (void)waitpid(f->sshd, NULL, 0);
  (void)kill(-f->server, SIGKILL);
  (void)waitpid(f->server, NULL, 0);
  char text[128];
  (void)snprintf(text, sizeof text, "rm -rf %s", f->dir);
  run(text);
}

// libssh2 loses its copy of the server's host key (51 bytes for ed25519) at every key re-exchange.
#define HOST_KEY_SIZE 51

static void *on_alloc(size_t n, void **abstract) {
  (void)abstract;
  void *p = calloc(1, n);
#if defined(__SANITIZE_ADDRESS__)
  if (n == HOST_KEY_SIZE) __lsan_ignore_object(p);
#endif
  return p;
}

static void on_free(void *p, void **abstract) {
  (void)abstract;
  free(p);
}

static void *on_realloc(void *p, size_t n, void **abstract) {
  (void)abstract;
  return realloc(p, n);
}

qd_ssh *fixture_login(fixture *f, qd_loop *loop) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)f->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
  LIBSSH2_SESSION *session = libssh2_session_init_ex(on_alloc, on_free, on_realloc, NULL);
  cr_assert_eq(libssh2_session_handshake(session, fd), 0);
  char key[96];
  char pub[96];
  (void)snprintf(key, sizeof key, "%s/user", f->dir);
  (void)snprintf(pub, sizeof pub, "%s/user.pub", f->dir);
  const char *user = getpwuid(geteuid())->pw_name;
  cr_assert_eq(libssh2_userauth_publickey_fromfile(session, user, pub, key, NULL), 0);
  (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  qd__ssh_raw raw = {.session = session, .fd = fd};
  (void)snprintf(raw.name, sizeof raw.name, "%s@test", user);
  return qd__ssh_adopt(loop, &raw);
}
