#include "data/tar.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/fs.h"
#include "qd_test.h"

typedef struct tree {
  char *base;
  char in[512], out[512];
} tree;

static tree tree_new(void) {
  tree t = {0};
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_fs_temp_dir(NULL, &t.base, &err), QD_OK, "%s", err.why);
  (void)snprintf(t.in, sizeof t.in, "%s/in", t.base);
  (void)snprintf(t.out, sizeof t.out, "%s/out", t.base);
  cr_assert(mkdir(t.in, 0755) == 0 && mkdir(t.out, 0755) == 0);
  return t;
}

static void tree_free(tree *t) {
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_fs_remove(t->base, true, &err), QD_OK, "%s", err.why);
  free(t->base);
}

static void put(const char *dir, const char *name, const char *text) {
  char *path = qd_xasprintf("%s/%s", dir, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
  cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  (void)close(fd);
  free(path);
}

static struct stat look(const char *dir, const char *name) {
  struct stat st = {0};
  char *path = qd_xasprintf("%s/%s", dir, name);
  cr_assert_eq(lstat(path, &st), 0, "%s is missing", path);
  free(path);
  return st;
}

static bool there(const char *dir, const char *name) {
  struct stat st;
  char *path = qd_xasprintf("%s/%s", dir, name);
  bool found = lstat(path, &st) == 0;
  free(path);
  return found;
}

// Everything a packer gives, in one buffer; `most` is the largest piece that came.
static void pack_all(qd_tar_pack *p, qd_buf *all, size_t *most) {
  qd_error err = QD_ERROR_INIT;
  qd_tar_event event = QD_TAR_MORE;
  qd_buf piece;
  qd_buf_init(&piece, 16 << 20);
  qd_buf_init(all, 64 << 20);
  while (event != QD_TAR_END) {
    cr_assert_eq(qd_tar_pack_step(p, &piece, &event, &err), QD_OK, "%s: %s", err.message, err.why);
    if (most && piece.n > *most) *most = piece.n;
    cr_assert(qd_buf_add(all, piece.p ? piece.p : "", piece.n));
    qd_buf_clear(&piece);
  }
  qd_buf_deinit(&piece);
}

static void pack(const qd_tar_pack_options *o, qd_buf *all) {
  qd_error err = QD_ERROR_INIT;
  qd_tar_pack *p;
  cr_assert_eq(qd_tar_pack_new(o, &p, &err), QD_OK, "%s", err.why);
  pack_all(p, all, NULL);
  qd_tar_pack_free(p);
}

typedef struct input {
  const char *p;
  size_t n;
} input;

static long source(void *ctx, const void **bytes) {
  input *in = ctx;
  size_t n = in->n < 300 ? in->n : 300;
  *bytes = in->p;
  in->p += n;
  in->n -= n;
  return (long)n;
}

static qd_status unpack(const qd_tar_unpack_options *o, const qd_buf *all, size_t n, qd_error *err) {
  input in = {all->p, n};
  qd_tar_unpack_result result = {0};
  qd_tar_notes_init(&result.notes);
  qd_status st = qd_tar_unpack(o, source, &in, &result, err);
  qd_tar_notes_deinit(&result.notes);
  return st;
}

QD_TEST(tar, keeps_modes_times_links_and_names) {
  tree t = tree_new();
  char path[600];
  put(t.in, "f", "hello");
  put(t.in, "e\xcc\x81", "decomposed");
  put(t.in, "\xc3\xa9", "composed");
  put(t.in, "new\nline", "x");
  put(t.in, "\xff", "no UTF-8");
  (void)snprintf(path, sizeof path, "%s/d", t.in);
  cr_assert_eq(mkdir(path, 0555), 0);
  (void)snprintf(path, sizeof path, "%s/s", t.in);
  cr_assert_eq(symlink("f", path), 0);
  char from[600];
  (void)snprintf(from, sizeof from, "%s/f", t.in);
  (void)snprintf(path, sizeof path, "%s/h", t.in);
  cr_assert_eq(link(from, path), 0);
  cr_assert_eq(chmod(from, 04751), 0);
  struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
  cr_assert_eq(utimensat(AT_FDCWD, from, times, 0), 0);
  qd_buf all;
  pack(&(qd_tar_pack_options){.path = t.in, .name = "root"}, &all);
  qd_error err = QD_ERROR_INIT;
  qd_tar_unpack_options o = {.dir = t.out, .from = "root", .to = "new"};
  cr_assert_eq(unpack(&o, &all, all.n, &err), QD_OK, "%s: %s", err.message, err.why);
  struct stat f = look(t.out, "new/f");
  cr_assert_eq(f.st_mode, (mode_t)(S_IFREG | 04751));
  cr_assert_eq(f.st_mtime, 1000000000);
  cr_assert_eq(f.st_nlink, 2);
  cr_assert_eq(look(t.out, "new/h").st_ino, f.st_ino);
  cr_assert(S_ISLNK(look(t.out, "new/s").st_mode));
  cr_assert_eq(look(t.out, "new/d").st_mode, (mode_t)(S_IFDIR | 0555));
  cr_assert_eq(look(t.out, "new/e\xcc\x81").st_size, 10);
  cr_assert_eq(look(t.out, "new/\xc3\xa9").st_size, 8);
  cr_assert_eq(look(t.out, "new/new\nline").st_size, 1);
  cr_assert_eq(look(t.out, "new/\xff").st_size, 8);
  qd_buf_deinit(&all);
  tree_free(&t);
}

QD_TEST(tar, pieces_are_bounded_and_an_archive_is_as_small_as_dockers) {
  tree t = tree_new();
  put(t.in, "big", "");
  char path[600];
  (void)snprintf(path, sizeof path, "%s/big", t.in);
  cr_assert_eq(truncate(path, 3 << 20), 0);
  qd_error err = QD_ERROR_INIT;
  qd_tar_pack *p;
  qd_buf all;
  size_t most = 0;
  cr_assert_eq(qd_tar_pack_new(&(qd_tar_pack_options){.path = path, .name = "big"}, &p, &err), QD_OK);
  pack_all(p, &all, &most);
  cr_assert_eq(all.n, (size_t)(3 << 20) + 512 + 1024);
  cr_assert_leq(most, (size_t)QD_TAR_PIECE + (128 << 10));
  qd_tar_pack_free(p);
  qd_buf_deinit(&all);
  tree_free(&t);
}

QD_TEST(tar, a_file_that_shrinks_is_filled_up_and_a_socket_is_left_out) {
  tree t = tree_new();
  put(t.in, "z", "");
  char path[600];
  (void)snprintf(path, sizeof path, "%s/z", t.in);
  cr_assert_eq(truncate(path, 1 << 20), 0);
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  (void)snprintf(a.sun_path, sizeof a.sun_path, "%.100s/a", t.in);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
  qd_error err = QD_ERROR_INIT;
  qd_tar_pack *p;
  cr_assert_eq(qd_tar_pack_new(&(qd_tar_pack_options){.path = t.in, .name = ""}, &p, &err), QD_OK);
  qd_buf first;
  qd_buf all;
  qd_tar_event event;
  qd_buf_init(&first, 16 << 20);
  cr_assert_eq(qd_tar_pack_step(p, &first, &event, &err), QD_OK);
  cr_assert_eq(truncate(path, 10), 0);
  pack_all(p, &all, NULL);
  cr_assert_eq(first.n + all.n, (size_t)(1 << 20) + 512 + 1024);
  cr_assert_eq(qd_tar_pack_notes(p)->n, 2);
  cr_assert(strstr(qd_tar_pack_notes(p)->text.p, "shorter") && strstr(qd_tar_pack_notes(p)->text.p, "socket"));
  qd_tar_pack_free(p);
  qd_buf_deinit(&first);
  qd_buf_deinit(&all);
  (void)close(fd);
  tree_free(&t);
}

QD_TEST(tar, folders_are_judged) {
  tree t = tree_new();
  put(t.in, "keep", "1");
  put(t.in, "drop", "2");
  qd_error err = QD_ERROR_INIT;
  qd_tar_pack *p;
  qd_buf all;
  qd_tar_event event = QD_TAR_MORE;
  cr_assert_eq(qd_tar_pack_new(&(qd_tar_pack_options){.path = t.in, .name = "", .ask = true}, &p, &err), QD_OK);
  qd_tar_pack_add(p, "extra", "more", 4);
  qd_buf_init(&all, 1 << 20);
  cr_assert_eq(qd_tar_pack_step(p, &all, &event, &err), QD_OK);
  cr_assert_eq(event, QD_TAR_ASK);
  size_t n;
  qd_tar_name *names = qd_tar_pack_names(p, &n);
  cr_assert_eq(n, 2);
  cr_assert_str_eq(names[0].name, "drop");
  names[0].verdict = QD_TAR_SKIP;
  qd_buf rest;
  pack_all(p, &rest, NULL);
  qd_tar_unpack_options o = {.dir = t.out};
  cr_assert_eq(unpack(&o, &rest, rest.n, &err), QD_OK, "%s", err.why);
  cr_assert(there(t.out, "keep") && there(t.out, "extra") && !there(t.out, "drop"));
  qd_tar_pack_free(p);
  qd_buf_deinit(&all);
  qd_buf_deinit(&rest);
  tree_free(&t);
}

// What is cut short has no file under its name, wherever the cut is.
QD_TEST(tar, an_archive_that_is_cut_short_fails_and_leaves_no_half_file) {
  tree t = tree_new();
  put(t.in, "f", "");
  char path[600];
  (void)snprintf(path, sizeof path, "%s/f", t.in);
  cr_assert_eq(truncate(path, 4000), 0);
  qd_buf all;
  pack(&(qd_tar_pack_options){.path = path, .name = "f"}, &all);
  qd_tar_unpack_options o = {.dir = t.out};
  size_t cuts[] = {300, 512, 1000, 4511};
  for (size_t i = 0; i < 4; i++) {
    qd_error err = QD_ERROR_INIT;
    cr_assert_neq(unpack(&o, &all, cuts[i], &err), QD_OK);
    cr_assert_str_eq(err.code, "bad_archive");
    cr_assert_not(there(t.out, "f"), "cut at %zu", cuts[i]);
  }
  qd_error err = QD_ERROR_INIT;  // whole, but for the end of the archive
  cr_assert_neq(unpack(&o, &all, 512 + 4096, &err), QD_OK);
  qd_buf_deinit(&all);
  tree_free(&t);
}

// An archive that holds one entry of this kind and name.
static qd_status hostile(tree *t, const char *name, char type, const char *target, qd_error *err) {
  char block[512 * 3] = {0};
  (void)snprintf(block, 100, "%s", name);
  memcpy(block + 100,
         "0000644\0"
         "0000000\0"
         "0000000\0"
         "00000000000\0"
         "00000000000\0"
         "        ",
         56);
  block[156] = type;
  (void)snprintf(block + 157, 100, "%s", target);
  memcpy(block + 257,
         "ustar\0"
         "00",
         8);
  unsigned sum = 0;
  for (size_t i = 0; i < 512; i++) sum += (unsigned char)block[i];
  (void)snprintf(block + 148, 8, "%06o", sum);
  block[155] = ' ';
  qd_buf all = {.p = block, .n = sizeof block};
  qd_tar_unpack_options o = {.dir = t->out};
  return unpack(&o, &all, sizeof block, err);
}

QD_TEST(tar, nothing_leads_outside) {
  tree t = tree_new();
  char path[600];
  (void)snprintf(path, sizeof path, "%s/link", t.out);
  cr_assert_eq(symlink(t.in, path), 0);
  static const struct {
    const char *name;
    char type;
    const char *target;
  } bad[] = {{"../x", '0', ""},  {"a/../../x", '0', ""},  {"link/x", '0', ""}, {"link/d", '5', ""}, {"link", '5', ""},
             {"s", '2', "../x"}, {"a/s", '2', "../../x"}, {"h", '1', "../in"}, {"h", '1', "link/f"}};
  put(t.in, "f", "secret");
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    qd_error err = QD_ERROR_INIT;
    cr_assert_neq(hostile(&t, bad[i].name, bad[i].type, bad[i].target, &err), QD_OK, "%s", bad[i].name);
  }
  cr_assert(!there(t.in, "x") && !there(t.in, "d") && !there(t.base, "x") && !there(t.out, "h"));
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(hostile(&t, "/absolute", '0', "", &err), QD_OK, "%s", err.why);
  cr_assert(there(t.out, "absolute"));
  cr_assert_eq(hostile(&t, "device", '3', "", &err), QD_OK);
  cr_assert_not(there(t.out, "device"));
  tree_free(&t);
}

QD_TEST(tar, a_folder_and_a_file_do_not_replace_each_other) {
  tree t = tree_new();
  char path[600];
  (void)snprintf(path, sizeof path, "%s/d", t.out);
  cr_assert_eq(mkdir(path, 0755), 0);
  put(t.out, "f", "old");
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(hostile(&t, "d", '0', "", &err), QD_CONFLICT);
  cr_assert_eq(hostile(&t, "f", '5', "", &err), QD_CONFLICT);
  cr_assert_eq(look(t.out, "f").st_size, 3);
  tree_free(&t);
}
