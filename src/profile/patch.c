// Changes of one place in YAML text, checked by what the result means. Contract in patch.h.
#include "profile/patch.h"

#include "base/mem.h"
#include "profile/place.h"
#include "profile/render.h"

enum { CAP = 4 << 20 };

typedef struct patch {
  qd__yaml y;
  const char *name;
  const qd_patch_path *at;
  qd_buf *out;
  size_t line;  // of the place, for messages
} patch;

static qd_status refuse(const patch *p, const char *why, qd_error *err) {
  (void)qd_fail(err, QD_CONFIG, "cannot_patch", "%s:%zu: '%s' cannot be changed in place", p->name, p->line, p->at->keys[p->at->n - 1]);
  (void)qd_why(err, "%s", why);
  return qd_hint(err, "change line %zu by hand: qnap-docker profile edit opens the file in $EDITOR", p->line);
}

static const char WHY_ELSEWHERE[] = "it is written elsewhere in the file (an anchor and alias, or a merge key)";

static size_t line_of(qd_slice text, size_t at) {
  size_t line = 1;
  for (size_t i = 0; i < at && i < text.n; i++) line += text.p[i] == '\n';
  return line;
}

// text[0, from) + middle + text[to, end)
static void splice(patch *p, size_t from, const qd_buf *middle, size_t to) {
  qd_slice t = p->y.text;
  qd_buf_add(p->out, t.p, from);
  qd_buf_add(p->out, middle->p, middle->n);
  qd_buf_add(p->out, t.p + to, t.n - to);
}

static bool ends_line(qd_slice text, size_t at) { return at == 0 || text.p[at - 1] == '\n'; }

// --- setting -----------------------------------------------------------------------------------------------------

static char quote_of(const patch *p, const qd__pair *pair) {
  if (pair->kind != QD__INLINE) return 0;
  char c = p->y.text.p[pair->value];
  return c == '"' || c == '\'' ? c : '\0';
}

// A scalar, list or empty mapping in the place of whatever stands there. What follows a key whose value stands on lines of its
// own (a comment) stays on the key's line.
static void put_inline(patch *p, const qd__map *map, const qd__pair *pair, const qd_json *value) {
  qd_slice t = p->y.text;
  qd_buf middle;
  qd_buf_init(&middle, CAP);
  bool fresh = pair->kind == QD__EMPTY || pair->kind == QD__BLOCK || pair->kind == QD__BLOCK_SCALAR;
  size_t from = fresh ? pair->colon : pair->value;
  size_t to = pair->end;
  if (fresh) qd_buf_adds(&middle, from > 0 && t.p[from - 1] == ':' ? " " : ": ");
  qd__render_inline(value, quote_of(p, pair), map->flow, &middle);
  if (pair->kind == QD__BLOCK_SCALAR && ends_line(t, to)) qd_buf_adds(&middle, p->y.eol);
  if (pair->kind == QD__BLOCK) {
    qd_buf_add(&middle, t.p + from, qd__line_end(t, from) - from);
    if (!ends_line(t, to)) to = qd__line_end(t, to);
  }
  splice(p, from, &middle, to);
  qd_buf_deinit(&middle);
}

// A mapping as indented lines below its key, whose line keeps what follows the old value (a comment).
static void put_lines(patch *p, const qd__map *map, const qd__pair *pair, const qd_json *value) {
  qd_slice t = p->y.text;
  bool below = pair->kind == QD__BLOCK;  // the old value stands on lines of its own
  size_t from = below ? qd__line_end(t, pair->colon) : pair->colon;
  size_t to = ends_line(t, pair->end) ? pair->end : qd__line_end(t, pair->end);
  qd_buf middle;
  qd_buf_init(&middle, CAP);
  if (!below) qd_buf_add(&middle, t.p + pair->end, to - pair->end);
  if (!below && (to == pair->end || !ends_line(t, to))) qd_buf_adds(&middle, p->y.eol);
  qd__render_lines(value, map->column + 2, p->y.eol, &middle);
  qd_buf_adds(&middle, p->y.eol);
  splice(p, from, &middle, to);
  qd_buf_deinit(&middle);
}

static void put(patch *p, const qd__map *map, const qd__pair *pair, const qd_json *value) {
  bool lines = !map->flow && qd_json_type_of(value) == QD_JSON_OBJECT && qd_json_count(value) > 0;
  if (lines)
    put_lines(p, map, pair, value);
  else
    put_inline(p, map, pair, value);
}

static void add_to_flow(patch *p, const qd__map *map, const qd_json *json, qd_slice key, const qd_json *value) {
  qd_json *one = qd_json_object();
  qd_json_set(one, key, qd_json_dup(value));
  qd_buf text;
  qd_buf middle;
  qd_buf_init(&text, CAP);
  qd_buf_init(&middle, CAP);
  qd__render_inline(one, 0, true, &text);  // {key: value}
  qd__pair last = {0};
  size_t at = map->start + 1;
  bool follows = qd__pair_last(&p->y, map, json, &last);
  if (follows) {
    at = last.end;
    qd_buf_adds(&middle, ", ");
  }
  if (text.n > 2) qd_buf_add(&middle, text.p + 1, text.n - 2);
  if (!follows && at + 1 < map->end) qd_buf_adds(&middle, ", ");  // something that is no pair of its own: a merge key
  splice(p, at, &middle, at);
  qd_buf_deinit(&middle);
  qd_buf_deinit(&text);
  qd_json_free(one);
}

static void add_to_block(patch *p, const qd__map *map, const qd_json *json, qd_slice key, const qd_json *value) {
  qd_slice t = p->y.text;
  qd__pair last = {0};
  size_t at = qd__line_start(t, map->start);  // only merge keys there: in front of them
  if (qd__pair_last(&p->y, map, json, &last)) {
    at = last.kind == QD__BLOCK_SCALAR || (last.kind == QD__BLOCK && ends_line(t, last.end)) ? last.end : qd__line_end(t, last.end);
    at = qd__comments_end(t, at, map->column);
  }
  qd_buf middle;
  qd_buf_init(&middle, CAP);
  if (!ends_line(t, at)) qd_buf_adds(&middle, p->y.eol);
  for (size_t i = 0; i < map->column; i++) qd_buf_addc(&middle, ' ');
  qd__render_pair(key, value, map->column, p->y.eol, &middle);
  qd_buf_adds(&middle, p->y.eol);
  splice(p, at, &middle, at);
  qd_buf_deinit(&middle);
}

// A document without content: the lines go to its end.
static void add_to_nothing(patch *p, const qd_json *tree) {
  qd_slice t = p->y.text;
  qd_buf middle;
  qd_buf_init(&middle, CAP);
  if (!ends_line(t, t.n)) qd_buf_adds(&middle, p->y.eol);
  qd__render_lines(tree, 0, p->y.eol, &middle);
  qd_buf_adds(&middle, p->y.eol);
  splice(p, t.n, &middle, t.n);
  qd_buf_deinit(&middle);
}

// {rest of the path: value}; keys[from] is the outermost. Caller frees.
static qd_json *nest(const qd_patch_path *at, size_t from, const qd_json *value) {
  qd_json *v = qd_json_dup(value);
  for (size_t i = at->n; i > from; i--) {
    qd_json *outer = qd_json_object();
    qd_json_set(outer, qd_slice_of(at->keys[i - 1]), v);
    v = outer;
  }
  return v;
}

static bool holds_nothing(const qd_json *v) {
  return qd_json_is_null(v) || (qd_json_type_of(v) == QD_JSON_OBJECT && qd_json_count(v) == 0);
}

// Sets keys[depth] and what is below it in `json`, a mapping in the text.
static qd_status set_in(patch *p, const qd_json *json, size_t depth, const qd_json *value, qd_error *err) {
  qd__map map = {0};
  qd_yaml_mark mark;
  if (qd_yaml_mark_of(p->y.doc, json, &mark)) p->line = mark.line;
  if (!qd__map_place(&p->y, json, &map)) return refuse(p, WHY_ELSEWHERE, err);
  const char *key = p->at->keys[depth];
  const qd_json *old = qd_json_member(json, key);
  qd__pair pair = {0};
  qd_json *below = nest(p->at, depth + 1, value);
  qd_status status = QD_OK;
  if (old && qd__pair_place(&p->y, &map, old, &pair)) {
    p->line = line_of(p->y.text, pair.key);
    if (depth + 1 == p->at->n || holds_nothing(old))
      put(p, &map, &pair, below);
    else if (qd_json_type_of(old) == QD_JSON_OBJECT)
      status = set_in(p, old, depth + 1, value, err);
    else
      status = refuse(p, "a value stands where keys should be", err);
  } else if (old && depth + 1 < p->at->n) {
    status = refuse(p, WHY_ELSEWHERE, err);
  } else if (map.flow) {
    add_to_flow(p, &map, json, qd_slice_of(key), below);
  } else {
    add_to_block(p, &map, json, qd_slice_of(key), below);
  }
  qd_json_free(below);
  return status;
}

static void expect_set(qd_json **tree, const qd_patch_path *at, const qd_json *value) {
  if (qd_json_type_of(*tree) != QD_JSON_OBJECT) {
    qd_json_free(*tree);
    *tree = qd_json_object();
  }
  qd_json *v = *tree;
  for (size_t i = 0; i + 1 < at->n; i++) {
    qd_json *below = qd_json_edit(v, at->keys[i]);
    if (qd_json_type_of(below) != QD_JSON_OBJECT) {
      below = qd_json_object();
      qd_json_set(v, qd_slice_of(at->keys[i]), below);
    }
    v = below;
  }
  qd_json_set(v, qd_slice_of(at->keys[at->n - 1]), qd_json_dup(value));
}

// --- removing and renaming -----------------------------------------------------------------------------------------

static qd_status cut_from_block(patch *p, const qd__map *map, const qd__pair *pair) {
  qd_slice t = p->y.text;
  bool ended = pair->kind == QD__BLOCK_SCALAR || (pair->kind == QD__BLOCK && ends_line(t, pair->end));
  size_t to = ended ? pair->end : qd__line_end(t, pair->end);
  if (pair->kind == QD__BLOCK) to = qd__comments_end(t, to, map->column + 1);
  qd_buf none;
  qd_buf_init(&none, CAP);
  splice(p, qd__line_start(t, pair->key), &none, to);
  qd_buf_deinit(&none);
  return QD_OK;
}

static qd_status cut_from_flow(patch *p, const qd__map *map, const qd_json *json, const qd__pair *pair) {
  size_t before = map->start + 1;  // end of the pair in front of ours
  size_t behind = 0;               // start of the next one
  for (size_t i = 0; i < qd_json_count(json); i++) {
    qd_slice key;
    qd__pair other = {0};
    if (!qd__pair_place(&p->y, map, qd_json_member_at(json, i, &key), &other) || other.key == pair->key) continue;
    if (other.key < pair->key && other.end > before) before = other.end;
    if (other.key > pair->key && (behind == 0 || other.key < behind)) behind = other.key;
  }
  qd_buf none;
  qd_buf_init(&none, CAP);
  if (behind > 0)
    splice(p, pair->key, &none, behind);
  else
    splice(p, before, &none, pair->end);
  qd_buf_deinit(&none);
  return QD_OK;
}

// The mapping that holds the path's last key, and that key's pair.
static qd_status find_pair(patch *p, const qd_json *json, qd__map *map, qd__pair *pair, qd_error *err) {
  const qd_json *value = qd_json_member(json, p->at->keys[p->at->n - 1]);
  qd_yaml_mark mark;
  if (qd_yaml_key_mark_of(p->y.doc, value, &mark)) p->line = mark.line;
  if (!qd__map_place(&p->y, json, map) || !qd__pair_place(&p->y, map, value, pair)) return refuse(p, WHY_ELSEWHERE, err);
  return QD_OK;
}

static qd_status remove_in(patch *p, const qd_json *json, qd_error *err) {
  qd__map map = {0};
  qd__pair pair = {0};
  qd_status status = find_pair(p, json, &map, &pair, err);
  if (status != QD_OK) return status;
  return map.flow ? cut_from_flow(p, &map, json, &pair) : cut_from_block(p, &map, &pair);
}

static qd_status rename_in(patch *p, const qd_json *json, const char *to, qd_error *err) {
  qd__map map = {0};
  qd__pair pair = {0};
  qd_status status = find_pair(p, json, &map, &pair, err);
  if (status != QD_OK) return status;
  char first = p->y.text.p[pair.key];
  qd_json *name = qd_json_string(qd_slice_of(to));
  qd_buf text;
  qd_buf_init(&text, CAP);
  qd__render_inline(name, first == '"' || first == '\'' ? first : '\0', map.flow, &text);
  splice(p, pair.key, &text, pair.key_end);
  qd_buf_deinit(&text);
  qd_json_free(name);
  return QD_OK;
}

// --- the frame -----------------------------------------------------------------------------------------------------

static const char *eol_of(qd_slice text) {
  const char *nl = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
  return nl && nl > text.p && nl[-1] == '\r' ? "\r\n" : "\n";
}

// A CR alone is a line end to YAML but to hardly anything else, this file included.
static bool has_bare_cr(qd_slice text, size_t *out_line) {
  *out_line = 1;
  for (size_t i = 0; i < text.n; i++) {
    *out_line += text.p[i] == '\n';
    if (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n')) return true;
  }
  return false;
}

static qd_status begin(patch *p, qd_slice text, const char *name, const qd_patch_path *at, qd_buf *out, qd_error *err) {
  *p = (patch){.y = {.text = text, .eol = eol_of(text)}, .name = name, .at = at, .out = out, .line = 1};
  if (has_bare_cr(text, &p->line)) return refuse(p, "a line ends with a carriage return alone", err);
  p->line = 1;
  return qd_yaml_parse(text, name, NULL, &p->y.doc, err);
}

static bool same(const qd_json *a, const qd_json *b) { return (holds_nothing(a) && holds_nothing(b)) || qd_json_equal(a, b); }

// Takes `expected`. Gives `status` on when it is an error; else checks that the new text means `expected`.
static qd_status finish(patch *p, qd_status status, qd_json *expected, qd_error *err) {
  if (status == QD_OK && p->out->overflow) status = refuse(p, "the file would become too large", err);
  if (status == QD_OK) {
    qd_yaml_doc *doc = NULL;
    qd_error ignored = QD_ERROR_INIT;
    bool parsed = qd_yaml_parse(qd_buf_slice(p->out), p->name, NULL, &doc, &ignored) == QD_OK;
    if (!parsed || !same(qd_yaml_root(doc), expected)) {
      status = refuse(p, "the file's layout does not allow it without changing something else (anchors, aliases or an unusual style)", err);
    }
    qd_yaml_free(doc);
  }
  if (status != QD_OK) qd_buf_clear(p->out);
  qd_yaml_free(p->y.doc);
  qd_json_free(expected);
  return status;
}

qd_status qd_patch_set(qd_slice text, const char *name, const qd_patch_path *at, const qd_json *value, qd_buf *out, qd_error *err) {
  patch p;
  qd_status status = begin(&p, text, name, at, out, err);
  if (status != QD_OK) return status;
  const qd_json *root = qd_yaml_root(p.y.doc);
  qd_json *expected = qd_json_dup(root);
  expect_set(&expected, at, value);
  qd_yaml_mark mark;
  if (qd_json_type_of(root) == QD_JSON_OBJECT) {
    status = set_in(&p, root, 0, value, err);
  } else if (!qd_json_is_null(root) || (qd_yaml_mark_of(p.y.doc, root, &mark) && mark.offset != mark.end)) {
    status = refuse(&p, "the file holds something else than keys", err);
  } else {
    qd_json *tree = nest(at, 0, value);
    add_to_nothing(&p, tree);
    qd_json_free(tree);
  }
  return finish(&p, status, expected, err);
}

// The mapping that holds keys[n - 1], NULL when there is none.
static const qd_json *holder(const qd_json *root, const qd_patch_path *at, size_t n) {
  const qd_json *v = root;
  for (size_t i = 0; i + 1 < n; i++) v = qd_json_member(v, at->keys[i]);
  return v;
}

qd_status qd_patch_remove(qd_slice text, const char *name, const qd_patch_path *path, qd_buf *out, qd_error *err) {
  patch p;
  qd_patch_path at = *path;
  qd_status status = begin(&p, text, name, &at, out, err);
  if (status != QD_OK) return status;
  const qd_json *root = qd_yaml_root(p.y.doc);
  const qd_json *map = holder(root, &at, at.n);
  if (!qd_json_member(map, at.keys[at.n - 1])) {
    qd_buf_add(out, text.p, text.n);
    qd_yaml_free(p.y.doc);
    return QD_OK;
  }
  while (at.n > 3 && qd_json_count(map) == 1) map = holder(root, &at, --at.n);
  qd_json *expected = qd_json_dup(root);
  qd_json *v = expected;
  for (size_t i = 0; i + 1 < at.n; i++) v = qd_json_edit(v, at.keys[i]);
  qd_json_free(qd_json_remove(v, qd_slice_of(at.keys[at.n - 1])));
  if (at.n > 1 && qd_json_count(map) == 1) {  // the last one: its mapping becomes {}
    qd_patch_path above = at;
    above.n--;
    p.at = &above;
    qd_json *empty = qd_json_object();
    status = set_in(&p, root, 0, empty, err);
    qd_json_free(empty);
    return finish(&p, status, expected, err);
  }
  status = remove_in(&p, map, err);
  return finish(&p, status, expected, err);
}

qd_status qd_patch_rename(qd_slice text, const char *name, const qd_patch_path *at, const char *to, qd_buf *out, qd_error *err) {
  patch p;
  qd_status status = begin(&p, text, name, at, out, err);
  if (status != QD_OK) return status;
  const qd_json *root = qd_yaml_root(p.y.doc);
  qd_json *expected = qd_json_dup(root);
  qd_json *v = expected;
  for (size_t i = 0; i + 1 < at->n; i++) v = qd_json_edit(v, at->keys[i]);
  const char *last = at->keys[at->n - 1];
  if (v && qd_json_member(v, last)) qd_json_set(v, qd_slice_of(to), qd_json_remove(v, qd_slice_of(last)));
  status = rename_in(&p, holder(root, at, at->n), to, err);
  return finish(&p, status, expected, err);
}
