// core.sshlogin: a login to an SSH server as a conversation: wait() gives a question or the session.
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/mem.h"
#include "bind/bind.h"
#include "bind/convert.h"
#include "bind/modules.h"
#include "ssh/crypto.h"
#include "ssh/ssh.h"

#define MOST_FILES 64

static const char CLASS[] = "qd.sshlogin";

typedef struct login_box {
  qd_ssh_login *login;    // NULL once it ended
  qd_agent_login *agent;  // one that the connection holder makes; NULL once it ended
  qd_ssh *session;        // arrived, not fetched yet
  bool ended;
  bool failed;
  bool asked;  // a question waits for wait(), or was fetched and waits for answer()
  bool fetched;
  qd_ssh_question question;
  qd_error err;
  qd_op *waiting;
  bool scan;                 // only the host key is wanted
  qd_ssh_host_key host_key;  // of a scan that ended; without its blob
  char *host_key_blob;       // base64, owned
} login_box;

typedef struct wait_op {
  qd_op base;
  login_box *box;
} wait_op;

static void wake(login_box *box) {
  qd_op *op = box->waiting;
  box->waiting = NULL;
  if (op) qd_op_done(op, box->failed ? &box->err : NULL);
}

static void on_question(void *ctx, const qd_ssh_question *question) {
  login_box *box = ctx;
  box->question = *question;
  box->asked = true;
  box->fetched = false;
  wake(box);
}

static void keep_host_key(login_box *box, const qd_ssh_host_key *key) {
  box->host_key = *key;
  box->host_key.blob = (qd_slice){NULL, 0};  // borrowed from the login
  qd_buf text;
  qd_buf_init(&text, 256 * 1024);
  qd__b64_encode(key->blob, &text);
  box->host_key_blob = qd_buf_take(&text);
}

static void on_done(void *ctx, qd_ssh *session, const qd_error *err) {
  login_box *box = ctx;
  const qd_ssh_host_key *key = box->login ? qd_ssh_login_host_key(box->login) : NULL;
  box->login = NULL;
  box->agent = NULL;
  box->ended = true;
  box->session = session;
  box->asked = false;
  if (err) {
    box->failed = true;
    box->err = *err;
  } else if (box->scan && key) {
    keep_host_key(box, key);
  }
  wake(box);
}

static const qd_ssh_login_events EVENTS = {on_question, on_done};

static int push_question(lua_State *L, const qd_ssh_question *q) {
  static const char *const kinds[] = {"host_key", "passphrase", "password", "prompt"};
  lua_pushliteral(L, "question");
  lua_createtable(L, 0, 6);  // "question" q
  qd_set_string(L, "kind", kinds[q->kind]);
  qd_set_string(L, "text", q->text);
  qd_set_string(L, "fingerprint", q->fingerprint);
  qd_set_string(L, "key_type", q->key_type);
  lua_pushboolean(L, q->echo);
  lua_setfield(L, -2, "echo");
  lua_pushinteger(L, q->attempt);
  lua_setfield(L, -2, "attempt");
  return 2;
}

static int wait_push(lua_State *L, qd_op *op) {
  login_box *box = ((wait_op *)op)->box;
  if (box->asked) {
    box->fetched = true;
    return push_question(L, &box->question);
  }
  if (box->host_key_blob) {
    lua_pushliteral(L, "host_key");
    lua_createtable(L, 0, 3);  // "host_key" key
    qd_set_string(L, "type", box->host_key.type);
    qd_set_string(L, "fingerprint", box->host_key.fingerprint);
    qd_set_string(L, "blob", box->host_key_blob);
    return 2;
  }
  qd_ssh *session = box->session;
  box->session = NULL;
  if (!session) return luaL_error(L, "the login gave its session away already");
  lua_pushliteral(L, "session");
  qd_bind_push_ssh(L, session);
  return 2;
}

static void wait_cancel(qd_op *op) {
  login_box *box = ((wait_op *)op)->box;
  if (box && box->waiting == op) box->waiting = NULL;
  qd_op_done(op, NULL);
}

static const qd_op_kind WAIT = {"ssh.login", sizeof(wait_op), wait_push, wait_cancel, NULL};

// login:wait() -> "question", {kind=, text=, fingerprint=, key_type=, echo=, attempt=}, or "session", session, or (of a scan)
// "host_key", {type=, fingerprint=, blob=base64}. Raises what went wrong. yields
static int l_wait(lua_State *L) {
  login_box *box = luaL_checkudata(L, 1, CLASS);
  if (box->waiting) return luaL_error(L, "somebody waits for this login already");
  if (box->asked && box->fetched) return luaL_error(L, "the login waits for an answer");
  wait_op *op = (wait_op *)qd_op_push(L, &WAIT);  // login op
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);  // the op keeps the login alive
  op->box = box;
  qd_op_start(&op->base, 0);
  if (box->failed)
    qd_op_done(&op->base, &box->err);
  else if ((box->asked && !box->fetched) || box->ended)
    qd_op_done(&op->base, NULL);
  else
    box->waiting = &op->base;
  return qd_await(L, &op->base);
}

// login:answer(text|nil): nil declines
static int l_answer(lua_State *L) {
  login_box *box = luaL_checkudata(L, 1, CLASS);
  const char *text = luaL_optstring(L, 2, NULL);
  if (!box->asked || !(box->login || box->agent)) return luaL_error(L, "no question was asked");
  box->asked = false;
  if (box->agent)
    qd_agent_login_answer(box->agent, text);
  else
    qd_ssh_login_answer(box->login, text);
  return 0;
}

static int l_close(lua_State *L) {
  login_box *box = luaL_checkudata(L, 1, CLASS);
  if (box->login) qd_ssh_login_cancel(box->login);
  if (box->agent) qd_agent_login_cancel(box->agent);
  box->login = NULL;
  box->agent = NULL;
  if (box->session) qd_ssh_unref(box->session);
  box->session = NULL;
  free(box->host_key_blob);
  box->host_key_blob = NULL;
  if (!box->ended) {
    box->ended = box->failed = true;
    qd_fail(&box->err, QD_CANCELLED, "cancelled", "the login was given up");
  }
  wake(box);
  return 0;
}

// List of strings `name` of the table at 1 into `out`, borrowed; NULL-terminated.         [-0, +0, e]
static void read_list(lua_State *L, const char *name, const char *out[MOST_FILES + 1]) {
  int n = 0;
  int type = lua_getfield(L, 1, name);
  if (type != LUA_TTABLE && type != LUA_TNIL) luaL_error(L, "option '%s': a list of strings expected", name);
  if (type == LUA_TTABLE) {
    lua_Integer count = luaL_len(L, -1);
    if (count > MOST_FILES) luaL_error(L, "option '%s': more than %d entries", name, MOST_FILES);
    for (lua_Integer i = 1; i <= count; i++) {
      if (lua_rawgeti(L, -1, i) != LUA_TSTRING) luaL_error(L, "option '%s': a list of strings expected", name);
      out[n++] = lua_tostring(L, -1);
      lua_pop(L, 1);  // the table keeps it
    }
  }
  lua_pop(L, 1);
  out[n] = NULL;
}

// sshlogin.start{host=, alias=, host_key_alias=, profile=, port=, user=, identity_files=, default_identities=, libssh2_only=,
// identities_only=, no_agent=, agent_socket=, known_hosts=, pinned_key=, legacy_crypto=, no_prompt=, connect_timeout=, login_timeout=,
// scan=, agent=} -> login. With agent = path the connection holder there logs in, or has done so before. With scan = true only the host key
// is fetched: nothing is trusted and nobody is logged in.
static int l_start(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  const char *identities[MOST_FILES + 1];
  const char *defaults[MOST_FILES + 1];
  const char *known_hosts[MOST_FILES + 1];
  read_list(L, "identity_files", identities);
  read_list(L, "default_identities", defaults);
  read_list(L, "known_hosts", known_hosts);
  qd_ssh_target t = {
      .host = qd_field_string(L, 1, "host", NULL),
      .alias = qd_field_string(L, 1, "alias", NULL),
      .port = (int)qd_field_integer(L, 1, "port", 22),
      .user = qd_field_string(L, 1, "user", NULL),
      .host_key_alias = qd_field_string(L, 1, "host_key_alias", NULL),
      .profile = qd_field_string(L, 1, "profile", NULL),
      .identity_files = identities,
      .default_identities = defaults,
      .libssh2_only = qd_field_boolean(L, 1, "libssh2_only", false),
      .identities_only = qd_field_boolean(L, 1, "identities_only", false),
      .no_agent = qd_field_boolean(L, 1, "no_agent", false),
      .agent_socket = qd_field_string(L, 1, "agent_socket", NULL),
      .known_hosts = known_hosts,
      .pinned_key = qd_field_string(L, 1, "pinned_key", NULL),
      .legacy_crypto = qd_field_boolean(L, 1, "legacy_crypto", false),
      .no_prompt = qd_field_boolean(L, 1, "no_prompt", false),
      .scan_only = qd_field_boolean(L, 1, "scan", false),
      .connect_ms = qd_field_ms(L, 1, "connect_timeout", 0),
      .login_ms = qd_field_ms(L, 1, "login_timeout", 0),
  };
  luaL_argcheck(L, t.host && t.host[0] && t.user && t.user[0], 1, "host and user expected");
  luaL_argcheck(L, t.port > 0 && t.port < 65536, 1, "a port from 1 to 65535 expected");
  if (!t.alias) t.alias = t.host;
  login_box *box = lua_newuserdatauv(L, sizeof *box, 0);  // options box
  memset(box, 0, sizeof *box);
  box->scan = t.scan_only;
  luaL_setmetatable(L, CLASS);
  const char *agent = qd_field_string(L, 1, "agent", NULL);
  if (agent)
    box->agent = qd_agent_login_start(qd_rt_loop(qd_rt_of(L)), agent, &t, &EVENTS, box);
  else
    box->login = qd_ssh_login_start(qd_rt_loop(qd_rt_of(L)), &t, &EVENTS, box);
  return 1;
}

int luaopen_qd_sshlogin(lua_State *L) {
  static const luaL_Reg methods[] = {{"wait", l_wait}, {"answer", l_answer}, {"close", l_close}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_close}, {"__close", l_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"start", l_start}, {NULL, NULL}};
  qd_class(L, CLASS, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
