// libyaml's events -> JSON tree: anchors expanded, merge keys applied, scalars resolved, places noted.
#include "data/yaml_build.h"

#include <stdlib.h>

#include "base/mem.h"

// A node or an expansion of one. A long string counts for each 64 bytes, so that aliases cannot multiply it either.
static qd_status count(qd__yaml_builder *b, unsigned depth, size_t bytes) {
  b->nodes += 1 + bytes / 64;
  if (depth > b->limits.max_depth) return qd__yaml_fail_here(b, "nested too deeply");
  return b->nodes > b->limits.max_nodes ? qd__yaml_fail_here(b, "too many values, counting what aliases repeat") : QD_OK;
}

// Reserves the anchor's name; until its node is built, aliases to it are an error.
static size_t open_anchor(qd__yaml_builder *b) {
  if (!b->event.anchor.p) return (size_t)-1;
  if (b->anchor_count == b->anchor_room) {
    b->anchor_room = b->anchor_room ? b->anchor_room * 2 : 8;
    b->anchored = qd_xrealloc(b->anchored, b->anchor_room * sizeof(void *));
  }
  b->anchored[b->anchor_count] = NULL;
  qd_json_set(b->anchors, b->event.anchor, qd_json_int((int64_t)b->anchor_count));
  return b->anchor_count++;
}

static void close_anchor(qd__yaml_builder *b, size_t anchor, const qd_json *v) {
  if (anchor != (size_t)-1) b->anchored[anchor] = v;
}

static qd_status find_anchor(qd__yaml_builder *b, const qd_json **out) {
  qd_slice anchor = b->event.anchor;
  int64_t i = qd_json_get_int(qd_json_member_slice(b->anchors, anchor), -1);
  if (i >= 0 && b->anchored[i]) {
    *out = b->anchored[i];
    return QD_OK;
  }
  (void)qd__yaml_fail_here(b, i < 0 ? "this alias names no anchor" : "this alias would contain itself");
  return qd_why(b->err, i < 0 ? "there is no &%.*s in front of it" : "*%.*s stands inside of the value that it repeats", (int)anchor.n,
                anchor.p);
}

// A copy of an anchored node; what is inside keeps the places of the original.
static qd_status copy(qd__yaml_builder *b, unsigned depth, const qd_json *v, qd_json **out) {
  qd_status st = count(b, depth, qd_json_get_string(v, (qd_slice){NULL, 0}).n);
  if (st != QD_OK) return st;
  qd_json_type type = qd_json_type_of(v);
  qd_json *made = type == QD_JSON_ARRAY ? qd_json_array() : type == QD_JSON_OBJECT ? qd_json_object() : qd_json_dup(v);
  for (size_t i = 0; i < qd_json_count(v); i++) {
    qd_slice key = {NULL, 0};
    qd_json *item = NULL;
    st = copy(b, depth + 1, type == QD_JSON_ARRAY ? qd_json_at(v, i) : qd_json_member_at(v, i, &key), &item);
    if (st != QD_OK) {
      qd_json_free(made);
      return st;
    }
    if (type == QD_JSON_ARRAY) {
      qd_json_append(made, item);
    } else {
      qd_json_add(made, key, item);
    }
  }
  *out = made;
  const qd__yaml_entry *of = qd__yaml_entry_of(b->doc, v);
  if (!of) return QD_OK;
  qd_yaml_mark key = of->key;
  const char *tag = of->tag;
  qd_yaml_mark mark = of->mark;
  qd__yaml_entry *entry = qd__yaml_note(b->doc, made, &mark);
  entry->key = key;
  entry->tag = qd_xstrdup(tag);
  return QD_OK;
}

static qd_status build_alias(qd__yaml_builder *b, unsigned depth, qd_json **out) {
  const qd_json *of = NULL;
  qd_status st = find_anchor(b, &of);
  if (st == QD_OK) st = copy(b, depth, of, out);
  if (st != QD_OK || b->no_places) return st;
  qd_yaml_mark mark = qd__yaml_mark_here(b);
  qd__yaml_entry *entry = qd__yaml_entry_of(b->doc, *out);
  entry->mark = mark;
  entry->key = (qd_yaml_mark){0, 0, 0, 0};
  return QD_OK;
}

static qd_json *resolve(const qd__yaml_builder *b, qd_slice text, qd__yaml_kind kind) {
  return b->dialect == QD_YAML_GO ? qd__yaml_resolve_go(text, kind) : qd__yaml_resolve(text, kind);
}

static const struct {
  const char *tag;
  qd__yaml_kind kind;
  const char *complaint;
} core_tags[] = {
    {YAML_NULL_TAG, QD__YAML_NULL, "!!null stands before something else"},
    {YAML_BOOL_TAG, QD__YAML_BOOL, "!!bool needs true or false"},
    {YAML_INT_TAG, QD__YAML_INT, "!!int needs a whole number"},
    {YAML_FLOAT_TAG, QD__YAML_FLOAT, "!!float needs a number"},
};

static qd_status build_scalar(qd__yaml_builder *b, unsigned depth, qd_json **out) {
  const char *tag = b->event.tag;
  qd_slice text = b->event.text;
  qd_status st = count(b, depth, text.n);
  if (st != QD_OK) return st;
  size_t anchor = open_anchor(b);
  qd_json *v = NULL;
  for (size_t i = 0; tag && i < sizeof core_tags / sizeof *core_tags; i++) {
    if (strcmp(tag, core_tags[i].tag) != 0) continue;
    v = resolve(b, text, core_tags[i].kind);
    if (!v) return qd__yaml_fail_here(b, core_tags[i].complaint);
  }
  bool own_tag = tag && tag[0] == '!' && tag[1] != '\0';
  if (!v && b->event.plain && (!tag || own_tag)) v = resolve(b, text, QD__YAML_ANY);
  if (!v) v = qd_json_string(text);
  qd__yaml_note_here(b, v, b->event.tag);
  close_anchor(b, anchor, v);
  *out = v;
  return QD_OK;
}

// libyaml ends a block collection where the next thing begins; we, behind the last thing in it.
static void set_end(qd__yaml_builder *b, const qd_json *v, bool flow, size_t last_end) {
  if (b->no_places) return;
  size_t end = flow ? qd__yaml_mark_here(b).end : last_end;
  qd__yaml_entry *entry = qd__yaml_entry_of(b->doc, v);
  if (end > entry->mark.offset) entry->mark.end = end;
}

static qd_status build_sequence(qd__yaml_builder *b, unsigned depth, qd_json **out) {
  qd_status st = count(b, depth, 0);
  if (st != QD_OK) return st;
  bool flow = b->event.flow;
  size_t anchor = open_anchor(b);
  qd_json *v = qd_json_array();
  size_t end = 0;
  qd__yaml_note_here(b, v, b->event.tag);
  for (st = qd__yaml_next(b); st == QD_OK && b->event.type != YAML_SEQUENCE_END_EVENT; st = qd__yaml_next(b)) {
    qd_json *item = NULL;
    st = qd__yaml_build(b, depth + 1, &item);
    if (st != QD_OK) break;
    qd_json_append(v, item);
    if (!b->no_places) end = qd__yaml_entry_of(b->doc, item)->mark.end;
  }
  if (st != QD_OK) {
    qd_json_free(v);
    return st;
  }
  set_end(b, v, flow, end);
  close_anchor(b, anchor, v);
  *out = v;
  return QD_OK;
}

// A key that would be something else than a string is a mistake.
static qd_status check_go_key(qd__yaml_builder *b, qd_slice text) {
  if (b->dialect != QD_YAML_GO || !b->event.plain || b->event.tag) return QD_OK;
  qd_json *v = resolve(b, text, QD__YAML_ANY);
  qd_json_type type = v ? qd_json_type_of(v) : QD_JSON_STRING;
  qd_json_free(v);
  if (type == QD_JSON_STRING) return QD_OK;
  (void)qd__yaml_fail_here(b, "a mapping's key must be a string");
  return qd_hint(b->err, "put it in quotes: \"%.*s\"", (int)(text.n < 100 ? text.n : 100), text.p);
}

// The key's text, from a scalar or from an alias of a string. *copy: what the caller frees, where the text would not outlive the event.
static qd_status read_key(qd__yaml_builder *b, qd_slice *out, char **copy) {
  if (b->event.type == YAML_ALIAS_EVENT) {
    const qd_json *of = NULL;
    qd_status st = find_anchor(b, &of);
    if (st != QD_OK) return st;
    if (qd_json_type_of(of) != QD_JSON_STRING) return qd__yaml_fail_here(b, "a mapping's key must be a string");
    *out = qd_json_get_string(of, (qd_slice){NULL, 0});
    return count(b, 0, out->n);
  }
  if (b->event.type != YAML_SCALAR_EVENT) return qd__yaml_fail_here(b, "a mapping's key must be a string");
  qd_slice text = b->event.text;
  if (text.n == 0 && b->event.plain) return qd__yaml_fail_here(b, "there is no key in front of the colon");
  qd_status st = check_go_key(b, text);
  if (st != QD_OK) return st;
  size_t anchor = open_anchor(b);
  if (anchor != (size_t)-1) {
    qd_json *v = qd_json_string(text);
    qd__yaml_note_here(b, v, NULL);
    qd_json_append(b->doc->spare, v);
    close_anchor(b, anchor, v);
  }
  if (!b->known) text.p = *copy = qd_xstrndup(text.p, text.n);
  *out = text;
  return QD_OK;
}

static bool is_merge_key(const qd__yaml_builder *b) {
  return b->event.type == YAML_SCALAR_EVENT && b->event.plain && qd_slice_eq(b->event.text, QD_SLICE("<<"));
}

static qd_status merge_one(qd__yaml_builder *b, unsigned depth, qd_json *into, const qd_json *from) {
  for (size_t i = 0; i < qd_json_count(from); i++) {
    qd_slice key;
    const qd_json *member = qd_json_member_at(from, i, &key);
    if (qd_json_member_slice(into, key)) continue;
    qd_json *item = NULL;
    qd_status st = copy(b, depth + 1, member, &item);
    if (st != QD_OK) return st;
    qd_json_add(into, key, item);
  }
  return QD_OK;
}

// `sources` is what stands behind <<: a mapping, or a list of mappings of which the first has precedence.
static qd_status merge(qd__yaml_builder *b, unsigned depth, qd_json *into, const qd_json *sources) {
  if (qd_json_type_of(sources) == QD_JSON_OBJECT) return merge_one(b, depth, into, sources);
  bool right = qd_json_type_of(sources) == QD_JSON_ARRAY;
  for (size_t i = 0; right && i < qd_json_count(sources); i++) right = qd_json_type_of(qd_json_at(sources, i)) == QD_JSON_OBJECT;
  if (!right && b->no_places) return qd__yaml_fail_here(b, "<< needs a mapping or a list of mappings");
  if (!right) {
    const qd_yaml_mark *mark = &qd__yaml_entry_of(b->doc, sources)->mark;
    return qd__yaml_fail_at(b, mark->line, mark->column, "<< needs a mapping or a list of mappings");
  }
  for (size_t i = 0; i < qd_json_count(sources); i++) {
    qd_status st = merge_one(b, depth, into, qd_json_at(sources, i));
    if (st != QD_OK) return st;
  }
  return QD_OK;
}

static qd_status duplicate_key(qd__yaml_builder *b, qd_slice key, const qd_yaml_mark *mark, const qd_json *first) {
  (void)qd_fail(b->err, QD_CONFIG, "bad_yaml", "%s:%zu:%zu: the key \"%.*s\" stands here again", b->name, mark->line, mark->column,
                (int)(key.n < 100 ? key.n : 100), key.p);
  if (b->no_places) return QD_CONFIG;
  return qd_why(b->err, "it is already set at line %zu", qd__yaml_entry_of(b->doc, first)->key.line);
}

// One key and its value. *merged is set to the value of a << key; *end to where the value ends.
static qd_status build_member(qd__yaml_builder *b, unsigned depth, qd_json *v, const qd_json **merged, size_t *end) {
  bool is_merge = is_merge_key(b);
  qd_yaml_mark key_mark = b->no_places ? (qd_yaml_mark){0, 0, 0, 0} : qd__yaml_mark_here(b);
  char *copy_of_key = NULL;
  qd_slice key = {NULL, 0};
  qd_json *item = NULL;
  qd_status st = read_key(b, &key, &copy_of_key);
  const qd_json *first = is_merge ? *merged : qd_json_member_slice(v, key);
  if (st == QD_OK && first) st = duplicate_key(b, key, &key_mark, first);
  if (st == QD_OK) st = qd__yaml_next(b);
  if (st == QD_OK) st = qd__yaml_build(b, depth + 1, &item);
  if (st == QD_OK) {
    qd__yaml_entry *entry = b->no_places ? NULL : qd__yaml_entry_of(b->doc, item);
    if (entry) entry->key = key_mark;
    if (entry) *end = entry->mark.end > key_mark.end ? entry->mark.end : key_mark.end;
    if (is_merge) {
      qd_json_append(b->doc->spare, item);
      *merged = item;
    } else {
      qd_json_add(v, key, item);
    }
  }
  free(copy_of_key);
  return st;
}

static qd_status build_mapping(qd__yaml_builder *b, unsigned depth, qd_json **out) {
  qd_status st = count(b, depth, 0);
  if (st != QD_OK) return st;
  bool flow = b->event.flow;
  size_t anchor = open_anchor(b);
  qd_json *v = qd_json_object();
  const qd_json *merged = NULL;
  size_t end = 0;
  qd__yaml_note_here(b, v, b->event.tag);
  for (st = qd__yaml_next(b); st == QD_OK && b->event.type != YAML_MAPPING_END_EVENT; st = qd__yaml_next(b)) {
    st = build_member(b, depth, v, &merged, &end);
    if (st != QD_OK) break;
  }
  if (st == QD_OK && merged) st = merge(b, depth, v, merged);
  if (st != QD_OK) {
    qd_json_free(v);
    return st;
  }
  set_end(b, v, flow, end);
  close_anchor(b, anchor, v);
  *out = v;
  return QD_OK;
}

qd_status qd__yaml_build(qd__yaml_builder *b, unsigned depth, qd_json **out) {
  switch (b->event.type) {
    case YAML_ALIAS_EVENT:
      return build_alias(b, depth, out);
    case YAML_SCALAR_EVENT:
      return build_scalar(b, depth, out);
    case YAML_SEQUENCE_START_EVENT:
      return build_sequence(b, depth, out);
    case YAML_MAPPING_START_EVENT:
      return build_mapping(b, depth, out);
    default:
      return qd__yaml_fail_here(b, "unexpected end of the document");
  }
}
