// Inside data/: the state of reading one YAML document from libyaml's events.
#ifndef QD_DATA_YAML_BUILD_H
#define QD_DATA_YAML_BUILD_H

#include <yaml.h>

#include "data/yaml_doc.h"

// What the builder needs of an event of libyaml's; all borrowed.
typedef struct qd__yaml_event {
  qd_slice text;    // of a scalar
  qd_slice anchor;  // p NULL: none; of an alias: whom it names
  const char *tag;  // NULL: none
  yaml_event_type_t type;
  bool plain;  // a scalar without quotes that is no block
  bool flow;   // a collection in brackets
} qd__yaml_event;

// The same, small: many of them are kept.
typedef struct qd__yaml_packed {
  const char *p;      // the text; of an alias, the name
  uint32_t n;         // its length
  unsigned type : 6;  // yaml_event_type_t
  unsigned plain : 1;
  unsigned flow : 1;
  unsigned anchor : 24;  // number in anchors, from 1; 0: none
} qd__yaml_packed;

typedef struct qd__yaml_events {
  qd__yaml_packed *v;
  size_t n, room;
  qd_slice *anchors;
  size_t anchor_count, anchor_room;
  char *made;  // texts of scalars that are not in the text as they are, made_n of text_n bytes
  size_t made_n, text_n;
} qd__yaml_events;

// The events of a text with one document from its document's start on; false: libyaml must read it. `out` is to be freed in
// either case; it borrows from the text.
bool qd__yaml_read_plain(qd_slice text, const qd_yaml_limits *limits, qd__yaml_events *out);
qd__yaml_event qd__yaml_unpack(const qd__yaml_events *events, size_t i);
void qd__yaml_events_deinit(qd__yaml_events *e);

typedef struct qd__yaml_builder {
  qd__yaml_event event;          // the current one
  const qd__yaml_events *known;  // all of them, where they are known; the parser is not used then
  size_t ahead;                  // the next of them
  yaml_parser_t parser;
  yaml_event_t raw;  // libyaml's; owned
  qd_slice text;
  const char *name;
  qd_yaml_limits limits;
  qd_yaml_dialect dialect;
  bool no_places;  // only what has a tag is noted
  qd_yaml_doc *doc;
  size_t nodes;
  qd_json *anchors;          // name -> index into anchored
  const qd_json **anchored;  // NULL while the node is being built
  size_t anchor_count, anchor_room;
  size_t bom;           // bytes of a byte order mark in front
  size_t chars, bytes;  // the same place in the text, in libyaml's count (characters) and ours
  qd_error *err;
} qd__yaml_builder;

// The next event becomes the current one.
QD_MUST_USE qd_status qd__yaml_next(qd__yaml_builder *b);
// The value that begins with the current event; its last event is the current one afterwards.
QD_MUST_USE qd_status qd__yaml_build(qd__yaml_builder *b, unsigned depth, qd_json **out);
// Notes a node at the current event, with its tag, where it is to be noted.
void qd__yaml_note_here(qd__yaml_builder *b, const qd_json *v, const char *tag);
// The current event's place, without the white space that libyaml counts to its end.
qd_yaml_mark qd__yaml_mark_here(qd__yaml_builder *b);
// "name:line:column: why"; both return QD_CONFIG.
qd_status qd__yaml_fail_at(qd__yaml_builder *b, size_t line, size_t column, const char *why);
qd_status qd__yaml_fail_here(qd__yaml_builder *b, const char *why);

#endif
