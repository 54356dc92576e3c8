// Errors: one fixed struct on the caller's stack, no allocation on error paths.
// Fallible functions return qd_status, take `qd_error *err` last (never NULL) and write
// their out_* parameters only on success. Log or return an error, never both.
#ifndef QD_BASE_ERROR_H
#define QD_BASE_ERROR_H

#define QD_MUST_USE __attribute__((warn_unused_result))
#define QD_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

typedef enum qd_status {
  QD_OK = 0,
#define QD_CATEGORY(id, name, exit_code, hint) QD_##id,
#include "base/error.def"
#undef QD_CATEGORY
  QD_STATUS_COUNT
} qd_status;

typedef struct qd_error {
  qd_status category;
  const char *code;   // stable word for scripts, static storage ("port_conflict"); never NULL after qd_fail
  char message[512];  // headline: what failed, and where
  char why[512];      // cause in the user's words; may be ""
  char hint[512];     // what to type; lines separated by '\n' (at most two); may be ""
  char engine[512];   // the Docker engine's own message, verbatim; may be ""
} qd_error;

#define QD_ERROR_INIT \
  { QD_OK, "", "", "", "", "" }

// Fills `err` (category, code, headline; why, hint and engine are emptied, the category's default hint is set).
// Returns `category`, so that a function can end with `return qd_fail(err, ...)`.
qd_status qd_fail(qd_error *err, qd_status category, const char *code, const char *fmt, ...) QD_PRINTF(4, 5);
// Add the cause / the advice / the engine's words to an error already set. Return err->category.
qd_status qd_why(qd_error *err, const char *fmt, ...) QD_PRINTF(2, 3);
qd_status qd_hint(qd_error *err, const char *fmt, ...) QD_PRINTF(2, 3);
qd_status qd_engine_says(qd_error *err, const char *fmt, ...) QD_PRINTF(2, 3);
// Puts "context: " in front of the headline. Returns err->category.
qd_status qd_wrap(qd_error *err, const char *fmt, ...) QD_PRINTF(2, 3);

// A static word equal to `code`, which is kept for as long as the process lives; `otherwise` where too many are kept already.
const char *qd_code_keep(const char *code, const char *otherwise);

// Static names; an unknown value gives "internal" and 70.
const char *qd_status_name(qd_status category);
int qd_status_exit_code(qd_status category);
// QD_INTERNAL when `name` is no category.
qd_status qd_status_from_name(const char *name);

#endif
