#include "ssh/sftp.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qd_test.h"
#include "sshd_fixture.h"

typedef struct answer {
  bool done, failed;
  qd_error err;
  qd_buf data;
  qd_ssh_stat stat;
  size_t count;
  char names[256];
} answer;

static void on_done(void *ctx, const qd_ssh_sftp_result *r, const qd_error *err) {
  answer *a = ctx;
  a->done = true;
  a->failed = err != NULL;
  if (err) a->err = *err;
  (void)qd_buf_add(&a->data, r->data.p, r->data.n);
  a->stat = r->stat;
  a->count = r->count;
  for (size_t i = 0; i < r->count && i < 8; i++) (void)snprintf(a->names + strlen(a->names), 32, "%.30s ", r->entries[i].name);
}

static void answer_init(answer *a) {
  qd_buf_deinit(&a->data);
  *a = (answer){.err = QD_ERROR_INIT};
  qd_buf_init(&a->data, (size_t)16 << 20);
}

static void ask(qd_loop *loop, qd_ssh_sftp *f, qd_ssh_sftp_request r, answer *a) {
  answer_init(a);
  (void)qd_ssh_sftp_start(f, &r, on_done, a);
  cr_assert_not(a->done);
  qd_loop_run_until(loop, &a->done);
}

QD_TEST(ssh_sftp, reads_writes_and_lists) {
  fixture f;
  fixture_start(&f, "");
  qd_loop *loop = qd_loop_new();
  qd_ssh *s = fixture_login(&f, loop);
  qd_ssh_sftp *sftp = qd_ssh_sftp_new(s);
  char dir[128];
  char file[160];
  char other[160];
  (void)snprintf(dir, sizeof dir, "%s/a dir", f.dir);
  (void)snprintf(file, sizeof file, "%s/file", dir);
  (void)snprintf(other, sizeof other, "%s/other", dir);
  answer a = {0};
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_MKDIR, .path = dir, .mode = 0700}, &a);
  cr_assert_not(a.failed, "%s: %s", a.err.message, a.err.why);
  static char content[300001];
  for (size_t i = 0; i < sizeof content; i++) content[i] = fixture_pattern(i);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_WRITE, .path = file, .data = {content, sizeof content}, .mode = 0640}, &a);
  cr_assert_not(a.failed, "%s: %s", a.err.message, a.err.why);
  struct stat st;
  cr_assert_eq(stat(file, &st), 0);
  cr_assert_eq(st.st_mode & 0777, 0640);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_STAT, .path = file}, &a);
  cr_assert_eq(a.stat.size, sizeof content);
  cr_assert(S_ISREG(a.stat.mode));
  cr_assert_eq(a.stat.mtime, (uint64_t)st.st_mtime);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_READ, .path = file, .max = sizeof content}, &a);
  cr_assert_not(a.failed);
  cr_assert_eq(a.data.n, sizeof content);
  cr_assert_eq(memcmp(a.data.p, content, sizeof content), 0);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_READ, .path = file, .max = sizeof content - 1}, &a);
  cr_assert_str_eq(a.err.code, "file_too_large");
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_WRITE, .path = other, .mode = 0600}, &a);
  cr_assert_not(a.failed);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_RENAME, .path = file, .to = other}, &a);
  cr_assert_not(a.failed, "a rename replaces: %s", a.err.why);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_READDIR, .path = dir}, &a);
  cr_assert_eq(a.count, 1);
  cr_assert_str_eq(a.names, "other ");
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_REMOVE, .path = other}, &a);
  cr_assert_not(a.failed);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_READ, .path = other, .max = 10}, &a);
  cr_assert_str_eq(a.err.code, "no_such_file");
  cr_assert_eq(a.err.category, QD_NOT_FOUND);
  ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_RMDIR, .path = dir}, &a);
  cr_assert_not(a.failed);
  answer_init(&a);
  qd_ssh_sftp_request again = {.verb = QD_SFTP_STAT, .path = f.dir};
  qd_ssh_sftp_cancel(qd_ssh_sftp_start(sftp, &again, on_done, &a));
  (void)qd_ssh_sftp_start(sftp, &again, on_done, &(answer){0});
  qd_ssh_sftp_free(sftp);
  cr_assert_not(a.done);
  qd_buf_deinit(&a.data);
  qd_ssh_unref(s);
  cr_assert_eq(qd_loop_free(loop), 0);
  fixture_stop(&f);
}

QD_TEST(ssh_sftp, says_when_there_is_none) {
  static const char *const servers[] = {"Subsystem other /bin/true", "Subsystem sftp /nonexistent/sftp-server"};
  for (int i = 0; i < 2; i++) {
    fixture f;
    fixture_start(&f, servers[i]);
    qd_loop *loop = qd_loop_new();
    qd_ssh *s = fixture_login(&f, loop);
    qd_ssh_sftp *sftp = qd_ssh_sftp_new(s);
    answer a = {0};
    for (int k = 0; k < 2; k++) {
      ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_STAT, .path = "/"}, &a);
      cr_assert_eq(a.err.category, QD_UNSUPPORTED);
      cr_assert_str_eq(a.err.code, "sftp_unavailable");
    }
    qd_ssh_sftp_free(sftp);
    qd_buf_deinit(&a.data);
    qd_ssh_unref(s);
    cr_assert_eq(qd_loop_free(loop), 0);
    fixture_stop(&f);
  }
}

// What a hostile server could send in place of SFTP: nothing of it may do more than end the client with an error.
QD_TEST(ssh_sftp, a_server_that_sends_rubbish_is_told_off) {
#define HELLO "\\000\\000\\000\\005\\002\\000\\000\\000\\003"
  static const char *const servers[] = {
      "ForceCommand head -c 300000 /dev/urandom; cat >/dev/null",
      "ForceCommand printf '" HELLO "'; cat",  // our own requests come back
      "ForceCommand printf '" HELLO "\\000\\000\\000\\006\\151\\000\\000\\000\\001\\377'; cat >/dev/null",
      "ForceCommand printf '" HELLO
      "\\000\\000\\000\\011\\151\\000\\000\\000\\002\\000\\000\\000\\000'; cat >/dev/null",  // another request's
      "ForceCommand printf '\\000\\000\\000\\000'; cat >/dev/null",
      "ForceCommand printf '\\377\\377\\377\\377\\002'; cat >/dev/null",
  };
  for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
    fixture f;
    fixture_start(&f, servers[i]);
    qd_loop *loop = qd_loop_new();
    qd_ssh *s = fixture_login(&f, loop);
    qd_ssh_sftp *sftp = qd_ssh_sftp_new(s);
    answer a = {0};
    ask(loop, sftp, (qd_ssh_sftp_request){.verb = QD_SFTP_STAT, .path = "/"}, &a);
    cr_assert(a.failed);
    cr_assert_str_eq(a.err.code, "sftp_failed", "%zu: %s: %s", i, a.err.message, a.err.why);
    qd_ssh_sftp_free(sftp);
    qd_buf_deinit(&a.data);
    qd_ssh_unref(s);
    cr_assert_eq(qd_loop_free(loop), 0);
    fixture_stop(&f);
  }
}
