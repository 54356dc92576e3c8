// Tasks: coroutines that the scheduler resumes when what they wait for is done. Callbacks never touch Lua:
// qd_op_done queues the task, and qd_rt_run is the one place that resumes.
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/interrupt.h"
#include "script/runtime.h"

#define ROUNDS 64        // of tasks resumed before the descriptors are looked at
#define STOP_EVERY 1000  // instructions between two looks whether Ctrl-C was pressed
#define SHIELD_MS 2000   // what clean-up may take, all of it together, once a task was cancelled

struct qd_task {
  qd_list ready_link;  // linked while queued
  qd_list all_link;
  qd_list joins;  // join_op.link of those who wait for its end
  qd_rt *rt;
  qd_job *job;
  lua_State *co;
  int co_ref;
  int refs;   // the scheduler's until it finished, and the handle's
  int nargs;  // on co's stack for the first resume
  qd_op *waiting;
  bool finished;
  bool cancelled;
  int shield;             // depth
  uint64_t shield_until;  // on the loop's clock
  uint64_t deadline_at;   // 0 = none
};

static char SENTINEL;  // its address is what our yields carry
static const char OP_CLASS[] = "qd.op";
static const char TASK_CLASS[] = "qd.task";

qd_rt *qd_rt_of(lua_State *L) { return *(qd_rt **)lua_getextraspace(L); }

qd_loop *qd_rt_loop(qd_rt *rt) { return rt->loop; }

qd_job *qd__task_job(const qd_task *t) { return t->job; }

// ---- ops and await

static void pump(void *ctx);

static void make_ready(qd_task *t) {
  if (t->finished || !qd_list_empty(&t->ready_link)) return;
  qd_list_push(&t->rt->ready, &t->ready_link);
  if (!t->rt->turning) qd_loop_stay_awake(t->rt->loop);
  if (qd_loop_is_shared(t->rt->loop) && !t->rt->turning) qd_loop_defer(t->rt->loop, &t->rt->pump, pump, t->rt);
}

static void on_wake(void *waiter, qd_op *op) {
  (void)op;
  qd_task *t = waiter;
  t->waiting = NULL;
  make_ready(t);
}

static int l_op_gc(lua_State *L) {
  qd_op **box = luaL_checkudata(L, 1, OP_CLASS);
  qd_op *op = *box;
  if (!op) return 0;
  *box = NULL;
  if (op->waiter) ((qd_task *)op->waiter)->waiting = NULL;  // its coroutine was collected: nobody is left to wake
  op->wake = NULL;
  op->waiter = NULL;
  qd_op_cancel(op, QD_CANCELLED);
  qd_op_unref(op);
  return 0;
}

qd_op *qd_op_push(lua_State *L, const qd_op_kind *kind) {
  luaL_checkstack(L, 4, NULL);
  qd_op **box = lua_newuserdatauv(L, sizeof *box, 1);  // box
  *box = NULL;
  luaL_setmetatable(L, OP_CLASS);
  *box = qd_op_new(qd_rt_of(L)->loop, kind);
  return *box;
}

static int finish(lua_State *L, qd_op *op) {
  if (op->err) return qd_raise(L, op->err);
  luaL_checkstack(L, 8, NULL);
  return op->kind->push ? op->kind->push(L, op) : 0;
}

static int k_await(lua_State *L, int status, lua_KContext ctx) {
  (void)status;
  return finish(L, (qd_op *)ctx);
}

// A cancelled task may wait only inside a shield, and only until the shield's budget is spent.
static void apply_limits(qd_task *t, qd_op *op) {
  uint64_t now = qd_loop_now(t->rt->loop);
  if (t->cancelled) {
    if (t->shield == 0 || now >= t->shield_until)
      qd_op_cancel(op, QD_CANCELLED);
    else
      qd_op_limit(op, t->shield_until - now);
  } else if (t->deadline_at) {
    if (now >= t->deadline_at)
      qd_op_cancel(op, QD_TIMEOUT);
    else
      qd_op_limit(op, t->deadline_at - now);
  }
}

static int not_here(lua_State *L) { return luaL_error(L, "cannot wait here: inside require, sort, gsub or tostring"); }

int qd_await(lua_State *L, qd_op *op) {
  qd_task *t = qd_rt_of(L)->cur;
  if (!t) return luaL_error(L, "cannot wait here: no task is running");
  if (!op->done) apply_limits(t, op);
  if (op->done) return finish(L, op);
  if (!lua_isyieldable(L)) {
    qd_op_cancel(op, QD_CANCELLED);
    return not_here(L);
  }
  op->wake = on_wake;
  op->waiter = t;
  t->waiting = op;
  lua_pushlightuserdata(L, &SENTINEL);
  return lua_yieldk(L, 1, (lua_KContext)op, k_await);
}

// ---- life of a task

static void task_unref(qd_task *t) {
  if (--t->refs == 0) free(t);
}

typedef struct join_op {
  qd_op base;
  qd_list link;
} join_op;

static void task_finish(qd_task *t) {
  qd_rt *rt = t->rt;
  qd_job *job = t->job;
  t->finished = true;
  rt->live--;
  qd_list_remove(&t->all_link);
  qd_list_remove(&t->ready_link);
  if (t->waiting) {
    t->waiting->wake = NULL;
    t->waiting->waiter = NULL;
    t->waiting = NULL;
  }
  qd_unref(rt->L, &t->co_ref);
  for (qd_list *node; (node = qd_list_shift(&t->joins)) != NULL;) qd_op_done(&QD_CONTAINER_OF(node, join_op, link)->base, NULL);
  task_unref(t);
  if (--job->live > 0) return;
  job->ended = true;
  task_unref(job->root);
  job->root = NULL;
  qd_list_remove(&job->link);
  qd_list_push(&rt->ended, &job->link);
}

static void report_escaped(qd_task *t) {
  // Bodies run inside an xpcall of stdlib/task; what arrives here is a second interrupt, or a failure of that code itself.
  if (t->cancelled)
    t->job->exit_code = qd_status_exit_code(QD_CANCELLED);
  else
    qd_job_fail(t->job, luaL_tolstring(t->co, -1, NULL));
  (void)lua_resetthread(t->co);
}

static void resume(qd_task *t) {
  qd_rt *rt = t->rt;
  lua_State *L = rt->L;
  int height = lua_gettop(L);
  int nres = 0;
  int nargs = t->nargs;
  t->nargs = 0;
  rt->cur = t;
  int st = lua_resume(t->co, L, nargs, &nres);
  rt->cur = NULL;
  if (lua_gettop(L) != height) abort();  // a resumed task must leave the main stack alone
  if (st == LUA_YIELD) {
    bool ours = nres == 1 && lua_touserdata(t->co, -1) == &SENTINEL;
    lua_pop(t->co, nres);
    if (!ours) make_ready(t);  // coroutine.yield() outside a coroutine: give the others a turn
    return;
  }
  if (st != LUA_OK)
    report_escaped(t);
  else if (nres > 0 && lua_isinteger(t->co, -nres))
    if (t == t->job->root) t->job->exit_code = (int)lua_tointeger(t->co, -nres);
  task_finish(t);
}

// Takes function and arguments (n values in all) from L's stack.                        [-n, +0, m]
static qd_task *task_new(lua_State *L, int n, qd_job *job) {
  qd_rt *rt = qd_rt_of(L);
  lua_State *co = lua_newthread(L);  // f args... co
  int ref = qd_ref(L);
  qd_task *t = qd_xcalloc(1, sizeof *t);
  qd_list_init(&t->ready_link);
  qd_list_init(&t->joins);
  t->rt = rt;
  t->job = job;
  job->live++;
  t->refs = 1;
  t->co = co;
  t->co_ref = ref;
  t->nargs = n - 1;
  lua_xmove(L, co, n);
  qd_list_push(&rt->all, &t->all_link);
  rt->live++;
  make_ready(t);
  return t;
}

static void task_cancel(qd_task *t) {
  if (t->finished || t->cancelled) return;
  t->cancelled = true;
  t->shield_until = qd_loop_now(t->rt->loop) + SHIELD_MS;
  if (!t->waiting) return;
  if (t->shield == 0)
    qd_op_cancel(t->waiting, QD_CANCELLED);
  else
    qd_op_limit(t->waiting, SHIELD_MS);
}

// ---- the scheduler

static void report_deadlock(qd_rt *rt) {
  qd_buf text;
  qd_buf_init(&text, 64u << 10);
  (void)qd_buf_addf(&text, "%d task(s) wait for something that cannot happen", rt->live);
  for (qd_list *n = rt->all.next; n != &rt->all; n = n->next) {
    qd_task *t = QD_CONTAINER_OF(n, qd_task, all_link);
    luaL_traceback(rt->L, t->co, t->waiting ? t->waiting->kind->name : "(not waiting)", 0);
    (void)qd_buf_addf(&text, "\n%s", lua_tostring(rt->L, -1));
    lua_pop(rt->L, 1);
  }
  (void)qd_buf_addc(&text, '\0');
  for (qd_list *n = rt->jobs.next; n != &rt->jobs; n = n->next) qd_job_fail(QD_CONTAINER_OF(n, qd_job, link), text.p);
  qd_buf_deinit(&text);
}

void qd__task_drop_all(qd_rt *rt) {
  while (!qd_list_empty(&rt->all)) task_finish(QD_CONTAINER_OF(rt->all.next, qd_task, all_link));
}

static void run_round(qd_rt *rt) {
  qd_list now;
  qd_list_init(&now);
  while (!qd_list_empty(&rt->ready)) qd_list_push(&now, qd_list_shift(&rt->ready));
  for (qd_list *node; (node = qd_list_shift(&now)) != NULL;) resume(QD_CONTAINER_OF(node, qd_task, ready_link));
}

// What is ready, and what that makes ready, for a while: each look at the descriptors is a system call.
static void run_ready(qd_rt *rt) {
  rt->turning = true;
  qd_context_use(&rt->context);
  for (int i = 0; i < ROUNDS && !qd_list_empty(&rt->ready); i++) {
    run_round(rt);
    (void)qd_loop_run_deferred(rt->loop);
  }
  rt->turning = false;
  if (atomic_load_explicit(&rt->interrupts, memory_order_relaxed) > 0 && atomic_exchange(&rt->interrupts, 0) > 0) qd_rt_interrupt(rt, true);
}

static void tell_ends(qd_rt *rt) {
  rt->turning = true;
  for (qd_list *node; (node = qd_list_shift(&rt->ended)) != NULL;) {
    qd_job *job = QD_CONTAINER_OF(node, qd_job, link);
    if (job->on_end) job->on_end(job->ctx);
  }
  rt->turning = false;
}

static void pump_later(qd_rt *rt) {
  if (qd_loop_is_shared(rt->loop) && !qd_list_empty(&rt->ready)) qd_loop_defer(rt->loop, &rt->pump, pump, rt);
}

// On somebody else's loop.
static void pump(void *ctx) {
  qd_rt *rt = ctx;
  if (rt->turning) return;
  run_ready(rt);
  tell_ends(rt);
  pump_later(rt);
}

void qd_job_start(qd_rt *rt, qd_job *job) {
  if (qd_list_empty(&rt->jobs)) atomic_store(&rt->interrupts, 0);  // they meant others
  job->rt = rt;
  qd_list_push(&rt->jobs, &job->link);
  job->root = task_new(rt->L, 1, job);
  job->root->refs++;
}

void qd_job_refuse(qd_rt *rt, qd_job *job, const char *message) {
  job->rt = rt;
  qd_job_fail(job, message);
  job->ended = true;
  qd_list_push(&rt->ended, &job->link);
  if (qd_loop_is_shared(rt->loop)) qd_loop_defer(rt->loop, &rt->pump, pump, rt);
}

void qd_job_wait(qd_job *job) {
  qd_rt *rt = job->rt;
  bool *ended = &job->ended;
  while (!*ended) {
    run_ready(rt);
    if (!*ended && !qd_loop_turn(rt->loop, qd_list_empty(&rt->ready)) && qd_list_empty(&rt->ready) && !*ended) {
      report_deadlock(rt);
      qd__task_drop_all(rt);
    }
    if (!*ended) tell_ends(rt);
  }
  tell_ends(rt);
  pump_later(rt);
}

// Stays in place, so that a pcall in a loop cannot swallow it; what unwinds raises again and again until the task ended.
static void stop_now(lua_State *L, lua_Debug *ar) {
  (void)ar;
  qd_error err;
  qd_fail(&err, QD_CANCELLED, "cancelled", "interrupted");
  (void)qd_raise(L, &err);
}

// The loop turns, so nothing computes: the task in front waits and is cancelled, the second time without its clean-up.
static void interrupt_front(qd_rt *rt) {
  qd_task *t = rt->front;
  if (!t) return;
  if (!t->cancelled) {
    rt->stopping = 0;
    task_cancel(t);
    return;
  }
  t->shield_until = 0;
  if (t->waiting) qd_op_cancel(t->waiting, QD_CANCELLED);
}

// As stop_now, once clean-up has had its time.
static void stop_late(lua_State *L, lua_Debug *ar) {
  qd_task *t = qd_rt_of(L)->cur;
  if (!t) return;
  if (qd_loop_clock(t->rt->loop) > t->shield_until) stop_now(L, ar);
}

void qd_rt_end_jobs(qd_rt *rt) {
  qd_rt_interrupt(rt, true);
  for (qd_list *n = rt->all.next; n != &rt->all; n = n->next) {
    qd_task *t = QD_CONTAINER_OF(n, qd_task, all_link);
    task_cancel(t);
    lua_sethook(t->co, stop_late, LUA_MASKCOUNT, 10000);
  }
  while (!qd_list_empty(&rt->jobs)) qd_job_wait(QD_CONTAINER_OF(rt->jobs.next, qd_job, link));
}

void qd_job_cancel(qd_job *job) {
  if (!job->ended) task_cancel(job->root);
}

void qd_job_interrupt(qd_job *job) {
  if (job->ended) return;
  if (!job->root->finished && !job->root->cancelled) {
    task_cancel(job->root);
    return;
  }
  for (qd_list *n = job->rt->all.next; n != &job->rt->all; n = n->next) {
    qd_task *t = QD_CONTAINER_OF(n, qd_task, all_link);
    if (t->job != job) continue;
    task_cancel(t);
    t->shield_until = 0;
    if (t->waiting) qd_op_cancel(t->waiting, QD_CANCELLED);
  }
}

void qd_rt_interrupt(qd_rt *rt, bool ends) {
  if (rt->session && !ends) {
    interrupt_front(rt);
    return;
  }
  for (qd_list *n = rt->jobs.next; n != &rt->jobs; n = n->next) qd_job_interrupt(QD_CONTAINER_OF(n, qd_job, link));
}

void qd_rt_ask_interrupt(qd_rt *rt) {
  atomic_fetch_add(&rt->interrupts, 1);
  qd_loop_knock(rt->loop);
}

// The hook of the task in front and of all that it starts (they inherit it). The first Ctrl-C raises once, so that clean-up runs; the
// second raises again and again.
void qd__look_for_stop(lua_State *L, lua_Debug *ar) {
  qd_rt *rt = qd_rt_of(L);
  if (!rt->stopping) return;
  if (rt->stopping == 1) rt->stopping = 0;
  stop_now(L, ar);
}

void qd_rt_interrupt_now(void *arg, int count) {
  qd_rt *rt = arg;
  // lua_sethook is the one call that lua.c, too, makes from a handler.
  if (!rt->session) {
    if (count >= 2 && rt->cur) lua_sethook(rt->cur->co, stop_now, LUA_MASKCOUNT, 100);
    return;
  }
  if (!rt->front) return;
  rt->stopping = count >= 2 ? 2 : 1;
  if (rt->cur == rt->front) lua_sethook(rt->cur->co, qd__look_for_stop, LUA_MASKCOUNT, STOP_EVERY);  // where another hook was in its place
}

// ---- core.task: the primitives under stdlib/task.lua

static qd_task *check_task(lua_State *L, int arg) { return *(qd_task **)luaL_checkudata(L, arg, TASK_CLASS); }

static void push_handle(lua_State *L, qd_task *t) {  // [-0, +1, m]
  qd_task **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, TASK_CLASS);
  *box = t;
  t->refs++;
}

static qd_task *current(lua_State *L) {
  qd_task *t = qd_rt_of(L)->cur;
  if (!t) luaL_error(L, "no task is running");
  return t;
}

// task.start(fn, ...) -> handle. fn must not raise (stdlib/task wraps it).
static int l_start(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  qd_task *t = task_new(L, lua_gettop(L), current(L)->job);
  push_handle(L, t);
  return 1;
}

static void join_cancel(qd_op *op) {
  qd_list_remove(&((join_op *)op)->link);
  qd_op_done(op, NULL);
}
static const qd_op_kind JOIN = {"task.wait", sizeof(join_op), NULL, join_cancel, NULL};

// handle:wait() until the task ended                                                    yields
static int l_wait(lua_State *L) {
  qd_task *t = check_task(L, 1);
  qd_op *op = qd_op_push(L, &JOIN);  // handle op
  qd_list_init(&((join_op *)op)->link);
  qd_op_start(op, 0);
  if (t->finished)
    qd_op_done(op, NULL);
  else
    qd_list_push(&t->joins, &((join_op *)op)->link);
  return qd_await(L, op);
}

static int l_cancel(lua_State *L) {
  task_cancel(check_task(L, 1));
  return 0;
}

static int l_finished(lua_State *L) {
  lua_pushboolean(L, check_task(L, 1)->finished);
  return 1;
}

static int l_handle_gc(lua_State *L) {
  qd_task **box = luaL_checkudata(L, 1, TASK_CLASS);
  if (*box) task_unref(*box);
  *box = NULL;
  return 0;
}

// task.id() -> a key that stands for the running task
static int l_id(lua_State *L) {
  lua_pushlightuserdata(L, current(L));
  return 1;
}

// task.self() -> handle of the running task
static int l_self(lua_State *L) {
  push_handle(L, current(L));
  return 1;
}

// task.cancelled() -> whether the running task was cancelled
static int l_cancelled(lua_State *L) {
  lua_pushboolean(L, current(L)->cancelled);
  return 1;
}

// task.shield(on): inside, a cancelled task may still wait, 2 s in all
static int l_shield(lua_State *L) {
  qd_task *t = current(L);
  t->shield += lua_toboolean(L, 1) ? 1 : -1;
  return 0;
}

// task.deadline(seconds) -> what was in force before, for task.restore_deadline. Never later than an outer one.
static int l_deadline(lua_State *L) {
  qd_task *t = current(L);
  uint64_t before = t->deadline_at;
  uint64_t at = qd_loop_now(t->rt->loop) + qd_check_ms(L, 1);
  if (!before || at < before) t->deadline_at = at;
  lua_pushinteger(L, (lua_Integer)before);
  return 1;
}

// task.restore_deadline(before)
static int l_restore_deadline(lua_State *L) {
  current(L)->deadline_at = (uint64_t)luaL_checkinteger(L, 1);
  return 0;
}

// task.now() -> seconds on a clock that never goes back
static int l_now(lua_State *L) {
  lua_pushnumber(L, (lua_Number)qd_loop_now(qd_rt_of(L)->loop) / 1000.0);
  return 1;
}

// task.session(on): from now on Ctrl-C means the task in front, not the program
static int l_session(lua_State *L) {
  qd_rt *rt = qd_rt_of(L);
  rt->session = lua_toboolean(L, 1);
  rt->front = NULL;
  rt->stopping = 0;
  return 0;
}

// task.front(handle): what Ctrl-C stops, before it ran first; task.front(nil): it ended, and what came is forgotten
static int l_front(lua_State *L) {
  qd_rt *rt = qd_rt_of(L);
  rt->front = lua_isnoneornil(L, 1) ? NULL : check_task(L, 1);
  if (rt->front && !lua_gethook(rt->front->co)) lua_sethook(rt->front->co, qd__look_for_stop, LUA_MASKCOUNT, STOP_EVERY);
  if (rt->front) return 0;
  rt->stopping = 0;
  qd_interrupt_forget();
  return 0;
}

// task.background(handle): Ctrl-C does not mean its code, though the task in front started it
static int l_background(lua_State *L) {
  qd_task *t = check_task(L, 1);
  if (!t->finished && lua_gethook(t->co) == qd__look_for_stop) lua_sethook(t->co, NULL, 0, 0);
  return 0;
}

// task.settle(): the running task's function has ended; a Ctrl-C that was meant for it is dealt with
static int l_settle(lua_State *L) {
  qd_rt_of(L)->stopping = 0;
  return 0;
}

typedef struct sleep_op {
  qd_op base;
  qd_timer *timer;
} sleep_op;

static void on_fire(void *op) { qd_op_done(op, NULL); }

static void sleep_cancel(qd_op *op) {
  qd_timer_stop(((sleep_op *)op)->timer);
  qd_op_done(op, NULL);
}

static void sleep_drop(qd_op *op) { qd_timer_free(((sleep_op *)op)->timer); }
static const qd_op_kind SLEEP = {"task.sleep", sizeof(sleep_op), NULL, sleep_cancel, sleep_drop};

static int k_turn(lua_State *L, int status, lua_KContext ctx) {
  (void)status;
  const qd_task *t = (const qd_task *)ctx;
  if (!t->cancelled && !t->deadline_at) return 0;
  uint64_t now = qd_loop_now(t->rt->loop);
  bool cancelled = t->cancelled && (t->shield == 0 || now >= t->shield_until);
  if (!cancelled && (t->cancelled || now < t->deadline_at)) return 0;
  qd_error err;
  if (cancelled)
    qd_fail(&err, QD_CANCELLED, "cancelled", "%s was cancelled", SLEEP.name);
  else
    qd_fail(&err, QD_TIMEOUT, "timeout", "%s took longer than 0.0 s", SLEEP.name);
  return qd_raise(L, &err);
}

// The others' turn. Nothing can end it early, so that it needs no op.
static int turn(lua_State *L) {
  qd_task *t = current(L);
  if (!lua_isyieldable(L)) return not_here(L);
  make_ready(t);
  lua_pushlightuserdata(L, &SENTINEL);
  return lua_yieldk(L, 1, (lua_KContext)t, k_turn);
}

// task.sleep(seconds); 0 gives the others a turn                                        yields
static int l_sleep(lua_State *L) {
  uint64_t ms = qd_check_ms(L, 1);
  if (ms == 0) return turn(L);
  sleep_op *s = (sleep_op *)qd_op_push(L, &SLEEP);  // seconds op
  s->timer = qd_timer_new(s->base.loop, on_fire, s);
  qd_op_start(&s->base, 0);
  qd_timer_start(s->timer, ms, 0);
  return qd_await(L, &s->base);
}

// task.fault(n): the nth op from now fails, its connection lost (0: off); task.fault() -> whether it was hit
static int l_fault(lua_State *L) {
  if (lua_isnone(L, 1)) {
    lua_pushboolean(L, qd_op_fault_hit());
    return 1;
  }
  qd_op_fault_set((unsigned)luaL_checkinteger(L, 1), QD_FAULT_LOST);
  return 0;
}

// task.count() -> unfinished tasks
static int l_count(lua_State *L) {
  lua_pushinteger(L, qd_rt_of(L)->live);
  return 1;
}

int luaopen_qd_task(lua_State *L) {
  static const luaL_Reg op_meta[] = {{"__gc", l_op_gc}, {NULL, NULL}};
  static const luaL_Reg task_meta[] = {{"__gc", l_handle_gc}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"wait", l_wait}, {"cancel", l_cancel}, {"finished", l_finished}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"start", l_start},
                                       {"id", l_id},
                                       {"self", l_self},
                                       {"cancelled", l_cancelled},
                                       {"shield", l_shield},
                                       {"deadline", l_deadline},
                                       {"restore_deadline", l_restore_deadline},
                                       {"session", l_session},
                                       {"front", l_front},
                                       {"background", l_background},
                                       {"settle", l_settle},
                                       {"sleep", l_sleep},
                                       {"now", l_now},
                                       {"fault", l_fault},
                                       {"count", l_count},
                                       {NULL, NULL}};
  qd_class(L, OP_CLASS, NULL, op_meta);
  qd_class(L, TASK_CLASS, methods, task_meta);
  luaL_newlib(L, functions);
  lua_pushlightuserdata(L, &SENTINEL);
  lua_setfield(L, -2, "SENTINEL");
  return 1;
}
