// core.ssh: dialers of this machine.
#include "bind/ssh.h"
#include "net/net.h"

#define ARGS_MAX 64
#define CONNECT_MS 15000

static qd_loop *loop_of(lua_State *L) { return qd_rt_loop(qd_rt_of(L)); }

// unix_dialer(path) -> dialer
static int l_unix(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_argcheck(L, path[0] == '/', 1, "an absolute path expected");
  qd_bind_push_dialer(L, qd_net_unix_dialer(loop_of(L), path));
  return 1;
}

// tcp_dialer(host, port[, timeout]) -> dialer
static int l_tcp(lua_State *L) {
  const char *host = luaL_checkstring(L, 1);
  lua_Integer port = luaL_checkinteger(L, 2);
  luaL_argcheck(L, port >= 1 && port <= 65535, 2, "1 to 65535 expected");
  uint64_t ms = qd_opt_ms(L, 3, CONNECT_MS);
  qd_bind_push_dialer(L, qd_net_tcp_dialer(loop_of(L), host, (int)port, ms));
  return 1;
}

// The list of strings in field `name` of the table at 1, borrowed from it; NULL when absent.   [-0, +1, e]
static const char *const *strings(lua_State *L, const char *name, const char **out) {
  if (lua_getfield(L, 1, name) == LUA_TNIL) return NULL;
  luaL_argcheck(L, lua_istable(L, -1), 1, "lists of strings expected");
  lua_Integer n = luaL_len(L, -1);
  luaL_argcheck(L, n >= 1 && n < ARGS_MAX, 1, "1 to 63 strings expected");
  for (lua_Integer i = 1; i <= n; i++) {
    luaL_argcheck(L, lua_rawgeti(L, -1, i) == LUA_TSTRING, 1, "lists of strings expected");
    out[i - 1] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  out[n] = NULL;
  return out;
}

// process_dialer{argv=, env={"NAME=value", ...}, what=} -> dialer
static int l_process(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *argv[ARGS_MAX];
  const char *env[ARGS_MAX];
  qd_process_spec spec = {.what = qd_field_string(L, 1, "what", NULL)};
  spec.argv = strings(L, "argv", argv);
  luaL_argcheck(L, spec.argv, 1, "field 'argv' is missing");
  spec.env = strings(L, "env", env);
  qd_bind_push_dialer(L, qd_net_process_dialer(loop_of(L), &spec));
  return 1;
}

const luaL_Reg qd__ssh_dial_functions[] = {{"unix_dialer", l_unix}, {"tcp_dialer", l_tcp}, {"process_dialer", l_process}, {NULL, NULL}};
