// Sizes, durations and times as docker's CLI reads and prints them (go-units, Go's time package). An error's headline
// is the text that docker's library gives (what it puts behind `invalid argument ... for ... flag:`); the hint shows the forms.
#ifndef QD_DATA_UNITS_H
#define QD_DATA_UNITS_H

#include <stdint.h>

#include "base/buf.h"

// "512m", "1.5GiB", "100" -> bytes; binary units (1024), case-insensitive (go-units RAMInBytes); never negative.
// Errors: QD_USAGE, "bad_size".
QD_MUST_USE qd_status qd_units_size(qd_slice text, int64_t *out_bytes, qd_error *err);
// Go's time.ParseDuration ("1h30m", "1.5s", "0") -> nanoseconds. Errors: QD_USAGE, "bad_duration".
QD_MUST_USE qd_status qd_units_duration(qd_slice text, int64_t *out_ns, qd_error *err);
// docker's --since/--until: RFC 3339 in its shorter forms (missing zone: the local one of `now_ns`), unix seconds with
// fraction, or a duration before `now_ns` (whole seconds then) -> seconds and nanoseconds since the epoch. Errors: QD_USAGE,
// "bad_time".
QD_MUST_USE qd_status qd_units_time(qd_slice text, int64_t now_ns, int64_t *out_s, int64_t *out_ns, qd_error *err);
// RFC 3339 with nanoseconds and zone, as the Engine API sends it. Errors: QD_FAIL, "bad_time".
QD_MUST_USE qd_status qd_units_rfc3339(qd_slice text, int64_t *out_s, int64_t *out_ns, qd_error *err);

// go-units: HumanSizeWithPrecision (decimal: 1.2kB; precision 1 to 17, docker uses 3 and 4), BytesSize (binary: 1.2KiB),
// HumanDuration ("3 hours"). They append.
void qd_units_human_size(double bytes, int precision, qd_buf *out);
void qd_units_bytes_size(double bytes, qd_buf *out);
void qd_units_human_duration(int64_t seconds, qd_buf *out);
// Go's time.Duration.String: 1h30m0s, 1.5s, 250ms, 0s.
void qd_units_print_duration(int64_t ns, qd_buf *out);

#endif
