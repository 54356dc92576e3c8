// JSON documents: what passes between rooms (engine answers, compose projects, template input).
// Parsing is cJSON's (RFC 8259); a checked pass over the number text keeps 64-bit integers exact and
// 1 apart from 1.0. Order of object members is kept; of members with the same name the last one counts, in the
// first one's place (as in Go). Parsed strings are valid UTF-8 and may hold NUL (\u0000): each byte of a text that is not UTF-8
// and each lone surrogate becomes U+FFFD, as in Go, because names and log lines of a peer must not make its answer unreadable.
// "-0" is the integer 0. Not for several threads at once (cJSON has a global error place).
#ifndef QD_DATA_JSON_H
#define QD_DATA_JSON_H

#include <stdint.h>

#include "base/buf.h"

typedef struct qd_json qd_json;

typedef enum qd_json_type {
  QD_JSON_NULL,
  QD_JSON_BOOL,
  QD_JSON_INT,    // fits int64_t, written without fraction or exponent
  QD_JSON_FLOAT,  // every other number (integers beyond int64_t too)
  QD_JSON_STRING,
  QD_JSON_ARRAY,
  QD_JSON_OBJECT,
} qd_json_type;

typedef struct qd_json_limits {
  size_t max_bytes;    // of text
  unsigned max_depth;  // more than 1000 counts as 1000
} qd_json_limits;
#define QD_JSON_LIMITS_DEFAULT ((qd_json_limits){64u << 20, 200})

// Parses one document; anything but white space behind it is an error. limits NULL: the default. At most 4,000,000 values.
// The error (QD_FAIL, code "bad_json") names line and column (in characters). Caller frees with qd_json_free.
QD_MUST_USE qd_status qd_json_parse(qd_slice text, const qd_json_limits *limits, qd_json **out, qd_error *err);

// Builders: each returns a new, unattached node.
qd_json *qd_json_null(void);
qd_json *qd_json_bool(bool b);
qd_json *qd_json_int(int64_t i);
qd_json *qd_json_float(double f);
qd_json *qd_json_string(qd_slice s);  // copied
qd_json *qd_json_array(void);
qd_json *qd_json_object(void);
// Appends; takes ownership of `item`.
void qd_json_append(qd_json *array, qd_json *item);
// Sets a member (replaces one of that name, in its place); takes ownership of `value`.
void qd_json_set(qd_json *object, qd_slice key, qd_json *value);
// As qd_json_set for a member that the caller knows to be absent, and therefore quicker.
void qd_json_add(qd_json *object, qd_slice key, qd_json *value);
// Takes the member out (NULL when absent); the caller owns it.
qd_json *qd_json_remove(qd_json *object, qd_slice key);
// As qd_json_set, but gives what was there (NULL: nothing); the caller owns it.
qd_json *qd_json_swap(qd_json *object, qd_slice key, qd_json *value);
// Takes the i-th item out (NULL behind the last), the others close up; the caller owns it.
qd_json *qd_json_remove_at(qd_json *array, size_t i);
// Puts a value (ownership taken) in the place of the i-th item or member; the caller owns what was there.
qd_json *qd_json_swap_at(qd_json *array, size_t i, qd_json *item);
qd_json *qd_json_swap_member_at(qd_json *object, size_t i, qd_json *value);
// Takes out the members in whose places NULL was put.
void qd_json_close_up(qd_json *object);
// Puts the members into bytewise order of their names.
void qd_json_sort(qd_json *object);
qd_json *qd_json_dup(const qd_json *v);
void qd_json_free(qd_json *v);  // NULL ok; unattached nodes only

// A pool: what is made on this thread while it is open lies in it, costs little and is freed with it at once. Freed earlier
// (while the pool is open) it is used again; at any other time qd_json_free does nothing with it. It may be changed only while
// the pool is open, and must not be put into a tree that outlives the pool. Another pool may be opened and closed meanwhile;
// until then the first one is not open.
typedef struct qd_json_pool qd_json_pool;
qd_json_pool *qd_json_pool_open(void);
void qd_json_pool_close(qd_json_pool *pool);
void qd_json_pool_free(qd_json_pool *pool);  // closed; NULL ok

// Views, valid until the document changes. NULL is accepted as "absent" everywhere: type NULL, no members.
qd_json_type qd_json_type_of(const qd_json *v);
bool qd_json_is_null(const qd_json *v);  // NULL pointer or JSON null
bool qd_json_get_bool(const qd_json *v, bool otherwise);
int64_t qd_json_get_int(const qd_json *v, int64_t otherwise);  // a FLOAT with an exact integral value counts
double qd_json_get_float(const qd_json *v, double otherwise);
qd_slice qd_json_get_string(const qd_json *v, qd_slice otherwise);
const char *qd_json_get_cstr(const qd_json *v, const char *otherwise);  // NUL-terminated
size_t qd_json_count(const qd_json *v);                                 // items or members
const qd_json *qd_json_at(const qd_json *array, size_t i);              // O(1)
const qd_json *qd_json_member(const qd_json *object, const char *key);  // NULL when absent
const qd_json *qd_json_member_slice(const qd_json *object, qd_slice key);
const qd_json *qd_json_member_at(const qd_json *object, size_t i, qd_slice *out_key);  // in order
qd_json *qd_json_edit(qd_json *v, const char *key);                                    // member for changing, NULL when absent
qd_json *qd_json_edit_at(qd_json *array, size_t i);                                    // item for changing, NULL behind the last
// The place of the i-th item (out_key->p is NULL then) or member, through which its value can be replaced; valid until the
// container changes.
qd_json **qd_json_place(qd_json *v, size_t i, qd_slice *out_key);
qd_json *qd_json_edit_member_at(qd_json *object, size_t i, qd_slice *out_key);  // member for changing, in order
// Walks "State.Health.Status".
const qd_json *qd_json_path(const qd_json *v, const char *dotted);
bool qd_json_equal(const qd_json *a, const qd_json *b);  // members in any order; 1 equals 1.0

typedef struct qd_json_style {
  int indent;      // spaces per level; 0 = one line
  bool sort_keys;  // bytewise
  bool html_safe;  // <, >, & as \u003c ..., as Go's encoder does unless told otherwise (U+2028/9 it always escapes)
} qd_json_style;
// Appends the text; style NULL: one line. Integers never get an exponent; floats are written in the shortest form that
// reads back as a double, as Go's encoding/json does: 1.0 is "1", so whole floats come back as integers. NaN and infinities
// are null; what is not UTF-8 is \ufffd. false: the buffer's cap was reached, part of the text is in it.
bool qd_json_write(const qd_json *v, const qd_json_style *style, qd_buf *out);

// Appends `text` with its white space set anew, as Go's json.Indent (prefix "", `indent` spaces per level) or, for indent 0,
// json.Compact: order, numbers and escapes stay as they are. Brackets and strings must be closed ("bad_json", which also
// says that the buffer's cap was reached); what else a text may be wrong in goes through as it came.
QD_MUST_USE qd_status qd_json_reformat(qd_slice text, unsigned indent, qd_buf *out, qd_error *err);

// Splits a stream of concatenated or line-wise documents (Engine API progress, events, stats; RS-prefixed too).
typedef struct qd_json_stream qd_json_stream;
// Takes ownership of `doc`; must neither feed nor free the stream.
typedef void qd_json_stream_item(void *ctx, qd_json *doc);
qd_json_stream *qd_json_stream_new(size_t max_doc_bytes, qd_json_stream_item *item, void *ctx);
// Calls `item` for each document that ends in `bytes`. After an error ("bad_json": a broken or too long document; line
// and column count from that document's beginning) every later call gives it again.
QD_MUST_USE qd_status qd_json_stream_feed(qd_json_stream *s, qd_slice bytes, qd_error *err);
// At the end of the stream: an error when a document is unfinished.
QD_MUST_USE qd_status qd_json_stream_finish(qd_json_stream *s, qd_error *err);
void qd_json_stream_free(qd_json_stream *s);

#endif
