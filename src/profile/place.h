// Where the parts of a YAML mapping stand in its text (inside profile/ only). Built on data/yaml's marks and on the text
// itself, because libyaml's end of a block collection lies at the next token. Offsets are bytes.
#ifndef QD_PROFILE_PLACE_H
#define QD_PROFILE_PLACE_H

#include "data/yaml.h"

typedef struct qd__yaml {
  qd_slice text;
  qd_yaml_doc *doc;  // of that text
  const char *eol;   // "\n" or "\r\n", as the text has it
} qd__yaml;

typedef struct qd__map {
  bool flow;
  size_t start;   // of its first character that is no anchor or tag: '{' or the first key
  size_t end;     // flow: behind '}'
  size_t column;  // block: of its keys, from 0
} qd__map;

typedef enum qd__value_kind { QD__EMPTY, QD__INLINE, QD__BLOCK_SCALAR, QD__FLOW, QD__BLOCK, QD__ALIAS } qd__value_kind;

typedef struct qd__pair {
  size_t key, key_end;
  size_t colon;  // behind ':'
  size_t value;  // its content (behind an anchor or tag)
  size_t end;    // behind the value; behind the line's end after a block scalar
  qd__value_kind kind;
} qd__pair;

// false: the mapping is written elsewhere (an alias) or cannot be placed.
bool qd__map_place(const qd__yaml *y, const qd_json *map, qd__map *out);
// The pair of `map` whose value is `value`. false: it comes from a merge key or an alias.
bool qd__pair_place(const qd__yaml *y, const qd__map *map, const qd_json *value, qd__pair *out);
// The pair of `map` that stands last in the text. false: it has none of its own.
bool qd__pair_last(const qd__yaml *y, const qd__map *map, const qd_json *json, qd__pair *out);

size_t qd__line_start(qd_slice text, size_t at);
size_t qd__line_end(qd_slice text, size_t at);  // behind the line's '\n', or the text's end
// Behind the comment lines that begin at `at` and are indented by at least `column`.
size_t qd__comments_end(qd_slice text, size_t at, size_t column);

#endif
