// What the bindings of data/ share. qd_push_json, qd_check_json, qd_push_null and qd_is_null are in script/script.h.
#ifndef QD_BIND_CONVERT_H
#define QD_BIND_CONVERT_H

#include "script/script.h"

// Holds C memory while Lua functions that may raise are called. Empty at first.
typedef struct qd_box {
  qd_json *json;
  qd_buf buf;
} qd_box;

// A userdata that frees what the box holds when it is collected.                       [-0, +1, m]
qd_box *qd_box_push(lua_State *L);
// Frees it now.
void qd_box_clear(qd_box *box);

// As qd_push_json, but a member whose value is null is left out: absent and null read the same.   [-0, +1, m]
void qd_push_json_lean(lua_State *L, const qd_json *v);
// Marks the table at `arg` as an array.                                                [-0, +0, m]
void qd_mark_array(lua_State *L, int arg);
// Whether the value at `arg` becomes a JSON array: a marked table or a non-empty sequence. [-0, +0, -]
bool qd_is_array(lua_State *L, int arg);
// A field of the table on top.                                                         [-0, +0, m]
void qd_set_string(lua_State *L, const char *name, const char *value);
void qd_set_integer(lua_State *L, const char *name, lua_Integer value);

#endif
