// libqnapdocker: a scripting host for Docker on QNAP NAS devices. Make a host, run commands or scripts in it,
// free it. One host belongs to one thread. Draft (QD_API 0): may change until the API is declared stable.
// Running out of memory aborts the process; a script that exceeds its own memory limit gets an error instead.
#ifndef QD_H
#define QD_H

#ifdef __cplusplus
extern "C" {
#endif

#define QD_API 0
#define QD_EXPORT __attribute__((visibility("default")))

typedef struct qd_host qd_host;

typedef struct qd_host_options {
  int handle_signals;  // nonzero: SIGINT/SIGTERM cancel what runs (first: clean-up, second: interrupts Lua)
} qd_host_options;

// A host with its own event loop and Lua state. options may be NULL. Never NULL; free with qd_host_free.
QD_EXPORT qd_host *qd_host_new(const qd_host_options *options);
// Runs a command line as the program would ("ps", "-a"; without the program's name). Returns its exit code.
QD_EXPORT int qd_host_command(qd_host *host, int argc, const char *const *argv);
// Runs Lua source as a task; `name` stands in tracebacks. Errors are printed to stderr. Returns an exit code.
QD_EXPORT int qd_host_script(qd_host *host, const char *source, unsigned long size, const char *name);
QD_EXPORT void qd_host_free(qd_host *host);

// The whole program: what main() calls. Returns the exit code.
QD_EXPORT int qd_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
