// The Lua host as seen by bind/: ops awaited by tasks, errors both ways, argument helpers.
// A function whose first parameter is lua_State *L may longjmp; no other may. Notation: [-popped, +pushed, raises].
#ifndef QD_SCRIPT_SCRIPT_H
#define QD_SCRIPT_SCRIPT_H

#include <lauxlib.h>
#include <lua.h>

#include "base/log.h"
#include "data/json.h"
#include "loop/op.h"

typedef struct qd_rt qd_rt;
typedef struct qd_job qd_job;

// The runtime that L belongs to (any coroutine). Never NULL.
qd_rt *qd_rt_of(lua_State *L);
qd_loop *qd_rt_loop(qd_rt *rt);
// Whether the runtime is all that this process does, so that descriptors, working directory and terminal are its own.
bool qd_rt_is_program(const qd_rt *rt);
// The program to start as connection holder, borrowed; NULL: none.
const char *qd_rt_program(const qd_rt *rt);
// Whether the running job has streams of its own in place of the process's. Those: all that is left of stdin at most `most` bytes, borrowed
// (empty at the end); bytes for stdout (1) or stderr (2).
bool qd_rt_has_streams(const qd_rt *rt);
qd_slice qd_rt_read(qd_rt *rt, size_t most);
void qd_rt_write(qd_rt *rt, int fd, qd_slice bytes);

// A new op, anchored by a userdata with __gc on top of L's stack.                     [-0, +1, m]
qd_op *qd_op_push(lua_State *L, const qd_op_kind *kind);
// Waits for `op` (which the stack anchors) and then pushes its results or raises its error. Only as a tail
// call: `return qd_await(L, op);`. An op that is done already does not yield.          [-0, +n, e] yields
int qd_await(lua_State *L, qd_op *op);

// Raises Error{category, code, message, why, hint, engine}.                            [-0, +0, e]
int qd_raise(lua_State *L, const qd_error *err);
// Raises unless st is QD_OK.                                                           [-0, +0, e]
void qd_check(lua_State *L, qd_status st, const qd_error *err);
// The error object for `err`.                                                          [-0, +1, m]
void qd_push_error(lua_State *L, const qd_error *err);

// Arguments. Times are seconds in Lua (numbers, fractions allowed), milliseconds in C.
uint64_t qd_check_ms(lua_State *L, int arg);  // raises unless 0 <= s <= 10 years
uint64_t qd_opt_ms(lua_State *L, int arg, uint64_t otherwise);
qd_slice qd_check_slice(lua_State *L, int arg);  // borrowed while the string is on the stack
// Fields of an options table at `arg` (absolute index); absent or nil gives `otherwise`. A wrong type raises and names the field.
const char *qd_field_string(lua_State *L, int arg, const char *name, const char *otherwise);  // borrowed from the table
lua_Integer qd_field_integer(lua_State *L, int arg, const char *name, lua_Integer otherwise);
bool qd_field_boolean(lua_State *L, int arg, const char *name, bool otherwise);
uint64_t qd_field_ms(lua_State *L, int arg, const char *name, uint64_t otherwise);

// Registry references, the only way to keep a Lua value in C. QD_NOREF is "none".
#define QD_NOREF LUA_NOREF
int qd_ref(lua_State *L);               // [-1, +0, m]
void qd_unref(lua_State *L, int *ref);  // harmless on QD_NOREF; sets it to QD_NOREF

// The JSON tree <-> Lua. null is json.null (a light userdata); arrays carry the metatable json.array, so
// that [] stays apart from {}; integers stay integers.
void qd_push_json(lua_State *L, const qd_json *v);  // [-0, +1, m]
// A new tree from the value at `arg`: tables with the array metatable or a non-empty sequence are arrays, others objects
// (keys sorted). Raises on functions, cycles, depth > 200, mixed keys. Caller frees.     [-0, +0, e]
qd_json *qd_check_json(lua_State *L, int arg);
// Pushes the json.null sentinel.                                                       [-0, +1, -]
void qd_push_null(lua_State *L);
bool qd_is_null(lua_State *L, int arg);  // json.null or nil

// Userdata class with methods and __gc/__close; leaves nothing on the stack.
// `methods` and `meta` are NULL-terminated luaL_Reg lists (either may be NULL).
void qd_class(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *meta);

#endif
