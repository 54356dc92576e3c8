// Inside data/: libarchive, opened on first use (linking it costs start-up, docs/decisions/0007). The one list of its functions.
#ifndef QD_DATA_ARCHIVE_LIB_H
#define QD_DATA_ARCHIVE_LIB_H

#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"

#define QD_ARCHIVE_FUNCTIONS(X)            \
  X(archive_entry_clear)                   \
  X(archive_entry_filetype)                \
  X(archive_entry_free)                    \
  X(archive_entry_gid)                     \
  X(archive_entry_hardlink)                \
  X(archive_entry_mode)                    \
  X(archive_entry_mtime)                   \
  X(archive_entry_mtime_nsec)              \
  X(archive_entry_new)                     \
  X(archive_entry_pathname)                \
  X(archive_entry_rdev)                    \
  X(archive_entry_set_filetype)            \
  X(archive_entry_set_gid)                 \
  X(archive_entry_set_hardlink)            \
  X(archive_entry_set_mode)                \
  X(archive_entry_set_mtime)               \
  X(archive_entry_set_pathname)            \
  X(archive_entry_set_rdev)                \
  X(archive_entry_set_size)                \
  X(archive_entry_set_symlink)             \
  X(archive_entry_set_uid)                 \
  X(archive_entry_size)                    \
  X(archive_entry_symlink)                 \
  X(archive_entry_uid)                     \
  X(archive_entry_xattr_add_entry)         \
  X(archive_entry_xattr_next)              \
  X(archive_entry_xattr_reset)             \
  X(archive_error_string)                  \
  X(archive_filter_bytes)                  \
  X(archive_read_data_block)               \
  X(archive_read_free)                     \
  X(archive_read_new)                      \
  X(archive_read_next_header)              \
  X(archive_read_open)                     \
  X(archive_read_support_format_tar)       \
  X(archive_write_add_filter_gzip)         \
  X(archive_write_close)                   \
  X(archive_write_data)                    \
  X(archive_write_free)                    \
  X(archive_write_finish_entry)            \
  X(archive_write_header)                  \
  X(archive_write_new)                     \
  X(archive_write_open)                    \
  X(archive_write_set_bytes_in_last_block) \
  X(archive_write_set_bytes_per_block)     \
  X(archive_write_set_format_option)       \
  X(archive_write_set_format_pax_restricted)

typedef struct qd__archive_lib {
#define QD_MEMBER(name) __typeof__(&(name)) name;  // NOLINT(bugprone-macro-parentheses): it names the member
  QD_ARCHIVE_FUNCTIONS(QD_MEMBER)
#undef QD_MEMBER
} qd__archive_lib;

// The library; unsupported "no_libarchive" where it is not installed. Any thread may ask.
QD_MUST_USE qd_status qd__archive_lib_get(const qd__archive_lib **out, qd_error *err);

// This thread speaks the locale "C" while the library works: it keeps the bytes of names only there (in a UTF-8 locale it makes
// composed characters of decomposed ones, so that two files become one). Returns what qd__archive_locale_back wants.
void *qd__archive_locale_c(void);
void qd__archive_locale_back(void *before);

#endif
