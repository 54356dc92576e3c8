// ssh_config: lines, Host and Match blocks, keywords. Contract in config.h; expansion in config_expand.c.
#include "ssh/config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "ssh/config_parts.h"
#include "ssh/known_hosts.h"

#define MAX_DEPTH 16
#define MAX_FILES 256
#define MAX_NOTES 32
#define MAX_LIST 100  // ssh's own limit for identity files

struct qd_ssh_include {
  qd_ssh_config *c;
  const qd_ssh_config_env *env;
  const char *file;
  size_t line;
  bool system;
  bool all;     // ssh -G output: no blocks
  bool active;  // the lines being read apply to this host
  int depth;
  int *files;  // read so far, over all depths
};

void qd__ssh_strings_add(qd_ssh_strings *s, const char *text, size_t n) {
  if (s->n >= MAX_LIST) return;
  s->v = qd_xrealloc(s->v, (s->n + 2) * sizeof *s->v);
  s->v[s->n++] = qd_xstrndup(text, n);
  s->v[s->n] = NULL;
}

void qd__ssh_strings_clear(qd_ssh_strings *s) {
  for (size_t i = 0; i < s->n; i++) free(s->v[i]);
  free(s->v);
  *s = (qd_ssh_strings){0};
}

void qd__ssh_config_note(qd_ssh_config *c, const char *fmt, ...) {
  if (c->notes.n >= MAX_NOTES) return;
  char text[512];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  qd__ssh_strings_add(&c->notes, text, strlen(text));
}

void qd_ssh_config_init(qd_ssh_config *c) { *c = (qd_ssh_config){0}; }

void qd_ssh_config_deinit(qd_ssh_config *c) {
  free(c->host_name);
  free(c->user);
  free(c->identity_agent);
  free(c->proxy_jump);
  free(c->proxy_command);
  free(c->host_key_alias);
  qd__ssh_strings_clear(&c->identity_files);
  qd__ssh_strings_clear(&c->user_known_hosts);
  qd__ssh_strings_clear(&c->global_known_hosts);
  qd__ssh_strings_clear(&c->notes);
  *c = (qd_ssh_config){0};
}

void qd__ssh_needs(qd_ssh_config *c, const char *keyword, const char *value) {
  if (c->needs_openssh[0]) return;
  (void)snprintf(c->needs_openssh, sizeof c->needs_openssh, "%s%s%s", keyword, value[0] ? " " : "", value);
}

// ---- words ----

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f'; }

static void skip_space(qd_slice *rest) {
  while (rest->n && is_space(*rest->p)) {
    rest->p++;
    rest->n--;
  }
}

// Keyword, then blanks and at most one '='.
static qd_slice take_keyword(qd_slice *rest) {
  skip_space(rest);
  qd_slice w = {rest->p, 0};
  while (w.n < rest->n && !is_space(w.p[w.n]) && w.p[w.n] != '=') w.n++;
  rest->p += w.n;
  rest->n -= w.n;
  skip_space(rest);
  if (rest->n && *rest->p == '=') {
    rest->p++;
    rest->n--;
    skip_space(rest);
  }
  return w;
}

// A backslash takes its meaning from a quote, a backslash or (outside quotes) a blank behind it.
static bool escapes(qd_slice s, size_t i, char quote) {
  if (s.p[i] != '\\' || i + 1 >= s.n) return false;
  char next = s.p[i + 1];
  return next == '"' || next == '\'' || next == '\\' || (next == ' ' && !quote);
}

qd__word qd__ssh_config_word(qd_slice *rest, qd_buf *out) {
  skip_space(rest);
  if (rest->n == 0 || *rest->p == '#') return QD__WORD_END;
  qd_buf_clear(out);
  (void)qd_buf_add(out, "", 0);
  char quote = '\0';
  size_t i = 0;
  for (; i < rest->n; i++) {
    char c = rest->p[i];
    if (!quote && is_space(c)) break;
    bool opens = !quote && (c == '"' || c == '\'');
    if (escapes(*rest, i, quote))
      (void)qd_buf_addc(out, rest->p[++i]);
    else if (opens)
      quote = c;
    else if (quote && c == quote)
      quote = '\0';
    else
      (void)qd_buf_addc(out, c);
  }
  rest->p += i;
  rest->n -= i;
  return quote || out->overflow || memchr(out->p, '\0', out->n) ? QD__WORD_BAD : QD__WORD_OK;
}

// ---- Host and Match ----

// Comma list with negation, as match_pattern_list of ssh: a negated pattern that fits loses at once.
static bool list_fits(const char *list, const char *text, bool lower) {
  bool found = false;
  while (*list) {
    size_t n = strcspn(list, ",");
    bool negated = n && list[0] == '!';
    qd_slice one = {list + negated, n - negated};
    char low[1024];
    if (lower && one.n <= sizeof low) {
      for (size_t i = 0; i < one.n; i++) low[i] = (char)tolower((unsigned char)one.p[i]);
      one.p = low;
    }
    if (one.n && qd_kh_glob(one, qd_slice_of(text))) {
      if (negated) return false;
      found = true;
    }
    list += n + (list[n] == ',');
  }
  return found;
}

static bool host_line(qd_ssh_include *p, qd_slice rest) {
  qd_buf word;
  qd_buf_init(&word, 4096);
  bool fits = false;
  bool excluded = false;
  qd__word w;
  while ((w = qd__ssh_config_word(&rest, &word)) == QD__WORD_OK) {
    bool negated = word.n && word.p[0] == '!';
    qd_slice one = {word.p + negated, word.n - negated};
    if (!qd_kh_glob(one, qd_slice_of(p->env->alias))) continue;
    if (negated) excluded = true;
    fits = true;
  }
  if (w == QD__WORD_BAD) qd__ssh_config_note(p->c, "%s:%zu: unbalanced quotes", p->file, p->line);
  qd_buf_deinit(&word);
  return fits && !excluded && w == QD__WORD_END;
}

static bool match_host(qd_ssh_include *p, const char *value) {
  char *name = qd__ssh_config_host(p->c, p->env);
  for (char *s = name; *s; s++) *s = (char)tolower((unsigned char)*s);
  bool fits = list_fits(value, name, true);
  free(name);
  return fits;
}

static bool match_user(qd_ssh_include *p, const char *value) {
  const char *user = p->env->user ? p->env->user : p->c->user ? p->c->user : p->env->local_user;
  return list_fits(value, user ? user : "", false);
}

// One criterion. *beyond: only ssh itself can tell.
static bool criterion(qd_ssh_include *p, const char *name, const char *value, bool *beyond) {
  if (strcasecmp(name, "host") == 0) return match_host(p, value);
  if (strcasecmp(name, "originalhost") == 0) return list_fits(value, p->env->alias, true);
  if (strcasecmp(name, "user") == 0) return match_user(p, value);
  if (strcasecmp(name, "localuser") == 0) return list_fits(value, p->env->local_user ? p->env->local_user : "", false);
  *beyond = true;
  return true;
}

static bool match_line(qd_ssh_include *p, qd_slice rest) {
  qd_buf value;
  qd_buf_init(&value, 4096);
  bool fits = true;
  bool beyond = false;
  char beyond_name[64] = "";
  size_t count = 0;
  for (;;) {
    skip_space(&rest);
    if (rest.n == 0 || *rest.p == '#') break;
    qd_slice key = take_keyword(&rest);
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)(key.n < 60 ? key.n : 60), key.p);
    bool negated = name[0] == '!';
    count++;
    bool result = true;
    bool this_beyond = false;
    if (strcasecmp(name + negated, "canonical") == 0) {
      result = false;  // true only in the second pass that CanonicalizeHostname asks for
    } else if (strcasecmp(name + negated, "final") == 0) {
      this_beyond = true;
    } else if (strcasecmp(name + negated, "all") != 0) {
      if (qd__ssh_config_word(&rest, &value) != QD__WORD_OK) {
        qd__ssh_config_note(p->c, "%s:%zu: Match %s without a value", p->file, p->line, name);
        fits = false;
        break;
      }
      result = criterion(p, name + negated, value.p, &this_beyond);
    }
    if (this_beyond) {
      beyond = true;
      (void)snprintf(beyond_name, sizeof beyond_name, "%.50s", name + negated);
    } else if (result == negated) {
      fits = false;
    }
  }
  qd_buf_deinit(&value);
  if (!fits || count == 0) return false;
  if (beyond) qd__ssh_needs(p->c, "Match", beyond_name);
  return !beyond;
}

// ---- Include ----

static void read_lines(qd_ssh_include *p, qd_slice text);

void qd_ssh_include_text(qd_ssh_include *parser, const char *file, qd_slice text) {
  if (parser->depth >= MAX_DEPTH || *parser->files >= MAX_FILES) {
    qd__ssh_config_note(parser->c, "%s:%zu: includes are nested too deeply, %s is ignored", parser->file, parser->line, file);
    return;
  }
  ++*parser->files;
  qd_ssh_include inner = *parser;
  inner.file = file;
  inner.depth++;
  read_lines(&inner, text);
}

static void include_line(qd_ssh_include *p, qd_slice rest) {
  if (p->env->include == NULL) {
    qd__ssh_config_note(p->c, "%s:%zu: Include is ignored", p->file, p->line);
    return;
  }
  qd_buf word;
  qd_buf_init(&word, 4096);
  while (qd__ssh_config_word(&rest, &word) == QD__WORD_OK) {
    char *path = word.p[0] == '~' || word.p[0] == '/' ? qd__ssh_config_tilde(p->env, word.p)
                 : p->system                          ? qd_xasprintf("/etc/ssh/%s", word.p)
                                                      : qd_xasprintf("%s/.ssh/%s", p->env->home, word.p);
    p->env->include(p->env->ctx, path, p);
    free(path);
  }
  qd_buf_deinit(&word);
}

// ---- lines ----

static void one_line(qd_ssh_include *p, qd_slice line) {
  qd_slice rest = line;
  qd_slice key = take_keyword(&rest);
  if (key.n == 0 || key.p[0] == '#') return;
  char name[64];
  (void)snprintf(name, sizeof name, "%.*s", (int)(key.n < 60 ? key.n : 60), key.p);
  if (strcasecmp(name, "host") == 0) {
    if (!p->all) p->active = host_line(p, rest);
    return;
  }
  if (strcasecmp(name, "match") == 0) {
    if (!p->all) p->active = match_line(p, rest);
    return;
  }
  if (!p->active) return;
  if (strcasecmp(name, "include") == 0) {
    include_line(p, rest);
    return;
  }
  while (rest.n && is_space(rest.p[rest.n - 1])) rest.n--;
  qd__ssh_config_set(&(qd__setting){p->c, p->env, p->file, p->line, name, rest});
}

static void read_lines(qd_ssh_include *p, qd_slice text) {
  p->line = 0;
  while (text.n) {
    const char *end = memchr(text.p, '\n', text.n);
    qd_slice line = {text.p, end ? (size_t)(end - text.p) : text.n};
    text.p += line.n + (end != NULL);
    text.n -= line.n + (end != NULL);
    p->line++;
    one_line(p, line);
  }
}

void qd_ssh_config_parse(qd_ssh_config *c, const qd_ssh_config_env *env, qd_slice text, const char *file, bool system) {
  int files = 0;
  qd_ssh_include p = {.c = c, .env = env, .file = file, .system = system, .active = true, .files = &files};
  read_lines(&p, text);
}

void qd_ssh_config_parse_g(qd_ssh_config *c, const qd_ssh_config_env *env, qd_slice text) {
  int files = 0;
  qd_ssh_include p = {.c = c, .env = env, .file = "ssh -G", .all = true, .active = true, .files = &files};
  read_lines(&p, text);
}
