// Digests, base64 and wire strings. Contract in crypto.h.
#include "ssh/crypto.h"

#include <stdio.h>

#include "base/mem.h"
#include "ssh/lib.h"

#define SHA256_SIZE 32

void qd__hmac_sha1(qd_slice key, qd_slice text, unsigned char out[QD_SHA1_SIZE]) {
  unsigned int n = QD_SHA1_SIZE;
  (void)HMAC(EVP_sha1(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, out, &n);
}

void qd__fingerprint(qd_slice blob, char out[QD_FINGERPRINT_SIZE]) {
  unsigned char digest[SHA256_SIZE];
  unsigned char text[(SHA256_SIZE + 2) / 3 * 4 + 1];
  unsigned int n = sizeof digest;
  (void)EVP_Digest(blob.p, blob.n, digest, &n, EVP_sha256(), NULL);
  int k = EVP_EncodeBlock(text, digest, SHA256_SIZE);
  while (k > 0 && text[k - 1] == '=') text[--k] = '\0';
  (void)snprintf(out, QD_FINGERPRINT_SIZE, "SHA256:%s", (const char *)text);
}

bool qd__same_bytes(qd_slice a, qd_slice b) { return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0); }

void qd__crypto_thread_end(void) { OPENSSL_thread_stop(); }

void qd__b64_encode(qd_slice bytes, qd_buf *out) {
  while (bytes.n) {
    unsigned char text[48 / 3 * 4 + 1];
    int step = bytes.n < 48 ? (int)bytes.n : 48;
    int k = EVP_EncodeBlock(text, (const unsigned char *)bytes.p, step);
    (void)qd_buf_add(out, text, (size_t)k);
    bytes.p += step;
    bytes.n -= (size_t)step;
  }
}

static int b64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

bool qd__b64_decode(qd_slice text, qd_buf *out) {
  if (text.n == 0 || text.n % 4 != 0) return false;
  size_t pad = text.p[text.n - 1] != '=' ? 0 : text.p[text.n - 2] != '=' ? 1 : 2;
  for (size_t i = 0; i < text.n; i += 4) {
    bool last = i + 4 == text.n;
    unsigned v = 0;
    for (size_t k = 0; k < 4; k++) {
      int c = last && k >= 4 - pad ? 0 : b64_value(text.p[i + k]);
      if (c < 0) return false;
      v = v << 6 | (unsigned)c;
    }
    unsigned char group[3] = {(unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v};
    if (!qd_buf_add(out, group, last ? 3 - pad : 3)) return false;
  }
  return true;
}

static qd_slice take(qd__wire *w, size_t n) {
  if (w->bad || w->rest.n < n) {
    w->bad = true;
    return (qd_slice){"", 0};
  }
  qd_slice s = {w->rest.p, n};
  w->rest.p += n;
  w->rest.n -= n;
  return s;
}

uint8_t qd__wire_u8(qd__wire *w) {
  qd_slice s = take(w, 1);
  return s.n ? (uint8_t)s.p[0] : 0;
}

uint32_t qd__wire_u32(qd__wire *w) {
  qd_slice s = take(w, 4);
  if (s.n == 0) return 0;
  const unsigned char *p = (const unsigned char *)s.p;
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

qd_slice qd__wire_string(qd__wire *w) {
  uint32_t n = qd__wire_u32(w);
  return take(w, n);
}

void qd__put_u32(qd_buf *out, uint32_t v) {
  unsigned char p[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v};
  (void)qd_buf_add(out, p, sizeof p);
}

void qd__put_string(qd_buf *out, qd_slice s) {
  qd__put_u32(out, (uint32_t)s.n);
  (void)qd_buf_add(out, s.p, s.n);
}

qd_slice qd__blob_type(qd_slice blob) {
  qd__wire w = {blob, false};
  return qd__wire_string(&w);
}
