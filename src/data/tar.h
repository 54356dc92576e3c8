// tar streams of local folders, both ways, over libarchive. Everything here blocks on the disk: it is called in a worker thread.
#ifndef QD_DATA_TAR_H
#define QD_DATA_TAR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum {
  QD_TAR_PIECE = 256 << 10,  // bytes that a step aims at
  QD_TAR_NOTES = 100,        // lines of notes that are kept; the others are counted
};

// What a reader should know though it is no failure: one line each ("x: a socket, left out").
typedef struct qd_tar_notes {
  qd_buf text;
  size_t n;
} qd_tar_notes;

// ---- packing

typedef struct qd_tar_pack_options {
  const char *path;  // the file or folder; a link is packed as a link, unless the path ends in a slash
  const char *name;  // what its entry is called; "": a folder has no entry of its own, and what is in it bare names
  bool ask;          // names of each folder are judged before they are packed
  bool set_owner;    // all entries belong to uid and gid
  int64_t uid, gid;
  bool gzip;    // the stream is compressed
  bool xattrs;  // all extended attributes; else file capabilities alone
} qd_tar_pack_options;

typedef enum qd_tar_event {
  QD_TAR_MORE,  // bytes were made, and there are more
  QD_TAR_ASK,   // qd_tar_pack_names waits to be judged
  QD_TAR_END,
} qd_tar_event;

typedef enum qd_tar_verdict {
  QD_TAR_TAKE,
  QD_TAR_ENTER,  // a folder without an entry, though what is in it may have one
  QD_TAR_SKIP,
} qd_tar_verdict;

typedef struct qd_tar_name {
  char *name;
  bool folder;
  qd_tar_verdict verdict;
} qd_tar_name;

typedef struct qd_tar_pack qd_tar_pack;

QD_MUST_USE qd_status qd_tar_pack_new(const qd_tar_pack_options *options, qd_tar_pack **out, qd_error *err);
// A file of its own behind the others. Before the first step.
void qd_tar_pack_add(qd_tar_pack *p, const char *name, const void *bytes, size_t n);
// Appends the next bytes to `out` (about QD_TAR_PIECE, whatever the sizes of files are).
QD_MUST_USE qd_status qd_tar_pack_step(qd_tar_pack *p, qd_buf *out, qd_tar_event *event, qd_error *err);
// After QD_TAR_ASK: the folder below the root ("" is the root itself), and its names, whose verdicts are the caller's to set.
const char *qd_tar_pack_folder(const qd_tar_pack *p);
qd_tar_name *qd_tar_pack_names(qd_tar_pack *p, size_t *n);
qd_tar_notes *qd_tar_pack_notes(qd_tar_pack *p);
void qd_tar_pack_free(qd_tar_pack *p);

// ---- unpacking

typedef struct qd_tar_unpack_options {
  const char *dir;       // exists; nothing is written outside of it
  const char *from;      // entries whose name begins with this part ...
  const char *to;        // ... get this one instead; NULL: names stay
  bool owner;            // files get the owner of the entry
  bool devices;          // device files are made; else they are left out with a note
  uint64_t max_entries;  // 0: 5 million
} qd_tar_unpack_options;

typedef struct qd_tar_unpack_result {
  uint64_t entries, bytes;  // bytes: content of files
  qd_tar_notes notes;
} qd_tar_unpack_result;

// The next bytes of the archive: their number, 0 at the end, -1: stop. Valid until the next call.
typedef long qd_tar_source(void *ctx, const void **bytes);

// A file takes its name once it is whole. Links are never followed, and an archive that is cut short is a failure.
QD_MUST_USE qd_status qd_tar_unpack(const qd_tar_unpack_options *options, qd_tar_source *source, void *ctx, qd_tar_unpack_result *result,
                                    qd_error *err);

void qd_tar_notes_init(qd_tar_notes *n);
void qd_tar_notes_deinit(qd_tar_notes *n);
void qd__tar_note(qd_tar_notes *n, const char *fmt, ...) QD_PRINTF(2, 3);
qd_status qd__tar_errno(qd_error *err, int number, const char *what, const char *path);

#endif
