// The document: its tree, and a table from nodes to their places and tags. Contract in yaml.h.
#include "data/yaml.h"

#include <stdlib.h>

#include "base/mem.h"
#include "data/yaml_doc.h"

static size_t slot_of(const qd_yaml_doc *d, const qd_json *node) {
  return (size_t)(((uint64_t)(uintptr_t)node * 0x9E3779B97F4A7C15u) >> 20) & (d->slot_count - 1);
}

static void put_slot(qd_yaml_doc *d, size_t i) {
  size_t at = slot_of(d, d->entries[i].node);
  while (d->slots[at]) at = (at + 1) & (d->slot_count - 1);
  d->slots[at] = (uint32_t)(i + 1);
}

static void grow(qd_yaml_doc *d) {
  d->room = d->room ? d->room * 2 : 64;
  d->entries = qd_xrealloc(d->entries, d->room * sizeof *d->entries);
  free(d->slots);
  d->slot_count = d->room * 2;
  d->slots = qd_xcalloc(d->slot_count, sizeof *d->slots);
  for (size_t i = 0; i < d->n; i++) put_slot(d, i);
}

qd__yaml_entry *qd__yaml_note(qd_yaml_doc *d, const qd_json *node, const qd_yaml_mark *mark) {
  if (d->n == d->room) grow(d);
  d->entries[d->n] = (qd__yaml_entry){.node = node, .mark = *mark};
  put_slot(d, d->n);
  return &d->entries[d->n++];
}

qd__yaml_entry *qd__yaml_entry_of(const qd_yaml_doc *d, const qd_json *node) {
  if (!d->slots || !node) return NULL;
  for (size_t at = slot_of(d, node); d->slots[at]; at = (at + 1) & (d->slot_count - 1))
    if (d->entries[d->slots[at] - 1].node == node) return &d->entries[d->slots[at] - 1];
  return NULL;
}

const qd_json *qd_yaml_root(const qd_yaml_doc *d) { return d->root; }

qd_json *qd_yaml_edit_root(qd_yaml_doc *d) { return d->root; }

bool qd_yaml_mark_of(const qd_yaml_doc *d, const qd_json *v, qd_yaml_mark *out) {
  const qd__yaml_entry *entry = qd__yaml_entry_of(d, v);
  if (entry) *out = entry->mark;
  return entry != NULL;
}

bool qd_yaml_key_mark_of(const qd_yaml_doc *d, const qd_json *v, qd_yaml_mark *out) {
  const qd__yaml_entry *entry = qd__yaml_entry_of(d, v);
  if (!entry || entry->key.line == 0) return false;
  *out = entry->key;
  return true;
}

bool qd_yaml_has_tags(const qd_yaml_doc *d) {
  for (size_t i = 0; i < d->n; i++)
    if (d->entries[i].tag) return true;
  return false;
}

const char *qd_yaml_tag_of(const qd_yaml_doc *d, const qd_json *v) {
  const qd__yaml_entry *entry = qd__yaml_entry_of(d, v);
  return entry ? entry->tag : NULL;
}

qd_json *qd_yaml_take(qd_yaml_doc *d) {
  qd_json *root = d->root;
  d->root = NULL;
  qd_yaml_free(d);
  return root;
}

void qd_yaml_free(qd_yaml_doc *d) {
  if (!d) return;
  qd_json_free(d->root);
  qd_json_free(d->spare);
  for (size_t i = 0; i < d->n; i++) free(d->entries[i].tag);
  free(d->entries);
  free(d->slots);
  free(d);
}
