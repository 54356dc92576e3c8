// Algorithm lists. Contract in algorithms.h.
#include "ssh/algorithms.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "ssh/crypto.h"

#define LIST_CAP 8192
#define MSG_KEXINIT 20
#define COOKIE_SIZE 16

bool qd__algorithms_rsa_sha2(void) { return libssh2_version(0x010b00) != NULL; }

static bool ends_with(const char *s, const char *end) {
  size_t n = strlen(s);
  size_t k = strlen(end);
  return n >= k && strcmp(s + n - k, end) == 0;
}

// SHA-1 or weaker, or a broken cipher. Names are those of libssh2.
static bool weak_kex(const char *a) { return ends_with(a, "-sha1"); }
static bool weak_cipher(const char *a) {
  return strstr(a, "-cbc") != NULL || strncmp(a, "arcfour", 7) == 0 || strncmp(a, "3des", 4) == 0 || strcmp(a, "none") == 0;
}
static bool weak_mac(const char *a) {
  return strstr(a, "sha1") != NULL || strstr(a, "md5") != NULL || strstr(a, "ripemd") != NULL || strcmp(a, "none") == 0;
}

static void append(qd_buf *list, const char *name) {
  if (list->n) (void)qd_buf_addc(list, ',');
  (void)qd_buf_adds(list, name);
}

static void filter(LIBSSH2_SESSION *session, int method, bool (*weak)(const char *), bool legacy, qd_buf *out) {
  const char **names = NULL;
  int n = libssh2_session_supported_algs(session, method, &names);
  for (int pass = 0; pass < (legacy ? 2 : 1); pass++)  // weak ones last
    for (int i = 0; i < n; i++)
      if (weak(names[i]) == (pass == 1)) append(out, names[i]);
  if (n > 0) libssh2_free(session, names);
}

static const struct {
  const char *algorithm, *type;
  bool weak;
} HOST_KEYS[] = {
    {"ssh-ed25519", "ssh-ed25519", false},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", false},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", false},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", false},
    {"rsa-sha2-512", "ssh-rsa", false},
    {"rsa-sha2-256", "ssh-rsa", false},
    {"ssh-rsa", "ssh-rsa", true},
    {"ssh-dss", "ssh-dss", true},
};

static bool contains(const char *const *list, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(list[i], name) == 0) return true;
  return false;
}

static void host_keys(LIBSSH2_SESSION *session, const qd__algorithm_policy *p, qd_buf *out) {
  const char **can = NULL;
  int n = libssh2_session_supported_algs(session, LIBSSH2_METHOD_HOSTKEY, &can);
  for (int pass = 0; pass < 2; pass++) {  // known types first
    for (size_t i = 0; i < sizeof HOST_KEYS / sizeof *HOST_KEYS; i++) {
      bool known = contains(p->known, p->n_known, HOST_KEYS[i].type);
      if (known != (pass == 0) || (HOST_KEYS[i].weak && !p->legacy) || contains(p->avoid, p->n_avoid, HOST_KEYS[i].type)) continue;
      if (n > 0 && contains(can, (size_t)n, HOST_KEYS[i].algorithm)) append(out, HOST_KEYS[i].algorithm);
    }
  }
  if (n > 0) libssh2_free(session, can);
}

void qd__algorithms_choose(LIBSSH2_SESSION *session, const qd__algorithm_policy *policy, qd__algorithms *out) {
  qd_buf *lists[] = {&out->kex, &out->host_key, &out->cipher, &out->mac};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    qd_buf_init(lists[i], LIST_CAP);
    (void)qd_buf_add(lists[i], "", 0);
  }
  filter(session, LIBSSH2_METHOD_KEX, weak_kex, policy->legacy, &out->kex);
  filter(session, LIBSSH2_METHOD_CRYPT_CS, weak_cipher, policy->legacy, &out->cipher);
  filter(session, LIBSSH2_METHOD_MAC_CS, weak_mac, policy->legacy, &out->mac);
  host_keys(session, policy, &out->host_key);
}

void qd__algorithms_deinit(qd__algorithms *a) {
  qd_buf_deinit(&a->kex);
  qd_buf_deinit(&a->host_key);
  qd_buf_deinit(&a->cipher);
  qd_buf_deinit(&a->mac);
}

bool qd__algorithms_apply(LIBSSH2_SESSION *session, const qd__algorithms *a) {
  const struct {
    int method;
    const qd_buf *list;
  } rows[] = {{LIBSSH2_METHOD_KEX, &a->kex},         {LIBSSH2_METHOD_HOSTKEY, &a->host_key}, {LIBSSH2_METHOD_CRYPT_CS, &a->cipher},
              {LIBSSH2_METHOD_CRYPT_SC, &a->cipher}, {LIBSSH2_METHOD_MAC_CS, &a->mac},       {LIBSSH2_METHOD_MAC_SC, &a->mac}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].list->n == 0 || libssh2_session_method_pref(session, rows[i].method, rows[i].list->p) != 0) return false;
  return true;
}

// ---- the server's side ----

static qd_slice take_line(qd_slice *rest) {
  const char *end = memchr(rest->p, '\n', rest->n);
  if (end == NULL) return (qd_slice){rest->p, 0};
  qd_slice line = {rest->p, (size_t)(end - rest->p)};
  rest->p += line.n + 1;
  rest->n -= line.n + 1;
  while (line.n && line.p[line.n - 1] == '\r') line.n--;
  return line;
}

bool qd__kexinit_parse(qd_slice heard, qd__kexinit *out) {
  *out = (qd__kexinit){.identification = {"", 0}};
  for (;;) {  // a server may say other lines first (RFC 4253 section 4.2)
    if (heard.n == 0) return false;
    size_t before = heard.n;
    qd_slice line = take_line(&heard);
    if (heard.n == before) return false;
    if (line.n < 4 || memcmp(line.p, "SSH-", 4) != 0) continue;
    out->identification = line;
    break;
  }
  qd__wire packet = {heard, false};
  qd__wire w = {qd__wire_string(&packet), false};
  if (packet.bad) return false;
  (void)qd__wire_u8(&w);  // padding length
  if (qd__wire_u8(&w) != MSG_KEXINIT) return false;
  for (int i = 0; i < COOKIE_SIZE; i++) (void)qd__wire_u8(&w);
  out->kex = qd__wire_string(&w);
  out->host_key = qd__wire_string(&w);
  out->cipher = qd__wire_string(&w);
  (void)qd__wire_string(&w);  // server to client
  out->mac = qd__wire_string(&w);
  return !w.bad;
}

static qd_slice take_name(qd_slice *list) {
  const char *comma = memchr(list->p, ',', list->n);
  qd_slice one = {list->p, comma ? (size_t)(comma - list->p) : list->n};
  list->p += one.n + (comma != NULL);
  list->n -= one.n + (comma != NULL);
  return one;
}

bool qd__lists_meet(qd_slice a, qd_slice b) {
  while (a.n) {
    qd_slice name = take_name(&a);
    qd_slice rest = b;
    while (rest.n)
      if (qd_slice_eq(take_name(&rest), name) && name.n) return true;
  }
  return false;
}

// A cipher that needs no MAC beside it: AEAD, or chacha20-poly1305.
static bool mac_matters(qd_slice server_ciphers, const qd__algorithms *ours) {
  qd_slice mine = qd_buf_slice(&ours->cipher);
  while (mine.n) {
    qd_slice one = take_name(&mine);
    if (!qd__lists_meet(one, server_ciphers)) continue;
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)(one.n < 63 ? one.n : 63), one.p);
    return strstr(name, "gcm") == NULL && strstr(name, "poly1305") == NULL;  // the first common one is taken
  }
  return true;
}

qd_status qd__kexinit_explain(const qd__kexinit *server, const qd__algorithms *ours, const char *name, bool legacy, qd_error *err) {
  static const char RSA_SHA2[] = "rsa-sha2-512,rsa-sha2-256";
  static const char LEGACY[] =
      "ssh-rsa,ssh-dss,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1,"
      "diffie-hellman-group-exchange-sha1,aes128-cbc,aes256-cbc,3des-cbc,hmac-sha1,hmac-sha1-96,hmac-md5";
  const struct {
    const char *what;
    qd_slice theirs;
    const qd_buf *mine;
  } rows[] = {{"key exchange", server->kex, &ours->kex},
              {"host key", server->host_key, &ours->host_key},
              {"cipher", server->cipher, &ours->cipher},
              {"MAC", server->mac, &ours->mac}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (qd__lists_meet(qd_buf_slice(rows[i].mine), rows[i].theirs)) continue;
    if (i == 3 && !mac_matters(server->cipher, ours)) continue;
    char list[256];
    (void)snprintf(list, sizeof list, "%.*s", (int)(rows[i].theirs.n < 240 ? rows[i].theirs.n : 240), rows[i].theirs.p);
    for (char *p = list; *p; p++) *p = isgraph((unsigned char)*p) ? *p : '?';
    if (i == 1 && !qd__algorithms_rsa_sha2() && qd__lists_meet(qd_slice_of(RSA_SHA2), rows[i].theirs)) {
      (void)qd_fail(err, QD_UNSUPPORTED, "rsa_needs_openssh", "%s has only RSA host keys, which libssh2 %s cannot check", name,
                    libssh2_version(0));
      (void)qd_why(err, "RSA with SHA-2 came with libssh2 1.11; the NAS offers %s", list);
      return qd_hint(err, "set transport: openssh in the profile (it uses the ssh program)");
    }
    (void)qd_fail(err, QD_UNSUPPORTED, "no_common_algorithm", "%s and this program have no %s algorithm in common", name, rows[i].what);
    (void)qd_why(err, "the NAS offers only %s", list);
    return !legacy && qd__lists_meet(qd_slice_of(LEGACY), rows[i].theirs)
               ? qd_hint(err, "update the NAS's firmware, or accept old algorithms: legacy_crypto: true in the profile")
               : qd_hint(err, "set transport: openssh in the profile (it uses the ssh program)");
  }
  return QD_OK;
}

int qd__openssh_version(qd_slice identification) {
  char text[128];
  (void)snprintf(text, sizeof text, "%.*s", (int)(identification.n < 127 ? identification.n : 127), identification.p);
  const char *at = strstr(text, "OpenSSH_");
  if (at == NULL) return 0;
  char *end;
  long major = strtol(at + 8, &end, 10);
  long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
  return major > 0 && major < 1000 && minor >= 0 && minor < 100 ? (int)(major * 100 + minor) : 0;
}
