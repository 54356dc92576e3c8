// Inside compose/: the language's table, places in a tree, and the state of one load.
#ifndef QD_COMPOSE_MODEL_H
#define QD_COMPOSE_MODEL_H

#include <stdint.h>

#include "base/mem.h"
#include "compose/compose.h"
#include "data/yaml.h"

// Where a value stands: a chain of stack frames up to the root (NULL).
typedef struct qd__at {
  const struct qd__at *up;
  qd_slice key;  // p NULL: an item of a list
  size_t index;
} qd__at;
#define QD__MEMBER(up, key) (&(qd__at){(up), (key), 0})
#define QD__ITEM(up, i) (&(qd__at){(up), {NULL, 0}, (i)})
#define QD__INSIDE(up, key, i) (&(qd__at){(up), (key), (i)})  // what qd_json_place found

typedef struct qd__source {
  char *name;        // the file, absolute
  qd_buf text;       // read again where a place is asked for
  qd_yaml_doc *doc;  // without places
  bool taken;        // documents of its root are gone
} qd__source;

typedef struct qd__load {
  const qd_compose_options *o;
  const qd_compose_reader *reader;
  const qd_json *env;  // what variables are looked up in
  qd_json *warnings;   // array
  qd_json *unset;      // object: names of variables that were missed
  qd__source *sources;
  size_t source_count, source_room;
  unsigned depth;  // of files that include and extend each other
  qd_error *err;
} qd__load;

// "file:line:column: services.web.ports[0]: what"; the line is looked up in the sources, the last one first.
qd_status qd__bad(qd__load *l, const qd__at *at, const char *fmt, ...) QD_PRINTF(3, 4);
void qd__warn(qd__load *l, const char *fmt, ...) QD_PRINTF(2, 3);

// The forms that a value may have in a file.
enum { QD__NULL = 1, QD__BOOL = 2, QD__INT = 4, QD__NUMBER = 8, QD__STRING = 16, QD__LIST = 32, QD__MAP = 64 };

// What a value is in the project.
typedef enum qd__value {
  QD__AS_IS,
  QD__TEXT,
  QD__FLAG,
  QD__WHOLE,
  QD__REAL,
  QD__BYTES,     // decimal string
  QD__DURATION,  // as Go prints it
  QD__WORDS,     // list of strings; a string is split like a shell's
  QD__TEST,      // healthcheck.test
  QD__ARGS,      // variables: name -> string or null
  QD__LABELS,    // name -> string
  QD__HOSTS,     // list of host=address
} qd__value;

// How a later file's value meets an earlier one. Without a rule: mappings by member, lists one behind the other, else replaced.
typedef enum qd__merge {
  QD__BY_FORM,
  QD__REPLACE,
  QD__SEQUENCE,  // both as lists of NAME=VALUE, one behind the other
  QD__MERGE_BUILD,
  QD__MERGE_DEPENDS,
  QD__MERGE_NETWORKS,
  QD__MERGE_HOSTS,
  QD__MERGE_LOGGING,
  QD__MERGE_ULIMIT,
  QD__MERGE_IPAM,
} qd__merge;

// What makes two items of a list the same one: the later takes the earlier's place.
typedef enum qd__identity {
  QD__NO_IDENTITY,
  QD__BY_NAME,  // in front of =
  QD__BY_TARGET,
  QD__BY_DEVICE,  // by target, which is the source where none is given
  QD__BY_PORT,
  QD__BY_SECRET,
  QD__BY_CONFIG,
  QD__BY_PATH,
  QD__BY_TEXT,
} qd__identity;

typedef enum qd__path {
  QD__NO_PATH,
  QD__FILE_PATH,
  QD__CONTEXT_PATH,  // or a URL, or service:NAME
  QD__SSH_PATH,      // behind the = of ID=PATH
} qd__path;

// What becomes of a member in the project that has its type's zero value ("", 0, false, nothing in it).
typedef enum qd__keep { QD__DROP_ZERO, QD__KEEP_SET, QD__KEEP_ALWAYS, QD__NEVER } qd__keep;

typedef struct qd__shape qd__shape;
// Turns the short form into the long one. Takes `v` and gives what replaces it.
typedef qd_status qd__expand(qd__load *l, const qd__at *at, qd_json *v, qd_json **out);

typedef struct qd__field {
  const char *name;
  const qd__shape *shape;
  qd__keep keep;
} qd__field;

struct qd__shape {
  unsigned forms;
  qd__value value;
  bool cast;                // strings are read as `value` before the forms are checked
  bool unique;              // no item twice
  bool names;               // free members' names are [a-zA-Z0-9._-]+
  const qd__shape *items;   // of a list
  const qd__field *fields;  // of a mapping, ended by a NULL name; x-* is allowed beside them
  const qd__shape *values;  // of a mapping with free members
  const char *required;     // members, separated by blanks
  const char *words;        // the strings that are allowed, separated by blanks
  int64_t min, max;         // of whole numbers, where min < max
  bool closed;              // not even x-* beside the fields
  bool open;                // anything beside the fields, unseen
  bool capital;             // in the project the members begin with a capital (compose v2 names them so)
  qd__merge merge;
  qd__identity identity;
  qd__path path;
  const char *wrap;  // a string stands for a mapping with this member alone
  qd__expand *expand;
};

extern const qd__shape qd__language;  // a whole file
extern const qd__shape qd__service;
// The shape of a member (NULL: none is known).
const qd__shape *qd__shape_of(const qd__shape *mapping, qd_slice key);
// The same for what qd_json_place found in a mapping or a list.
const qd__shape *qd__shape_inside(const qd__shape *shape, qd_slice key);
const qd__field *qd__field_of(const qd__shape *mapping, qd_slice key);

// A mapping or list of nothing but scalars: passes that look for attributes need not go into it.
bool qd__is_plain(const qd__shape *shape);

// The passes, in their order. Each takes the tree by its place and leaves it changed; on an error too it can be freed.
QD_MUST_USE qd_status qd__interpolate(qd__load *l, const qd__shape *shape, qd_json **v);
QD_MUST_USE qd_status qd__merge_into(qd__load *l, const qd__at *at, const qd__shape *shape, qd_json **base, qd_json *over);
QD_MUST_USE qd_status qd__make_unique(qd__load *l, const qd__shape *shape, qd_json *v);
QD_MUST_USE qd_status qd__check_forms(qd__load *l, const qd__shape *shape, const qd_json *v);
QD_MUST_USE qd_status qd__canonical(qd__load *l, const qd__shape *shape, qd_json **v);
void qd__set_defaults(qd_json *model);
QD_MUST_USE qd_status qd__check_values(qd__load *l, const qd_json *model);
QD_MUST_USE qd_status qd__resolve_paths(qd__load *l, const char *directory, qd_json *model);
void qd__normalize(qd_json *model);
QD_MUST_USE qd_status qd__to_project(qd__load *l, const qd__shape *shape, qd_json **v);
QD_MUST_USE qd_status qd__resolve_environment(qd__load *l, qd_json *services);
QD_MUST_USE qd_status qd__check_consistency(qd__load *l, const qd_json *model, const qd_json *disabled);
QD_MUST_USE qd_status qd__check_cycles(qd__load *l, const qd_json *services);

// One or more files with what they include and extend, as one model of canonical form.
typedef struct qd__context {
  const char *directory;  // of the project, for relative paths
  const qd_json *env;
  const qd_json *including;  // array of strings: the files on the way here, against cycles
  const qd_json *resets;     // ways from the root that the document at hand resets or overrides; may be NULL
} qd__context;
QD_MUST_USE qd_status qd__load_model(qd__load *l, const qd__context *c, const qd_json *files, qd_json **out);
// One file onto `model`. Raw: for `extends`, neither its own extends nor its includes are followed, its forms are not checked.
QD_MUST_USE qd_status qd__load_file(qd__load *l, const qd__context *c, const char *file, bool raw, qd_json **model);
// Takes what stands at a way out of `model`, which is `from` steps down that way.
void qd__reset(qd_json *model, const qd_json *way, size_t from);
QD_MUST_USE qd_status qd__apply_extends(qd__load *l, const qd__context *c, const char *file, qd_json *tree);
QD_MUST_USE qd_status qd__apply_includes(qd__load *l, const qd__context *c, qd_json *tree);
QD_MUST_USE qd_status qd__read(qd__load *l, const char *path, qd_buf *out);
// The parsed file, "-" for standard input; each is read once. The source is valid until the next call.
QD_MUST_USE qd_status qd__parsed(qd__load *l, const char *file, qd__source **out);
// With places; NULL: it cannot be parsed. Caller frees.
qd_yaml_doc *qd__parse_again(const qd__source *s);

// Paths. Callers free.
char *qd__join_path(const char *directory, const char *path);  // absolute stays; cleaned as Go's filepath.Clean
char *qd__dir_of(const char *path);
char *qd__user_path(const qd__load *l, const char *directory, const char *path);  // ~ too
bool qd__is_url(const char *context);

// qd_compose_interpolate with a second place to look in.
QD_MUST_USE qd_status qd__expand_variables(qd_slice text, const qd_json *env, const qd_json *below, qd_buf *out, qd_error *err);

// A command string as words; false: a quote or bracket is not closed.
bool qd__split_words(qd_slice text, qd_json **out);

// Small things on trees.
const char *qd__text(const qd_json *v, const char *name);  // a string member, NULL when there is none
qd_json *qd__edit_or_make(qd_json *v, const char *name);   // a mapping; made where there is none
bool qd__is_extension(qd_slice key);                       // x-*
bool qd__is_set(const qd_json *v, const char *name);       // there, and not null
qd_json *qd__str(const char *s);
void qd__set(qd_json *object, const char *name, qd_json *value);
void qd__set_text(qd_json *object, const char *name, const char *value);
qd_slice qd__slice(const qd_json *string);
bool qd__read_flag(qd_slice text, bool *out);
qd_json *qd__cast(qd_slice text, qd__value as);  // a string as FLAG, WHOLE or REAL; NULL: it is none

// Short forms (places: at).
qd__expand qd__expand_depends, qd__expand_networks, qd__expand_ports, qd__expand_volume, qd__expand_device, qd__expand_env_file,
    qd__expand_strings, qd__expand_external, qd__expand_pairs, qd__expand_ssh, qd__expand_include, qd__expand_gpus;
// The target of a volume or device in short form, into `out`.
QD_MUST_USE qd_status qd__short_target(qd__load *l, const qd__at *at, qd_slice spec, bool device, qd_buf *out);

#endif
