// The host's own environment and log. Contract in context.h.
#include "base/context.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static qd_context of_process = {.log_fd = -1};
static _Thread_local qd_context *now;

qd_context *qd_context_now(void) { return now ? now : &of_process; }

void qd_context_use(qd_context *c) { now = c; }

char **qd_environ(void) { return now && now->environ ? now->environ : environ; }

static size_t name_length(const char *entry) { return strcspn(entry, "="); }

const char *qd_getenv(const char *name) {
  if (!now || !now->environ) return getenv(name);
  size_t n = strlen(name);
  for (char **e = now->environ; *e; e++)
    if (strncmp(*e, name, n) == 0 && (*e)[n] == '=') return *e + n + 1;
  return NULL;
}

static size_t count(const char *const *list) {
  size_t n = 0;
  while (list && list[n]) n++;
  return n;
}

static bool is_changed(const char *entry, const char *const *changes) {
  size_t n = name_length(entry);
  for (; *changes; changes++)
    if (name_length(*changes) == n && strncmp(*changes, entry, n) == 0) return true;
  return false;
}

char **qd_environ_new(const char *const *changes) {
  const char *const *ours = (const char *const *)environ;
  char **list = qd_xcalloc(count(ours) + count(changes) + 1, sizeof *list);
  size_t n = 0;
  for (; ours && *ours; ours++)
    if (!is_changed(*ours, changes)) list[n++] = qd_xstrdup(*ours);
  for (; *changes; changes++)  // of several of a name the last one counts
    if (strchr(*changes, '=') && !is_changed(*changes, changes + 1)) list[n++] = qd_xstrdup(*changes);
  return list;
}

void qd_environ_free(char **list) {
  for (char **e = list; e && *e; e++) free(*e);
  free(list);
}
