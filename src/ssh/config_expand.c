// ssh_config values: ~, ${NAME} and % tokens (ssh_config(5) "TOKENS"), and ssh's defaults.
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include "base/mem.h"
#include "ssh/config_parts.h"

#define VALUE_CAP 4096

char *qd__ssh_config_tilde(const qd_ssh_config_env *env, const char *path) {
  if (path[0] == '~' && (path[1] == '/' || path[1] == '\0')) return qd_xasprintf("%s%s", env->home, path + 1);
  return qd_xstrdup(path);
}

char *qd__ssh_config_host(const qd_ssh_config *c, const qd_ssh_config_env *env) {
  if (c->host_name == NULL) return qd_xstrdup(env->alias);
  qd_buf out;
  qd_buf_init(&out, VALUE_CAP);
  (void)qd_buf_add(&out, "", 0);
  for (const char *p = c->host_name; *p; p++) {
    if (p[0] == '%' && p[1] == 'h') {
      (void)qd_buf_adds(&out, env->alias);
      p++;
    } else {
      if (p[0] == '%' && p[1] == '%') p++;
      (void)qd_buf_addc(&out, *p);
    }
  }
  return qd_buf_take(&out);
}

// Appends the token's value; false when there is no such token.
static bool token(const qd_ssh_config *c, const qd_ssh_config_env *env, char name, qd_buf *out) {
  switch (name) {
    case '%':
      return qd_buf_addc(out, '%');
    case 'd':
      return qd_buf_adds(out, env->home);
    case 'h':
      return qd_buf_adds(out, c->host_name);
    case 'i':
      return qd_buf_addf(out, "%lu", (unsigned long)getuid());
    case 'k':
      return qd_buf_adds(out, c->host_key_alias ? c->host_key_alias : c->host_name);
    case 'n':
      return qd_buf_adds(out, env->alias);
    case 'p':
      return qd_buf_addf(out, "%d", c->port ? c->port : 22);
    case 'u':
      return qd_buf_adds(out, env->local_user ? env->local_user : "");
    case 'r':
      return qd_buf_adds(out, env->user ? env->user : c->user ? c->user : env->local_user ? env->local_user : "");
    case 'L':
    case 'l': {
      char host[256] = "";
      (void)gethostname(host, sizeof host - 1);
      if (name == 'L') host[strcspn(host, ".")] = '\0';
      return qd_buf_adds(out, host);
    }
    default:
      return false;
  }
}

// p stands on "${"; appends the variable's value and returns the '}' it ended at, NULL when that fails.
static const char *variable(const qd_ssh_config_env *env, const char *p, qd_buf *out) {
  const char *end = strchr(p, '}');
  char name[128];
  if (end == NULL || end - p - 2 <= 0 || end - p - 2 >= (int)sizeof name) return NULL;
  (void)snprintf(name, sizeof name, "%.*s", (int)(end - p - 2), p + 2);
  const char *value = env->lookup ? env->lookup(name) : NULL;
  return value && qd_buf_adds(out, value) ? end : NULL;
}

// The expanded value, NULL (with a note) when it holds something unknown. Caller frees.
static char *expand(qd_ssh_config *c, const qd_ssh_config_env *env, const char *text) {
  qd_buf out;
  qd_buf_init(&out, VALUE_CAP);
  char *path = qd__ssh_config_tilde(env, text);
  const char *p = path;
  bool ok = true;
  for (; ok && *p; p++) {  // after a failure p may stand past the end
    if (*p == '%') {
      ok = *++p != '\0' && token(c, env, *p, &out);
    } else if (p[0] == '$' && p[1] == '{') {
      const char *end = variable(env, p, &out);
      ok = end != NULL;
      if (ok) p = end;
    } else {
      ok = qd_buf_addc(&out, *p);
    }
  }
  free(path);
  if (!ok || out.n == 0) {
    qd__ssh_config_note(c, "'%.200s' cannot be expanded and is ignored", text);
    qd_buf_deinit(&out);
    return NULL;
  }
  return qd_buf_take(&out);
}

static void expand_list(qd_ssh_config *c, const qd_ssh_config_env *env, qd_ssh_strings *list) {
  qd_ssh_strings done = {0};
  for (size_t i = 0; i < list->n; i++) {
    char *value = expand(c, env, list->v[i]);
    if (value) qd__ssh_strings_add(&done, value, strlen(value));
    free(value);
  }
  qd__ssh_strings_clear(list);
  *list = done;
}

static void defaults(qd_ssh_strings *list, const char *const *values) {
  for (size_t i = 0; values[i]; i++) qd__ssh_strings_add(list, values[i], strlen(values[i]));
}

// What libssh2 does best comes first; a security key (_sk) never works there and is only recognised.
static const char *const IDENTITIES[] = {"~/.ssh/id_ed25519",    "~/.ssh/id_ecdsa",    "~/.ssh/id_rsa",
                                         "~/.ssh/id_ed25519_sk", "~/.ssh/id_ecdsa_sk", NULL};

// `ssh -G` prints ssh's own defaults as if they had been configured.
static bool standard_identities(const qd_ssh_strings *list) {
  for (size_t i = 0; i < list->n; i++) {
    const char *name = strncmp(list->v[i], "~/.ssh/id_", 10) == 0 ? list->v[i] + 10 : "";
    if (strcmp(name, "dsa") != 0 && strcmp(name, "rsa") != 0 && strcmp(name, "ecdsa") != 0 && strcmp(name, "ecdsa_sk") != 0 &&
        strcmp(name, "ed25519") != 0 && strcmp(name, "ed25519_sk") != 0 && strcmp(name, "xmss") != 0)
      return false;
  }
  return list->n >= 4;
}

void qd_ssh_config_finish(qd_ssh_config *c, const qd_ssh_config_env *env) {
  char *host = qd__ssh_config_host(c, env);
  free(c->host_name);
  c->host_name = host;
  if (!c->seen.identities || standard_identities(&c->identity_files)) {
    qd__ssh_strings_clear(&c->identity_files);
    defaults(&c->identity_files, IDENTITIES);
    c->default_identities = true;
  }
  if (!c->seen.user_hosts) defaults(&c->user_known_hosts, (const char *const[]){"~/.ssh/known_hosts", "~/.ssh/known_hosts2", NULL});
  if (!c->seen.global_hosts)
    defaults(&c->global_known_hosts, (const char *const[]){"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2", NULL});
  expand_list(c, env, &c->identity_files);
  expand_list(c, env, &c->user_known_hosts);
  expand_list(c, env, &c->global_known_hosts);
  if (c->identity_agent == NULL) return;
  char *agent = NULL;
  if (c->identity_agent[0] == '$' && c->identity_agent[1] != '{') {
    agent = qd_xstrdup(env->lookup ? env->lookup(c->identity_agent + 1) : NULL);
  } else {
    agent = expand(c, env, c->identity_agent);
  }
  free(c->identity_agent);
  c->identity_agent = agent;
}
