// Which lines of our Lua sources ran, for `./dev test cov`: a file for each runtime in the directory that QNAP_DOCKER_COV names.
#ifndef QD_SCRIPT_COVER_H
#define QD_SCRIPT_COVER_H

#include <lua.h>

typedef struct qd_cover qd_cover;

// Counts from here on, in every coroutine made later. NULL, and no hook, where QNAP_DOCKER_COV is unset.
qd_cover *qd__cover_new(lua_State *L);
// Writes DIR/cov-*, a line for each source: "lua/ps.lua 3 4 17". Nothing is written when that fails: no test should see a difference.
void qd__cover_free(qd_cover *c);

#endif
