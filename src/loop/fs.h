// Whole files and folders, done at once: for what is small and local (configuration, keys, lists). Large files are opened
// and pass through fsjob.h, in a thread.
// Errors: QD_NOT_FOUND "no_file", QD_FAIL "no_permission", QD_CONFLICT "exists", QD_FAIL "disk_full", "too_large", "io_error".
#ifndef QD_LOOP_FS_H
#define QD_LOOP_FS_H

#include "base/buf.h"

// Sets `err` for an errno: "cannot WHAT PATH", why the system says. Returns its category.
qd_status qd_fs_fail(qd_error *err, int number, const char *what, const char *path);

// Appends the whole file to `out`, whose cap is the limit.
QD_MUST_USE qd_status qd_fs_read(const char *path, qd_buf *out, qd_error *err);

typedef struct qd_fs_write_options {
  unsigned mode;  // of a file that is new; an old one keeps its own
  bool set_mode;  // `mode` is for an old file, too
  bool atomic;    // through a file beside it that takes its name: readers see the old content or the new
  bool sync;      // on the disk when it returns
} qd_fs_write_options;
// Replaces the content; symbolic links are followed.
QD_MUST_USE qd_status qd_fs_write(const char *path, qd_slice data, const qd_fs_write_options *options, qd_error *err);

// Makes the folder, with `parents` also those above it; an existing folder is fine then.
QD_MUST_USE qd_status qd_fs_mkdir(const char *path, unsigned mode, bool parents, qd_error *err);
// Removes a file, a link or an empty folder; with `recursive` everything below a folder (links are not followed).
QD_MUST_USE qd_status qd_fs_remove(const char *path, bool recursive, qd_error *err);
// Makes an empty folder of its own (0700) under `parent` (NULL: TMPDIR or /tmp). Caller frees *out.
QD_MUST_USE qd_status qd_fs_temp_dir(const char *parent, char **out, qd_error *err);

#endif
