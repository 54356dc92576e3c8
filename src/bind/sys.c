// core.sys: what the system says of this process and its user.
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/context.h"
#include "base/mem.h"
#include "bind/modules.h"
#include "script/script.h"

// env(name) -> string or nil
static int l_env(lua_State *L) {
  lua_pushstring(L, qd_getenv(luaL_checkstring(L, 1)));
  return 1;
}

// environ() -> table of all variables
static int l_environ(lua_State *L) {
  lua_newtable(L);
  for (char **e = qd_environ(); e && *e; e++) {
    const char *eq = strchr(*e, '=');
    if (!eq) continue;
    lua_pushlstring(L, *e, (size_t)(eq - *e));
    lua_pushstring(L, eq + 1);
    lua_rawset(L, -3);
  }
  return 1;
}

static int l_pid(lua_State *L) {
  lua_pushinteger(L, getpid());
  return 1;
}

static int l_uid(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)geteuid());
  return 1;
}

// Copies a field of the user's entry in the user database; NULL when there is none. Caller frees.
static char *user_field(bool home) {
  long size = sysconf(_SC_GETPW_R_SIZE_MAX);
  size_t n = size > 0 ? (size_t)size : 16384;
  char *buf = qd_xmalloc(n);
  char *out = NULL;
  struct passwd pw;
  struct passwd *found = NULL;
  if (getpwuid_r(geteuid(), &pw, buf, n, &found) == 0 && found) out = qd_xstrdup(home ? found->pw_dir : found->pw_name);
  free(buf);
  return out;
}

static int push_user_field(lua_State *L, const char *variable, bool home) {
  const char *set = variable ? qd_getenv(variable) : NULL;
  if (set && set[0]) {
    lua_pushstring(L, set);
    return 1;
  }
  char field[PATH_MAX] = "";
  char *found = user_field(home);
  if (found) (void)snprintf(field, sizeof field, "%s", found);
  free(found);
  lua_pushstring(L, field[0] ? field : NULL);
  return 1;
}

// user() -> name or nil; home() -> folder or nil (HOME, else the user database)
static int l_user(lua_State *L) { return push_user_field(L, NULL, false); }
static int l_home(lua_State *L) { return push_user_field(L, "HOME", true); }

static int l_hostname(lua_State *L) {
  char name[256] = "";
  (void)gethostname(name, sizeof name - 1);
  lua_pushstring(L, name);
  return 1;
}

// now() -> seconds on a clock that never goes back
static int l_now(lua_State *L) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (double)t.tv_sec + (double)t.tv_nsec / 1e9);
  return 1;
}

// time() -> seconds since the epoch, nanoseconds
static int l_time(lua_State *L) {
  struct timespec t;
  (void)clock_gettime(CLOCK_REALTIME, &t);
  lua_pushinteger(L, (lua_Integer)t.tv_sec);
  lua_pushinteger(L, (lua_Integer)t.tv_nsec);
  return 2;
}

// platform() -> {os = "linux", machine = "x86_64", release = "6.1.0"}
static int l_platform(lua_State *L) {
  struct utsname u;
  if (uname(&u) != 0) memset(&u, 0, sizeof u);
  for (char *p = u.sysname; *p; p++)
    if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + 32);
  lua_createtable(L, 0, 3);
  lua_pushstring(L, u.sysname);
  lua_setfield(L, -2, "os");
  lua_pushstring(L, u.machine);
  lua_setfield(L, -2, "machine");
  lua_pushstring(L, u.release);
  lua_setfield(L, -2, "release");
  return 1;
}

// exe() -> path of the running program, or nil
static int l_exe(lua_State *L) {
  char path[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  if (n > 0 && (size_t)n < sizeof path)
    lua_pushlstring(L, path, (size_t)n);
  else
    lua_pushnil(L);
  return 1;
}

// program() -> path of what may be started as connection holder, or nil
static int l_program(lua_State *L) {
  const char *program = qd_rt_program(qd_rt_of(L));
  if (program || !qd_rt_is_program(qd_rt_of(L))) {
    lua_pushstring(L, program);
    return 1;
  }
  return l_exe(L);
}

// umask([bits]) -> the mask before
static int l_umask(lua_State *L) {
  bool set = !lua_isnoneornil(L, 1);
  lua_Integer bits = luaL_optinteger(L, 1, 0);
  luaL_argcheck(L, bits >= 0 && bits <= 0777, 1, "permission bits expected");
  mode_t before = umask((mode_t)bits);
  if (!set) (void)umask(before);
  lua_pushinteger(L, (lua_Integer)before);
  return 1;
}

// cwd() -> folder
static int l_cwd(lua_State *L) {
  char path[PATH_MAX];
  lua_pushstring(L, getcwd(path, sizeof path));
  return 1;
}

int luaopen_qd_sys(lua_State *L) {
  static const luaL_Reg functions[] = {{"env", l_env},           {"environ", l_environ},   {"pid", l_pid}, {"uid", l_uid},
                                       {"user", l_user},         {"home", l_home},         {"now", l_now}, {"time", l_time},
                                       {"hostname", l_hostname}, {"platform", l_platform}, {"exe", l_exe}, {"program", l_program},
                                       {"umask", l_umask},       {"cwd", l_cwd},           {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
