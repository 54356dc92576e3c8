// Inside data/: a YAML document's places and tags, and what plain scalars mean.
#ifndef QD_DATA_YAML_DOC_H
#define QD_DATA_YAML_DOC_H

#include "data/yaml.h"

typedef struct qd__yaml_entry {
  const qd_json *node;
  qd_yaml_mark mark;
  qd_yaml_mark key;  // line 0: the node is no member of a mapping
  char *tag;         // owned; NULL: none, or one of the core schema
} qd__yaml_entry;

struct qd_yaml_doc {
  qd_json *root;
  qd_json *spare;  // array: nodes that are not part of the tree but were built for it (inline merge sources)
  qd__yaml_entry *entries;
  size_t n, room;
  uint32_t *slots;  // open addressing over node addresses, entry index + 1
  size_t slot_count;
};

// Notes a node that is not noted yet. The entry is valid until the next call.
qd__yaml_entry *qd__yaml_note(qd_yaml_doc *d, const qd_json *node, const qd_yaml_mark *mark);
qd__yaml_entry *qd__yaml_entry_of(const qd_yaml_doc *d, const qd_json *node);  // NULL: not of this document

typedef enum qd__yaml_kind { QD__YAML_ANY, QD__YAML_NULL, QD__YAML_BOOL, QD__YAML_INT, QD__YAML_FLOAT } qd__yaml_kind;

// The value of a scalar's text by the core schema (YAML 1.2, 10.3.2), of the wanted kind only; NULL: it is none.
// ANY: the first kind that fits, NULL: a string.
qd_json *qd__yaml_resolve(qd_slice text, qd__yaml_kind kind);
// The same for QD_YAML_GO.
qd_json *qd__yaml_resolve_go(qd_slice text, qd__yaml_kind kind);
// Whether a reader of YAML 1.1 or 1.2 may take the plain text for something else than a string.
bool qd__yaml_is_ambiguous(qd_slice text);

#endif
