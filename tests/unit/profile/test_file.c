#include "profile/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "qd_temp.h"
#include "qd_test.h"

QD_TEST(file, replaces_in_one_step) {
  qd_temp t;
  qd_temp_make(&t);
  qd_error err = QD_ERROR_INIT;
  char *path = strdup(qd_temp_path(&t, "a/b/f"));
  cr_assert_eq(qd_file_replace(path, QD_SLICE("one"), &err), QD_OK, "%s", err.why);
  cr_assert_eq(qd_file_replace(path, QD_SLICE("two"), &err), QD_OK, "%s", err.why);
  cr_assert_str_eq(qd_temp_text(&t, "a/b/f"), "two");
  free(path);
  qd_temp_write(&t, "target", "x");
  cr_assert_eq(symlink("target", qd_temp_path(&t, "link")), 0);
  cr_assert_eq(qd_file_replace(qd_temp_path(&t, "link"), QD_SLICE("new"), &err), QD_OK, "%s", err.why);
  cr_assert_str_eq(qd_temp_text(&t, "target"), "new");
  struct stat st;
  cr_assert(lstat(qd_temp_path(&t, "link"), &st) == 0 && S_ISLNK(st.st_mode));
  cr_assert_eq(qd_file_replace(qd_temp_path(&t, "target/below"), QD_SLICE(""), &err), QD_CONFIG);
  cr_assert_str_eq(err.code, "unwritable_file");
  qd_temp_remove(&t);
}

QD_TEST(file, locks_out_others_and_names_the_holder) {
  qd_temp t;
  qd_temp_make(&t);
  char *path = strdup(qd_temp_path(&t, "f"));
  qd_error err = QD_ERROR_INIT;
  qd_file_lock lock = {-1};
  cr_assert_eq(qd_file_lock_take(path, 0, &lock, &err), QD_OK, "%s", err.why);
  qd_file_lock second = {-1};
  cr_assert_eq(qd_file_lock_take(path, 20, &second, &err), QD_CONFLICT);
  char holder[64];
  cr_assert_gt(snprintf(holder, sizeof holder, "process %ld holds", (long)getpid()), 0);
  cr_assert(strstr(err.why, holder), "%s", err.why);
  qd_file_lock_release(&lock);
  qd_file_lock_release(&lock);
  cr_assert_eq(qd_file_lock_take(path, 0, &second, &err), QD_OK);
  qd_file_lock_release(&second);
  free(path);
  qd_temp_remove(&t);
}

QD_TEST(file, reads_with_a_limit) {
  qd_temp t;
  qd_temp_make(&t);
  qd_temp_write(&t, "f", "0123456789");
  qd_error err = QD_ERROR_INIT;
  bool found = false;
  qd_buf buf;
  qd_buf_init(&buf, 10);
  cr_assert_eq(qd_file_read(qd_temp_path(&t, "f"), &buf, &found, &err), QD_OK);
  cr_assert(found && buf.n == 10);
  qd_buf_deinit(&buf);
  qd_buf_init(&buf, 9);
  cr_assert_eq(qd_file_read(qd_temp_path(&t, "f"), &buf, &found, &err), QD_CONFIG);
  qd_buf_deinit(&buf);
  qd_buf_init(&buf, 9);
  cr_assert_eq(qd_file_read(qd_temp_path(&t, "none"), &buf, &found, &err), QD_OK);
  cr_assert_not(found);
  qd_buf_deinit(&buf);
  qd_temp_remove(&t);
}
