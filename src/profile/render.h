// New YAML text for a patch (inside profile/ only): scalars quoted where any YAML reader would take them for something else.
#ifndef QD_PROFILE_RENDER_H
#define QD_PROFILE_RENDER_H

#include "data/json.h"

// A scalar, or a list or mapping in flow style, on one line. quote: '"' or '\'' to keep a file's style, 0 for plain where possible.
void qd__render_inline(const qd_json *v, char quote, bool in_flow, qd_buf *out);
// "key: value" without indentation and line end; mappings below as indented lines. `column` is the key's.
void qd__render_pair(qd_slice key, const qd_json *v, size_t column, const char *eol, qd_buf *out);
// The members of a mapping as lines; the last one is not ended.
void qd__render_lines(const qd_json *map, size_t column, const char *eol, qd_buf *out);

#endif
