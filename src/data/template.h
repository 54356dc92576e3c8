// The subset of Go's text/template that docker users type behind --format, over the JSON tree.
// Actions: pipelines, variables, if/else if/else, range (with $k, $v), with, end, comments, trim markers, parentheses.
// Functions: and or not eq ne lt le gt ge index slice len print printf println html js urlquery call;
// docker's: json split join title lower upper pad truncate pre... as docker CLI 28 has.
#ifndef QD_DATA_TEMPLATE_H
#define QD_DATA_TEMPLATE_H

#include "data/json.h"

typedef struct qd_template qd_template;

typedef struct qd_template_options {
  // true: a missing member is an error, as on docker's structs and on inspect's raw maps; false: "<no value>".
  bool strict;
  // Methods with one string argument on the root value: {"Label": {"role": "web"}} serves {{.Label "role"}}; a key
  // that is absent there gives "". They are not part of `.` ({{json .}} does not show them). May be NULL.
  const qd_json *methods;
  // The Go type named in error texts ("*formatter.ContainerContext"); NULL: map.
  const char *type_name;
} qd_template_options;

// Errors: QD_USAGE, "bad_template"; message begins like Go's: `template: :1: unexpected "}" in operand`.
QD_MUST_USE qd_status qd_template_parse(qd_slice text, qd_template **out, qd_error *err);
// Appends the rendering of `root`. Caps: output by the buffer, 1,000,000 loop steps, nesting 100.
QD_MUST_USE qd_status qd_template_run(const qd_template *t, const qd_json *root, const qd_template_options *options, qd_buf *out, qd_error *err);
// Whether the template mentions `.Name` anywhere (ps asks the engine for sizes only when .Size is used).
bool qd_template_uses(const qd_template *t, const char *field);
void qd_template_free(qd_template *t);

#endif
