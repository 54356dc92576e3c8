// Looking at private key files. Contract in keyfile.h.
#include "ssh/keyfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ssh/lib.h"

#define FILE_CAP (64u << 10)
#define BLOB_CAP (16u << 10)

static bool has(qd_slice text, const char *word) { return memmem(text.p, text.n, word, strlen(word)) != NULL; }

static void set_blob(qd__keyfile *k, qd_slice blob) {
  qd_slice type = qd__blob_type(blob);
  if (type.n == 0 || type.n >= sizeof k->type) return;
  (void)snprintf(k->type, sizeof k->type, "%.*s", (int)type.n, type.p);
  free(k->blob);
  k->blob = qd_xmalloc(blob.n);
  memcpy(k->blob, blob.p, blob.n);
  k->blob_n = blob.n;
}

// Base64 between the armour lines, blanks taken out.
static bool armoured(qd_slice text, const char *begin, const char *end, qd_buf *out) {
  const char *from = memmem(text.p, text.n, begin, strlen(begin));
  if (from == NULL) return false;
  from += strlen(begin);
  const char *to = memmem(from, (size_t)(text.p + text.n - from), end, strlen(end));
  if (to == NULL) return false;
  qd_buf flat;
  qd_buf_init(&flat, FILE_CAP);
  for (const char *p = from; p < to; p++)
    if (!isspace((unsigned char)*p)) (void)qd_buf_addc(&flat, *p);
  bool ok = qd__b64_decode(qd_buf_slice(&flat), out);
  if (flat.p) qd_wipe(flat.p, flat.n);
  qd_buf_deinit(&flat);
  return ok;
}

// "openssh-key-v1\0", string cipher, string kdf, string kdf options, uint32 count, string public key, ...
static bool look_openssh(qd__keyfile *k, qd_slice text) {
  static const char MAGIC[] = "openssh-key-v1";
  qd_buf raw;
  qd_buf_init(&raw, FILE_CAP);
  bool ok = armoured(text, "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----", &raw) && raw.n > sizeof MAGIC &&
            memcmp(raw.p, MAGIC, sizeof MAGIC) == 0;
  if (ok) {
    qd__wire w = {{raw.p + sizeof MAGIC, raw.n - sizeof MAGIC}, false};
    qd_slice cipher = qd__wire_string(&w);
    (void)qd__wire_string(&w);
    (void)qd__wire_string(&w);
    (void)qd__wire_u32(&w);
    qd_slice blob = qd__wire_string(&w);
    k->encrypted = !qd_slice_is(cipher, "none");
    ok = !w.bad;
    if (ok) set_blob(k, blob);
    ok = ok && k->type[0];
  }
  if (raw.p) qd_wipe(raw.p, raw.n);
  qd_buf_deinit(&raw);
  return ok;
}

static int no_passphrase(char *buf, int size, int rwflag, void *ctx) {
  (void)buf;
  (void)size;
  (void)rwflag;
  (void)ctx;
  return -1;
}

static void look_pkcs8(qd__keyfile *k, qd_slice text) {
  BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
  EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
  if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) (void)snprintf(k->type, sizeof k->type, "ssh-rsa");
  EVP_PKEY_free(key);
  (void)BIO_free(bio);
}

// "type base64 comment"
static bool look_public(qd__keyfile *k, qd_slice text) {
  const char *space = memchr(text.p, ' ', text.n);
  if (space == NULL) return false;
  qd_slice type = {text.p, (size_t)(space - text.p)};
  qd_slice key64 = {space + 1, text.n - type.n - 1};
  size_t n = 0;
  while (n < key64.n && !isspace((unsigned char)key64.p[n])) n++;
  key64.n = n;
  qd_buf blob;
  qd_buf_init(&blob, BLOB_CAP);
  bool ok = qd__b64_decode(key64, &blob) && type.n > 0 && qd_slice_eq(qd__blob_type(qd_buf_slice(&blob)), type);
  if (ok) set_blob(k, qd_buf_slice(&blob));
  qd_buf_deinit(&blob);
  return ok;
}

static qd_status invalid(const char *path, const char *why, const char *hint, qd_error *err) {
  (void)qd_fail(err, QD_CONFIG, "key_file_invalid", "%s is no usable private key", path);
  (void)qd_why(err, "%s", why);
  return qd_hint(err, "%s", hint);
}

qd_status qd__keyfile_look(qd__keyfile *k, const char *path, qd_slice text, qd_error *err) {
  k->encrypted = k->is_public = false;
  if (has(text, "-----BEGIN OPENSSH PRIVATE KEY-----")) {
    if (look_openssh(k, text)) return QD_OK;
    return invalid(path, "the file is damaged", "copy it again, or make a new key: ssh-keygen -t ed25519", err);
  }
  if (has(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----")) {
    k->encrypted = true;
    return QD_OK;
  }
  if (has(text, "-----BEGIN RSA PRIVATE KEY-----") || has(text, "-----BEGIN EC PRIVATE KEY-----")) {
    k->encrypted = has(text, "Proc-Type: 4,ENCRYPTED");
    if (has(text, "-----BEGIN RSA")) (void)snprintf(k->type, sizeof k->type, "ssh-rsa");
    return QD_OK;
  }
  if (has(text, "-----BEGIN PRIVATE KEY-----")) {
    look_pkcs8(k, text);
    return QD_OK;
  }
  if (has(text, "-----BEGIN DSA PRIVATE KEY-----"))
    return invalid(path, "DSA keys are no longer accepted anywhere", "make a new key: ssh-keygen -t ed25519", err);
  if (has(text, "PuTTY-User-Key-File"))
    return invalid(path, "it is in PuTTY's format", "convert it: puttygen KEY.ppk -O private-openssh -o KEY", err);
  k->is_public = look_public(k, text);
  if (k->is_public) return QD_OK;
  return invalid(path, "it holds no private key", "name the private key file, for example ~/.ssh/id_ed25519", err);
}

// Reads at most FILE_CAP bytes; NULL with errno (EFBIG: larger).
static char *slurp(int fd, size_t *out_n) {
  qd_buf b;
  qd_buf_init(&b, FILE_CAP);
  (void)qd_buf_add(&b, "", 0);
  char block[4096];
  ssize_t n;
  while ((n = read(fd, block, sizeof block)) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n > 0 && qd_buf_add(&b, block, (size_t)n)) continue;
    if (n > 0) errno = EFBIG;
    qd_wipe(block, sizeof block);
    qd_wipe(b.p, b.n);
    qd_buf_deinit(&b);
    return NULL;
  }
  qd_wipe(block, sizeof block);
  *out_n = b.n;
  return qd_buf_take(&b);
}

static void read_pub(qd__keyfile *k) {
  char *pub = qd_xasprintf("%s.pub", k->path);
  int fd = open(pub, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  free(pub);
  if (fd < 0) return;
  size_t n = 0;
  char *text = slurp(fd, &n);
  (void)close(fd);
  if (text) (void)look_public(k, (qd_slice){text, n});
  free(text);
}

static qd_status unreadable(const char *path, int e, qd_error *err) {
  if (e == ENOENT || e == ENOTDIR) {
    (void)qd_fail(err, QD_NOT_FOUND, "key_file_missing", "the key file %s does not exist", path);
    return qd_hint(err, "correct ssh_key_path in the profile, or make a key: ssh-keygen -t ed25519 -f %s", path);
  }
  (void)qd_fail(err, QD_CONFIG, "key_file_unreadable", "cannot read the key file %s", path);
  return qd_why(err, "%s", e == EFBIG ? "it is too large for a key" : strerror(e));
}

// As ssh: our own private key must be nobody else's to read.
static qd_status check_mode(const char *path, const struct stat *st, qd_error *err) {
  if (!S_ISREG(st->st_mode)) return unreadable(path, S_ISDIR(st->st_mode) ? EISDIR : EINVAL, err);
  if (st->st_uid != getuid() || (st->st_mode & 077) == 0) return QD_OK;
  (void)qd_fail(err, QD_CONFIG, "key_file_permissions", "the key file %s can be read by others", path);
  (void)qd_why(err, "its mode is %04o; a private key must be readable by its owner alone", (unsigned)st->st_mode & 07777);
  return qd_hint(err, "chmod 600 %s", path);
}

qd_status qd__keyfile_load(qd__keyfile *k, const char *path, qd_error *err) {
  *k = (qd__keyfile){.path = NULL};
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unreadable(path, errno, err);
  struct stat st;
  if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
    (void)close(fd);
    return unreadable(path, EISDIR, err);
  }
  k->text = slurp(fd, &k->n);
  int e = errno;
  (void)close(fd);
  if (k->text == NULL) return unreadable(path, e, err);
  k->path = qd_xstrdup(path);
  qd_status rc = qd__keyfile_look(k, path, (qd_slice){k->text, k->n}, err);
  if (rc == QD_OK && !k->is_public) rc = check_mode(path, &st, err);
  if (rc == QD_OK && k->blob == NULL) read_pub(k);
  if (rc != QD_OK) qd__keyfile_deinit(k);
  return rc;
}

void qd__keyfile_deinit(qd__keyfile *k) {
  if (k->text) qd_wipe(k->text, k->n);
  free(k->text);
  free(k->path);
  free(k->blob);
  *k = (qd__keyfile){.path = NULL};
}
