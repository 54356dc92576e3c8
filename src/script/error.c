// Errors both ways between C and Lua, and the core.error module.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "script/runtime.h"

static const char CLASS[] = "qd.error";

static void set(lua_State *L, const char *key, const char *value) {  // [-0, +0, m] into the table on top
  if (value[0] == '\0') return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

void qd_push_error(lua_State *L, const qd_error *err) {
  lua_createtable(L, 0, 7);  // e
  set(L, "category", qd_status_name(err->category));
  set(L, "code", err->code);
  set(L, "message", err->message);
  set(L, "why", err->why);
  set(L, "hint", err->hint);
  set(L, "engine", err->engine);
  luaL_setmetatable(L, CLASS);
}

int qd_raise(lua_State *L, const qd_error *err) {
  luaL_checkstack(L, 4, NULL);
  qd_push_error(L, err);
  return lua_error(L);
}

void qd_check(lua_State *L, qd_status st, const qd_error *err) {
  if (st != QD_OK) (void)qd_raise(L, err);
}

static int l_tostring(lua_State *L) {
  lua_getfield(L, 1, "message");
  if (lua_isnil(L, -1)) lua_pushliteral(L, "error");
  return 1;
}

// error.new(fields) -> fields with the Error metatable
static int l_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  luaL_setmetatable(L, CLASS);
  return 1;
}

// error.is(value) -> whether it is an Error
static int l_is(lua_State *L) {
  int is = 0;
  if (lua_type(L, 1) == LUA_TTABLE && lua_getmetatable(L, 1)) {
    luaL_getmetatable(L, CLASS);
    is = lua_rawequal(L, -1, -2);
  }
  lua_pushboolean(L, is);
  return 1;
}

// error.exit_code(category) -> integer
static int l_exit_code(lua_State *L) {
  lua_pushinteger(L, qd_status_exit_code(qd_status_from_name(luaL_checkstring(L, 1))));
  return 1;
}

// error.categories() -> list of {name=, exit_code=}
static int l_categories(lua_State *L) {
  lua_newtable(L);  // list
  for (int i = 1; i < QD_STATUS_COUNT; i++) {
    lua_createtable(L, 0, 2);  // list row
    lua_pushstring(L, qd_status_name((qd_status)i));
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, qd_status_exit_code((qd_status)i));
    lua_setfield(L, -2, "exit_code");
    lua_rawseti(L, -2, i);
  }
  return 1;
}

int luaopen_qd_error(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"new", l_new}, {"is", l_is}, {"exit_code", l_exit_code}, {"categories", l_categories}, {NULL, NULL}};
  luaL_newmetatable(L, CLASS);  // mt
  lua_pushcfunction(L, l_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "Error");
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}

// log.redact(text) -> text without registered secrets
static int l_redact(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  qd_buf out;
  qd_buf_init(&out, text.n * 4 + 1024);
  qd_redact(text, &out);
  lua_pushlstring(L, out.p ? out.p : "", out.n);
  qd_buf_deinit(&out);
  return 1;
}

// log.secret(value): registers a value that must never be shown
static int l_secret(lua_State *L) {
  qd_slice v = qd_check_slice(L, 1);
  qd_secret_add(v.p, v.n);
  return 0;
}

// log.setup(level[, path]): "quiet", "verbose" or "debug"; lines are appended to the file, else go to stderr
static int l_setup(lua_State *L) {
  static const char *const names[] = {"quiet", "verbose", "debug", NULL};
  static int file = -1;  // as process-wide as the log
  int level = luaL_checkoption(L, 1, "quiet", names);
  const char *path = luaL_optstring(L, 2, NULL);
  qd_error err = QD_ERROR_INIT;
  int fd = -1;
  if (path) {
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
      (void)qd_fail(&err, QD_USAGE, "bad_debug_file", "cannot write to %s", path);
      qd_check(L, qd_why(&err, "%s", strerror(errno)), &err);
    }
  }
  qd_log_setup((qd_log_level)level, fd);
  if (file >= 0) (void)close(file);
  file = fd;
  return 0;
}

// log.debug(area, text)
static int l_debug(lua_State *L) {
  const char *area = luaL_checkstring(L, 1);
  QD_DEBUG(area, "%s", luaL_checkstring(L, 2));
  return 0;
}

// log.enabled(level) -> boolean
static int l_enabled(lua_State *L) {
  static const char *const names[] = {"quiet", "verbose", "debug", NULL};
  lua_pushboolean(L, qd_log_on((qd_log_level)luaL_checkoption(L, 1, NULL, names)));
  return 1;
}

int luaopen_qd_log(lua_State *L) {
  static const luaL_Reg functions[] = {{"redact", l_redact}, {"secret", l_secret},   {"setup", l_setup},
                                       {"debug", l_debug},   {"enabled", l_enabled}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
