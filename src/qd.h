// libqnapdocker: a scripting host for Docker on QNAP NAS devices. Make a host, run commands and scripts in it, free it.
//
// Promise. What stands here keeps its meaning and its binary form while QD_API is 1: functions and, at the end of the option structs,
// fields are added; nothing is changed or taken away. Programs that were built against an older header of QD_API 1 go on working.
// Threads. A host, its runs and its calls belong to the thread that made the host; other threads may have hosts of their own. The one
// function for any thread is qd_host_interrupt.
// Manners. The library never ends the process (except for want of memory: it aborts), installs no signal handler unless it is asked to,
// changes neither the environment, nor the locale, nor the working directory, and prints nothing but what a command prints, which goes
// where `output` says. While a host lives, its thread has SIGPIPE blocked: the mask before is put back by qd_host_free.
// Text is UTF-8 and ends with a zero where no size is given. docs/embedding.md tells more.
#ifndef QD_H
#define QD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QD_API 1
#if defined(__GNUC__)
#define QD_EXPORT __attribute__((visibility("default")))
#else
#define QD_EXPORT
#endif

// The library's own: QD_API and the release ("1.2.0"), static.
QD_EXPORT int qd_api(void);
QD_EXPORT const char *qd_version(void);

// --- a host -------------------------------------------------------------------------------------------------------------------------

typedef struct qd_host qd_host;
typedef struct qd_run qd_run;
struct uv_loop_s;  // libuv's uv_loop_t

enum { QD_STDOUT = 1, QD_STDERR = 2 };

// Bytes that a run writes to QD_STDOUT or QD_STDERR, in order, in pieces of any size; borrowed for the call. Called on the host's thread
// while Lua runs: it must not call into the host, except for qd_run_cancel and what reads a run.
typedef void qd_output(void *ctx, qd_run *run, int stream, const char *bytes, size_t size);

// All of it is copied. Start with QD_HOST_OPTIONS_INIT and set what you need.
typedef struct qd_host_options {
  size_t size;                     // sizeof(qd_host_options) of the caller
  struct uv_loop_s *loop;          // the caller's loop, which the caller runs on this thread; NULL: the host has its own
  qd_output *output;               // what runs print; NULL: the process's own stdout and stderr
  void *ctx;                       // for `output`
  const char *const *environment;  // "NAME=value" (or "NAME": unset) over the process's environment, ended by NULL; NULL: as it is
  const char *home;                // where profiles and state are kept, absolute; NULL: QNAP_DOCKER_HOME, else ~/.qnap-docker
  const char *program;             // the qnap-docker that runs as connection holder; NULL: a holder that runs is used, none is started
  size_t memory_limit;             // bytes that Lua may hold; beyond it scripts get an error. 0: no limit
  int handle_signals;              // nonzero: SIGINT, SIGTERM, SIGHUP interrupt (third: ends the process). One host of a process
} qd_host_options;
#define QD_HOST_OPTIONS_INIT \
  { sizeof(qd_host_options), NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 }

// options may be NULL. NULL where the options cannot be met: their size is unknown, `home` is not absolute, another host handles signals.
QD_EXPORT qd_host *qd_host_new(const qd_host_options *options);
// NULL ok. Not from inside a callback of the host's. What still runs is cancelled: with a loop of its own, the host waits for its clean-up
// (at most a few seconds); on the caller's loop it is dropped at once, and the loop must go on until it has closed the host's handles.
// Runs that were not freed are freed; `done` is not called any more.
QD_EXPORT void qd_host_free(qd_host *host);
// Cancels all that runs. From any thread, as long as the host lives.
QD_EXPORT void qd_host_interrupt(qd_host *host);

// --- runs ---------------------------------------------------------------------------------------------------------------------------

// A command line or a script on its way; several of one host run side by side. Everything read from it is borrowed until qd_run_free.
typedef struct qd_run_options {
  size_t size;        // sizeof(qd_run_options) of the caller
  int capture;        // nonzero: what it prints is kept for qd_run_output
  const char *input;  // its stdin, copied; with NULL it is empty, unless the run has the process's stdout too
  size_t input_size;
  void (*done)(void *ctx, qd_run *run);  // called once, when all of it has ended, on the loop; may free the run and start others
  void *ctx;                             // for `done`
} qd_run_options;
#define QD_RUN_OPTIONS_INIT \
  { sizeof(qd_run_options), 0, NULL, 0, NULL, NULL }

// Start; nothing runs before the loop does. options may be NULL. Never NULL while the options are met; free with qd_run_free.
// A command line as the program takes it ("ps", "-a"), without the program's name.
QD_EXPORT qd_run *qd_command(qd_host *host, int argc, const char *const *argv, const qd_run_options *options);
// Lua source. `name` stands in its messages ("@backup.lua"). `arguments` is a JSON array whose values the script gets as `...`; NULL: none.
QD_EXPORT qd_run *qd_script(qd_host *host, const char *source, size_t size, const char *name, const char *arguments,
                            const qd_run_options *options);

// Turns the loop until the run has ended; gives its exit code. On a loop of the caller's: only while nobody else runs it (-1 from inside
// a callback of the host's; libuv itself forbids what it cannot see).
QD_EXPORT int qd_run_wait(qd_run *run);
// Its next wait raises `cancelled`; clean-up has two seconds. Harmless when it has ended.
QD_EXPORT void qd_run_cancel(qd_run *run);
// NULL ok. One that still runs is cancelled and goes on without you: `done` is not called.
QD_EXPORT void qd_run_free(qd_run *run);

QD_EXPORT int qd_run_ended(const qd_run *run);
// 0: it worked; docs/errors.md has the others. -1 while it runs.
QD_EXPORT int qd_run_exit_code(const qd_run *run);
// What it printed, with `capture`; a zero stands behind it. size may be NULL.
QD_EXPORT const char *qd_run_output(const qd_run *run, int stream, size_t *size);
// The first value that a script returned, as JSON; NULL where there is none. size may be NULL.
QD_EXPORT const char *qd_run_result(const qd_run *run, size_t *size);

// Why it failed. Texts that do not apply are "".
typedef struct qd_failure {
  const char *category;   // one of the exit codes' names: "not_found", "auth", "connect", "timeout", "cancelled", "internal" ...
  const char *code;       // a stable word: "no_container", "host_key_changed"
  const char *message;    // headline: what failed, and where
  const char *why;        // the cause
  const char *hint;       // what to do; at most two lines
  const char *engine;     // the Docker engine's own words
  const char *traceback;  // of a bug (category "internal")
} qd_failure;
// NULL: it raised nothing. The exit code of a command may differ from 0 all the same: that of a process in a container, or "negative".
QD_EXPORT const qd_failure *qd_run_failure(const qd_run *run);

// Both start, wait and free; the failure of a script is lost but for its exit code. For the caller's loop: as qd_run_wait.
QD_EXPORT int qd_host_command(qd_host *host, int argc, const char *const *argv);
QD_EXPORT int qd_host_script(qd_host *host, const char *source, size_t size, const char *name);

// --- functions for scripts ----------------------------------------------------------------------------------------------------------

// A call under way: scripts say require("host").NAME(...), and the task that does waits until the call is answered. It is answered once,
// by qd_call_return or qd_call_fail, from within the function or later on the host's thread, and is gone from then on.
typedef struct qd_call qd_call;
typedef void qd_function(void *ctx, qd_call *call);

// A function of C's for scripts; a name that is there is replaced. ctx must live as long as the host.
QD_EXPORT void qd_host_register(qd_host *host, const char *name, qd_function *fn, void *ctx);
// The arguments as a JSON array; borrowed until the call is answered. size may be NULL.
QD_EXPORT const char *qd_call_arguments(const qd_call *call, size_t *size);
// `json` is what the script gets, copied; NULL: nil. Text that is no JSON makes the call fail.
QD_EXPORT void qd_call_return(qd_call *call, const char *json);
// Raises in the script. An unknown category counts as "internal"; why and hint may be NULL.
QD_EXPORT void qd_call_fail(qd_call *call, const char *category, const char *code, const char *message, const char *why, const char *hint);
// fn(ctx, call) when the script stopped waiting (cancelled, or its time was up): stop the work. The call is still to be answered, by fn
// or later; the answer is dropped. At most one fn.
QD_EXPORT void qd_call_on_cancel(qd_call *call, qd_function *fn, void *ctx);
// The run that calls; NULL when it stopped waiting.
QD_EXPORT qd_run *qd_call_run(const qd_call *call);

// The whole program: what main() calls. It handles signals and reads the process's environment. Returns the exit code.
QD_EXPORT int qd_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
