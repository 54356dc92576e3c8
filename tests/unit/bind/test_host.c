// qd.h as an embedding program uses it.
#include <lauxlib.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "qd.h"
#include "qd_lua.h"
#include "qd_temp.h"
#include "qd_test.h"

static qd_run *script(qd_host *host, const char *source, const char *arguments) {
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.capture = 1;
  return qd_script(host, source, strlen(source), "@test.lua", arguments, &o);
}

// Waits, checks code, result, stdout; frees.
static void expect(qd_run *run, int code, const char *result, const char *out) {
  cr_assert_not_null(run);
  int got = qd_run_wait(run);
  const qd_failure *f = qd_run_failure(run);
  cr_assert_eq(got, code, "exit code %d: %s: %s", got, f ? f->message : "", f ? f->why : "");
  cr_assert_eq(qd_run_exit_code(run), code);
  cr_assert_eq(f == NULL, code == 0);
  const char *json = qd_run_result(run, NULL);
  if (result)
    cr_assert_str_eq(json ? json : "(none)", result);
  else
    cr_assert_null(json);
  cr_assert_str_eq(qd_run_output(run, QD_STDOUT, NULL), out);
  qd_run_free(run);
}

QD_TEST(host, says_what_it_is) {
  cr_assert_eq(qd_api(), QD_API);
  cr_assert_str_eq(qd_version(), QD_VERSION);
}

QD_TEST(host, options_of_another_size) {
  qd_host_options o = QD_HOST_OPTIONS_INIT;
  o.size = 0;
  cr_assert_null(qd_host_new(&o), "not filled in");
  o.size = sizeof o + 8;
  cr_assert_null(qd_host_new(&o), "newer than the library");
  o.size = offsetof(qd_host_options, environment);
  o.environment = (const char *const *)(uintptr_t)1;  // beyond what an older header knows
  qd_host *host = qd_host_new(&o);
  cr_assert_not_null(host);
  qd_run_options r = QD_RUN_OPTIONS_INIT;
  r.size = 1;
  cr_assert_null(qd_script(host, "", 0, "=x", NULL, &r));
  qd_host_free(host);
  qd_host_options relative = QD_HOST_OPTIONS_INIT;
  relative.home = "here";
  cr_assert_null(qd_host_new(&relative));
  qd_host_free(NULL);
  qd_run_free(NULL);
}

QD_TEST(host, arguments_result_and_output) {
  qd_host *host = qd_host_new(NULL);
  expect(script(host,
                "print('a', 1) io.write('b\\n') io.stdout:write('c', 2, '\\n') return {sum = select(1, ...) + select(2, ...), list = "
                "select(3, ...)}",
                "[1, 2, [true, null]]"),
         0, "{\"list\":[true,null],\"sum\":3}", "a\t1\nb\nc2\n");
  expect(script(host, "", NULL), 0, NULL, "");
  expect(script(host, "return false", "[]"), 0, "false", "");
  expect(script(host, "return 7", NULL), 0, "7", "");
  expect(script(host, "require('task').sleep(0.001) require('tty').write(1, 'late') return io.type(io.stdout), io.stdout:close()", NULL), 0,
         "\"file\"", "late");
  qd_host_free(host);
}

QD_TEST(host, failures_are_told_without_text) {
  qd_host *host = qd_host_new(NULL);
  qd_run *run = script(host, "Error {category = 'conflict', code = 'taken', message = 'm', why = 'w', hint = 'h', engine = 'e'}", NULL);
  cr_assert_eq(qd_run_exit_code(run), -1);
  cr_assert_null(qd_run_failure(run), "it has not begun");
  cr_assert_eq(qd_run_wait(run), 6);
  const qd_failure *f = qd_run_failure(run);
  cr_assert_str_eq(f->category, "conflict");
  cr_assert_str_eq(f->code, "taken");
  cr_assert_str_eq(f->message, "m");
  cr_assert_str_eq(f->why, "w");
  cr_assert_str_eq(f->hint, "h");
  cr_assert_str_eq(f->engine, "e");
  cr_assert_str_eq(f->traceback, "");
  cr_assert_str_eq(qd_run_output(run, QD_STDERR, NULL), "", "a script's failure is not printed");
  qd_run_free(run);

  run = script(host, "local t = nil\nreturn t.x", NULL);
  cr_assert_eq(qd_run_wait(run), 70);
  f = qd_run_failure(run);
  cr_assert_str_eq(f->category, "internal");
  cr_assert(strncmp(f->message, "test.lua:2: ", 12) == 0, "%s", f->message);
  cr_assert_not_null(strstr(f->traceback, "test.lua:2"));
  qd_run_free(run);

  run = script(host, "return =", NULL);
  cr_assert_eq(qd_run_wait(run), 2);
  cr_assert_str_eq(qd_run_failure(run)->code, "bad_script");
  qd_run_free(run);
  run = script(host, "return 1", "{\"a\": 1}");
  cr_assert_eq(qd_run_wait(run), 2);
  cr_assert_str_eq(qd_run_failure(run)->code, "bad_arguments");
  qd_run_free(run);
  run = script(host, "return print", NULL);
  cr_assert_eq(qd_run_wait(run), 70, "a function is no result");
  qd_run_free(run);

  const char *const argv[] = {"frobnicate"};
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.capture = 1;
  run = qd_command(host, 1, argv, &o);
  cr_assert_eq(qd_run_wait(run), 2);
  cr_assert_str_eq(qd_run_failure(run)->code, "unknown_command");
  cr_assert_not_null(strstr(qd_run_output(run, QD_STDERR, NULL), "frobnicate"), "a command prints what it prints");
  qd_run_free(run);
  qd_host_free(host);
}

QD_TEST(host, commands_again_and_again) {
  qd_host *host = qd_host_new(NULL);
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.capture = 1;
  for (int i = 0; i < 3; i++) {
    const char *const argv[] = {"--version"};
    expect(qd_command(host, 1, argv, &o), 0, NULL, "qnap-docker " QD_VERSION "\n");
    const char *const help[] = {"help", "ps"};
    qd_run *run = qd_command(host, 2, help, &o);
    cr_assert_eq(qd_run_wait(run), 0);
    cr_assert_not_null(strstr(qd_run_output(run, QD_STDOUT, NULL), "--filter"));
    qd_run_free(run);
  }
  qd_host_free(host);
}

QD_TEST(host, stdin_of_a_run) {
  qd_host *host = qd_host_new(NULL);
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.capture = 1;
  o.input = "one\ntwo\nthree";
  o.input_size = strlen(o.input);
  const char *source =
      "return {io.read('l'), io.stdin:read('l'), require('tty').read(0, 100), require('tty').read(0, 9) or 'end', "
      "require('tty').isatty(0)}";
  qd_run *run = qd_script(host, source, strlen(source), "=in", NULL, &o);
  expect(run, 0, "[\"one\",\"two\",\"three\",\"end\",false]", "");
  expect(script(host, "return {io.read('a')}", NULL), 0, "[\"\"]", "");
  qd_host_free(host);
}

typedef struct told {
  char text[256];
  int streams[8];
  int n;
  qd_run *run;
} told;

static void on_output(void *ctx, qd_run *run, int stream, const char *bytes, size_t size) {
  told *t = ctx;
  size_t n = strlen(t->text);
  (void)snprintf(t->text + n, sizeof t->text - n, "%.*s", (int)size, bytes);
  t->streams[t->n++ % 8] = stream;
  t->run = run;
}

QD_TEST(host, output_goes_to_the_caller) {
  told t = {0};
  qd_host_options o = QD_HOST_OPTIONS_INIT;
  o.output = on_output;
  o.ctx = &t;
  qd_host *host = qd_host_new(&o);
  const char *source =
      "print 'a' io.stderr:write 'b' require('proc').run{argv = {'true'}} require('core.log').setup('debug') "
      "require('core.log').debug('x', 'c')";
  qd_run *run = qd_script(host, source, strlen(source), "=out", NULL, NULL);
  cr_assert_eq(qd_run_wait(run), 0);
  cr_assert_eq(t.run, run);
  cr_assert_eq(t.streams[0], QD_STDOUT);
  cr_assert_eq(t.streams[1], QD_STDERR);
  cr_assert(strncmp(t.text, "a\nb", 3) == 0 && strstr(t.text, " x: c\n"), "%s", t.text);
  cr_assert_str_eq(qd_run_output(run, QD_STDOUT, NULL), "", "it was not captured");
  qd_run_free(run);
  qd_host_free(host);
}

QD_TEST(host, environment_and_home_of_its_own) {
  cr_assert_eq(setenv("QD_TEST_A", "process", 1), 0);
  cr_assert_eq(setenv("QD_TEST_B", "process", 1), 0);
  qd_host *outer = qd_host_new(NULL);
  const char *const changes[] = {"QD_TEST_A=host", "QD_TEST_B", "QD_TEST_C=host", NULL};
  qd_host_options o = QD_HOST_OPTIONS_INIT;
  o.environment = changes;
  o.home = "/nowhere/at/all";
  qd_host *host = qd_host_new(&o);
  const char *source =
      "local out = require('proc').run{argv = {'sh', '-c', 'echo $QD_TEST_A:$QD_TEST_B:$QD_TEST_C'}}.stdout\n"
      "return {os.getenv 'QD_TEST_A', os.getenv 'QD_TEST_B' or 'none', require('sys').environ().QD_TEST_C or 'none', out}";
  expect(script(host, source, NULL), 0, "[\"host\",\"none\",\"host\",\"host::host\\n\"]", "");
  expect(script(outer, source, NULL), 0, "[\"process\",\"process\",\"none\",\"process:process:\\n\"]", "");
  expect(script(host, "return require('profile').paths().home", NULL), 0, "\"/nowhere/at/all\"", "");
  cr_assert_str_eq(getenv("QD_TEST_A"), "process");
  qd_host_free(host);
  qd_host_free(outer);
}

QD_TEST(host, memory_has_a_limit) {
  qd_host_options o = QD_HOST_OPTIONS_INIT;
  o.memory_limit = 4 << 20;
  qd_host *host = qd_host_new(&o);
  qd_run *run = script(host, "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", NULL);
  cr_assert_eq(qd_run_wait(run), 70);
  cr_assert_not_null(strstr(qd_run_failure(run)->message, "not enough memory"), "%s", qd_run_failure(run)->message);
  qd_run_free(run);
  expect(script(host, "return 1", NULL), 0, "1", "");
  char *large = calloc(1, 8 << 20);
  memset(large, ' ', 8 << 20);
  run = qd_script(host, large, 8 << 20, "=large", NULL, NULL);
  cr_assert_eq(qd_run_wait(run), 70, "its own source does not fit");
  cr_assert_not_null(strstr(qd_run_failure(run)->message, "not enough memory"));
  qd_run_free(run);
  free(large);
  expect(script(host, "return 2", NULL), 0, "2", "");
  qd_host_free(host);
}

// --- runs side by side -------------------------------------------------------------------------------------------------

static void count(void *ctx, qd_run *run) {
  (void)run;
  ++*(int *)ctx;
}

QD_TEST(host, runs_side_by_side) {
  qd_host *host = qd_host_new(NULL);
  int ended = 0;
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.capture = 1;
  o.done = count;
  o.ctx = &ended;
  const char *source =
      "local task = require 'task' local n = ... task.sleep((4 - n) * 0.01) io.write('r', n) task.all{function() print(n) end}";
  qd_run *runs[3];
  for (int i = 0; i < 3; i++) {
    char arguments[16];
    (void)snprintf(arguments, sizeof arguments, "[%d]", i + 1);
    runs[i] = qd_script(host, source, strlen(source), "=side", arguments, &o);
  }
  cr_assert_eq(qd_run_wait(runs[0]), 0);  // the last to end
  cr_assert_eq(ended, 3);
  for (int i = 0; i < 3; i++) {
    char out[16];
    (void)snprintf(out, sizeof out, "r%d%d\n", i + 1, i + 1);
    cr_assert_str_eq(qd_run_output(runs[i], QD_STDOUT, NULL), out);
    qd_run_free(runs[i]);
  }
  qd_host_free(host);
}

static void cancel_run(void *ctx, qd_call *call) {
  qd_run_cancel(*(qd_run **)ctx);
  qd_call_return(call, NULL);
}

QD_TEST(host, cancelling_one_leaves_the_others) {
  qd_host *host = qd_host_new(NULL);
  qd_run *first =
      script(host, "local _ <close> = defer(function() require('task').sleep(0.001) print 'clean' end) require('task').sleep(60)", NULL);
  qd_host_register(host, "stop", cancel_run, &first);
  qd_run *second = script(host, "require('host').stop() require('task').sleep(0.005) return 'on'", NULL);
  expect(second, 0, "\"on\"", "");
  cr_assert_eq(qd_run_wait(first), 130);
  cr_assert_str_eq(qd_run_failure(first)->category, "cancelled");
  cr_assert_str_eq(qd_run_output(first, QD_STDOUT, NULL), "clean\n");
  qd_run_cancel(first);
  qd_run_free(first);
  qd_host_free(host);
}

static void *interrupt(void *host) {
  (void)usleep(20000);
  qd_host_interrupt(host);
  return NULL;
}

QD_TEST(host, interrupted_from_another_thread) {
  qd_host *host = qd_host_new(NULL);
  qd_host_interrupt(host);
  expect(script(host, "return 1", NULL), 0, "1", "");  // it meant nothing that runs now
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, interrupt, host), 0);
  expect(script(host, "require('task').sleep(60)", NULL), 130, NULL, "");
  (void)pthread_join(thread, NULL);
  qd_host_free(host);
}

QD_TEST(host, waiting_for_nothing_is_a_failure) {
  qd_host *host = qd_host_new(NULL);
  qd_run *run = script(host, "require('core.task').self():wait()", NULL);
  cr_assert_eq(qd_run_wait(run), 70);
  cr_assert_not_null(strstr(qd_run_failure(run)->message, "cannot happen"));
  qd_run_free(run);
  expect(script(host, "return 1", NULL), 0, "1", "");
  qd_host_free(host);
}

QD_TEST(host, freed_while_it_runs) {
  qd_host *host = qd_host_new(NULL);
  int ended = 0;
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.done = count;
  o.ctx = &ended;
  const char *stubborn = "while true do pcall(require('task').sleep, 60) end";
  (void)qd_script(host, stubborn, strlen(stubborn), "=stubborn", NULL, &o);
  qd_run_free(script(host, "require('task').sleep(60)", NULL));
  expect(script(host, "return 1", NULL), 0, "1", "");
  qd_host_free(host);
  cr_assert_eq(ended, 0);
}

// --- functions ---------------------------------------------------------------------------------------------------------

static void echo(void *ctx, qd_call *call) {
  *(qd_run **)ctx = qd_call_run(call);
  size_t size;
  const char *text = qd_call_arguments(call, &size);
  cr_assert_eq(strlen(text), size);
  qd_call_return(call, text);
}

static void refuse(void *ctx, qd_call *call) {
  (void)ctx;
  qd_call_fail(call, "not_found", "no_such_thing", "there is none", "it was never made", "make one");
}

static void garbage(void *ctx, qd_call *call) {
  (void)ctx;
  qd_call_return(call, "{");
}

QD_TEST(host, functions_of_the_caller) {
  qd_host *host = qd_host_new(NULL);
  qd_run *caller = NULL;
  qd_host_register(host, "echo", echo, &caller);
  qd_host_register(host, "refuse", refuse, NULL);
  qd_host_register(host, "garbage", garbage, NULL);
  qd_run *run = script(host, "return require('host').echo(1, nil, {a = 'b'})", NULL);
  cr_assert_eq(qd_run_wait(run), 0);
  cr_assert_eq(caller, run);
  cr_assert_str_eq(qd_run_result(run, NULL), "[1,null,{\"a\":\"b\"}]");
  qd_run_free(run);
  run = script(host, "local v, err = try(require('host').refuse) print(err.code, err.why, err.hint) return require('host').refuse()", NULL);
  cr_assert_eq(qd_run_wait(run), 3);
  cr_assert_str_eq(qd_run_failure(run)->code, "no_such_thing");
  cr_assert_str_eq(qd_run_output(run, QD_STDOUT, NULL), "no_such_thing\tit was never made\tmake one\n");
  qd_run_free(run);
  expect(script(host, "return select(2, try(require('host').garbage)).code", NULL), 0, "\"bad_json\"", "");
  expect(script(host, "return (pcall(require('host').echo, print))", NULL), 0, "false", "");
  qd_host_free(host);
}

typedef struct later {
  uv_timer_t timer;
  qd_call *call;
  int cancelled;
  bool answer;
} later;

static void on_timer(uv_timer_t *timer) {
  later *l = timer->data;
  qd_call_return(l->call, "\"late\"");
}

static void on_cancel(void *ctx, qd_call *call) {
  later *l = ctx;
  l->cancelled++;
  cr_assert_null(qd_call_run(call));
  if (l->answer) qd_call_return(call, "1");
}

static void answer_later(void *ctx, qd_call *call) {
  later *l = ctx;
  l->call = call;
  qd_call_on_cancel(call, on_cancel, l);
  if (l->timer.data) (void)uv_timer_start(&l->timer, on_timer, 2, 0);
}

QD_TEST(host, calls_are_given_up) {
  qd_host *host = qd_host_new(NULL);
  later l = {.answer = true};
  qd_host_register(host, "never", answer_later, &l);
  const char *source = "return select(2, try(require('task').deadline, 0.002, require('host').never)).category";
  expect(script(host, source, NULL), 0, "\"timeout\"", "");
  cr_assert_eq(l.cancelled, 1);
  l.answer = false;
  expect(script(host, source, NULL), 0, "\"timeout\"", "");
  qd_call_return(l.call, "\"nobody waits\"");
  qd_call *open = NULL;
  qd_run *run = script(host, "require('host').never()", NULL);
  expect(script(host, "require('task').sleep(0)", NULL), 0, NULL, "");
  open = l.call;
  qd_run_free(run);
  qd_host_free(host);  // cancels
  cr_assert_eq(l.cancelled, 3);
  qd_call_fail(open, NULL, NULL, NULL, NULL, NULL);  // after its host
}

static int l_twice(lua_State *L) {
  lua_pushinteger(L, 2 * luaL_checkinteger(L, 1));
  return 1;
}

static int open_mine(lua_State *L) {
  const luaL_Reg functions[] = {{"twice", l_twice}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

QD_TEST(host, modules_of_the_caller) {
  qd_host *host = qd_host_new(NULL);
  qd_host_open(host, "mine", open_mine);
  expect(script(host, "return require('mine').twice(21)", NULL), 0, "42", "");
  lua_State *L = qd_host_lua(host);
  cr_assert_eq(lua_gettop(L), 0, "the main stack is even");
  qd_host_free(host);
}

// --- the caller's loop -------------------------------------------------------------------------------------------------

typedef struct server {
  uv_loop_t loop;
  qd_host *host;
  int done;
  int turns;
  uv_idle_t idle;
} server;

static void server_start(server *s) {
  memset(s, 0, sizeof *s);
  cr_assert_eq(uv_loop_init(&s->loop), 0);
  qd_host_options o = QD_HOST_OPTIONS_INIT;
  o.loop = &s->loop;
  s->host = qd_host_new(&o);
}

static void server_end(server *s) {
  qd_host_free(s->host);
  cr_assert_eq(uv_run(&s->loop, UV_RUN_DEFAULT), 0);
  cr_assert_eq(uv_loop_close(&s->loop), 0, "nothing of the host is left on the loop");
}

static void follow_up(void *ctx, qd_run *run) {
  server *s = ctx;
  cr_assert_eq(qd_run_exit_code(run), 0);
  cr_assert_eq(qd_run_wait(run), 0, "it has ended: no waiting");
  qd_run_free(run);
  if (++s->done == 3) return;
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.done = follow_up;
  o.ctx = s;
  const char *source = "require('task').sleep(0.002)";
  qd_run *next = qd_script(s->host, source, strlen(source), "=next", NULL, &o);
  cr_assert_eq(qd_run_wait(next), -1, "the loop is the caller's, and it runs");
}

QD_TEST(host, lives_on_the_callers_loop) {
  server s;
  server_start(&s);
  cr_assert_eq(uv_run(&s.loop, UV_RUN_NOWAIT), 0, "an idle host does not keep the loop");
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.done = follow_up;
  o.ctx = &s;
  (void)qd_script(s.host, "", 0, "=first", NULL, &o);
  cr_assert_eq(s.done, 0, "nothing runs before the loop");
  cr_assert_eq(uv_run(&s.loop, UV_RUN_DEFAULT), 0);
  cr_assert_eq(s.done, 3);
  expect(script(s.host, "require('task').sleep(0.001) return require('proc').run{argv = {'echo', 'x'}}.stdout", NULL), 0, "\"x\\n\"", "");
  server_end(&s);
}

QD_TEST(host, calls_answered_by_the_callers_loop) {
  server s;
  server_start(&s);
  later l = {.answer = true};
  cr_assert_eq(uv_timer_init(&s.loop, &l.timer), 0);
  l.timer.data = &l;
  qd_host_register(s.host, "later", answer_later, &l);
  expect(script(s.host, "return require('host').later()", NULL), 0, "\"late\"", "");
  uv_close((uv_handle_t *)&l.timer, NULL);
  server_end(&s);
}

QD_TEST(host, dropped_on_the_callers_loop) {
  server s;
  server_start(&s);
  int ended = 0;
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.done = count;
  o.ctx = &ended;
  const char *source =
      "local task = require 'task' task.all{function() task.sleep(60) end, function() require('proc').run{argv = {'sleep', '60'}} end,"
      " function() local f = require('fs').open('/dev/zero') while true do f:read(65536) end end}";
  (void)qd_script(s.host, source, strlen(source), "=dropped", NULL, &o);
  for (int i = 0; i < 5; i++) (void)uv_run(&s.loop, UV_RUN_NOWAIT);
  server_end(&s);
  cr_assert_eq(ended, 0);
}

QD_TEST(host, interrupted_on_the_callers_loop) {
  server s;
  server_start(&s);
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, interrupt, s.host), 0);
  qd_run *run = script(s.host, "require('task').sleep(60)", NULL);
  cr_assert_eq(uv_run(&s.loop, UV_RUN_DEFAULT), 0);
  (void)pthread_join(thread, NULL);
  cr_assert_eq(qd_run_exit_code(run), 130);
  qd_run_free(run);
  server_end(&s);
}

// --- manners -----------------------------------------------------------------------------------------------------------

static bool is_blocked(int signo) {
  sigset_t now;
  (void)pthread_sigmask(SIG_BLOCK, NULL, &now);
  return sigismember(&now, signo) == 1;
}

QD_TEST(host, leaves_the_process_as_it_was) {
  (void)signal(SIGPIPE, SIG_DFL);
  struct sigaction before[32];
  for (int i = 1; i < 32; i++) (void)sigaction(i, NULL, &before[i]);
  char **variables = environ;
  char here[4096];
  cr_assert_not_null(getcwd(here, sizeof here));
  qd_host *host = qd_host_new(NULL);
  cr_assert(is_blocked(SIGPIPE));
  // The reader of a child's stdin is gone: a write to it must be an error and no more.
  const char *source =
      "local p = require('proc').start{argv = {'sh', '-c', 'exec 0<&-; sleep 0.05'}}\n"
      "local ok = pcall(function() for i = 1, 200 do p:write(('x'):rep(65536)) end end)\nreturn ok";
  qd_run *run = script(host, source, NULL);
  (void)qd_run_wait(run);
  qd_run_free(run);
  expect(script(host, "return require('json').encode{require('fs').stat('/').type}", NULL), 0, "\"[\\\"directory\\\"]\"", "");
  qd_host_free(host);
  cr_assert_not(is_blocked(SIGPIPE));
  for (int i = 1; i < 32; i++) {
    struct sigaction now;
    (void)sigaction(i, NULL, &now);
    if (i != SIGCHLD) cr_assert_eq(now.sa_handler, before[i].sa_handler, "signal %d", i);  // SIGCHLD: libuv's, once there was a child
  }
  char now_here[4096];
  cr_assert_str_eq(getcwd(now_here, sizeof now_here), here);
  cr_assert_eq(environ, variables);
}

QD_TEST(host, one_host_handles_signals) {
  qd_host_options o = QD_HOST_OPTIONS_INIT;
  o.handle_signals = 1;
  qd_host *first = qd_host_new(&o);
  cr_assert_not_null(first);
  cr_assert_null(qd_host_new(&o));
  qd_host_free(first);
  first = qd_host_new(&o);
  cr_assert_not_null(first);
  qd_host_free(first);
}
