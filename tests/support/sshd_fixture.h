// A private sshd on a free loopback port with throw-away keys, a blocking login to it, and a unix socket server to tunnel to.
// Needs the sshd and ssh-keygen programs; fixture_start skips the test where there are none.
#ifndef SSHD_FIXTURE_H
#define SSHD_FIXTURE_H

#include <libssh2.h>
#include <sys/types.h>

#include "ssh/raw.h"

typedef struct fixture {
  char dir[64];
  char socket[96];  // the unix server's
  int port;
  pid_t sshd;
  pid_t server;
} fixture;

// `options`: lines for sshd_config, may be "". Asserts or skips.
void fixture_start(fixture *f, const char *options);
void fixture_stop(fixture *f);
// Logs in (blocking) and hands the session over to the loop.
qd_ssh *fixture_login(fixture *f, qd_loop *loop);
// Sends a signal to the sshd processes that serve connections (not to the listener). Returns how many there were.
int fixture_signal_connections(fixture *f, int sig);

// What a connection to f->socket does is chosen by its first line:
//   echo        sends back what comes, until the end
//   source N    sends N bytes of the pattern, then ends
//   sink        reads to the end of input, then sends "COUNT SUM\n"
//   hold        neither reads nor writes
char fixture_pattern(size_t at);
unsigned long fixture_sum(unsigned long sum, const char *p, size_t n);

#endif
