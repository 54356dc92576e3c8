#include "loop/fs.h"

#include <errno.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/fsjob.h"
#include "qd_test.h"

static char *temp(void) {
  qd_error err = QD_ERROR_INIT;
  char *dir = NULL;
  cr_assert_eq(qd_fs_temp_dir(NULL, &dir, &err), QD_OK, "%s", err.why);
  return dir;
}

static void drop(char *dir) {
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_fs_remove(dir, true, &err), QD_OK, "%s", err.why);
  cr_assert_eq(access(dir, F_OK), -1);
  free(dir);
}

static void holds(const char *path, const char *want) {
  qd_error err = QD_ERROR_INIT;
  qd_buf b;
  qd_buf_init(&b, 100);
  cr_assert_eq(qd_fs_read(path, &b, &err), QD_OK, "%s", err.why);
  cr_assert_str_eq(b.p ? b.p : "", want);
  qd_buf_deinit(&b);
}

QD_TEST(fs, writes_through_links_and_keeps_modes) {
  qd_error err = QD_ERROR_INIT;
  qd_fs_write_options o = {.mode = 0600, .atomic = true, .sync = true};
  char *dir = temp();
  char *file = qd_xasprintf("%s/file", dir);
  char *link = qd_xasprintf("%s/link", dir);
  struct stat st;
  cr_assert_eq(symlink("file", link), 0);
  cr_assert_eq(qd_fs_write(file, QD_SLICE("one"), &o, &err), QD_OK, "%s", err.why);
  cr_assert_eq(chmod(file, 0640), 0);
  cr_assert_eq(qd_fs_write(link, QD_SLICE("two"), &o, &err), QD_OK, "%s", err.why);
  holds(file, "two");
  cr_assert(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
  cr_assert(stat(file, &st) == 0 && (st.st_mode & 0777) == 0640);
  o.set_mode = true;
  o.atomic = false;
  cr_assert_eq(qd_fs_write(file, QD_SLICE(""), &o, &err), QD_OK, "%s", err.why);
  holds(file, "");
  cr_assert(stat(file, &st) == 0 && (st.st_mode & 0777) == 0600);
  free(file);
  free(link);
  drop(dir);
}

QD_TEST(fs, removes_what_is_below_but_not_behind_links) {
  qd_error err = QD_ERROR_INIT;
  qd_fs_write_options o = {.mode = 0600};
  char *dir = temp();
  char *outside = temp();
  char *kept = qd_xasprintf("%s/kept", outside);
  char *deep = qd_xasprintf("%s/a/b", dir);
  char *link = qd_xasprintf("%s/a/out", dir);
  cr_assert_eq(qd_fs_write(kept, QD_SLICE("x"), &o, &err), QD_OK);
  cr_assert_eq(qd_fs_mkdir(deep, 0700, true, &err), QD_OK, "%s", err.why);
  cr_assert_eq(symlink(outside, link), 0);
  cr_assert_eq(qd_fs_remove(deep, false, &err), QD_OK);
  cr_assert_eq(qd_fs_remove(dir, false, &err), QD_CONFLICT);
  cr_assert_str_eq(err.code, "exists");
  drop(dir);
  holds(kept, "x");
  drop(outside);
  free(kept);
  free(deep);
  free(link);
}

QD_TEST(fs, names_what_failed) {
  qd_error err = QD_ERROR_INIT;
  qd_buf b;
  qd_buf_init(&b, 3);
  cr_assert_eq(qd_fs_read("/nonexistent/x", &b, &err), QD_NOT_FOUND);
  cr_assert_str_eq(err.message, "cannot read /nonexistent/x");
  cr_assert_str_eq(err.code, "no_file");
  cr_assert_eq(qd_fs_read("/proc/self/cmdline", &b, &err), QD_FAIL);
  cr_assert_str_eq(err.code, "too_large");
  cr_assert_eq(qd_fs_mkdir("/proc/self/cmdline/x", 0700, true, &err), QD_NOT_FOUND);
  qd_buf_deinit(&b);
}

typedef struct seen {
  bool done;
  size_t n;
  int error;
} seen;

static void on_done(void *ctx, size_t n, int error) { *(seen *)ctx = (seen){true, n, error}; }

QD_TEST(fsjob, gives_up_on_a_silent_pipe) {
  int fds[2];
  char buf[8];
  seen s = {0};
  cr_assert_eq(pipe(fds), 0);
  qd_loop *loop = qd_loop_new();
  qd_fsjob *job = qd_fsjob_read(loop, fds[0], buf, sizeof buf, on_done, &s);
  (void)qd_loop_turn(loop, false);
  cr_assert_not(s.done);
  qd_fsjob_cancel(job);
  qd_loop_run_until(loop, &s.done);
  cr_assert_eq(s.error, ECANCELED);
  s = (seen){0};
  (void)qd_fsjob_write(loop, fds[1], "abc", 3, on_done, &s);
  qd_loop_run_until(loop, &s.done);
  cr_assert(s.n == 3 && s.error == 0);
  s = (seen){0};
  (void)qd_fsjob_read(loop, fds[0], buf, sizeof buf, on_done, &s);
  qd_loop_run_until(loop, &s.done);
  cr_assert(s.n == 3 && s.error == 0 && memcmp(buf, "abc", 3) == 0);
  (void)close(fds[0]);
  (void)close(fds[1]);
  cr_assert_eq(qd_loop_free(loop), 0);
}
