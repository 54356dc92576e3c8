// A profile ready for use: ~ and ${VAR} in its texts expanded.
#include <stdio.h>
#include <stdlib.h>

#include "base/context.h"
#include "base/mem.h"
#include "profile/paths.h"
#include "profile/store_room.h"

static bool is_name_char(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

// ${NAME} or ${NAME:-otherwise} at text; *out_n is its length. Appends the value.
static qd_status expand_variable(qd_slice text, size_t *out_n, qd_buf *out, qd_error *err) {
  const char *close = memchr(text.p, '}', text.n);
  size_t n = 2;
  while (n < text.n && is_name_char(text.p[n], n == 2)) n++;
  char name[128];
  qd_slice rest = {text.p + n, close ? (size_t)(close - text.p) - n : 0};
  bool with_default = rest.n >= 2 && rest.p[0] == ':' && rest.p[1] == '-';
  if (!close || n == 2 || n - 2 >= sizeof name || (rest.n > 0 && !with_default)) {
    (void)qd_fail(err, QD_CONFIG, "bad_variable", "'%.*s' is no variable", (int)(text.n < 60 ? text.n : 60), text.p);
    return qd_why(err, "write ${NAME} or ${NAME:-otherwise}; $$ stands for one $");
  }
  memcpy(name, text.p + 2, n - 2);
  name[n - 2] = '\0';
  const char *value = qd_getenv(name);
  if (with_default && (!value || !*value)) {
    qd_buf_add(out, rest.p + 2, rest.n - 2);
  } else if (value) {
    qd_buf_adds(out, value);
  } else {
    (void)qd_fail(err, QD_CONFIG, "unset_variable", "the environment variable %s is not set", name);
    return qd_hint(err, "export %s=..., or write ${%s:-a value for when it is not set}", name, name);
  }
  *out_n = (size_t)(close - text.p) + 1;
  return QD_OK;
}

static qd_status expand_tilde(qd_slice *text, qd_buf *out, qd_error *err) {
  if (text->n == 0 || text->p[0] != '~' || (text->n > 1 && text->p[1] != '/')) return QD_OK;  // ~name stays: no path of ours
  char *home = qd_user_home();
  if (!home) {
    (void)qd_fail(err, QD_CONFIG, "bad_home", "~ has no meaning: this account has no home directory");
    return qd_hint(err, "write the whole path");
  }
  qd_buf_adds(out, home);
  free(home);
  *text = (qd_slice){text->p + 1, text->n - 1};
  return QD_OK;
}

qd_status qd__profile_expand(qd_slice text, bool tilde, qd_buf *out, qd_error *err) {
  qd_status status = tilde ? expand_tilde(&text, out, err) : QD_OK;
  for (size_t i = 0; status == QD_OK && i < text.n;) {
    bool dollar = text.p[i] == '$' && i + 1 < text.n;
    size_t n = 1;
    if (dollar && text.p[i + 1] == '$') {
      qd_buf_addc(out, '$');
      n = 2;
    } else if (dollar && text.p[i + 1] == '{') {
      status = expand_variable((qd_slice){text.p + i, text.n - i}, &n, out, err);
    } else {
      qd_buf_addc(out, text.p[i]);
    }
    i += n;
  }
  return status;
}

static bool is_local_path(const qd_profile_key *key) {
  return key &&
         (strcmp(key->name, "ssh_key_path") == 0 || strcmp(key->name, "known_hosts") == 0 || strcmp(key->name, "identity_agent") == 0);
}

typedef struct place {
  const qd_profiles *store;
  const char *profile;
  const qd_profile_key *key;  // NULL: unknown
} place;

// A relative path in a project file counts from where the file lies; "none" is the word of identity_agent.
static void root(const qd_profiles *store, qd_buf *path) {
  if (!store->dir || path->n == 0 || path->p[0] == '/' || qd_slice_is(qd_buf_slice(path), "none")) return;
  char *whole = qd_xasprintf("%s/%.*s", store->dir, (int)path->n, path->p);
  qd_buf_consume(path, path->n);
  qd_buf_adds(path, whole);
  free(whole);
}

// The expanded copy of one text. Caller frees.
static qd_status expand_string(const place *at, const qd_json *value, qd_json **out, qd_error *err) {
  qd_buf buf;
  qd_buf_init(&buf, 64 * 1024);
  bool path = is_local_path(at->key);
  qd_status status = qd__profile_expand(qd_json_get_string(value, QD_SLICE("")), path, &buf, err);
  if (status == QD_OK && path) root(at->store, &buf);
  char where[300];
  qd__profiles_place(at->store, value, where, sizeof where);
  if (status != QD_OK) {
    status = qd_wrap(err, "%s: profile '%s'", where, at->profile);
  } else if (buf.overflow) {
    (void)qd_fail(err, QD_CONFIG, "bad_profile", "%s: a text of profile '%s' becomes too long", where, at->profile);
    status = err->category;
  } else {
    *out = qd_json_string(qd_buf_slice(&buf));
  }
  qd_buf_deinit(&buf);
  return status;
}

static qd_status expand_list(const place *at, const qd_json *list, qd_json **out, qd_error *err) {
  qd_json *copy = qd_json_array();
  for (size_t i = 0; i < qd_json_count(list); i++) {
    qd_json *item = NULL;
    qd_status status = expand_string(at, qd_json_at(list, i), &item, err);
    if (status != QD_OK) {
      qd_json_free(copy);
      return status;
    }
    qd_json_append(copy, item);
  }
  *out = copy;
  return QD_OK;
}

// The key of a member: of the profile itself, of a group in it, or of a map (whose members have its key).
static const qd_profile_key *key_of(const qd_profile_key *above, qd_slice name) {
  if (!above) return qd_profile_key_find(name);
  if (above->type != QD_PROFILE_GROUP) return above;
  char full[160];
  int n = snprintf(full, sizeof full, "%s.%.*s", above->name, (int)(name.n < 100 ? name.n : 100), name.p);
  return qd_profile_key_find((qd_slice){full, n > 0 ? (size_t)n : 0});
}

static qd_status expand_members(const place *above, const qd_json *value, qd_json *copy, qd_error *err);

// Replaces one member of `copy` by the expansion of `value`, checked.
static qd_status expand_member(const place *at, const qd_json *value, qd_slice name, qd_json *copy, qd_error *err) {
  qd_json_type type = qd_json_type_of(value);
  if (type == QD_JSON_OBJECT) {
    char *word = qd_xstrndup(name.p, name.n);
    qd_status status = expand_members(at, value, qd_json_edit(copy, word), err);
    free(word);
    return status;
  }
  if (type != QD_JSON_STRING && type != QD_JSON_ARRAY) return QD_OK;
  qd_json *expanded = NULL;
  qd_status status = type == QD_JSON_STRING ? expand_string(at, value, &expanded, err) : expand_list(at, value, &expanded, err);
  if (status != QD_OK) return status;
  const char *why = NULL;
  if (at->key->type != QD_PROFILE_MAP && !qd_profile_value_ok(at->key, expanded, &why)) {
    qd_json_free(expanded);
    return qd__profiles_bad(at->store, value, at->profile, at->key, why, err);
  }
  qd_json_set(copy, name, expanded);
  return QD_OK;
}

// `value` has the marks, `copy` is changed. Unknown keys stay as they are.
static qd_status expand_members(const place *above, const qd_json *value, qd_json *copy, qd_error *err) {
  for (size_t i = 0; i < qd_json_count(value); i++) {
    qd_slice name = QD_SLICE("");
    const qd_json *member = qd_json_member_at(value, i, &name);
    place at = *above;
    at.key = key_of(above->key, name);
    qd_status status = at.key ? expand_member(&at, member, name, copy, err) : QD_OK;
    if (status != QD_OK) return status;
  }
  return QD_OK;
}

qd_status qd_profiles_get(const qd_profiles *p, qd_slice name, qd_json **out, qd_error *err) {
  const qd_json *profile = qd_profiles_find(p, name);
  if (!profile) return qd__profiles_not_found(p, name, err);
  if (p->more && !qd_json_member_slice(p->profiles, name)) return qd_profiles_get(p->more, name, out, err);
  char word[80];
  (void)snprintf(word, sizeof word, "%.*s", (int)(name.n < 70 ? name.n : 70), name.p);
  qd_json *copy = qd_json_dup(profile);
  const place at = {p, word, NULL};
  qd_status status = expand_members(&at, profile, copy, err);
  if (status == QD_OK)
    *out = copy;
  else
    qd_json_free(copy);
  return status;
}
