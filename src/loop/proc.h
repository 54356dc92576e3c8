// Child processes: argv and no shell, pipes with backpressure, and an exit that is always collected.
#ifndef QD_LOOP_PROC_H
#define QD_LOOP_PROC_H

#include "base/slice.h"
#include "loop/loop.h"

typedef struct qd_proc qd_proc;

typedef enum qd_proc_io { QD_PROC_PIPE, QD_PROC_NULL, QD_PROC_INHERIT } qd_proc_io;

typedef struct qd_proc_spec {
  const char *const *argv;  // NULL-terminated; argv[0] is looked for in PATH
  const char *const *env;   // "NAME=value", NULL-terminated; NULL: ours
  const char *cwd;          // NULL: ours
  qd_proc_io io[3];         // stdin, stdout, stderr
} qd_proc_spec;

// All called on the loop, never inside a function of this file; each may call qd_proc_free.
typedef struct qd_proc_events {
  void (*data)(void *ctx, int which, qd_slice bytes);  // which: 1 stdout, 2 stderr
  // No more data of `which`. A pipe that a grandchild keeps open after the exit ends one second later, if it is being read.
  void (*end)(void *ctx, int which);
  void (*exit)(void *ctx, int code, int signo);  // data may still be on its way
} qd_proc_events;

// Starts it. Without any QD_PROC_INHERIT it gets a session of its own, so that Ctrl-C at our terminal does not reach it and
// qd_proc_kill reaches what it starts. Pipes are not read before qd_proc_read. Errors: QD_NOT_FOUND or QD_FAIL, "no_program".
QD_MUST_USE qd_status qd_proc_spawn(qd_loop *loop, const qd_proc_spec *spec, const qd_proc_events *events, void *ctx, qd_proc **out,
                                    qd_error *err);
int qd_proc_pid(const qd_proc *p);  // 0 once it ended
void qd_proc_read(qd_proc *p, int which, bool on);
// Writes a copy of the bytes to its stdin; done(ctx, error) tells an errno or 0. false: stdin is closed or no pipe (done is not called).
bool qd_proc_write(qd_proc *p, qd_slice bytes, void (*done)(void *ctx, int error), void *ctx);
void qd_proc_close_stdin(qd_proc *p);  // after what was written; harmless when closed
// To its whole session where it has one. false: it ended already.
bool qd_proc_kill(qd_proc *p, int signo);
// No more events. A process that still runs is asked to end, and killed two seconds later. NULL ok. Pending writes are told ECANCELED.
void qd_proc_free(qd_proc *p);

#endif
