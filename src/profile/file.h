// Private files (0600 in 0700 directories): capped reading, atomic replacement, one lock.
#ifndef QD_PROFILE_FILE_H
#define QD_PROFILE_FILE_H

#include <stdint.h>

#include "base/buf.h"

// What had to be put right when a file was read; one line each, for the user.
typedef void qd_file_note(void *ctx, const char *text);

// Appends the file's bytes to `out` (its cap is the limit). An absent file is no error: *out_found says.
// A file or directory that others may enter or read is told through `note` (may be NULL) and made private, where we may.
// Errors: QD_CONFIG, "unreadable_file".
QD_MUST_USE qd_status qd_file_read_private(const char *path, qd_file_note *note, void *ctx, qd_buf *out, bool *out_found, qd_error *err);

// The same without a look at who else may read it (files that are no secret).
QD_MUST_USE qd_status qd_file_read(const char *path, qd_buf *out, bool *out_found, qd_error *err);

// The same for a file that lies where strangers may put one. Links are not followed, and a file that somebody else owns (root apart)
// or that anybody may write is not read: then *out_why says so ("it belongs to another user"), and it counts as not found.
QD_MUST_USE qd_status qd_file_read_own(const char *path, qd_buf *out, bool *out_found, const char **out_why, qd_error *err);

// Replaces the file's content in one step: temporary file, fsync, rename, fsync of the directory. Makes missing
// directories (0700). A symbolic link stays one: its target is replaced. Errors: QD_CONFIG, "unwritable_file".
QD_MUST_USE qd_status qd_file_replace(const char *path, qd_slice content, qd_error *err);

// Makes `path` and its parents, ours 0700. Errors: QD_CONFIG, "unwritable_file".
QD_MUST_USE qd_status qd_dir_make_private(const char *path, qd_error *err);

// The lock of a file: flock on "<path>.lock", which names its holder's pid while held. Waits up to timeout_ms
// (0: does not wait). Errors: QD_CONFLICT, "locked", naming the holder.
typedef struct qd_file_lock {
  int fd;  // -1: not held
} qd_file_lock;
QD_MUST_USE qd_status qd_file_lock_take(const char *path, uint64_t timeout_ms, qd_file_lock *out, qd_error *err);
void qd_file_lock_release(qd_file_lock *lock);  // harmless when not held

#endif
