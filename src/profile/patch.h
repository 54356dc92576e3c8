// Changes YAML text at one place and leaves every other byte as it is. The result is parsed again and given out only
// when it means exactly what the change intended.
#ifndef QD_PROFILE_PATCH_H
#define QD_PROFILE_PATCH_H

#include "data/json.h"

typedef struct qd_patch_path {
  const char *keys[4];  // from the root mapping down
  size_t n;
} qd_patch_path;

// Each writes the new text to `out` (initialised, empty). `name` is the file for messages.
// Errors: QD_CONFIG; "bad_yaml" for the text itself, "cannot_patch" (names the line) where anchors, aliases or the layout do not allow it.

// Sets the value there, making the mappings on the way; value may be a tree.
QD_MUST_USE qd_status qd_patch_set(qd_slice text, const char *name, const qd_patch_path *at, const qd_json *value, qd_buf *out,
                                   qd_error *err);
// Removes the key there; absent is fine. A mapping left empty below the second level goes too, others become {}.
QD_MUST_USE qd_status qd_patch_remove(qd_slice text, const char *name, const qd_patch_path *at, qd_buf *out, qd_error *err);
// Renames the last key of the path; it exists.
QD_MUST_USE qd_status qd_patch_rename(qd_slice text, const char *name, const qd_patch_path *at, const char *to, qd_buf *out, qd_error *err);

#endif
