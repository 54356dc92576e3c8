// The quick YAML reader against libyaml: where it does not refuse a text, its events are libyaml's, one by one.
#include <stdint.h>
#include <stdlib.h>

#include "data/yaml_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(qd_slice ours, const yaml_char_t *theirs, size_t n) {
  return theirs ? ours.p && qd_slice_eq(ours, (qd_slice){(const char *)theirs, n}) : !ours.p;
}

static bool same_name(qd_slice ours, const yaml_char_t *theirs) { return same(ours, theirs, theirs ? strlen((const char *)theirs) : 0); }

static bool agrees(const qd__yaml_event *e, const yaml_event_t *of) {
  if (e->type != of->type || e->tag) return false;
  switch (of->type) {
    case YAML_SCALAR_EVENT:
      return same(e->text, of->data.scalar.value, of->data.scalar.length) && same_name(e->anchor, of->data.scalar.anchor) &&
             !of->data.scalar.tag && e->plain == (of->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
    case YAML_ALIAS_EVENT:
      return same_name(e->anchor, of->data.alias.anchor);
    case YAML_SEQUENCE_START_EVENT:
      return same_name(e->anchor, of->data.sequence_start.anchor) && !of->data.sequence_start.tag &&
             e->flow == (of->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    case YAML_MAPPING_START_EVENT:
      return same_name(e->anchor, of->data.mapping_start.anchor) && !of->data.mapping_start.tag &&
             e->flow == (of->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
    default:
      return true;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const qd_yaml_limits limits = {1u << 20, 100, 100000};
  qd__yaml_events events = {.v = NULL};
  if (size < limits.max_bytes && qd__yaml_read_plain((qd_slice){(const char *)data, size}, &limits, &events)) {
    yaml_parser_t parser;
    yaml_event_t of;
    if (!yaml_parser_initialize(&parser)) abort();
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, data, size);
    if (!yaml_parser_parse(&parser, &of) || of.type != YAML_STREAM_START_EVENT) abort();
    for (size_t i = 0; i < events.n; i++) {
      yaml_event_delete(&of);
      qd__yaml_event e = qd__yaml_unpack(&events, i);
      if (!yaml_parser_parse(&parser, &of) || !agrees(&e, &of)) abort();
    }
    if (of.type != YAML_STREAM_END_EVENT) abort();
    yaml_event_delete(&of);
    yaml_parser_delete(&parser);
  }
  qd__yaml_events_deinit(&events);
  return 0;
}
