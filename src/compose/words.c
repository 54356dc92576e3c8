// A command in one string, split into words as compose v2 does: quotes and backslashes as in a shell, no expansion; what
// stands behind ; & | < > outside of quotes is cut off.
#include "compose/model.h"

typedef struct splitter {
  bool escaped, in_double, in_single, in_back, in_dollar, has_word;
  qd_buf word;
  qd_json *words;
} splitter;

static bool quoted(const splitter *s) { return s->in_single || s->in_double || s->in_back || s->in_dollar; }

static void end_word(splitter *s) {
  if (!s->has_word) return;
  qd_json_append(s->words, qd_json_string(qd_buf_slice(&s->word)));
  qd_buf_clear(&s->word);
  s->has_word = false;
}

static void add(splitter *s, char c) {
  (void)qd_buf_addc(&s->word, c);
  s->has_word = true;
}

// What the character opens or closes. *keep: it belongs to the word; false: the command cannot be read.
static bool take_quote(splitter *s, char c, bool *keep) {
  *keep = true;
  if (c == '"' && !s->in_single && !s->in_dollar) {
    if (s->in_double) s->has_word = true;
    s->in_double = !s->in_double;
    *keep = false;
  } else if (c == '\'' && !s->in_double && !s->in_dollar) {
    if (s->in_single) s->has_word = true;
    s->in_single = !s->in_single;
    *keep = false;
  } else if (c == '`' && !s->in_single && !s->in_double && !s->in_dollar) {
    s->in_back = !s->in_back;
  } else if (c == ')' && !s->in_single && !s->in_double && !s->in_back) {
    s->in_dollar = !s->in_dollar;
  } else if (c == '(' && !s->in_single && !s->in_double && !s->in_back) {
    if (s->in_dollar || s->word.n == 0 || s->word.p[s->word.n - 1] != '$') return false;
    s->in_dollar = true;
  }
  return true;
}

static bool take(splitter *s, char c, bool *end) {
  bool keep;
  if (s->escaped) {
    s->escaped = false;
    add(s, c);
  } else if (c == '\\' && !s->in_single) {
    s->escaped = true;
  } else if (strchr(" \t\r\n", c)) {
    if (quoted(s)) {
      (void)qd_buf_addc(&s->word, c);
    } else {
      end_word(s);
    }
  } else if (strchr(";&|<>", c) && !quoted(s)) {
    if (c == '>' && s->word.n && s->word.p[0] >= '0' && s->word.p[0] <= '9') s->has_word = false;
    *end = true;
  } else {
    if (!take_quote(s, c, &keep)) return false;
    if (keep) add(s, c);
  }
  return true;
}

bool qd__split_words(qd_slice text, qd_json **out) {
  splitter s = {.words = qd_json_array()};
  bool end = false;
  bool right = true;
  qd_buf_init(&s.word, QD_COMPOSE_FILE_MAX);
  for (size_t i = 0; right && !end && i < text.n; i++) right = text.p[i] == '\0' ? false : take(&s, text.p[i], &end);
  if (right) end_word(&s);
  right = right && !s.escaped && !quoted(&s);
  qd_buf_deinit(&s.word);
  if (right) {
    *out = s.words;
  } else {
    qd_json_free(s.words);
  }
  return right;
}
