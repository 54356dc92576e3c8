// threads N: two threads with a host each run N scripts each, of every kind. For the sanitizers, which see what the two share.
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qd.h"

typedef struct worker {
  pthread_t thread;
  int n;
  int number;
  int wrong;
  qd_run *victim;
} worker;

static const struct {
  const char *source;
  int code;
  const char *result;  // NULL: none
} SCRIPTS[] = {
    {"local task, json = require 'task', require 'json' local got = task.map({1, 2, 3}, function(x) task.sleep(0) return x * 2 end)\n"
     "return json.decode(json.encode{list = got, text = ('\\u{e9}'):rep(3)})",
     0, "{\"list\":[2,4,6],\"text\":\"\303\251\303\251\303\251\"}"},
    {"Error {category = 'not_found', code = 'none', message = 'nothing there'}", 3, NULL},
    {"local a = nil return a.b", 70, NULL},
    {"local _ <close> = defer(function() require('task').sleep(0) end) require('host').stop() require('task').sleep(60)", 130, NULL},
    {"local t = require 'task' return (select(2, try(t.deadline, 0.001, t.sleep, 60)).category)", 0, "\"timeout\""},
    {"require('log') ", 70, NULL},
    {"require('core.log').secret('hunter' .. os.time()) return (require('core.log').redact('nothing'))", 0, "\"nothing\""},
    {"local f = require('fs').open('/etc/passwd') local text = f:read(16) f:close() return #text", 0, "16"},
    {"return require('template') ~= nil and require('units') ~= nil and require('yaml') ~= nil", 0, "true"},
    {"local r = require('proc').run{argv = {'true'}} return r.code", 0, "0"},
    {"print(os.getenv 'QNAP_DOCKER_HOME') return os.getenv 'QD_THREAD'", 0, "\"mine\""},
};
enum { KINDS = sizeof SCRIPTS / sizeof *SCRIPTS };

static void stop(void *ctx, qd_call *call) {
  qd_run_cancel(((worker *)ctx)->victim);
  qd_call_return(call, NULL);
}

static void one(worker *w, qd_host *host, int i) {
  int kind = i % KINDS;
  qd_run_options o = QD_RUN_OPTIONS_INIT;
  o.capture = 1;
  const char *const help[] = {"help", "ps"};
  bool command = i % 100 == 99;
  qd_run *run =
      command ? qd_command(host, 2, help, &o) : qd_script(host, SCRIPTS[kind].source, strlen(SCRIPTS[kind].source), "=stress", "[]", &o);
  w->victim = run;
  int code = qd_run_wait(run);
  const char *result = qd_run_result(run, NULL);
  const char *wanted = command ? NULL : SCRIPTS[kind].result;
  if (code != (command ? 0 : SCRIPTS[kind].code) || (wanted == NULL) != (result == NULL) || (wanted && strcmp(wanted, result) != 0)) {
    const qd_failure *f = qd_run_failure(run);
    w->wrong++;
    (void)fprintf(stderr, "thread %d, script %d of kind %d: exit code %d, result %s, %s %s\n", w->number, i, kind, code,
                  result ? result : "none", f ? f->message : "", f ? f->traceback : "");
  }
  qd_run_free(run);
}

static void *work(void *ctx) {
  worker *w = ctx;
  const char *const environment[] = {"QD_THREAD=mine", NULL};
  qd_host_options o = QD_HOST_OPTIONS_INIT;
  o.environment = environment;
  o.home = w->number ? "/nowhere/1" : "/nowhere/0";
  qd_host *host = NULL;
  for (int i = 0; i < w->n; i++) {
    if (i % 50 == 0) {  // hosts begin and end beside each other, too
      qd_host_free(host);
      host = qd_host_new(&o);
      qd_host_register(host, "stop", stop, w);
    }
    one(w, host, i);
  }
  qd_host_free(host);
  return NULL;
}

int main(int argc, char **argv) {
  worker workers[2] = {{.number = 0}, {.number = 1}};
  int wrong = 0;
  for (int i = 0; i < 2; i++) {
    workers[i].n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 100;
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) return 2;
  }
  for (int i = 0; i < 2; i++) {
    (void)pthread_join(workers[i].thread, NULL);
    wrong += workers[i].wrong;
  }
  (void)printf("2 hosts, %d scripts each, %d wrong\n", workers[0].n, wrong);
  return wrong != 0;
}
