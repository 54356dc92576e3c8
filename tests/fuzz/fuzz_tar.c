// tar archives of a stranger, unpacked into a folder: nothing may appear beside it, whatever the archive says.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/tar.h"
#include "loop/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
  const uint8_t *p;
  size_t n, at;
} input;

static long source(void *ctx, const void **bytes) {
  input *in = ctx;
  size_t n = in->n - in->at < 700 ? in->n - in->at : 700;  // in pieces that end anywhere
  *bytes = in->p + in->at;
  in->at += n;
  return (long)n;
}

static int names_in(const char *path) {
  int n = 0;
  DIR *dir = opendir(path);
  while (dir && readdir(dir)) n++;
  if (dir) (void)closedir(dir);
  return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd_error err = QD_ERROR_INIT;
  char *base = NULL;
  if (size > 64 << 10 || qd_fs_temp_dir(NULL, &base, &err) != QD_OK) return 0;
  char dir[512];
  (void)snprintf(dir, sizeof dir, "%s/in", base);
  if (mkdir(dir, 0700) != 0) abort();
  qd_tar_unpack_options o = {.dir = dir, .max_entries = 64};
  if (size && (data[0] & 1)) {
    o.from = "a";
    o.to = "b/c";
  }
  qd_tar_unpack_result result = {0};
  qd_tar_notes_init(&result.notes);
  input in = {data, size, 0};
  (void)!qd_tar_unpack(&o, source, &in, &result, &err);
  qd_tar_notes_deinit(&result.notes);
  if (names_in(base) != 3) abort();  // ".", ".." and "in"
  (void)chmod(dir, 0700);
  err = (qd_error)QD_ERROR_INIT;
  (void)!qd_fs_remove(base, true, &err);
  free(base);
  return 0;
}
