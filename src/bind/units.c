// core.units: sizes, durations and times as docker's CLI reads and prints them.
#include "data/units.h"

#include <math.h>
#include <time.h>

#include "bind/modules.h"
#include "script/script.h"

#define NS_PER_S 1000000000

// size(text) -> bytes
static int l_size(lua_State *L) {
  qd_error err = QD_ERROR_INIT;
  int64_t bytes = 0;
  qd_check(L, qd_units_size(qd_check_slice(L, 1), &bytes, &err), &err);
  lua_pushinteger(L, bytes);
  return 1;
}

static int64_t check_duration(lua_State *L) {
  qd_error err = QD_ERROR_INIT;
  int64_t ns = 0;
  qd_check(L, qd_units_duration(qd_check_slice(L, 1), &ns, &err), &err);
  return ns;
}

// duration(text) -> seconds (float)
static int l_duration(lua_State *L) {
  lua_pushnumber(L, (lua_Number)check_duration(L) / NS_PER_S);
  return 1;
}

// duration_ns(text) -> nanoseconds (integer)
static int l_duration_ns(lua_State *L) {
  lua_pushinteger(L, check_duration(L));
  return 1;
}

static int64_t now_ns(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

// time(text[, now_s]) -> seconds, nanoseconds since the epoch
static int l_time(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  lua_Number given = luaL_optnumber(L, 2, 0);
  luaL_argcheck(L, fabs(given) < 9e9, 2, "seconds since the epoch expected");
  int64_t now = lua_isnoneornil(L, 2) ? now_ns() : (int64_t)floor(given * NS_PER_S);
  qd_error err = QD_ERROR_INIT;
  int64_t s = 0;
  int64_t ns = 0;
  qd_check(L, qd_units_time(text, now, &s, &ns, &err), &err);
  lua_pushinteger(L, s);
  lua_pushinteger(L, ns);
  return 2;
}

// rfc3339(text) -> seconds, nanoseconds since the epoch
static int l_rfc3339(lua_State *L) {
  qd_error err = QD_ERROR_INIT;
  int64_t s = 0;
  int64_t ns = 0;
  qd_check(L, qd_units_rfc3339(qd_check_slice(L, 1), &s, &ns, &err), &err);
  lua_pushinteger(L, s);
  lua_pushinteger(L, ns);
  return 2;
}

// The texts below are short: copied to the stack first, so that nothing is held when Lua may raise.
static int push_short(lua_State *L, qd_buf *text) {
  char copy[96];
  size_t n = text->n < sizeof copy ? text->n : sizeof copy;
  memcpy(copy, text->p, n);
  qd_buf_deinit(text);
  lua_pushlstring(L, copy, n);
  return 1;
}

// human_size(bytes[, precision=4]) -> "1.2kB"
static int l_human_size(lua_State *L) {
  lua_Number bytes = luaL_checknumber(L, 1);
  lua_Integer precision = luaL_optinteger(L, 2, 4);
  luaL_argcheck(L, precision >= 1 && precision <= 17, 2, "1 to 17 expected");
  qd_buf text;
  qd_buf_init(&text, 96);
  qd_units_human_size(bytes, (int)precision, &text);
  return push_short(L, &text);
}

// bytes_size(bytes) -> "1.2KiB"
static int l_bytes_size(lua_State *L) {
  lua_Number bytes = luaL_checknumber(L, 1);
  qd_buf text;
  qd_buf_init(&text, 96);
  qd_units_bytes_size(bytes, &text);
  return push_short(L, &text);
}

// human_duration(seconds) -> "3 hours"
static int l_human_duration(lua_State *L) {
  lua_Number seconds = luaL_checknumber(L, 1);
  qd_buf text;
  qd_buf_init(&text, 96);
  qd_units_human_duration(seconds < 1 || seconds != seconds ? 0 : seconds > 9e18 ? INT64_MAX : (int64_t)seconds, &text);
  return push_short(L, &text);
}

int luaopen_qd_units(lua_State *L) {
  static const luaL_Reg functions[] = {{"size", l_size},
                                       {"duration", l_duration},
                                       {"duration_ns", l_duration_ns},
                                       {"time", l_time},
                                       {"rfc3339", l_rfc3339},
                                       {"human_size", l_human_size},
                                       {"bytes_size", l_bytes_size},
                                       {"human_duration", l_human_duration},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
