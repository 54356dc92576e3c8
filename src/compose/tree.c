// Small things on trees, and complaints that name a place.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compose/model.h"

const char *qd__text(const qd_json *v, const char *name) { return qd_json_get_cstr(qd_json_member(v, name), NULL); }

bool qd__is_set(const qd_json *v, const char *name) { return !qd_json_is_null(qd_json_member(v, name)); }

qd_json *qd__edit_or_make(qd_json *v, const char *name) {
  if (qd_json_type_of(qd_json_member(v, name)) != QD_JSON_OBJECT) qd__set(v, name, qd_json_object());
  return qd_json_edit(v, name);
}

bool qd__is_extension(qd_slice key) { return key.n > 1 && memcmp(key.p, "x-", 2) == 0; }

qd_json *qd__str(const char *s) { return qd_json_string(qd_slice_of(s)); }

void qd__set(qd_json *object, const char *name, qd_json *value) { qd_json_set(object, qd_slice_of(name), value); }

void qd__set_text(qd_json *object, const char *name, const char *value) { qd__set(object, name, qd__str(value)); }

qd_slice qd__slice(const qd_json *string) { return qd_json_get_string(string, (qd_slice){"", 0}); }

static void print(char *out, size_t size, const char *fmt, va_list args) QD_PRINTF(3, 0);
static void print(char *out, size_t size, const char *fmt, va_list args) { (void)vsnprintf(out, size, fmt, args); }

void qd__warn(qd__load *l, const char *fmt, ...) {
  char text[512];
  va_list args;
  va_start(args, fmt);
  print(text, sizeof text, fmt, args);
  va_end(args);
  for (size_t i = 0; i < qd_json_count(l->warnings); i++)
    if (qd_slice_is(qd__slice(qd_json_at(l->warnings, i)), text)) return;
  qd_json_append(l->warnings, qd__str(text));
}

static void write_path(const qd__at *at, qd_buf *out) {
  if (!at) return;
  write_path(at->up, out);
  if (at->key.p) {
    (void)qd_buf_addf(out, "%s%.*s", out->n ? "." : "", (int)(at->key.n < 100 ? at->key.n : 100), at->key.p);
  } else {
    (void)qd_buf_addf(out, "[%zu]", at->index);
  }
}

// The value at `at` below `v`, or the deepest one on the way that is there. *depth counts how far it goes.
static const qd_json *descend(const qd_json *v, const qd__at *at, size_t *depth) {
  if (!at) return v;
  size_t above = *depth;
  const qd_json *up = descend(v, at->up, depth);
  size_t want = above;
  for (const qd__at *a = at->up; a; a = a->up) want++;
  if (*depth < want) return up;
  const qd_json *here = at->key.p ? qd_json_member_slice(up, at->key) : qd_json_at(up, at->index);
  if (!here) return up;
  ++*depth;
  return here;
}

static bool place_in(const qd_yaml_doc *doc, const qd__at *at, size_t *depth, qd_yaml_mark *out) {
  const qd_json *documents = qd_yaml_root(doc);
  bool found = false;
  for (size_t i = qd_json_count(documents); i > 0; i--) {
    size_t here = 0;
    const qd_json *v = descend(qd_json_at(documents, i - 1), at, &here);
    qd_yaml_mark mark;
    if ((found && here <= *depth) || !(qd_yaml_key_mark_of(doc, v, &mark) || qd_yaml_mark_of(doc, v, &mark))) continue;
    *depth = here;
    *out = mark;
    found = true;
  }
  return found;
}

// The deepest place of all sources; of equals, the last one.
static const qd__source *find_place(const qd__load *l, const qd__at *at, qd_yaml_mark *out) {
  const qd__source *best = NULL;
  size_t depth = 0;
  for (size_t i = l->source_count; i > 0; i--) {
    size_t here = 0;
    qd_yaml_mark mark;
    qd_yaml_doc *doc = qd__parse_again(&l->sources[i - 1]);
    if (doc && place_in(doc, at, &here, &mark) && !(best && here <= depth)) {
      best = &l->sources[i - 1];
      depth = here;
      *out = mark;
    }
    qd_yaml_free(doc);
  }
  return best;
}

qd_status qd__bad(qd__load *l, const qd__at *at, const char *fmt, ...) {
  char what[400];
  va_list args;
  va_start(args, fmt);
  print(what, sizeof what, fmt, args);
  va_end(args);
  qd_buf path;
  qd_buf_init(&path, 400);
  write_path(at, &path);
  qd_yaml_mark mark = {0, 0, 0, 0};
  const qd__source *s = find_place(l, at, &mark);
  const char *where = path.n ? path.p : "the file";
  qd_status st = s ? qd_fail(l->err, QD_CONFIG, "bad_compose", "%s:%zu:%zu: %s: %s", s->name, mark.line, mark.column, where, what)
                   : qd_fail(l->err, QD_CONFIG, "bad_compose", "%s: %s", where, what);
  qd_buf_deinit(&path);
  return st;
}
