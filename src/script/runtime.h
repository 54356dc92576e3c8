// The runtime: a loop, a Lua universe and its tasks. Inside script/ and for qd_main.
#ifndef QD_SCRIPT_RUNTIME_H
#define QD_SCRIPT_RUNTIME_H

#include <signal.h>

#include "script/cover.h"
#include "script/script.h"

typedef struct qd_task qd_task;

struct qd_rt {
  qd_loop *loop;
  lua_State *L;
  qd_task *cur;                    // the task that runs now; never derived from L (user coroutines)
  qd_list ready;                   // tasks to resume, in order
  qd_list all;                     // every unfinished task
  int live;                        // of them
  qd_task *root;                   // task 0, cancelled by the first interrupt
  qd_task *front;                  // what Ctrl-C means instead, while `session` is set; NULL: nothing
  bool session;                    // Ctrl-C does not end the program (the REPL's)
  volatile sig_atomic_t stopping;  // Lua code of `front` is to raise: 1 once, 2 until it ended
  size_t memory;                   // bytes that Lua holds
  size_t memory_limit;             // 0 = none; beyond it Lua gets NULL and raises "not enough memory"
  qd_cover *cover;                 // NULL unless lines are counted
};

// Lua state with the given core modules preloaded (NULL-terminated, names without "core."), embedded sources and
// prelude in place. Never NULL.
qd_rt *qd_rt_new(const luaL_Reg *modules);
// Cancels nothing: all tasks must have ended. Returns the number of handles left open (0 is right).
int qd_rt_free(qd_rt *rt);
// Starts the function on top of rt->L as a task (pops it) and turns the loop until it and all others ended.
// The function's integer result is the exit code; a failure that escaped it is printed and gives its category's code.
int qd_rt_run(qd_rt *rt);
// First call: cancels task 0 (clean-up has 2 s). Second: also interrupts running Lua code and skips clean-up. In a session, a Ctrl-C
// (`ends` false) means the task in front alone.
void qd_rt_interrupt(qd_rt *rt, bool ends);
// The part that must not wait for the loop: called inside the signal handler; at the second signal (in a session at the first) it
// stops Lua code that never gives control back. arg is a qd_rt.
void qd_rt_interrupt_now(void *arg, int count);

// script/task.c
// A hook: raises where Ctrl-C wants the task in front stopped. Other hooks that take its place call it.
void qd__look_for_stop(lua_State *L, lua_Debug *ar);
int luaopen_qd_task(lua_State *L);
// script/loader.c: searchers, strict globals, prelude.
void qd__loader_install(lua_State *L);
int luaopen_qd_embedded(lua_State *L);
// Pushes the chunk of an embedded or overridden file ("lua/main.lua"); false: an error message instead. [-0, +1, m]
bool qd__loader_load(lua_State *L, const char *name);
// script/error.c
int luaopen_qd_error(lua_State *L);
int luaopen_qd_log(lua_State *L);

#endif
