// Go's text/template as docker users type it behind --format, over the JSON tree: text, errors and values as
// docker CLI 28 prints them (Go 1.24 text/template and fmt; docker/cli templates/templates.go).
// Functions: and or not eq ne lt le gt ge index slice len print printf println html js urlquery call;
// docker's own: json split join title lower upper pad truncate.
#ifndef QD_DATA_TEMPLATE_H
#define QD_DATA_TEMPLATE_H

#include "data/json.h"

typedef struct qd_template qd_template;

// Go types for values that docker holds in structs: field order, names apart from their JSON names, zero values,
// nil against empty, and the type names in error texts all hang on them. Made once, used by many runs.
typedef struct qd_template_types qd_template_types;

typedef struct qd_template_options {
  // true: a missing member is an error, as on inspect's raw maps; false: "<no value>".
  bool strict;
  // true: the tree is what Go's decoder makes of it without a type and with UseNumber, docker's second try on
  // `inspect -f`: numbers are json.Number, containers hold interface{}. false: arrays and objects of strings
  // alone count as []string and map[string]string, numbers as int or float64 (behind `types`: float64, as Go decodes
  // what it has no type for).
  bool raw;
  // true: docker's functions leave their text as it is, as docker does when it renders the line of headers.
  bool header;
  // Methods with one string argument on the root value: {"Label": {"role": "web"}} serves {{.Label "role"}}; a key
  // that is absent there gives "". They are not part of `.` ({{json .}} does not show them). May be NULL.
  const qd_json *methods;
  // The Go type of the root ("*formatter.ContainerContext"). With `types` that know it, the tree is read through
  // them; else it only stands in the error for a field the root does not have. NULL: a map.
  const char *type_name;
  const qd_template_types *types;  // may be NULL
} qd_template_options;

// Errors: QD_USAGE, "bad_template"; the message is Go's (`template: :1: unclosed action`), without docker's
// prefix "template parsing error: ". Caps: 1 MiB of text, nesting 100.
QD_MUST_USE qd_status qd_template_parse(qd_slice text, qd_template **out, qd_error *err);
// Appends the rendering of `root`; what was written before an error stays in `out`. Caps: output by the buffer,
// 1,000,000 loop steps, template calls nested 100 deep, 64 MiB of values. Errors as above.
QD_MUST_USE qd_status qd_template_run(const qd_template *t, const qd_json *root, const qd_template_options *options, qd_buf *out,
                                      qd_error *err);
// Whether the template mentions `.Name` anywhere (ps asks the engine for sizes only when .Size is used).
bool qd_template_uses(const qd_template *t, const char *field);
void qd_template_free(qd_template *t);  // NULL ok

// `spec` maps a Go type's name to its fields, in order, or to the type it is made of:
//   {"container.State": ["Status string", "ExitCode int", "Health *container.Health Health,omitempty"],
//    "nat.Port": "string"}
// A field is "Name type [json name[,omitempty]]" (json name: Name when absent, "." for an embedded struct, "-" for none).
// Types: bool string int int64 uint16 uint64 float64 ..., []T, [2]T, map[K]T, *T, interface{}, struct{}, time.Time,
// time.Duration, json.RawMessage and names of the spec. Types named json.Number, fs.FileMode, units.Ulimit, blkiodev.*, nat.Port and
// container.NetworkMode get the methods that docker's have. Errors: QD_INTERNAL, "bad_types".
QD_MUST_USE qd_status qd_template_types_parse(const qd_json *spec, qd_template_types **out, qd_error *err);
void qd_template_types_free(qd_template_types *types);  // NULL ok

#endif
