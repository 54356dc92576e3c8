// Line coverage of the embedded Lua sources. Contract in cover.h.
#include "script/cover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "script/runtime.h"

#define MARK "@qd:"  // how the loader names embedded chunks
#define RECENT 64    // a power of two

typedef struct {
  char *name;          // without the mark
  unsigned char *hit;  // by line
  int lines;           // room in hit
} source;

struct qd_cover {
  char *dir;
  source *sources;
  int count;
  int room;
  int recent[RECENT];  // index of the source last found for a chunk name at such an address
};

static source *find(qd_cover *c, const char *name) {
  int *slot = &c->recent[((size_t)name >> 4) % RECENT];
  if (*slot < c->count && strcmp(c->sources[*slot].name, name) == 0) return &c->sources[*slot];
  for (int i = 0; i < c->count; i++) {
    if (strcmp(c->sources[i].name, name) != 0) continue;
    *slot = i;
    return &c->sources[i];
  }
  if (c->count == c->room) {
    c->room = c->room ? c->room * 2 : 64;
    c->sources = qd_xrealloc(c->sources, (size_t)c->room * sizeof *c->sources);
  }
  *slot = c->count;
  c->sources[c->count] = (source){.name = qd_xstrdup(name)};
  return &c->sources[c->count++];
}

static void count_line(lua_State *L, lua_Debug *ar) {
  if (!lua_getinfo(L, "Sl", ar) || strncmp(ar->source, MARK, strlen(MARK)) != 0 || ar->currentline < 0) return;
  source *s = find(qd_rt_of(L)->cover, ar->source + strlen(MARK));
  if (ar->currentline >= s->lines) {
    int lines = ar->currentline + 256;
    s->hit = qd_xrealloc(s->hit, (size_t)lines);
    memset(s->hit + s->lines, 0, (size_t)(lines - s->lines));
    s->lines = lines;
  }
  s->hit[ar->currentline] = 1;
}

static void on_line(lua_State *L, lua_Debug *ar) {
  count_line(L, ar);
  qd__look_for_stop(L, ar);
}

qd_cover *qd__cover_new(lua_State *L) {
  const char *dir = getenv("QNAP_DOCKER_COV");
  if (!dir || !*dir) return NULL;
  qd_cover *c = qd_xcalloc(1, sizeof *c);
  c->dir = qd_xstrdup(dir);
  lua_sethook(L, on_line, LUA_MASKLINE, 0);  // inherited by every coroutine
  return c;
}

static void write_sources(const qd_cover *c, FILE *f) {
  for (int i = 0; i < c->count; i++) {
    (void)fputs(c->sources[i].name, f);
    for (int line = 0; line < c->sources[i].lines; line++) {
      if (c->sources[i].hit[line]) (void)fprintf(f, " %d", line);
    }
    (void)fputc('\n', f);
  }
}

void qd__cover_free(qd_cover *c) {
  if (!c) return;
  char *path = qd_xasprintf("%s/cov-XXXXXX", c->dir);
  int fd = mkstemp(path);
  FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
  if (f) {
    write_sources(c, f);
    (void)fclose(f);
  }
  for (int i = 0; i < c->count; i++) {
    free(c->sources[i].name);
    free(c->sources[i].hit);
  }
  free(c->sources);
  free(path);
  free(c->dir);
  free(c);
}
