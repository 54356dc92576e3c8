// What a job leaves behind, its streams, and the core.job module. Contract in runtime.h and script.h.
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "script/runtime.h"

static const char *const TEXTS[QD_FAILURE_TEXTS] = {"category", "code", "message", "why", "hint", "engine", "traceback"};
enum { CATEGORY, CODE, MESSAGE };

static void forget(qd_job *job) {
  for (int i = 0; i < QD_FAILURE_TEXTS; i++) {
    free(job->failure[i]);
    job->failure[i] = NULL;
  }
}

void qd_job_deinit(qd_job *job) {
  forget(job);
  free(job->result);
  job->result = NULL;
}

void qd_job_fail(qd_job *job, const char *message) {
  forget(job);
  for (int i = 0; i < QD_FAILURE_TEXTS; i++)
    job->failure[i] = qd_xstrdup(i == CATEGORY || i == CODE ? "internal" : i == MESSAGE ? message : "");
  job->exit_code = qd_status_exit_code(QD_INTERNAL);
  if (!job->tells) return;
  char *line = qd_xasprintf("qnap-docker: internal: %s\n", message);
  if (job->write)
    job->write(job->ctx, 2, qd_slice_of(line));
  else
    (void)fputs(line, stderr);
  free(line);
}

static qd_job *current(const qd_rt *rt) { return rt->cur ? qd__task_job(rt->cur) : NULL; }

bool qd_rt_has_streams(const qd_rt *rt) {
  qd_job *job = current(rt);
  return job && job->write;
}

qd_slice qd_rt_read(qd_rt *rt, size_t most) {
  qd_job *job = current(rt);
  qd_slice all = job ? job->input : (qd_slice){"", 0};
  qd_slice got = {all.p, all.n < most ? all.n : most};
  if (job) job->input = (qd_slice){all.p + got.n, all.n - got.n};
  return got;
}

void qd_rt_write(qd_rt *rt, int fd, qd_slice bytes) {
  qd_job *job = current(rt);
  if (job && job->write)
    job->write(job->ctx, fd, bytes);
  else
    (void)fwrite(bytes.p, 1, bytes.n, fd == 1 ? stdout : stderr);
}

static qd_job *check_job(lua_State *L) {
  qd_job *job = current(qd_rt_of(L));
  if (!job) luaL_error(L, "no task is running");
  return job;
}

// job.failed(err): what ended the job, an Error
static int l_failed(lua_State *L) {
  qd_job *job = check_job(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  forget(job);
  for (int i = 0; i < QD_FAILURE_TEXTS; i++) {
    lua_getfield(L, 1, TEXTS[i]);
    const char *text = lua_tostring(L, -1);
    job->failure[i] = qd_xstrdup(text ? text : i <= CODE ? "internal" : "");
    lua_pop(L, 1);
  }
  return 0;
}

// job.result(text): what a script returned, as JSON
static int l_result(lua_State *L) {
  qd_job *job = check_job(L);
  qd_slice text = qd_check_slice(L, 1);
  free(job->result);
  job->result = qd_xstrndup(text.p, text.n);
  job->result_n = text.n;
  return 0;
}

int luaopen_qd_job(lua_State *L) {
  static const luaL_Reg functions[] = {{"failed", l_failed}, {"result", l_result}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
