// Error categories and the fixed error struct. Contract in error.h.
#include "base/error.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  int exit_code;
  const char *hint;
} categories[QD_STATUS_COUNT] = {
    [QD_OK] = {"ok", 0, ""},
#define QD_CATEGORY(id, cat_name, code, cat_hint) [QD_##id] = {cat_name, code, cat_hint},
#include "base/error.def"
#undef QD_CATEGORY
};

static void put(char *dst, size_t size, const char *fmt, va_list ap) QD_PRINTF(3, 0);
static void put(char *dst, size_t size, const char *fmt, va_list ap) {
  int n = vsnprintf(dst, size, fmt, ap);
  if (n >= (int)size) memcpy(dst + size - 4, "...", 4);
}

qd_status qd_fail(qd_error *err, qd_status category, const char *code, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  err->category = category;
  err->code = code;
  put(err->message, sizeof err->message, fmt, ap);
  va_end(ap);
  err->why[0] = '\0';
  err->engine[0] = '\0';
  (void)snprintf(err->hint, sizeof err->hint, "%s", categories[category].hint);
  return category;
}

#define QD_DEFINE_SETTER(function, field)                   \
  qd_status function(qd_error *err, const char *fmt, ...) { \
    va_list ap;                                             \
    va_start(ap, fmt);                                      \
    put(err->field, sizeof err->field, fmt, ap);            \
    va_end(ap);                                             \
    return err->category;                                   \
  }
QD_DEFINE_SETTER(qd_why, why)
QD_DEFINE_SETTER(qd_hint, hint)
QD_DEFINE_SETTER(qd_engine_says, engine)

qd_status qd_wrap(qd_error *err, const char *fmt, ...) {
  char old[sizeof err->message];
  memcpy(old, err->message, sizeof old);
  va_list ap;
  va_start(ap, fmt);
  put(err->message, sizeof err->message, fmt, ap);
  va_end(ap);
  size_t used = strlen(err->message);
  (void)snprintf(err->message + used, sizeof err->message - used, ": %s", old);
  return err->category;
}

const char *qd_status_name(qd_status category) { return (unsigned)category < QD_STATUS_COUNT ? categories[category].name : "internal"; }

int qd_status_exit_code(qd_status category) { return (unsigned)category < QD_STATUS_COUNT ? categories[category].exit_code : 70; }

qd_status qd_status_from_name(const char *name) {
  for (int i = 0; i < QD_STATUS_COUNT; i++)
    if (strcmp(categories[i].name, name) == 0) return (qd_status)i;
  return QD_INTERNAL;
}

const char *qd_code_keep(const char *code, const char *otherwise) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static char kept[64][48];
  static size_t count;
  (void)pthread_mutex_lock(&lock);
  size_t i = 0;
  while (i < count && strcmp(kept[i], code) != 0) i++;
  if (i == count && count < sizeof kept / sizeof *kept) (void)snprintf(kept[count++], sizeof kept[0], "%s", code);
  bool known = i < count;
  (void)pthread_mutex_unlock(&lock);
  return known ? kept[i] : otherwise;
}
