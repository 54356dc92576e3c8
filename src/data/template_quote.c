// UTF-8, Go's character classes and Go's quoted literals (strconv.Quote, strconv.Unquote).
// The classes beyond ASCII are the C library's, in its C.UTF-8 locale whatever the user's is.
#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#include "data/template_int.h"

static locale_t utf8;
static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;

static void make_locale(void) {
  utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (!utf8) utf8 = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
}

static locale_t unicode(void) {
  (void)pthread_once(&utf8_once, make_locale);
  return utf8;
}

// Length of the sequence that `lead` begins and the least rune it may encode; 0: no lead byte.
static unsigned sequence(unsigned char lead, uint32_t *least) {
  if (lead >= 0xC2 && lead <= 0xDF) return *least = 0x80, 2;
  if (lead >= 0xE0 && lead <= 0xEF) return *least = 0x800, 3;
  if (lead >= 0xF0 && lead <= 0xF4) return *least = 0x10000, 4;
  return 0;
}

unsigned qd__rune(qd_slice s, size_t at, uint32_t *out) {
  const unsigned char *p = (const unsigned char *)s.p + at;
  size_t left = s.n - at;
  *out = QD__RUNE_ERROR;
  if (p[0] < 0x80) return *out = p[0], 1;
  uint32_t least = 0;
  unsigned n = sequence(p[0], &least);
  if (n == 0 || n > left) return 1;
  uint32_t r = p[0] & (0xFFu >> (n + 1));
  for (unsigned i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) return 1;
    r = (r << 6) | (p[i] & 0x3Fu);
  }
  if (r < least || r > 0x10FFFF || (r >= 0xD800 && r <= 0xDFFF)) return 1;
  *out = r;
  return n;
}

void qd__rune_add(qd_buf *b, uint32_t r) {
  char c[4];
  size_t n;
  if (r > 0x10FFFF || (r >= 0xD800 && r <= 0xDFFF)) r = QD__RUNE_ERROR;
  if (r < 0x80) {
    c[0] = (char)r;
    n = 1;
  } else if (r < 0x800) {
    c[0] = (char)(0xC0 | (r >> 6));
    n = 2;
  } else if (r < 0x10000) {
    c[0] = (char)(0xE0 | (r >> 12));
    n = 3;
  } else {
    c[0] = (char)(0xF0 | (r >> 18));
    n = 4;
  }
  for (size_t i = 1; i < n; i++) c[i] = (char)(0x80 | ((r >> (6 * (n - 1 - i))) & 0x3F));
  (void)qd_buf_add(b, c, n);
}

size_t qd__rune_count(qd_slice s) {
  size_t count = 0;
  for (size_t i = 0; i < s.n; count++) {
    uint32_t r;
    i += qd__rune(s, i, &r);
  }
  return count;
}

// Format characters and private use: printable for C, not for Go.
static bool is_format(uint32_t r) {
  static const struct {
    uint32_t from, to;
  } ranges[] = {{0x600, 0x605},     {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},
                {0x1680, 0x1680},   {0x180E, 0x180E},   {0x2000, 0x200F},   {0x2028, 0x202F},   {0x205F, 0x206F},   {0x3000, 0x3000},
                {0xE000, 0xF8FF},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
                {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0001, 0xE007F}, {0xF0000, 0x10FFFF}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
    if (r >= ranges[i].from && r <= ranges[i].to) return true;
  return false;
}

bool qd__is_print(uint32_t r) {
  if (r <= 0xFF) return (r >= 0x20 && r < 0x7F) || (r >= 0xA1 && r != 0xAD);
  return r <= 0x10FFFF && iswprint_l((wint_t)r, unicode()) && !is_format(r);
}

bool qd__is_letter(uint32_t r) {
  if (r < 0x80) return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z');
  return r != QD__RUNE_ERROR && iswalpha_l((wint_t)r, unicode());
}

bool qd__is_digit(uint32_t r) { return r >= '0' && r <= '9'; }

bool qd__is_space(uint32_t r) {
  if (r <= 0xFF) return (r >= 9 && r <= 13) || r == ' ' || r == 0x85 || r == 0xA0;
  return r == 0x1680 || (r >= 0x2000 && r <= 0x200A) || r == 0x2028 || r == 0x2029 || r == 0x202F || r == 0x205F || r == 0x3000;
}

uint32_t qd__to_upper(uint32_t r) {
  if (r < 0x80) return r >= 'a' && r <= 'z' ? r - 32 : r;
  return (uint32_t)towupper_l((wint_t)r, unicode());
}

uint32_t qd__to_lower(uint32_t r) {
  if (r < 0x80) return r >= 'A' && r <= 'Z' ? r + 32 : r;
  return (uint32_t)towlower_l((wint_t)r, unicode());
}

uint32_t qd__to_title(uint32_t r) {
  if (r >= 0x10D0 && r <= 0x10FF) return r;  // Georgian has capitals, but no title case
  if ((r >= 0x1C4 && r <= 0x1CC) || (r >= 0x1F1 && r <= 0x1F3)) {
    uint32_t first = r >= 0x1F1 ? 0x1F1 : 0x1C4 + (r - 0x1C4) / 3 * 3;
    return first + 1;
  }
  return qd__to_upper(r);
}

void qd__quote_rune(uint32_t r, char quote, bool ascii, qd_buf *out) {
  static const char named[] = "\a\b\f\n\r\t\v";
  static const char letters[] = "abfnrtv";
  if (r == (unsigned char)quote || r == '\\') {
    (void)qd_buf_addf(out, "\\%c", (char)r);
    return;
  }
  if (r < 0x80 ? r >= 0x20 && r < 0x7F : !ascii && qd__is_print(r)) {
    qd__rune_add(out, r);
    return;
  }
  const char *at = r && r < 0x20 ? strchr(named, (int)r) : NULL;
  if (at)
    (void)qd_buf_addf(out, "\\%c", letters[at - named]);
  else if (r < 0x20 || r == 0x7F)
    (void)qd_buf_addf(out, "\\x%02x", r);
  else if (r < 0x10000)
    (void)qd_buf_addf(out, "\\u%04x", r);
  else
    (void)qd_buf_addf(out, "\\U%08x", r);
}

void qd__quote(qd_slice s, char quote, bool ascii, qd_buf *out) {
  (void)qd_buf_addc(out, quote);
  for (size_t i = 0; i < s.n;) {
    uint32_t r;
    unsigned n = qd__rune(s, i, &r);
    if (n == 1 && r == QD__RUNE_ERROR)
      (void)qd_buf_addf(out, "\\x%02x", (unsigned char)s.p[i]);
    else
      qd__quote_rune(r, quote, ascii, out);
    i += n;
  }
  (void)qd_buf_addc(out, quote);
}

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

static bool digits(qd_slice s, size_t *at, unsigned count, unsigned base, uint32_t *out) {
  uint32_t v = 0;
  if (s.n - *at < count) return false;
  for (unsigned i = 0; i < count; i++) {
    unsigned d = (unsigned)digit_of(s.p[*at + i]);
    if (d >= base) return false;
    v = v * base + d;
  }
  *at += count;
  *out = v;
  return true;
}

bool qd__unquote_char(qd_slice s, size_t *at, char quote, uint32_t *out, bool *byte) {
  static const char letters[] = "abfnrtv";
  static const char named[] = "\a\b\f\n\r\t\v";
  *byte = false;
  if (*at >= s.n) return false;
  char c = s.p[*at];
  if (c == quote) return false;
  if (c != '\\') {
    *at += qd__rune(s, *at, out);
    return true;
  }
  if (++*at >= s.n) return false;
  c = s.p[(*at)++];
  const char *named_at = c ? strchr(letters, c) : NULL;
  if (named_at) return *out = (uint32_t)named[named_at - letters], true;
  if (c == '\\' || ((c == '\'' || c == '"') && c == quote)) return *out = (unsigned char)c, true;
  if (c == 'x') return *byte = true, digits(s, at, 2, 16, out);
  if (c >= '0' && c <= '7') {
    --*at;
    *byte = true;
    return digits(s, at, 3, 8, out) && *out <= 255;
  }
  if (c != 'u' && c != 'U') return false;
  if (!digits(s, at, c == 'u' ? 4 : 8, 16, out)) return false;
  return *out <= 0x10FFFF && (*out < 0xD800 || *out > 0xDFFF);
}

bool qd__unquote(qd_slice s, qd_buf *out) {
  if (s.n < 2 || s.p[s.n - 1] != s.p[0]) return false;
  char quote = s.p[0];
  qd_slice in = {s.p + 1, s.n - 2};
  if (quote == '`') {
    for (size_t i = 0; i < in.n; i++)
      if (in.p[i] != '\r') (void)qd_buf_addc(out, in.p[i]);
    return true;
  }
  for (size_t i = 0; i < in.n;) {
    uint32_t r;
    bool byte;
    if (!qd__unquote_char(in, &i, quote, &r, &byte)) return false;
    if (byte)
      (void)qd_buf_addc(out, (char)r);
    else
      qd__rune_add(out, r);
  }
  return true;
}
