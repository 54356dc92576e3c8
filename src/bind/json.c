// core.json: JSON text and Lua values.
#include "bind/convert.h"
#include "bind/modules.h"

#define TEXT_CAP ((size_t)1 << 30)

// decode(text[, {max_bytes=, max_depth=}]) -> value
static int l_decode(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  qd_json_limits limits = QD_JSON_LIMITS_DEFAULT;
  lua_Integer bytes = qd_field_integer(L, 2, "max_bytes", (lua_Integer)limits.max_bytes);
  lua_Integer depth = qd_field_integer(L, 2, "max_depth", (lua_Integer)limits.max_depth);
  luaL_argcheck(L, bytes > 0 && depth > 0 && depth <= 1000, 2, "max_bytes from 1, max_depth from 1 to 1000 expected");
  limits.max_bytes = (size_t)bytes;
  limits.max_depth = (unsigned)depth;
  qd_box *box = qd_box_push(L);  // box
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_json_parse(text, &limits, &box->json, &err), &err);
  qd_push_json(L, box->json);  // box value
  qd_box_clear(box);
  return 1;
}

// encode(value[, {indent=, html_safe=}]) -> text
static int l_encode(lua_State *L) {
  luaL_checkany(L, 1);
  qd_json_style style = {0, false, qd_field_boolean(L, 2, "html_safe", false)};
  lua_Integer indent = qd_field_integer(L, 2, "indent", 0);
  luaL_argcheck(L, indent >= 0 && indent <= 16, 2, "indent from 0 to 16 expected");
  style.indent = (int)indent;
  qd_box *box = qd_box_push(L);  // box
  qd_buf_init(&box->buf, TEXT_CAP);
  box->json = qd_check_json(L, 1);
  if (!qd_json_write(box->json, &style, &box->buf)) return luaL_error(L, "the JSON text is larger than 1 GiB");
  lua_pushlstring(L, box->buf.p, box->buf.n);  // box text
  qd_box_clear(box);
  return 1;
}

// reformat(text, indent) -> the text with white space set anew; indent 0: none
static int l_reformat(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  lua_Integer indent = luaL_checkinteger(L, 2);
  luaL_argcheck(L, indent >= 0 && indent <= 16, 2, "indent from 0 to 16 expected");
  qd_box *box = qd_box_push(L);  // box
  qd_buf_init(&box->buf, TEXT_CAP);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_json_reformat(text, (unsigned)indent, &box->buf, &err), &err);
  lua_pushlstring(L, box->buf.n ? box->buf.p : "", box->buf.n);  // box text
  qd_box_clear(box);
  return 1;
}

// array([table]) -> the table (or a new one), marked so that it is an array even when it is empty
static int l_array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);  // t
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  qd_mark_array(L, 1);
  return 1;
}

// is_array(value) -> whether encode writes it as an array
static int l_is_array(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, qd_is_array(L, 1));
  return 1;
}

int luaopen_qd_json(lua_State *L) {
  static const luaL_Reg functions[] = {{"decode", l_decode}, {"encode", l_encode},     {"reformat", l_reformat},
                                       {"array", l_array},   {"is_array", l_is_array}, {NULL, NULL}};
  luaL_newlib(L, functions);
  qd_push_null(L);
  lua_setfield(L, -2, "null");
  return 1;
}
