// Host key decision and its wording. Contract in hostkey.h.
#include "ssh/hostkey.h"

#include <stdio.h>

const char *qd__hostkey_name(const qd_ssh_target *target, int *port) {
  *port = target->host_key_alias ? 0 : target->port;
  return target->host_key_alias ? target->host_key_alias : target->host;
}

bool qd__hostkey_of(qd_slice blob, qd__hostkey *out) {
  qd_slice type = qd__blob_type(blob);
  if (type.n == 0 || type.n >= sizeof out->type) return false;
  for (size_t i = 0; i < type.n; i++)
    if (type.p[i] <= ' ' || type.p[i] >= 127) return false;
  out->blob = blob;
  (void)snprintf(out->type, sizeof out->type, "%.*s", (int)type.n, type.p);
  qd__fingerprint(blob, out->fingerprint);
  return true;
}

static const char *profile(const qd_ssh_target *t) { return t->profile ? t->profile : t->alias; }

// "nas1 (10.0.0.5 port 2222)": what the user calls it and what it is.
static void place(const qd_ssh_target *t, char *out, size_t size) {
  bool same = strcmp(t->alias, t->host) == 0;
  if (same && t->port == 22)
    (void)snprintf(out, size, "%s", t->alias);
  else if (same)
    (void)snprintf(out, size, "%s (port %d)", t->alias, t->port);
  else if (t->port == 22)
    (void)snprintf(out, size, "%s (%s)", t->alias, t->host);
  else
    (void)snprintf(out, size, "%s (%s port %d)", t->alias, t->host, t->port);
}

static bool is_pin(const char *pin, const char *fingerprint) {
  // With or without the prefix; the padding that some tools print does not count.
  if (strncmp(pin, "SHA256:", 7) == 0) pin += 7;
  size_t n = strcspn(pin, "= \t");
  return strlen(fingerprint + 7) == n && strncmp(pin, fingerprint + 7, n) == 0;
}

static qd__trust refuse_pin(const qd_ssh_target *t, const qd__hostkey *key, const char *where, qd_error *err) {
  (void)qd_fail(err, QD_AUTH, "host_key_changed", "%s does not show the host key that the profile pins", where);
  (void)qd_why(err, "pinned %.80s, shown %s %s: a firmware reset, another device at this address, or an attack", t->pinned_key, key->type,
               key->fingerprint);
  (void)qd_hint(err, "when you know why: qnap-docker profile trust %s --replace", profile(t));
  return QD__TRUST_NO;
}

static qd__trust refuse_changed(const qd_ssh_target *t, const qd__hostkey *key, const qd_kh_key *old, const char *where, qd_error *err) {
  (void)qd_fail(err, QD_AUTH, "host_key_changed", "the host key of %s has changed", where);
  (void)qd_why(err, "known: %s (%s:%zu), shown: %s (%s): a firmware reset, another device at this address, or an attack", old->fingerprint,
               old->file, old->line, key->fingerprint, key->type);
  (void)qd_hint(err, "when you know why: qnap-docker profile trust %s --replace", profile(t));
  return QD__TRUST_NO;
}

static qd__trust refuse_revoked(const qd_ssh_target *t, const qd__hostkey *key, const qd_kh_key *line, const char *where, qd_error *err) {
  (void)t;
  (void)qd_fail(err, QD_AUTH, "host_key_revoked", "%s shows a host key that is marked @revoked", where);
  (void)qd_why(err, "%s:%zu revokes %s %s", line->file, line->line, key->type, key->fingerprint);
  (void)qd_hint(err, "do not log in: the NAS needs a new host key first");
  return QD__TRUST_NO;
}

// What else the user should know about an unknown key; may be "".
static void remarks(const qd_known_hosts *kh, const qd_kh_key *other, char *out, size_t size) {
  const qd_kh_key *ca = qd_known_hosts_authority(kh);
  out[0] = '\0';
  if (other)
    (void)snprintf(out, size, "; other keys of it are known (%s, %s:%zu)", other->type, other->file, other->line);
  else if (ca)
    (void)snprintf(out, size, "; the @cert-authority of %s:%zu is not supported", ca->file, ca->line);
}

static qd__trust unknown(const qd_ssh_target *t, const qd_known_hosts *kh, const qd__hostkey *key, const qd_kh_key *other,
                         const char *where, qd_ssh_question *q, qd_error *err) {
  char more[256];
  remarks(kh, other, more, sizeof more);
  if (t->no_prompt) {
    (void)qd_fail(err, QD_AUTH, "host_key_unknown", "the host key of %s is not known", where);
    (void)qd_why(err, "it shows %s %s, and nobody can be asked here%s", key->type, key->fingerprint, more);
    (void)qd_hint(err, "compare it with the NAS, then: qnap-docker profile trust %s --fingerprint %s", profile(t), key->fingerprint);
    return QD__TRUST_NO;
  }
  *q = (qd_ssh_question){.kind = QD_SSH_ASK_HOST_KEY, .echo = true, .attempt = 1};
  (void)snprintf(q->text, sizeof q->text, "The host key of %.200s is not known%s.", where, more);
  (void)snprintf(q->fingerprint, sizeof q->fingerprint, "%s", key->fingerprint);
  (void)snprintf(q->key_type, sizeof q->key_type, "%s", key->type);
  return QD__TRUST_ASK;
}

qd__trust qd__hostkey_judge(const qd_ssh_target *t, const qd_known_hosts *kh, const qd__hostkey *key, qd_ssh_question *question,
                            qd_error *err) {
  char where[300];
  place(t, where, sizeof where);
  if (t->pinned_key) return is_pin(t->pinned_key, key->fingerprint) ? QD__TRUST_YES : refuse_pin(t, key, where, err);
  const qd_kh_key *line = NULL;
  switch (qd_known_hosts_check(kh, key->blob, &line)) {
    case QD_KH_MATCH:
      return QD__TRUST_YES;
    case QD_KH_IS_REVOKED:
      return refuse_revoked(t, key, line, where, err);
    case QD_KH_CHANGED:
      return refuse_changed(t, key, line, where, err);
    case QD_KH_OTHER_TYPE:
      return unknown(t, kh, key, line, where, question, err);
    default:
      return unknown(t, kh, key, NULL, where, question, err);
  }
}

qd_status qd__hostkey_declined(const qd_ssh_target *t, const qd__hostkey *key, qd_error *err) {
  char where[300];
  place(t, where, sizeof where);
  (void)qd_fail(err, QD_AUTH, "host_key_unknown", "the host key of %s was not accepted", where);
  (void)qd_why(err, "it shows %s %s", key->type, key->fingerprint);
  return qd_hint(err, "compare it with the NAS, then: qnap-docker profile trust %s --fingerprint %s", profile(t), key->fingerprint);
}
