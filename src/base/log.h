// Debug log and the registry of secret values. Everything that is printed, logged or recorded
// passes qd_redact(); a value registered once never leaves the process in clear again.
#ifndef QD_BASE_LOG_H
#define QD_BASE_LOG_H

#include "base/buf.h"

typedef enum qd_log_level { QD_LOG_QUIET, QD_LOG_VERBOSE, QD_LOG_DEBUG } qd_log_level;

// Registers a secret value of n bytes (copied; values shorter than 3 bytes are ignored, they would blank
// ordinary text). Also its base64 and percent-encoded forms are redacted.
void qd_secret_add(const char *value, size_t n);
// Wipes and forgets all of them (tests).
void qd_secret_clear(void);
// Each host holds the registry; it is cleared when the last one lets go.
void qd_secret_hold(void);
void qd_secret_release(void);
// Appends `text` to `out` with every registered value replaced by "[redacted]".
void qd_redact(qd_slice text, qd_buf *out);

// Level and destination belong to the thread's context (context.h): lines go to `fd` (-1: stderr). The caller keeps owning fd.
void qd_log_setup(qd_log_level level, int fd);
bool qd_log_on(qd_log_level level);
// One line "HH:MM:SS.mmm area: text", redacted. `area` is the room ("ssh", "http").
void qd_log(qd_log_level level, const char *area, const char *fmt, ...) QD_PRINTF(3, 4);
#define QD_DEBUG(area, ...)                                                 \
  do {                                                                      \
    if (qd_log_on(QD_LOG_DEBUG)) qd_log(QD_LOG_DEBUG, (area), __VA_ARGS__); \
  } while (0)

#endif
