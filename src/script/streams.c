// io's files and print() for hosts whose jobs have streams of their own: real files of C's, whose bytes go to the job that runs.
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <sys/types.h>

#include "script/runtime.h"

typedef struct stream {
  luaL_Stream base;  // what io's functions expect
  qd_rt *rt;
  int fd;
} stream;

static ssize_t put(void *cookie, const char *bytes, size_t n) {
  stream *s = cookie;
  qd_rt_write(s->rt, s->fd, (qd_slice){bytes, n});
  return (ssize_t)n;
}

// A job with the process's streams reads the process's stdin.
static ssize_t get(void *cookie, char *bytes, size_t n) {
  stream *s = cookie;
  if (!qd_rt_has_streams(s->rt)) return (ssize_t)fread(bytes, 1, n, stdin);
  qd_slice got = qd_rt_read(s->rt, n);
  if (got.n) memcpy(bytes, got.p, got.n);
  return (ssize_t)got.n;
}

#if defined(__GLIBC__) || defined(__linux__)
static FILE *open_stream(stream *s) {
  return fopencookie(s, s->fd ? "w" : "r", (cookie_io_functions_t){.read = s->fd ? NULL : get, .write = s->fd ? put : NULL});
}
#else
static int get_funopen(void *cookie, char *bytes, int n) { return (int)get(cookie, bytes, (size_t)n); }
static int put_funopen(void *cookie, const char *bytes, int n) { return (int)put(cookie, bytes, (size_t)n); }
static FILE *open_stream(stream *s) { return funopen(s, s->fd ? NULL : get_funopen, s->fd ? put_funopen : NULL, NULL, NULL); }
#endif

// A standard file is not closed by scripts.
static int no_close(lua_State *L) {
  luaL_Stream *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  file->closef = no_close;
  luaL_pushfail(L);
  lua_pushliteral(L, "cannot close standard file");
  return 2;
}

static int l_gc(lua_State *L) {
  stream **box = lua_touserdata(L, 1);
  if (*box && (*box)->base.f) (void)fclose((*box)->base.f);
  return 0;
}

// io.<name> = a file of ours; io itself is on top of the stack.                          [-0, +0, m]
static void install(lua_State *L, int fd, const char *name, const char *standard) {
  stream *s = lua_newuserdatauv(L, sizeof *s, 1);  // io file
  *s = (stream){.rt = qd_rt_of(L), .fd = fd};
  luaL_setmetatable(L, LUA_FILEHANDLE);
  s->base.f = open_stream(s);
  if (!s->base.f) luaL_error(L, "no memory for a stream");
  (void)setvbuf(s->base.f, NULL, _IONBF, 0);
  s->base.closef = no_close;
  stream **box = lua_newuserdatauv(L, sizeof *box, 1);  // io file box
  *box = s;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, l_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);  // the file's own __gc leaves standard files alone
  lua_pushvalue(L, -2);
  lua_setiuservalue(L, -2, 1);           // the box keeps the file
  lua_rawsetp(L, LUA_REGISTRYINDEX, s);  // io file
  if (standard) {
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, standard);
  }
  lua_setfield(L, -2, name);  // io
}

static int l_print(lua_State *L) {
  luaL_Buffer b;
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) {
    luaL_tolstring(L, i, NULL);
    lua_replace(L, i);
  }
  luaL_buffinit(L, &b);
  for (int i = 1; i <= n; i++) {
    if (i > 1) luaL_addchar(&b, '\t');
    size_t size;
    const char *text = lua_tolstring(L, i, &size);
    luaL_addlstring(&b, text, size);
  }
  luaL_addchar(&b, '\n');
  luaL_pushresult(&b);
  qd_slice line;
  line.p = lua_tolstring(L, -1, &line.n);
  qd_rt_write(qd_rt_of(L), 1, line);
  return 0;
}

void qd__streams_install(lua_State *L) {
  qd_rt *rt = qd_rt_of(L);
  if (rt->has_streams) return;
  rt->has_streams = true;
  lua_getglobal(L, LUA_IOLIBNAME);  // io
  install(L, 0, "stdin", "_IO_input");
  install(L, 1, "stdout", "_IO_output");
  install(L, 2, "stderr", NULL);
  lua_pop(L, 1);
  lua_pushglobaltable(L);
  lua_pushcfunction(L, l_print);
  lua_setfield(L, -2, "print");
  lua_pop(L, 1);
}
