// The compose loader: files in the Compose Specification's language -> one project in canonical form, the one that compose v2's
// `config` prints. Reads nothing but what the options' reader gives it, sees no engine and knows no Lua.
// Not for several threads at once.
#ifndef QD_COMPOSE_COMPOSE_H
#define QD_COMPOSE_COMPOSE_H

#include "data/json.h"

// The largest file that is read (compose, .env, env_file, label_file), in bytes.
#define QD_COMPOSE_FILE_MAX ((size_t)8 << 20)

typedef enum qd_compose_kind { QD_COMPOSE_ABSENT, QD_COMPOSE_FILE, QD_COMPOSE_DIRECTORY } qd_compose_kind;

// How the loader sees files. `path` is absolute.
typedef struct qd_compose_reader {
  qd_compose_kind (*kind)(void *ctx, const char *path);
  // Appends the content; the buffer's cap is the limit. Errors: any.
  qd_status (*read)(void *ctx, const char *path, qd_buf *out, qd_error *err);
  void *ctx;
} qd_compose_reader;
extern const qd_compose_reader qd_compose_disk;  // the file system, blocking

typedef struct qd_compose_list {
  const char *const *v;
  size_t n;
} qd_compose_list;

// All borrowed for the time of the call; what is not set is absent.
typedef struct qd_compose_options {
  const char *cwd;                  // absolute
  qd_compose_list files;            // -f, "-" is `input`; none: COMPOSE_FILE, or compose.yaml and its like in cwd or above
  qd_slice input;                   // standard input, for -f -
  qd_compose_list env_files;        // --env-file; none: .env in the project's directory
  const char *project_dir;          // --project-directory
  const char *project_name;         // --project-name
  qd_compose_list profiles;         // --profile; none: COMPOSE_PROFILES
  qd_compose_list services;         // the services wanted (their dependencies come along); none: all
  const qd_json *environment;       // object of strings: the caller's environment
  bool no_interpolate;              // variables stay as they are written
  bool no_path_resolution;          // relative paths stay relative
  bool no_normalize;                // no default network, no names, no implied dependencies
  bool no_consistency;              // references are not checked
  bool no_env_resolution;           // env_file stays, variables without a value are not looked up
  bool keep_all;                    // networks, volumes, secrets and configs that no service uses stay
  const qd_compose_reader *reader;  // NULL: the disk
} qd_compose_options;

// A loaded project; the trees are owned by it.
typedef struct qd_compose_project {
  char *name;
  char *directory;       // the project's directory, absolute
  qd_json *files;        // array of strings: the compose files, absolute ("-": standard input)
  qd_json *env_files;    // array of strings: the environment files that were read, absolute
  qd_json *environment;  // object of strings: the caller's environment and below it the environment files
  qd_json *profiles;     // array of strings: all that the services name
  qd_json *model;        // canonical: name, services, networks, volumes, secrets, configs, x-*
  qd_json *disabled;     // object: the services that no enabled profile names, in the same form
  qd_json *extensions;   // object: services that have x-*, and what these say
  qd_json *warnings;     // array of strings
  qd_json_pool *pool;    // in which all of them lie
} qd_compose_project;

// Loads, merges, checks. Errors: QD_CONFIG ("bad_yaml", "bad_compose", "bad_env_file", "compose_cycle"), with file:line:column where
// there is a place; QD_NOT_FOUND ("no_compose_file", "no_service"); what the reader gives. Caller frees with
// qd_compose_free.
QD_MUST_USE qd_status qd_compose_load(const qd_compose_options *o, qd_compose_project **out, qd_error *err);
void qd_compose_free(qd_compose_project *p);  // NULL ok

// Environment files (.env): adds `text`'s variables to `into` (object of strings; the last one counts). References are looked
// up in `environment` (NULL ok), then in `into`; a bare key takes its value from `environment`. `name` is the file, for messages.
// Errors: QD_CONFIG, "bad_env_file".
QD_MUST_USE qd_status qd_compose_dotenv(qd_slice text, const char *name, const qd_json *environment, qd_json *into, qd_error *err);

// Replaces $NAME, ${NAME}, ${NAME:-default} and the other forms of the Compose Specification ("Interpolation"); $$ is $.
// Names of variables that are not set are appended to `unset` (array, NULL ok). Errors: QD_CONFIG, "bad_interpolation",
// "required_variable".
QD_MUST_USE qd_status qd_compose_interpolate(qd_slice text, const qd_json *environment, qd_json *unset, qd_buf *out, qd_error *err);

// Lower case, without what a project's name may not have; "" when nothing is left. Caller frees.
char *qd_compose_project_name(qd_slice text);

#endif
