// YAML 1.2 documents (libyaml) into the JSON tree, each node with its place, and text for trees.
// Caps: bytes, depth, nodes (alias bombs count each expansion).
#ifndef QD_DATA_YAML_H
#define QD_DATA_YAML_H

#include "data/json.h"

typedef struct qd_yaml_limits {
  size_t max_bytes;
  unsigned max_depth;
  size_t max_nodes;  // after aliases are expanded; a string counts once more for each 64 bytes
} qd_yaml_limits;
#define QD_YAML_LIMITS_DEFAULT ((qd_yaml_limits){4u << 20, 100, 1000000})

typedef struct qd_yaml_mark {
  size_t line;    // from 1
  size_t column;  // from 1, in characters
  size_t offset;  // byte of the node's first character (its tag or anchor, if it has one)
  size_t end;     // byte behind its last, without white space and comments that follow; empty value: offset
} qd_yaml_mark;

typedef struct qd_yaml_doc qd_yaml_doc;

// What plain scalars mean.
typedef enum qd_yaml_dialect {
  QD_YAML_CORE,  // YAML 1.2's core schema
  // As gopkg.in/yaml.v3 reads into an interface, which is what compose files are written for: also 0755 (octal), 0b11, 1_000;
  // 08 is the float 8.0; a key that would be no string is an error.
  QD_YAML_GO,
} qd_yaml_dialect;

// Parses the one document in `text` (none: a null root). `name` is the file for messages ("profiles.yaml"):
// errors (QD_CONFIG, code "bad_yaml") read "name:line:column: what". Core schema: null, bool (true/false), int, float;
// quoted scalars are strings; duplicate keys are an error; merge keys (<<) are applied, their members come last. Keys are
// their text, whatever it looks like. Integers beyond int64_t are floats; 0755 is 755 (YAML 1.2; the mark finds the text).
// A tag of one's own (!reset) does not change the value. Text must be UTF-8.
QD_MUST_USE qd_status qd_yaml_parse(qd_slice text, const char *name, const qd_yaml_limits *limits, qd_yaml_doc **out, qd_error *err);
// The same in a dialect, with every document of the text: the root is an array of them (none: empty). Without places, which
// is faster, a value's tag is all that can be asked for, and messages about what is twice there say less.
QD_MUST_USE qd_status qd_yaml_parse_all(qd_slice text, const char *name, qd_yaml_dialect dialect, bool places, const qd_yaml_limits *limits,
                                        qd_yaml_doc **out, qd_error *err);
bool qd_yaml_has_tags(const qd_yaml_doc *d);
const qd_json *qd_yaml_root(const qd_yaml_doc *d);
qd_json *qd_yaml_edit_root(qd_yaml_doc *d);  // what is changed in it has no place and no tag any more
// Place of a value, or of the key in front of it; false when `v` is not of this document. The place of an alias is the alias,
// of what is inside and of merged members: where they are written.
bool qd_yaml_mark_of(const qd_yaml_doc *d, const qd_json *v, qd_yaml_mark *out);
bool qd_yaml_key_mark_of(const qd_yaml_doc *d, const qd_json *v, qd_yaml_mark *out);
// "!reset", or a full URI; NULL when the value has no tag or a core one (!!str ...). Lives as long as the doc.
const char *qd_yaml_tag_of(const qd_yaml_doc *d, const qd_json *v);
// The tree itself (caller frees); the doc is freed.
qd_json *qd_yaml_take(qd_yaml_doc *d);
void qd_yaml_free(qd_yaml_doc *d);

// Block style, two spaces, strings quoted where YAML 1.1 or 1.2 would read something else. false: cap reached.
bool qd_yaml_write(const qd_json *v, qd_buf *out);

#endif
