// A private directory for one test, removed with everything in it by qd_temp_remove().
#ifndef QD_TEMP_H
#define QD_TEMP_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct qd_temp {
  char dir[64];
  char path[256];  // what qd_temp_path gave last
} qd_temp;

static inline void qd_temp_make(qd_temp *t) {
  static const char NAME[] = "/tmp/qd-test-XXXXXX";
  memcpy(t->dir, NAME, sizeof NAME);
  if (!mkdtemp(t->dir)) abort();
}

// "<dir>/<name>", valid until the next call.
static inline const char *qd_temp_path(qd_temp *t, const char *name) {
  if (snprintf(t->path, sizeof t->path, "%s/%s", t->dir, name) < 0) abort();
  return t->path;
}

static inline void qd_temp_write(qd_temp *t, const char *name, const char *text) {
  FILE *f = fopen(qd_temp_path(t, name), "wb");
  if (!f || fputs(text, f) < 0 || fclose(f) != 0) abort();
}

// The file's text (at most 64 KiB, static memory), "" when it is absent.
static inline const char *qd_temp_text(qd_temp *t, const char *name) {
  static char text[65536];
  FILE *f = fopen(qd_temp_path(t, name), "rb");
  size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
  text[n] = '\0';
  if (f) (void)fclose(f);
  return text;
}

static inline int qd_temp_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

static inline void qd_temp_remove(qd_temp *t) { (void)nftw(t->dir, qd_temp_remove_one, 16, FTW_DEPTH | FTW_PHYS); }

#endif
