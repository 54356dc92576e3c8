// The options of core.proc's functions, as C strings.
#ifndef QD_BIND_PROC_ARGS_H
#define QD_BIND_PROC_ARGS_H

#include "loop/proc.h"
#include "script/script.h"

typedef struct qd_proc_args {
  char **argv;  // NULL-terminated; owned
  char **env;   // NULL: ours; owned
  char *cwd;    // NULL: ours; owned
  qd_proc_io io[3];
} qd_proc_args;

// Reads argv, env, cwd, stdio from the table at `arg` into `out` (zeroed, anchored: what was read before an error stays
// in it). A stdin without a word of its own is `input`.                                  [-0, +0, e]
void qd_proc_args_check(lua_State *L, int arg, qd_proc_io input, qd_proc_args *out);
void qd_proc_args_deinit(qd_proc_args *a);
qd_proc_spec qd_proc_args_spec(const qd_proc_args *a);

#endif
