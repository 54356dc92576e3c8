// Template text -> tokens, with the positions, lines and error words of Go's text/template/parse.
#include <stdio.h>

#include "data/template_int.h"

#define END_OF_TEXT 0xFFFFFFFFu

static bool is_space(uint32_t r) { return r == ' ' || r == '\t' || r == '\r' || r == '\n'; }

static bool is_word(uint32_t r) { return r != END_OF_TEXT && (r == '_' || qd__is_letter(r) || qd__is_digit(r)); }

static unsigned count_lines(qd_slice s) {
  unsigned n = 0;
  for (size_t i = 0; i < s.n; i++) n += s.p[i] == '\n';
  return n;
}

void qd__lex_init(qd__lexer *l, qd_slice text) { *l = (qd__lexer){.in = text, .line = 1, .start_line = 1}; }

static uint32_t peek(const qd__lexer *l) {
  uint32_t r;
  if (l->pos >= l->in.n) return END_OF_TEXT;
  (void)qd__rune(l->in, l->pos, &r);
  return r;
}

static uint32_t next(qd__lexer *l) {
  uint32_t r;
  if (l->pos >= l->in.n) return END_OF_TEXT;
  l->pos += qd__rune(l->in, l->pos, &r);
  if (r == '\n') l->line++;
  return r;
}

static bool starts(const qd__lexer *l, size_t at, const char *s) {
  size_t n = strlen(s);
  return at <= l->in.n && l->in.n - at >= n && memcmp(l->in.p + at, s, n) == 0;
}

static char at(const qd__lexer *l, size_t i) { return i < l->in.n ? l->in.p[i] : '\0'; }

static bool left_marker(const qd__lexer *l, size_t i) {
  return at(l, i) == '-' && i + 1 < l->in.n && is_space((unsigned char)at(l, i + 1));
}

static bool right_marker(const qd__lexer *l, size_t i) {
  return i + 1 < l->in.n && is_space((unsigned char)at(l, i)) && at(l, i + 1) == '-';
}

static qd__tok emit(qd__lexer *l, qd__tok_kind kind) {
  qd__tok t = {kind, l->start, {l->in.p + l->start, l->pos - l->start}, l->start_line};
  l->start = l->pos;
  l->start_line = l->line;
  return t;
}

static void ignore(qd__lexer *l) {
  l->line += count_lines((qd_slice){l->in.p + l->start, l->pos - l->start});
  l->start = l->pos;
  l->start_line = l->line;
}

static qd__tok fail(qd__lexer *l, const char *text) {
  if (text != l->message) (void)snprintf(l->message, sizeof l->message, "%s", text);
  qd__tok t = {T_ERROR, l->start, qd_slice_of(l->message), l->start_line};
  l->ended = true;
  return t;
}

static qd__tok fail_char(qd__lexer *l, const char *what, uint32_t r) {
  qd_buf b;
  qd_buf_init(&b, sizeof l->message);
  qd__fmt f = {.out = &b, .sharp = true};
  qd_buf_addf(&b, "%s ", what);
  qd__fmt_unicode(&f, r);
  (void)snprintf(l->message, sizeof l->message, "%s", b.p);
  qd_buf_deinit(&b);
  return fail(l, l->message);
}

static qd__tok fail_number(qd__lexer *l) {
  qd_buf b;
  qd_buf_init(&b, 1u << 23);
  qd_buf_adds(&b, "bad number syntax: ");
  qd__quote((qd_slice){l->in.p + l->start, l->pos - l->start}, '"', false, &b);
  (void)snprintf(l->message, sizeof l->message, "%s", b.p);
  qd_buf_deinit(&b);
  return fail(l, l->message);
}

// Length of the white space at the end of in[start..end).
static size_t trailing_space(const qd__lexer *l, size_t start, size_t end) {
  size_t n = 0;
  while (end - n > start && is_space((unsigned char)l->in.p[end - n - 1])) n++;
  return n;
}

static void skip_space(qd__lexer *l) {
  while (l->pos < l->in.n && is_space((unsigned char)l->in.p[l->pos])) l->pos++;
  ignore(l);
}

// Behind "{{" and its marker stands "/*": the comment is skipped. false: it is broken, *out says how.
static bool skip_comment(qd__lexer *l, qd__tok *out) {
  l->pos += 2;
  while (l->pos < l->in.n && !starts(l, l->pos, "*/")) l->pos++;
  if (l->pos >= l->in.n) {
    *out = fail(l, "unclosed comment");
    return false;
  }
  l->pos += 2;
  bool trim = right_marker(l, l->pos) && starts(l, l->pos + 2, "}}");
  if (!trim && !starts(l, l->pos, "}}")) {
    *out = fail(l, "comment ends before closing delimiter");
    return false;
  }
  l->pos += trim ? 4 : 2;
  ignore(l);
  if (trim) skip_space(l);
  return true;
}

// The text in front of the delimiter at `delim`, without the spaces that its marker trims.
static qd__tok text_before(qd__lexer *l, size_t delim) {
  l->pos = delim - (left_marker(l, delim + 2) ? trailing_space(l, l->start, delim) : 0);
  l->line += count_lines((qd_slice){l->in.p + l->start, l->pos - l->start});
  qd__tok t = emit(l, T_TEXT);
  l->pos = delim;
  ignore(l);
  return t;
}

static qd__tok last_text(qd__lexer *l) {
  l->pos = l->in.n;
  l->ended = l->pos == l->start;
  if (l->ended) return emit(l, T_EOF);
  l->line += count_lines((qd_slice){l->in.p + l->start, l->pos - l->start});
  return emit(l, T_TEXT);
}

static qd__tok lex_text(qd__lexer *l) {
  for (;;) {
    const char *open = l->pos < l->in.n ? memmem(l->in.p + l->pos, l->in.n - l->pos, "{{", 2) : NULL;
    if (!open) return last_text(l);
    size_t delim = (size_t)(open - l->in.p);
    if (delim > l->start) {
      qd__tok t = text_before(l, delim);
      if (t.text.n) return t;
    }
    size_t marker = left_marker(l, delim + 2) ? 2 : 0;
    if (starts(l, delim + 2 + marker, "/*")) {
      qd__tok broken;
      l->pos = delim + 2 + marker;
      ignore(l);
      if (!skip_comment(l, &broken)) return broken;
      continue;
    }
    l->pos = delim + 2;
    qd__tok t = emit(l, T_LDELIM);
    l->pos += marker;
    ignore(l);
    l->parens = 0;
    l->in_action = true;
    return t;
  }
}

static qd__tok lex_right(qd__lexer *l) {
  bool trim = right_marker(l, l->pos);
  if (trim) {
    l->pos += 2;
    ignore(l);
  }
  l->pos += 2;
  qd__tok t = emit(l, T_RDELIM);
  l->in_action = false;
  if (trim) skip_space(l);
  return t;
}

static qd__tok lex_space(qd__lexer *l) {
  unsigned spaces = 0;
  while (is_space(peek(l))) {
    (void)next(l);
    spaces++;
  }
  if (right_marker(l, l->pos - 1) && starts(l, l->pos + 1, "}}")) {  // the last space belongs to " -}}"
    l->pos--;
    if (l->in.p[l->pos] == '\n') l->line--;
    if (spaces == 1) return lex_right(l);
  }
  return emit(l, T_SPACE);
}

static bool at_terminator(const qd__lexer *l) {
  uint32_t r = peek(l);
  return is_space(r) || r == END_OF_TEXT || (r < 128 && strchr(".,|:)(", (int)r)) || starts(l, l->pos, "}}");
}

static qd__tok lex_quote(qd__lexer *l, uint32_t quote, qd__tok_kind kind, const char *unterminated) {
  for (;;) {
    uint32_t r = next(l);
    if (r == '\\') {
      r = next(l);
      if (r != END_OF_TEXT && r != '\n') continue;
      return fail(l, unterminated);
    }
    if (r == END_OF_TEXT || r == '\n') return fail(l, unterminated);
    if (r == quote) return emit(l, kind);
  }
}

static qd__tok lex_raw(qd__lexer *l) {
  for (;;) {
    uint32_t r = next(l);
    if (r == END_OF_TEXT) return fail(l, "unterminated raw quoted string");
    if (r == '`') return emit(l, T_RAWSTRING);
  }
}

static bool accept(qd__lexer *l, const char *set) {
  uint32_t r = peek(l);
  if (r == 0 || r >= 128 || !strchr(set, (int)r)) return false;
  l->pos++;
  return true;
}

static bool scan_number(qd__lexer *l) {
  const char *digits = "0123456789_";
  bool ten = true, hex = false;
  (void)accept(l, "+-");
  if (accept(l, "0")) {
    if (accept(l, "xX")) {
      digits = "0123456789abcdefABCDEF_";
      ten = false;
      hex = true;
    } else if (accept(l, "oO")) {
      digits = "01234567_";
      ten = false;
    } else if (accept(l, "bB")) {
      digits = "01_";
      ten = false;
    }
  }
  while (accept(l, digits)) {
  }
  if (accept(l, "."))
    while (accept(l, digits)) {
    }
  if ((ten && accept(l, "eE")) || (hex && accept(l, "pP"))) {
    (void)accept(l, "+-");
    while (accept(l, "0123456789_")) {
    }
  }
  (void)accept(l, "i");
  if (!is_word(peek(l))) return true;
  (void)next(l);
  return false;
}

static qd__tok lex_number(qd__lexer *l) {
  if (!scan_number(l)) return fail_number(l);
  if (peek(l) != '+' && peek(l) != '-') return emit(l, T_NUMBER);
  if (!scan_number(l) || l->in.p[l->pos - 1] != 'i') return fail_number(l);
  return emit(l, T_COMPLEX);
}

static qd__tok_kind word_kind(qd_slice w) {
  static const struct {
    const char *word;
    qd__tok_kind kind;
  } words[] = {{"block", T_BLOCK}, {"break", T_BREAK}, {"continue", T_CONTINUE}, {"define", T_DEFINE}, {"else", T_ELSE},
               {"end", T_END},     {"if", T_IF},       {"nil", T_NIL},           {"range", T_RANGE},   {"template", T_TEMPLATE},
               {"with", T_WITH},   {"true", T_BOOL},   {"false", T_BOOL}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (qd_slice_is(w, words[i].word)) return words[i].kind;
  return T_IDENT;
}

static qd__tok lex_word(qd__lexer *l, qd__tok_kind kind) {
  while (is_word(peek(l))) (void)next(l);
  if (!at_terminator(l)) return fail_char(l, "bad character", peek(l));
  if (kind == T_IDENT) kind = word_kind((qd_slice){l->in.p + l->start, l->pos - l->start});
  return emit(l, kind);
}

// The first character is taken already.
static qd__tok lex_sign(qd__lexer *l, uint32_t r) {
  switch (r) {
    case '=':
      return emit(l, T_ASSIGN);
    case ':':
      if (next(l) != '=') return fail(l, "expected :=");
      return emit(l, T_DECLARE);
    case '|':
      return emit(l, T_PIPE);
    case '"':
      return lex_quote(l, '"', T_STRING, "unterminated quoted string");
    case '\'':
      return lex_quote(l, '\'', T_CHARCONST, "unterminated character constant");
    case '`':
      return lex_raw(l);
    case '$':
      return at_terminator(l) ? emit(l, T_VARIABLE) : lex_word(l, T_VARIABLE);
    case '(':
      l->parens++;
      return emit(l, T_LPAREN);
    case ')':
      if (l->parens == 0) return fail(l, "unexpected right paren");
      l->parens--;
      return emit(l, T_RPAREN);
    default:
      if (r >= 0x20 && r < 0x7F) return emit(l, T_CHAR);
      return fail_char(l, "unrecognized character in action:", r);
  }
}

static qd__tok lex_inside(qd__lexer *l) {
  if ((right_marker(l, l->pos) && starts(l, l->pos + 2, "}}")) || starts(l, l->pos, "}}"))
    return l->parens ? fail(l, "unclosed left paren") : lex_right(l);
  uint32_t r = peek(l);
  if (r == END_OF_TEXT) return fail(l, "unclosed action");
  if (is_space(r)) return lex_space(l);
  if (r == '.' && l->pos + 1 < l->in.n && (l->in.p[l->pos + 1] < '0' || l->in.p[l->pos + 1] > '9')) {
    l->pos++;
    return at_terminator(l) ? emit(l, T_DOT) : lex_word(l, T_FIELD);
  }
  if (r == '.' || r == '+' || r == '-' || (r >= '0' && r <= '9')) return lex_number(l);
  if (is_word(r)) return lex_word(l, T_IDENT);
  (void)next(l);
  return lex_sign(l, r);
}

qd__tok qd__lex_next(qd__lexer *l) {
  if (l->ended) return (qd__tok){T_EOF, l->pos, QD_SLICE(""), l->start_line};
  return l->in_action ? lex_inside(l) : lex_text(l);
}
