// What a host has for itself where C libraries have process-wide state: its environment, and how it logs. The context of a thread is that
// of the host that ran there last; without one it is the process's own.
#ifndef QD_BASE_CONTEXT_H
#define QD_BASE_CONTEXT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

typedef struct qd_context {
  char **environ;                                      // NULL: the process's
  atomic_int log_level;                                // qd_log_level
  atomic_int log_fd;                                   // -1: stderr
  void (*log)(void *ctx, const char *line, size_t n);  // instead of stderr, on the host's thread alone; NULL: stderr
  void *log_ctx;
  pthread_t thread;  // the host's
} qd_context;

// Never NULL.
qd_context *qd_context_now(void);
// NULL: the process's own.
void qd_context_use(qd_context *c);

// As getenv and environ, of the context. Borrowed while the context lives.
const char *qd_getenv(const char *name);
char **qd_environ(void);

// The process's environment with the changes ("NAME=value"; "NAME": unset; ended by NULL), for qd_context.environ. Caller frees.
char **qd_environ_new(const char *const *changes);
void qd_environ_free(char **list);

#endif
