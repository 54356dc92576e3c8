// OpenSSH known_hosts: sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT". Names, comma lists, * ? !, [host]:port, |1|salt|hmac,
// @revoked, @cert-authority. The reading part is pure; files are touched only by load, append and replace.
#ifndef QD_SSH_KNOWN_HOSTS_H
#define QD_SSH_KNOWN_HOSTS_H

#include "ssh/crypto.h"

typedef enum qd_kh_marker { QD_KH_PLAIN, QD_KH_REVOKED, QD_KH_AUTHORITY } qd_kh_marker;

// One well-formed line. The slices borrow from the text.
typedef struct qd_kh_line {
  qd_kh_marker marker;
  qd_slice hosts;  // pattern list, or one hashed name
  qd_slice type;   // "ssh-ed25519"
  qd_slice key64;  // base64, not yet decoded
  qd_slice whole;  // the line without its end of line
  size_t number;   // from 1
} qd_kh_line;

typedef struct qd_kh_reader {
  qd_slice rest;     // start with the file's text
  size_t number;     // lines read so far
  size_t malformed;  // lines that were neither blank, comment nor well-formed: skipped
} qd_kh_reader;

// The next well-formed line; false at the end of the text.
bool qd_kh_next(qd_kh_reader *r, qd_kh_line *out);
// Whether a host field names `name` (lower case, as made by qd_kh_name). A negated pattern that fits excludes it.
bool qd_kh_names(qd_slice hosts, const char *name);
// "nas1", or "[nas1]:2222" for a port other than 22 (0 counts as 22), in lower case. Caller frees.
char *qd_kh_name(const char *host, int port);
// OpenSSH's pattern: '*' any run, '?' one character. Linear in the worst case of one '*', quadratic at most.
bool qd_kh_glob(qd_slice pattern, qd_slice text);

// One key that names the host. All owned by the qd_known_hosts.
typedef struct qd_kh_key {
  qd_kh_marker marker;
  char *file;
  size_t line;
  char *type;
  qd_slice blob;
  char fingerprint[QD_FINGERPRINT_SIZE];
  bool without_port;  // the line names the bare host, while another port than 22 is asked for
} qd_kh_key;

// All that the files say about one host.
typedef struct qd_known_hosts {
  char *name;  // as looked up
  char *bare;  // the host without its port; NULL when that is the same
  qd_kh_key *keys;
  size_t n;
  size_t malformed;
} qd_known_hosts;

// port 0 or 22: the bare name (also for a HostKeyAlias, which never carries a port).
void qd_known_hosts_init(qd_known_hosts *kh, const char *host, int port);
void qd_known_hosts_deinit(qd_known_hosts *kh);
// Adds what `text` says; `file` is for messages.
void qd_known_hosts_add(qd_known_hosts *kh, qd_slice text, const char *file);

typedef enum qd_kh_verdict {
  QD_KH_UNKNOWN,     // nothing is known about the host
  QD_KH_OTHER_TYPE,  // only keys of other types are known
  QD_KH_CHANGED,     // a key of this type is known, and it is another one
  QD_KH_MATCH,
  QD_KH_IS_REVOKED,  // wins over everything
} qd_kh_verdict;
// Judges the key that a host presents. `out` (may be NULL) is the line that decided, borrowed; NULL when none did. As in ssh, a match
// anywhere wins over a different key elsewhere, and when nothing at all is known for [host]:port, the same key
// under the bare name is a match too. @revoked lines count for both names.
qd_kh_verdict qd_known_hosts_check(const qd_known_hosts *kh, qd_slice blob, const qd_kh_key **out);
// Key types known for the host, in file order without repeats (revoked keys and authorities left out). Borrowed
// pointers; returns how many of at most `max`.
size_t qd_known_hosts_types(const qd_known_hosts *kh, const char **out, size_t max);
// First @cert-authority line for the host, NULL when there is none. We do not verify certificates: tell the user.
const qd_kh_key *qd_known_hosts_authority(const qd_known_hosts *kh);

// Reads a file (at most 16 MiB) into kh. A missing file is an empty one. Errors: config known_hosts_unreadable.
QD_MUST_USE qd_status qd_known_hosts_load(qd_known_hosts *kh, const char *path, qd_error *err);
// Appends one key under a lock; makes the file (0600) and its directory (0700). Nothing happens when the very line is there.
// Errors: config known_hosts_unwritable, usage bad_host_key (blob is no key, host cannot be written).
QD_MUST_USE qd_status qd_known_hosts_append(const char *path, const char *host, int port, qd_slice blob, qd_error *err);
// Drops all plain keys of the host (a line that names others too only loses this name) and adds this one: one atomic rewrite,
// everything else stays byte for byte. A NULL blob only drops. Errors as append.
QD_MUST_USE qd_status qd_known_hosts_replace(const char *path, const char *host, int port, qd_slice blob, qd_error *err);

#endif
