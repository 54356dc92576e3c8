// The runtime: a loop, a Lua universe, and the jobs in it. Inside script/ and for bind/host.
#ifndef QD_SCRIPT_RUNTIME_H
#define QD_SCRIPT_RUNTIME_H

#include <signal.h>

#include "base/context.h"
#include "script/cover.h"
#include "script/script.h"

typedef struct qd_task qd_task;

// The texts of an error that ended a job, in the order of qd.h's qd_failure.
enum { QD_FAILURE_TEXTS = 7 };

// What the host runs as one thing: task 0, and every task that begins in it. Memory is the owner's until it has ended.
struct qd_job {
  qd_rt *rt;
  qd_list link;   // rt->jobs, then rt->ended
  qd_task *root;  // task 0, cancelled by the first interrupt
  int live;       // unfinished tasks
  bool ended;
  bool tells;  // failures of the runtime itself are told on stderr
  int exit_code;
  void (*write)(void *ctx, int fd, qd_slice bytes);  // its stdout and stderr; NULL: the process's
  qd_slice input;                                    // with `write`: what is left of its stdin
  void (*on_end)(void *ctx);                         // from the scheduler; may free the job
  void *ctx;
  char *failure[QD_FAILURE_TEXTS];  // [0] NULL: none
  char *result;                     // NULL: none
  size_t result_n;
};

struct qd_rt {
  qd_loop *loop;
  lua_State *L;
  qd_task *cur;             // the task that runs now; never derived from L (user coroutines)
  const luaL_Reg *modules;  // core.*, beside script/'s own
  qd_list ready;            // tasks to resume, in order
  qd_list all;              // every unfinished task
  int live;                 // of them
  qd_list jobs, ended;      // ended: on_end is due
  qd_defer pump;            // on a shared loop: resumes what is ready
  bool turning;             // tasks are being resumed
  bool is_program;          // it is all that the process does (qd_main)
  bool has_streams;         // io's files know of jobs (streams.c)
  atomic_int interrupts;    // asked for by other threads
  char *program;            // what to start as connection holder; NULL: nothing, or with is_program this very program
  qd_context context;
  qd_task *front;                  // what Ctrl-C means instead of all jobs, while `session` is set; NULL: nothing
  bool session;                    // Ctrl-C does not end the program (the REPL's)
  volatile sig_atomic_t stopping;  // Lua code of `front` is to raise: 1 once, 2 until it ended
  size_t memory;                   // bytes that Lua holds
  size_t memory_limit;             // 0 = none; beyond it Lua gets NULL and raises "not enough memory"
  qd_cover *cover;                 // NULL unless lines are counted
};

typedef struct qd_rt_config {
  const luaL_Reg *modules;  // NULL-terminated, names without "core."
  qd_loop *loop;            // taken
  char **environ;           // taken; NULL: the process's
  bool is_program;
} qd_rt_config;

// Lua state with the given core modules, embedded sources and prelude in place. Never NULL.
qd_rt *qd_rt_new(const qd_rt_config *config);
// Tasks that have not ended are dropped. Returns the number of handles left open (0 is right).
int qd_rt_free(qd_rt *rt);
// Starts the function on top of rt->L as task 0 of the job (pops it). Its integer result is the exit code; a failure that escaped it
// gives its category's code. The job's owner has filled in what concerns input and output.
void qd_job_start(qd_rt *rt, qd_job *job);
// Turns the loop until the job has ended, and tells so (on_end). Its memory must outlive that. Not while rt->turning.
void qd_job_wait(qd_job *job);
// It ends before it began.
void qd_job_refuse(qd_rt *rt, qd_job *job, const char *message);
// Cancels task 0 (clean-up has 2 s).
void qd_job_cancel(qd_job *job);
// First call: cancels. Second: also skips clean-up.
void qd_job_interrupt(qd_job *job);
// What the job holds in `failure` and `result`.
void qd_job_deinit(qd_job *job);
// A failure of the runtime's own: kept, and told where the job tells.
void qd_job_fail(qd_job *job, const char *message);
// All jobs. In a session, a Ctrl-C (`ends` false) means the task in front alone.
void qd_rt_interrupt(qd_rt *rt, bool ends);
// Cancels all jobs and waits until they have ended; what ignores that for longer than clean-up may take is stopped. Not on a shared loop.
void qd_rt_end_jobs(qd_rt *rt);
// From any thread.
void qd_rt_ask_interrupt(qd_rt *rt);
// The part that must not wait for the loop: called inside the signal handler; at the second signal (in a session at the first) it
// stops Lua code that never gives control back. arg is a qd_rt.
void qd_rt_interrupt_now(void *arg, int count);

// script/task.c
// A hook: raises where Ctrl-C wants the task in front stopped. Other hooks that take its place call it.
void qd__look_for_stop(lua_State *L, lua_Debug *ar);
int luaopen_qd_task(lua_State *L);
int luaopen_qd_job(lua_State *L);  // job.c
qd_job *qd__task_job(const qd_task *t);
void qd__task_drop_all(qd_rt *rt);
// script/streams.c: io.stdin, io.stdout, io.stderr and print() of jobs that have streams of their own.       [-0, +0, m]
void qd__streams_install(lua_State *L);
// script/loader.c: searchers, strict globals, prelude.
void qd__loader_install(lua_State *L);
int luaopen_qd_embedded(lua_State *L);
// Pushes the chunk of an embedded or overridden file ("lua/main.lua"); false: an error message instead. [-0, +1, m]
bool qd__loader_load(lua_State *L, const char *name);
// script/error.c
int luaopen_qd_error(lua_State *L);
int luaopen_qd_log(lua_State *L);

#endif
