// core.ssh: the userdata of an authenticated session, quoting, dialers.
#include "bind/ssh.h"

#include "bind/convert.h"
#include "bind/modules.h"

#define COMMAND_MAX ((size_t)1 << 20)

static const char CLASS[] = "qd.ssh";

qd__ssh_box *qd__ssh_check(lua_State *L) {
  qd__ssh_box *box = luaL_checkudata(L, 1, CLASS);
  luaL_argcheck(L, box->ssh, 1, "this session was closed");
  return box;
}

static void set(lua_State *L, const char *name, const char *value) {  // [-0, +0, m] table
  if (!value[0]) return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

// session:info() -> {server_version=, host_key=, host_key_type=, kex=, cipher=, mac=, auth=}
static int l_info(lua_State *L) {
  const qd_ssh_info *info = qd_ssh_get_info(qd__ssh_check(L)->ssh);
  lua_createtable(L, 0, 8);  // info
  set(L, "server_version", info->server_version);
  set(L, "host_key", info->host_key);
  set(L, "host_key_type", info->host_key_type);
  set(L, "kex", info->kex);
  set(L, "cipher", info->cipher);
  set(L, "mac", info->mac);
  set(L, "auth", info->auth);
  return 1;
}

// session:socket_dialer(path) -> dialer
static int l_socket_dialer(lua_State *L) {
  qd__ssh_box *box = qd__ssh_check(L);
  const char *path = luaL_checkstring(L, 2);
  luaL_argcheck(L, path[0] == '/', 2, "an absolute path expected");
  qd_bind_push_dialer(L, qd_ssh_socket_dialer(box->ssh, path));  // dialer
  return 1;
}

// session:exec_dialer(command[, expect]) -> dialer
static int l_exec_dialer(lua_State *L) {
  qd__ssh_box *box = qd__ssh_check(L);
  const char *command = luaL_checkstring(L, 2);
  qd_bind_push_dialer(L, qd_ssh_exec_dialer(box->ssh, command, luaL_optstring(L, 3, NULL)));  // dialer
  return 1;
}

// session:close(): what still uses the connection ends with connection_closed, also SFTP requests
static int l_close(lua_State *L) {
  qd__ssh_box *box = luaL_checkudata(L, 1, CLASS);
  if (box->ssh) qd_ssh_close(box->ssh);
  qd_ssh_unref(box->ssh);
  box->ssh = NULL;
  return 0;
}

// session:prepare()
static int l_prepare(lua_State *L) {
  qd_ssh_exec_prepare(qd__ssh_check(L)->ssh);
  return 0;
}

// Collected: dialers that were made of it keep the connection.
static int l_gc(lua_State *L) {
  qd__ssh_box *box = luaL_checkudata(L, 1, CLASS);
  qd_ssh_sftp_free(box->sftp);
  box->sftp = NULL;
  qd_ssh_unref(box->ssh);
  box->ssh = NULL;
  return 0;
}

static void make_class(lua_State *L) {
  static const luaL_Reg methods[] = {{"info", l_info},
                                     {"socket_dialer", l_socket_dialer},
                                     {"exec_dialer", l_exec_dialer},
                                     {"run", qd__ssh_l_run},
                                     {"exec", qd__ssh_l_exec},
                                     {"prepare", l_prepare},
                                     {"close", l_close},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {"__close", l_close}, {NULL, NULL}};
  qd__ssh_exec_class(L);
  qd_class(L, CLASS, methods, meta);
  luaL_getmetatable(L, CLASS);                // meta
  lua_getfield(L, -1, "__index");             // meta methods
  luaL_setfuncs(L, qd__ssh_sftp_methods, 0);  // meta methods
  lua_pop(L, 2);
}

void qd_bind_push_ssh(lua_State *L, qd_ssh *s) {
  qd__ssh_box *box = lua_newuserdatauv(L, sizeof *box, 0);  // session
  *box = (qd__ssh_box){s, NULL};
  make_class(L);
  luaL_setmetatable(L, CLASS);
}

// quote(arg, ...) -> the arguments as words of a POSIX shell command line
static int l_quote(lua_State *L) {
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) {
    qd_slice arg = qd_check_slice(L, i);
    if (memchr(arg.p, '\0', arg.n)) return luaL_argerror(L, i, "a word of a command line has no zero byte");
  }
  qd_box *box = qd_box_push(L);  // args... box
  qd_buf_init(&box->buf, COMMAND_MAX);
  for (int i = 1; i <= n; i++) {
    if (i > 1) (void)qd_buf_addc(&box->buf, ' ');
    qd_ssh_quote(qd_check_slice(L, i), &box->buf);
  }
  if (box->buf.overflow) return luaL_error(L, "the command line is too long");
  lua_pushlstring(L, box->buf.p ? box->buf.p : "", box->buf.n);  // args... box text
  qd_box_clear(box);
  return 1;
}

int luaopen_qd_ssh(lua_State *L) {
  static const luaL_Reg functions[] = {{"quote", l_quote}, {NULL, NULL}};
  make_class(L);
  luaL_newlib(L, functions);  // module
  luaL_setfuncs(L, qd__ssh_dial_functions, 0);
  return 1;
}
