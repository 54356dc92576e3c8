// ssh_config keywords: one row each, and what its value does. Contract in config_parts.h.
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "ssh/config_parts.h"

typedef struct keyword {
  const char *name;
  void (*set)(const qd__setting *s, const char *first);  // first argument, quotes off
} keyword;

static bool is_none(const char *v) { return strcasecmp(v, "none") == 0; }
static bool is_yes(const char *v) { return strcasecmp(v, "yes") == 0 || strcasecmp(v, "true") == 0 || strcasecmp(v, "always") == 0; }

static void once(char **slot, const char *value) {
  if (*slot == NULL) *slot = qd_xstrdup(value);
}

// A whole number in low..high; -1 with a note otherwise.
static int number(const qd__setting *s, const char *v, int low, int high) {
  char *end;
  long n = strtol(v, &end, 10);
  if (end != v && *end == '\0' && n >= low && n <= high) return (int)n;
  qd__ssh_config_note(s->c, "%s:%zu: %s '%.60s' makes no sense", s->file, s->line, s->keyword, v);
  return -1;
}

static void set_host_name(const qd__setting *s, const char *v) { once(&s->c->host_name, v); }
static void set_user(const qd__setting *s, const char *v) { once(&s->c->user, v); }
static void set_alias(const qd__setting *s, const char *v) { once(&s->c->host_key_alias, v); }

static void set_port(const qd__setting *s, const char *v) {
  if (s->c->port) return;
  int n = number(s, v, 1, 65535);
  if (n > 0) s->c->port = n;
}

static void set_timeout(const qd__setting *s, const char *v) {
  if (s->c->connect_timeout_s || is_none(v)) return;
  int n = number(s, v, 0, 86400);
  if (n > 0) s->c->connect_timeout_s = (unsigned)n;
}

static void set_identity(const qd__setting *s, const char *v) {
  s->c->seen.identities = true;
  for (size_t i = 0; i < s->c->identity_files.n; i++)
    if (strcmp(s->c->identity_files.v[i], v) == 0) return;
  if (!is_none(v)) qd__ssh_strings_add(&s->c->identity_files, v, strlen(v));
}

static void set_only(const qd__setting *s, const char *v) {
  if (s->c->seen.only) return;
  s->c->seen.only = true;
  s->c->identities_only = is_yes(v);
}

static void set_agent(const qd__setting *s, const char *v) {
  if (s->c->seen.agent) return;
  s->c->seen.agent = true;
  if (is_none(v))
    s->c->no_agent = true;
  else if (strcmp(v, "SSH_AUTH_SOCK") != 0)
    once(&s->c->identity_agent, v);
}

static void set_list(const qd__setting *s, qd_ssh_strings *list, bool *seen) {
  if (*seen) return;
  *seen = true;
  qd_slice rest = s->value;
  qd_buf word;
  qd_buf_init(&word, 4096);
  while (qd__ssh_config_word(&rest, &word) == QD__WORD_OK)
    if (!is_none(word.p)) qd__ssh_strings_add(list, word.p, word.n);
  qd_buf_deinit(&word);
}

static void set_user_hosts(const qd__setting *s, const char *v) {
  (void)v;
  set_list(s, &s->c->user_known_hosts, &s->c->seen.user_hosts);
}
static void set_global_hosts(const qd__setting *s, const char *v) {
  (void)v;
  set_list(s, &s->c->global_known_hosts, &s->c->seen.global_hosts);
}

// ProxyJump and ProxyCommand compete: the first of either decides.
static void set_jump(const qd__setting *s, const char *v) {
  if (s->c->seen.proxy) return;
  s->c->seen.proxy = true;
  if (is_none(v)) return;
  s->c->proxy_jump = qd_xstrdup(v);
  qd__ssh_needs(s->c, "ProxyJump", v);
}
static void set_proxy(const qd__setting *s, const char *v) {
  if (s->c->seen.proxy) return;
  s->c->seen.proxy = true;
  if (is_none(v)) return;
  s->c->proxy_command = qd_xstrndup(s->value.p, s->value.n);
  qd__ssh_needs(s->c, "ProxyCommand", "");
}

static void set_gssapi(const qd__setting *s, const char *v) {
  if (s->c->seen.gssapi) return;
  s->c->seen.gssapi = true;
  s->c->gssapi = is_yes(v);
}

static void set_preferred(const qd__setting *s, const char *v) {
  if (strncasecmp(v, "gssapi", 6) == 0 || strncasecmp(v, "hostbased", 9) == 0) qd__ssh_needs(s->c, s->keyword, v);
}

static void set_weaker(const qd__setting *s, const char *v) {
  bool weak = strcasecmp(v, "no") == 0 || strcasecmp(v, "off") == 0 || strcasecmp(v, "false") == 0 || strcasecmp(v, "accept-new") == 0;
  if (strcasecmp(s->keyword, "stricthostkeychecking") != 0) weak = is_yes(v);
  if (weak) qd__ssh_config_note(s->c, "%s:%zu: %s %s is ignored: host keys are always checked", s->file, s->line, s->keyword, v);
}

static void set_needs(const qd__setting *s, const char *v) {
  if (!is_none(v)) qd__ssh_needs(s->c, s->keyword, "");
}
static void set_needs_yes(const qd__setting *s, const char *v) {
  if (is_yes(v)) qd__ssh_needs(s->c, s->keyword, "");
}

static const keyword KEYWORDS[] = {
    {"BindAddress", set_needs},
    {"BindInterface", set_needs},
    {"CanonicalizeHostname", set_needs_yes},
    {"CertificateFile", set_needs},
    {"ConnectTimeout", set_timeout},
    {"GlobalKnownHostsFile", set_global_hosts},
    {"GSSAPIAuthentication", set_gssapi},
    {"HostKeyAlias", set_alias},
    {"HostName", set_host_name},
    {"IdentitiesOnly", set_only},
    {"IdentityAgent", set_agent},
    {"IdentityFile", set_identity},
    {"KnownHostsCommand", set_needs},
    {"NoHostAuthenticationForLocalhost", set_weaker},
    {"PKCS11Provider", set_needs},
    {"Port", set_port},
    {"PreferredAuthentications", set_preferred},
    {"ProxyCommand", set_proxy},
    {"ProxyJump", set_jump},
    {"RevokedHostKeys", set_needs},
    {"StrictHostKeyChecking", set_weaker},
    {"User", set_user},
    {"UserKnownHostsFile", set_user_hosts},
};

void qd__ssh_config_set(const qd__setting *s) {
  for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
    if (strcasecmp(s->keyword, KEYWORDS[i].name) != 0) continue;
    qd__setting named = *s;
    named.keyword = KEYWORDS[i].name;
    qd_slice rest = s->value;
    qd_buf word;
    qd_buf_init(&word, 4096);
    qd__word w = qd__ssh_config_word(&rest, &word);
    bool raw = KEYWORDS[i].set == set_proxy && s->value.n > 0;  // a shell line: its quotes are not ours
    if ((w == QD__WORD_OK && word.n > 0) || raw)
      KEYWORDS[i].set(&named, word.p ? word.p : "");
    else
      qd__ssh_config_note(s->c, "%s:%zu: %s has no usable value", s->file, s->line, KEYWORDS[i].name);
    qd_buf_deinit(&word);
    return;
  }
}
