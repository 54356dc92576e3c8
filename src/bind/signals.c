// core.signals: the program's signals handed to a script that passes them on to a container.
#include <signal.h>

#include "bind/modules.h"
#include "loop/interrupt.h"
#include "script/script.h"

#define QUEUE 16

static const char CLASS[] = "qd.signals";

// One claim per process; its queue is drained by next().
typedef struct claim {
  bool held;
  int queue[QUEUE];
  int n;
  qd_op *waiting;
} claim;

typedef struct next_op {
  qd_op base;
  claim *owner;
  int signo;
} next_op;

static const char *name_of(int signo) {
  switch (signo) {
    case SIGINT:
      return "INT";
    case SIGTERM:
      return "TERM";
    case SIGHUP:
      return "HUP";
    case SIGQUIT:
      return "QUIT";
    case SIGUSR1:
      return "USR1";
    case SIGUSR2:
      return "USR2";
    default:
      return "ALRM";
  }
}

static void on_signal(void *ctx, int signo) {
  claim *c = ctx;
  if (c->waiting) {
    next_op *op = (next_op *)c->waiting;
    c->waiting = NULL;
    op->signo = signo;
    qd_op_done(&op->base, NULL);
  } else if (c->n < QUEUE) {
    c->queue[c->n++] = signo;
  }
}

static int next_push(lua_State *L, qd_op *op) {
  lua_pushstring(L, name_of(((next_op *)op)->signo));
  return 1;
}

static void next_cancel(qd_op *op) {
  claim *c = ((next_op *)op)->owner;
  if (c && c->waiting == op) c->waiting = NULL;
  qd_op_done(op, NULL);
}
static const qd_op_kind NEXT = {"signals.next", sizeof(next_op), next_push, next_cancel, NULL};

// claim:next() -> "INT"; waits for the next signal                                      yields
static int l_next(lua_State *L) {
  claim *c = luaL_checkudata(L, 1, CLASS);
  if (!c->held) return luaL_error(L, "the claim was released");
  next_op *op = (next_op *)qd_op_push(L, &NEXT);  // claim op
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);  // the op keeps the claim alive
  op->owner = c;
  qd_op_start(&op->base, 0);
  if (c->n > 0) {
    op->signo = c->queue[0];
    for (int i = 1; i < c->n; i++) c->queue[i - 1] = c->queue[i];
    c->n--;
    qd_op_done(&op->base, NULL);
  } else {
    c->waiting = &op->base;
  }
  return qd_await(L, &op->base);
}

static int l_release(lua_State *L) {
  claim *c = luaL_checkudata(L, 1, CLASS);
  if (!c->held) return 0;
  c->held = false;
  qd_interrupt_release();
  if (c->waiting) {
    next_op *op = (next_op *)c->waiting;
    c->waiting = NULL;
    op->owner = NULL;
    qd_error err;
    qd_fail(&err, QD_CANCELLED, "cancelled", "the signals were given back");
    qd_op_done(&op->base, &err);
  }
  return 0;
}

// signals.claim(keep_sigint = true) -> claim userdata (to-be-closed), or nil when the host does not handle signals; false: Ctrl-C
// is the matter of a child on the same terminal
static int l_claim(lua_State *L) {
  bool keep_sigint = lua_isnoneornil(L, 1) || lua_toboolean(L, 1);
  claim *c = lua_newuserdatauv(L, sizeof *c, 0);
  *c = (claim){.held = false};
  luaL_setmetatable(L, CLASS);
  c->held = qd_interrupt_claim(on_signal, c, keep_sigint);
  if (!c->held) lua_pushnil(L);
  return 1;
}

int luaopen_qd_signals(lua_State *L) {
  static const luaL_Reg methods[] = {{"next", l_next}, {"release", l_release}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_release}, {"__close", l_release}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"claim", l_claim}, {NULL, NULL}};
  qd_class(L, CLASS, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
