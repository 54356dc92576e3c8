// core.edit: the line editor of the REPL.
#include "term/edit.h"

#include "bind/modules.h"
#include "script/script.h"

static const char CLASS[] = "qd.edit";

typedef struct editor {
  qd_edit *edit;
} editor;

static qd_edit *check(lua_State *L) {
  editor *e = luaL_checkudata(L, 1, CLASS);
  luaL_argcheck(L, e->edit, 1, "the editor was closed");
  return e->edit;
}

static qd_edit *check_active(lua_State *L) {
  qd_edit *e = check(L);
  luaL_argcheck(L, qd_edit_active(e), 1, "no line is edited");
  return e;
}

// The event's name, and its text and cursor where it has them.
static int push_event(lua_State *L, qd_edit *e, qd_edit_event event) {
  static const char *const NAMES[] = {"more", "line", "eof", "abandoned", "complete"};
  lua_pushstring(L, NAMES[event]);
  if (event != QD_EDIT_LINE && event != QD_EDIT_COMPLETE) return 1;
  size_t cursor;
  qd_slice text = qd_edit_text(e, &cursor);
  lua_pushlstring(L, text.n > 0 ? text.p : "", text.n);
  lua_pushinteger(L, (lua_Integer)cursor);
  return 3;
}

// edit.open() -> editor
static int l_open(lua_State *L) {
  editor *e = lua_newuserdatauv(L, sizeof *e, 0);  // editor
  e->edit = NULL;
  luaL_setmetatable(L, CLASS);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_edit_new(&e->edit, &err), &err);
  return 1;
}

// editor:begin(prompt, text = "") -> event, text, cursor
static int l_begin(lua_State *L) {
  qd_edit *e = check(L);
  luaL_argcheck(L, !qd_edit_active(e), 1, "a line is edited already");
  const char *prompt = luaL_checkstring(L, 2);
  qd_slice text = lua_isnoneornil(L, 3) ? (qd_slice){"", 0} : qd_check_slice(L, 3);
  return push_event(L, e, qd_edit_begin(e, prompt, text));
}

// editor:feed(bytes) -> event, text, cursor
static int l_feed(lua_State *L) {
  qd_edit *e = check_active(L);
  return push_event(L, e, qd_edit_feed(e, qd_check_slice(L, 2)));
}

// editor:complete(remove, insert) -> event, text, cursor
static int l_complete(lua_State *L) {
  qd_edit *e = check_active(L);
  lua_Integer most = luaL_checkinteger(L, 2);
  luaL_argcheck(L, most >= 0 && most <= INT32_MAX, 2, "a number of characters expected");
  return push_event(L, e, qd_edit_complete(e, (size_t)most, qd_check_slice(L, 3)));
}

// editor:active() -> boolean
static int l_active(lua_State *L) {
  lua_pushboolean(L, qd_edit_active(check(L)));
  return 1;
}

// editor:above(lines)
static int l_above(lua_State *L) {
  qd_edit *e = check(L);
  qd_edit_above(e, qd_check_slice(L, 2));
  return 0;
}

// editor:resize()
static int l_resize(lua_State *L) {
  qd_edit_resize(check(L));
  return 0;
}

// editor:stop()
static int l_stop(lua_State *L) {
  qd_edit_stop(check(L));
  return 0;
}

// editor:history(list): what can be recalled, the newest last
static int l_history(lua_State *L) {
  qd_edit *e = check(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  qd_edit_history_clear(e);
  for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
    qd_edit_history_add(e, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  return 0;
}

static int l_close(lua_State *L) {
  editor *e = luaL_checkudata(L, 1, CLASS);
  qd_edit *edit = e->edit;
  e->edit = NULL;
  qd_edit_free(edit);
  return 0;
}

int luaopen_qd_edit(lua_State *L) {
  static const luaL_Reg methods[] = {{"begin", l_begin}, {"feed", l_feed},     {"complete", l_complete}, {"active", l_active},
                                     {"above", l_above}, {"resize", l_resize}, {"stop", l_stop},         {"history", l_history},
                                     {"close", l_close}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_close}, {"__close", l_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
  qd_class(L, CLASS, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
