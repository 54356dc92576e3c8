// Contract in seal.h. The sealed form: "QDS1", salt, nonce, then the box; the parameters of the key are the format's.
#include "seal/seal.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <sodium.h>

#include "base/mem.h"

#define MAGIC "QDS1"
#define MAGIC_SIZE 4
#define KEY_OPS 3U
#define KEY_MEMORY ((size_t)64 << 20)
#define HEAD_SIZE (MAGIC_SIZE + crypto_pwhash_SALTBYTES + crypto_secretbox_NONCEBYTES)

typedef unsigned char byte;

static struct {
  void *handle;
  int (*init)(void);
  void (*random)(void *, size_t);
  int (*key)(byte *, unsigned long long, const char *, unsigned long long, const byte *, unsigned long long, size_t, int);
  int (*box)(byte *, const byte *, unsigned long long, const byte *, const byte *);
  int (*unbox)(byte *, const byte *, unsigned long long, const byte *, const byte *);
  int (*hash_init)(crypto_hash_sha256_state *);
  int (*hash_add)(crypto_hash_sha256_state *, const byte *, unsigned long long);
  int (*hash_end)(crypto_hash_sha256_state *, byte *);
} lib;

struct qd_sha256 {
  crypto_hash_sha256_state state;
};

static bool find(const char *name, void *slot) {
  void *symbol = dlsym(lib.handle, name);
  memcpy(slot, &symbol, sizeof symbol);  // ISO C has no cast from an object's to a function's address
  return symbol != NULL;
}

static bool find_all(void) {
  return find("sodium_init", &lib.init) && find("randombytes_buf", &lib.random) && find("crypto_pwhash", &lib.key) &&
         find("crypto_secretbox_easy", &lib.box) && find("crypto_secretbox_open_easy", &lib.unbox) &&
         find("crypto_hash_sha256_init", &lib.hash_init) && find("crypto_hash_sha256_update", &lib.hash_add) &&
         find("crypto_hash_sha256_final", &lib.hash_end) && lib.init() >= 0;
}

qd_status qd_seal_ready(qd_error *err) {
  static const char *const NAMES[] = {"libsodium.so.23", "libsodium.so.26", "libsodium.so", "libsodium.dylib"};
  if (lib.handle) return QD_OK;
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES && !lib.handle; i++) lib.handle = dlopen(NAMES[i], RTLD_NOW | RTLD_LOCAL);
  if (lib.handle && find_all()) return QD_OK;
  if (lib.handle) (void)dlclose(lib.handle);
  lib.handle = NULL;
  (void)qd_fail(err, QD_UNSUPPORTED, "no_libsodium", "libsodium is not installed on this machine");
  return qd_hint(err, "install it: apt-get install libsodium23");
}

static qd_status derive(qd_slice passphrase, const byte *salt, byte key[crypto_secretbox_KEYBYTES], qd_error *err) {
  const struct rlimit none = {0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);  // the key must not get into a core file
  if (lib.key(key, crypto_secretbox_KEYBYTES, passphrase.p, passphrase.n, salt, KEY_OPS, KEY_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0)
    return QD_OK;
  return qd_fail(err, QD_FAIL, "no_memory", "the key of the passphrase could not be made: 64 MiB of memory are needed");
}

qd_status qd_seal_close(qd_slice passphrase, qd_slice plain, qd_buf *out, qd_error *err) {
  byte head[HEAD_SIZE] = MAGIC;
  byte key[crypto_secretbox_KEYBYTES];
  const byte *salt = head + MAGIC_SIZE;
  const byte *nonce = salt + crypto_pwhash_SALTBYTES;
  qd_status st = qd_seal_ready(err);
  if (st != QD_OK) return st;
  lib.random(head + MAGIC_SIZE, HEAD_SIZE - MAGIC_SIZE);
  if ((st = derive(passphrase, salt, key, err)) != QD_OK) return st;
  size_t n = plain.n + crypto_secretbox_MACBYTES;
  byte *box = qd_xmalloc(n);
  (void)lib.box(box, (const byte *)plain.p, plain.n, nonce, key);
  qd_wipe(key, sizeof key);
  bool fits = qd_buf_add(out, head, sizeof head) && qd_buf_add(out, box, n);
  free(box);
  return fits ? QD_OK : qd_fail(err, QD_FAIL, "too_large", "that is too much to be sealed");
}

qd_status qd_seal_open(qd_slice passphrase, qd_slice sealed, qd_buf *out, qd_error *err) {
  byte key[crypto_secretbox_KEYBYTES];
  if (sealed.n < HEAD_SIZE + crypto_secretbox_MACBYTES || memcmp(sealed.p, MAGIC, MAGIC_SIZE) != 0)
    return qd_fail(err, QD_CONFIG, "not_sealed", "the file is no sealed store of ours");
  const byte *salt = (const byte *)sealed.p + MAGIC_SIZE;
  const byte *box = (const byte *)sealed.p + HEAD_SIZE;
  size_t n = sealed.n - HEAD_SIZE;
  qd_status st = qd_seal_ready(err);
  if (st == QD_OK) st = derive(passphrase, salt, key, err);
  if (st != QD_OK) return st;
  size_t room = n - crypto_secretbox_MACBYTES;
  byte *plain = qd_xmalloc(room + 1);
  if (lib.unbox(plain, box, n, salt + crypto_pwhash_SALTBYTES, key) != 0)
    st = qd_fail(err, QD_AUTH, "wrong_passphrase", "the passphrase does not open the store");
  else if (!qd_buf_add(out, plain, room))
    st = qd_fail(err, QD_FAIL, "too_large", "the store holds too much");
  qd_wipe(key, sizeof key);
  qd_wipe(plain, room);
  free(plain);
  return st;
}

qd_sha256 *qd_sha256_new(void) {
  qd_sha256 *h = qd_xmalloc(sizeof *h);
  (void)lib.hash_init(&h->state);
  return h;
}

void qd_sha256_add(qd_sha256 *h, qd_slice bytes) { (void)lib.hash_add(&h->state, (const byte *)bytes.p, bytes.n); }

void qd_sha256_hex(const qd_sha256 *h, char out[QD_SHA256_HEX]) {
  static const char DIGITS[] = "0123456789abcdef";
  crypto_hash_sha256_state copy = h->state;
  byte digest[crypto_hash_sha256_BYTES];
  (void)lib.hash_end(&copy, digest);
  for (size_t i = 0; i < sizeof digest; i++) {
    out[2 * i] = DIGITS[digest[i] >> 4];
    out[2 * i + 1] = DIGITS[digest[i] & 15];
  }
  out[QD_SHA256_HEX - 1] = '\0';
}
