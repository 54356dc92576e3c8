// The table of keys, and what each accepts. Contract in schema.h.
#include "profile/schema.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

static bool has_control(const char *s) {
  for (; *s; s++) {
    if ((unsigned char)*s < 0x20 || *s == 0x7f) return true;
  }
  return false;
}

// What every string must be: a leading '-' would be read as an option by the programs it is handed to.
static const char *refuse_word(const char *s) {
  if (!*s) return "it is empty";
  if (*s == '-') return "it begins with '-'";
  if (has_control(s)) return "it holds a control character";
  if (strlen(s) > 1024) return "it is longer than 1024 bytes";
  return NULL;
}

static const char *refuse_plain(const char *s) {
  const char *why = refuse_word(s);
  if (why) return why;
  return strpbrk(s, " '\"\\$`;&|<>(){}*?!#") ? "it holds a blank or a character with a meaning to the shell" : NULL;
}

static const char *refuse_absolute(const char *s) {
  const char *why = refuse_word(s);
  if (why) return why;
  if (s[0] != '/') return "it is no absolute path";
  if (strstr(s, "/../") || (strlen(s) >= 3 && strcmp(s + strlen(s) - 3, "/..") == 0)) return "it holds '..'";
  return NULL;
}

static const char *refuse_host(const char *s) {
  if (strcmp(s, "local") == 0) return NULL;
  if (strncmp(s, "unix://", 7) == 0) return refuse_absolute(s + 7);
  if (strncmp(s, "ssh://", 6) == 0) return "an SSH address needs no 'ssh://'";
  if (strstr(s, "://")) return "only unix:// addresses have '://'";
  if (strchr(s, '@')) return "the user has a key of its own: user";
  const char *why = refuse_plain(s);
  if (why) return why;
  unsigned char address[sizeof(struct in6_addr)];
  char bare[64];
  size_t n = strcspn(s, "%");  // a scope: fe80::1%eth0
  if (n < sizeof bare) {
    memcpy(bare, s, n);
    bare[n] = '\0';
    if (inet_pton(AF_INET6, bare, address) == 1) return NULL;
  }
  if (strchr(s, ':')) return "the port has a key of its own: port";
  if (strchr(s, '/')) return "it holds a '/'";
  return NULL;
}

static const char *refuse_user(const char *s) {
  const char *why = refuse_word(s);
  if (why) return why;
  return strpbrk(s, " @:/'\"$`;&|<>") ? "it holds a character that no account name has" : NULL;
}

static const char *refuse_jump(const char *s) {
  const char *why = refuse_plain(s);
  if (why) return why;
  const char *at = strchr(s, '@');
  if (at && memchr(s, ':', (size_t)(at - s))) return "a password has no place here";
  return strstr(s, "@-") || strstr(s, ",-") ? "a host cannot begin with '-'" : NULL;
}

static const char *refuse_engine(const char *s) {
  if (strcmp(s, "gui") == 0 || strcmp(s, "system") == 0) return NULL;
  return refuse_absolute(strncmp(s, "unix://", 7) == 0 ? s + 7 : s);
}

static const char *refuse_volume(const char *s) {
  if (s[0] == '/') return refuse_absolute(s);
  const char *why = refuse_plain(s);
  if (why) return why;
  return strchr(s, '/') || s[0] == '.' ? "it is neither a name nor an absolute path" : NULL;
}

static bool one_of(const char *s, const char *const *list) {
  for (; *list; list++) {
    if (strcmp(s, *list) == 0) return true;
  }
  return false;
}

static const char *refuse_transport(const char *s) {
  static const char *const LIST[] = {"auto", "libssh2", "openssh", NULL};
  return one_of(s, LIST) ? NULL : "there is no such transport";
}

static const char *refuse_color(const char *s) {
  static const char *const LIST[] = {"none", "red", "green", "yellow", "blue", "magenta", "cyan", "white", NULL};
  return one_of(s, LIST) ? NULL : "there is no such colour";
}

static const char *refuse_host_key(const char *s) {
  if (strncmp(s, "SHA256:", 7) != 0) return "it does not begin with 'SHA256:'";
  for (const char *p = s + 7; *p; p++) {
    if (!isalnum((unsigned char)*p) && *p != '+' && *p != '/') return "it holds a character that base64 does not have";
  }
  return strlen(s) == 7 + 43 ? NULL : "a SHA256 fingerprint has 43 characters behind 'SHA256:'";
}

static const char *refuse_restart(const char *s) {
  static const char *const LIST[] = {"no", "always", "unless-stopped", "on-failure", NULL};
  if (one_of(s, LIST)) return NULL;
  if (strncmp(s, "on-failure:", 11) == 0 && s[11] && strspn(s + 11, "0123456789") == strlen(s + 11)) return NULL;
  return "there is no such restart policy";
}

static const char *refuse_platform(const char *s) {
  const char *why = refuse_plain(s);
  if (why) return why;
  size_t slashes = 0;
  for (const char *p = s; *p; p++) slashes += *p == '/';
  return slashes > 2 ? "it has more than three parts" : NULL;
}

static const char *refuse_group(const char *s) {
  const char *why = refuse_plain(s);
  if (why) return why;
  return strpbrk(s, ",/:") ? "it holds ',', '/' or ':'" : NULL;
}

#define PATH_HERE "a path on this machine (~ and ${VAR} are expanded)"
const qd_profile_key qd_profile_keys[] = {
    {"host", QD_PROFILE_STRING, "a host name or address, local, or unix:///path/to/docker.sock", refuse_host},
    {"port", QD_PROFILE_INT, "a number from 1 to 65535", NULL},
    {"user", QD_PROFILE_STRING, "an account name on the NAS", refuse_user},
    {"ssh_key_path", QD_PROFILE_STRING, PATH_HERE, refuse_word},
    {"identity_agent", QD_PROFILE_STRING, "the path of an agent's socket, or none", refuse_word},
    {"known_hosts", QD_PROFILE_STRINGS, PATH_HERE, refuse_word},
    {"host_key", QD_PROFILE_STRING, "a fingerprint: SHA256: and 43 characters", refuse_host_key},
    {"legacy_crypto", QD_PROFILE_BOOL, "true or false", NULL},
    {"transport", QD_PROFILE_STRING, "auto, libssh2 or openssh", refuse_transport},
    {"jump", QD_PROFILE_STRING, "a profile's name or user@host[:port]", refuse_jump},
    {"engine", QD_PROFILE_STRING, "gui, system, or the path of a socket on the NAS", refuse_engine},
    {"docker_path", QD_PROFILE_STRING, "an absolute path on the NAS", refuse_absolute},
    {"primary_volume", QD_PROFILE_STRING, "a volume's name (CACHEDEV1_DATA) or an absolute path on the NAS", refuse_volume},
    {"data_root", QD_PROFILE_STRING, "an absolute path on the NAS", refuse_absolute},
    {"group", QD_PROFILE_STRING, "one word", refuse_group},
    {"labels", QD_PROFILE_MAP, "keys with values", NULL},
    {"protected", QD_PROFILE_BOOL, "true or false", NULL},
    {"read_only", QD_PROFILE_BOOL, "true or false", NULL},
    {"color", QD_PROFILE_STRING, "red, green, yellow, blue, magenta, cyan, white or none", refuse_color},
    {"defaults", QD_PROFILE_GROUP, "the keys restart, network, platform", NULL},
    {"defaults.restart", QD_PROFILE_STRING, "no, always, unless-stopped or on-failure[:times]", refuse_restart},
    {"defaults.network", QD_PROFILE_STRING, "a network's name", refuse_plain},
    {"defaults.platform", QD_PROFILE_STRING, "os/arch[/variant]", refuse_platform},
    {NULL, QD_PROFILE_STRING, NULL, NULL},
};

const qd_profile_key *qd_profile_key_find(qd_slice name) {
  for (const qd_profile_key *k = qd_profile_keys; k->name; k++) {
    if (qd_slice_is(name, k->name)) return k;
    size_t n = strlen(k->name);
    if (k->type == QD_PROFILE_MAP && name.n > n + 1 && memcmp(name.p, k->name, n) == 0 && name.p[n] == '.') return k;
  }
  return NULL;
}

const char *qd_profile_key_near(qd_slice name) {
  const char *best = NULL;
  size_t least = name.n > 4 ? 3 : 2;  // worse than this is another word
  for (const qd_profile_key *k = qd_profile_keys; k->name; k++) {
    size_t d = qd_edit_distance(name, qd_slice_of(k->name));
    if (d < least) {
      least = d;
      best = k->name;
    }
  }
  return best;
}

static bool string_ok(const qd_profile_key *key, const qd_json *value, const char **out_why) {
  if (qd_json_type_of(value) != QD_JSON_STRING) {
    *out_why = qd_json_is_null(value) ? "it has no value" : "it is no text";
    return false;
  }
  const char *s = qd_json_get_cstr(value, "");
  if (strlen(s) != qd_json_get_string(value, QD_SLICE("")).n)
    *out_why = "it holds a NUL byte";
  else
    *out_why = key->refuse ? key->refuse(s) : NULL;
  return *out_why == NULL;
}

static bool strings_ok(const qd_profile_key *key, const qd_json *value, const char **out_why) {
  if (qd_json_type_of(value) != QD_JSON_ARRAY) return string_ok(key, value, out_why);
  for (size_t i = 0; i < qd_json_count(value); i++) {
    if (!string_ok(key, qd_json_at(value, i), out_why)) return false;
  }
  return true;
}

static bool map_ok(const qd_json *value, const char **out_why) {
  *out_why = "it is no mapping (key: value lines, indented)";
  if (qd_json_type_of(value) != QD_JSON_OBJECT) return false;
  for (size_t i = 0; i < qd_json_count(value); i++) {
    qd_slice name;
    qd_json_type type = qd_json_type_of(qd_json_member_at(value, i, &name));
    *out_why = "a label's value is one text, number or truth value";
    if (type == QD_JSON_ARRAY || type == QD_JSON_OBJECT) return false;
  }
  return true;
}

bool qd_profile_value_ok(const qd_profile_key *key, const qd_json *value, const char **out_why) {
  switch (key->type) {
    case QD_PROFILE_STRING:
      return string_ok(key, value, out_why);
    case QD_PROFILE_STRINGS:
      return strings_ok(key, value, out_why);
    case QD_PROFILE_MAP:
      return map_ok(value, out_why);
    case QD_PROFILE_GROUP:
      *out_why = "it is no mapping (key: value lines, indented)";
      return qd_json_type_of(value) == QD_JSON_OBJECT;
    case QD_PROFILE_BOOL:
      *out_why = "write true or false, without quotes";
      return qd_json_type_of(value) == QD_JSON_BOOL;
    case QD_PROFILE_INT:
      break;
  }
  int64_t n = qd_json_get_int(value, 0);  // the only number is a port
  *out_why = qd_json_type_of(value) == QD_JSON_INT ? "a TCP port lies between 1 and 65535" : "it is no whole number";
  return qd_json_type_of(value) == QD_JSON_INT && n >= 1 && n <= 65535;
}

static qd_json *parse_strings(qd_slice text) {
  if (!memchr(text.p, ',', text.n)) return qd_json_string(text);
  qd_json *list = qd_json_array();
  while (text.n > 0) {
    const char *comma = memchr(text.p, ',', text.n);
    size_t n = comma ? (size_t)(comma - text.p) : text.n;
    if (n > 0) qd_json_append(list, qd_json_string((qd_slice){text.p, n}));
    n += comma ? 1 : 0;
    text = (qd_slice){text.p + n, text.n - n};
  }
  return list;
}

static qd_json *parse_scalar(qd_profile_type type, qd_slice text) {
  if (type == QD_PROFILE_STRINGS) return parse_strings(text);
  if (type == QD_PROFILE_BOOL) {
    if (qd_slice_is(text, "true") || qd_slice_is(text, "yes") || qd_slice_is(text, "on") || qd_slice_is(text, "1"))
      return qd_json_bool(true);
    if (qd_slice_is(text, "false") || qd_slice_is(text, "no") || qd_slice_is(text, "off") || qd_slice_is(text, "0"))
      return qd_json_bool(false);
  }
  if (type == QD_PROFILE_INT && text.n > 0 && text.n < 10) {
    int64_t n = 0;
    size_t i = 0;
    for (; i < text.n && isdigit((unsigned char)text.p[i]); i++) n = n * 10 + (text.p[i] - '0');
    if (i == text.n) return qd_json_int(n);
  }
  return qd_json_string(text);
}

qd_status qd_profile_value_parse(const char *key, qd_slice text, qd_json **out, qd_error *err) {
  const qd_profile_key *k = qd_profile_key_find(qd_slice_of(key));
  if (!k || k->type == QD_PROFILE_GROUP || (k->type == QD_PROFILE_MAP && strcmp(k->name, key) == 0)) {
    const char *near = k ? NULL : qd_profile_key_near(qd_slice_of(key));
    (void)qd_fail(err, QD_USAGE, "bad_key", "'%s' cannot be set", key);
    (void)qd_why(err, k ? "it holds further keys: %s" : "a profile has no such key", k ? k->want : "");
    return near ? qd_hint(err, "did you mean %s?", near) : qd_hint(err, "qnap-docker help profile edit lists the keys");
  }
  qd_json *value = parse_scalar(k->type == QD_PROFILE_MAP ? QD_PROFILE_STRING : k->type, text);
  const char *why = NULL;
  if (k->type != QD_PROFILE_MAP && !qd_profile_value_ok(k, value, &why)) {
    qd_json_free(value);
    (void)qd_fail(err, QD_USAGE, "bad_value", "%s cannot be '%.*s'", key, (int)(text.n < 200 ? text.n : 200), text.p);
    (void)qd_why(err, "%s", why);
    return qd_hint(err, "%s is %s", key, k->want);
  }
  *out = value;
  return QD_OK;
}

bool qd_profile_name_ok(qd_slice name) {
  if (name.n == 0 || name.n > 64) return false;
  for (size_t i = 0; i < name.n; i++) {
    char c = name.p[i];
    bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!word && (i == 0 || (c != '.' && c != '_' && c != '-'))) return false;
  }
  return true;
}

qd_status qd_profile_name_check(qd_slice name, qd_error *err) {
  if (qd_profile_name_ok(name)) return QD_OK;
  (void)qd_fail(err, QD_USAGE, "bad_name", "'%.*s' cannot be the name of a profile", (int)(name.n < 100 ? name.n : 100), name.p);
  return qd_why(err,
                "a name has lower-case letters, digits, '.', '_' and '-', begins with a letter or digit, and has at most 64 characters");
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

size_t qd_edit_distance(qd_slice a, qd_slice b) {
  enum { MOST = 64 };
  if (a.n > MOST || b.n > MOST) return SIZE_MAX;
  size_t rows[3][MOST + 1];  // the last two and the one being filled
  size_t *before = rows[0];
  size_t *last = rows[1];
  size_t *now = rows[2];
  for (size_t j = 0; j <= b.n; j++) last[j] = j;
  memset(rows[0], 0, sizeof rows[0]);
  for (size_t i = 1; i <= a.n; i++) {
    now[0] = i;
    for (size_t j = 1; j <= b.n; j++) {
      size_t replace = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);
      now[j] = least(replace, least(last[j], now[j - 1]) + 1);
      bool swapped = i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1];
      if (swapped) now[j] = least(now[j], before[j - 2] + 1);
    }
    size_t *spare = before;
    before = last;
    last = now;
    now = spare;
  }
  return last[b.n];
}
