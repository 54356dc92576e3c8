// The smallest program around the host: a script with arguments and a result, a function of C's, a command with captured output.
#include <qd.h>
#include <stdio.h>
#include <string.h>

// Scripts say: require("host").greet("world")
static void greet(void *ctx, qd_call *call) {
  (void)ctx;
  printf("C was called with %s\n", qd_call_arguments(call, NULL));
  qd_call_return(call, "{\"greeting\": \"hello\"}");
}

static int failed(const qd_run *run) {
  const qd_failure *f = qd_run_failure(run);
  if (f) fprintf(stderr, "%s (%s): %s\n", f->message, f->code, f->why);
  return qd_run_exit_code(run);
}

static int run_script(qd_host *host) {
  const char *source =
      "local name = ...\n"
      "local answer = require('host').greet(name)\n"
      "require('task').sleep(0.01)\n"
      "return {text = answer.greeting .. ', ' .. name}\n";
  qd_run *run = qd_script(host, source, strlen(source), "@greet.lua", "[\"world\"]", NULL);
  int code = qd_run_wait(run);
  if (code == 0)
    printf("the script returned %s\n", qd_run_result(run, NULL));
  else
    code = failed(run);
  qd_run_free(run);
  return code;
}

static int run_command(qd_host *host) {
  const char *const argv[] = {"profile", "list", "--json"};
  qd_run_options options = QD_RUN_OPTIONS_INIT;
  options.capture = 1;
  qd_run *run = qd_command(host, 3, argv, &options);
  int code = qd_run_wait(run);
  if (code == 0)
    printf("profiles: %s", qd_run_output(run, QD_STDOUT, NULL));
  else
    code = failed(run);
  qd_run_free(run);
  return code;
}

int main(void) {
  qd_host *host = qd_host_new(NULL);
  if (!host) return 1;
  qd_host_register(host, "greet", greet, NULL);
  int code = run_script(host);
  if (code == 0) code = run_command(host);
  qd_host_free(host);
  return code;
}
