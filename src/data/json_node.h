// Inside data/: what a qd_json is made of, and the passes that share it.
#ifndef QD_DATA_JSON_NODE_H
#define QD_DATA_JSON_NODE_H

#include "data/json.h"

typedef struct qd__json_member {
  char *key;  // owned, NUL-terminated
  size_t n;
  qd_json *value;  // owned
} qd__json_member;

typedef struct qd__json_object {
  qd__json_member *v;
  size_t n, room;
  uint32_t *slots;  // open addressing, member index + 1; NULL while the object is small
  size_t slot_count;
} qd__json_object;

struct qd_json {
  qd_json_type type;
  uint32_t pool;  // 0, or the pool in which it and all that it owns beside its values lies
  union {
    bool b;
    int64_t i;
    double f;
    struct {
      char *p;  // behind the node in its own block, NUL-terminated
      size_t n;
    } s;
    struct {
      qd_json **v;
      size_t n, room;
    } a;
    qd__json_object o;
  } u;
};

// Memory of nodes and of what they own; `size` as it was asked for. `number`: 0, or a pool's, which must be open for taking and
// growing.
uint32_t qd__json_pool(void);  // the open one's number
void *qd__json_take(uint32_t number, size_t size);
void qd__json_give(uint32_t number, void *p, size_t size);  // NULL ok; nothing happens while the pool is not open
void *qd__json_regrow(uint32_t number, void *p, size_t size, size_t wanted);

// The member's place in o->v, or (size_t)-1.
size_t qd__json_find(const qd__json_object *o, qd_slice key);
// Frees the members with their values.
void qd__json_drop_members(qd_json *object);
// Members in bytewise order of their keys; the caller frees the array of o->n pointers.
const qd__json_member **qd__json_sorted(const qd__json_object *o);

// A number as the text states it.
typedef struct qd__json_number {
  bool is_int;
  union {
    int64_t i;
    double f;
  } u;
} qd__json_number;

// Independent of the process's locale. `text` is a number by RFC 8259's grammar; false: beyond a double's range.
bool qd__json_number_read(qd_slice text, qd__json_number *out);
// Appends the shortest digits that read back as `v`, as Go's encoding/json writes a float64 ("null" for NaN and infinities).
bool qd__json_number_write(double v, qd_buf *out);

// What the checked pass makes of a text: the same document in a form that cJSON reads without loss. White space,
// brackets and literals stay; every number is "0" padded with spaces, its value listed in document order; in strings, what is
// not UTF-8 and lone surrogates are U+FFFD and \u0000 is the byte 0xFF (which then occurs for nothing else).
typedef struct qd__json_scanned {
  qd_buf text;
  qd__json_number *numbers;
  size_t count, room;
} qd__json_scanned;

// Also enforces the limits. `out` needs qd__json_scanned_deinit in either case.
QD_MUST_USE qd_status qd__json_scan(qd_slice text, const qd_json_limits *limits, qd__json_scanned *out, qd_error *err);
void qd__json_scanned_deinit(qd__json_scanned *s);
// The error for a document that is lexically right but not JSON, seen at `offset` of the scanned text.
qd_status qd__json_scan_error(qd_slice text, size_t offset, qd_error *err);

#endif
