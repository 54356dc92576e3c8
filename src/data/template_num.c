// Go's fmt for numbers, strings and characters: width, precision and flags as Go's format.go treats them.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/template_int.h"

const char qd__ldigits[] = "0123456789abcdefx", qd__udigits[] = "0123456789ABCDEFX";

void qd__fmt_padding(qd__fmt *f, int n) {
  char fill[64];
  memset(fill, f->zero && !f->minus ? '0' : ' ', sizeof fill);
  for (; n > 0; n -= (int)sizeof fill)
    if (!qd_buf_add(f->out, fill, n < (int)sizeof fill ? (size_t)n : sizeof fill)) return;
}

void qd__fmt_pad(qd__fmt *f, qd_slice s) {
  int missing = f->has_width ? f->width - (int)qd__rune_count(s) : 0;
  if (!f->minus) qd__fmt_padding(f, missing);
  (void)qd_buf_add(f->out, s.p, s.n);
  if (f->minus) qd__fmt_padding(f, missing);
}

static void pad_without_zeros(qd__fmt *f, qd_slice s) {
  bool zero = f->zero;
  f->zero = false;
  qd__fmt_pad(f, s);
  f->zero = zero;
}

// The prefix of %#b %#o %#x and of %O.
static const char *prefix(const qd__fmt *f, unsigned base, char verb, const char *digits, bool leading_zero) {
  if (verb == 'O') return f->sharp && !leading_zero ? "0o0" : "0o";
  if (!f->sharp) return "";
  if (base == 2) return "0b";
  if (base == 8) return leading_zero ? "" : "0";
  if (base == 16) return digits[16] == 'x' ? "0x" : "0X";
  return "";
}

void qd__fmt_integer(qd__fmt *f, uint64_t u, unsigned base, bool is_signed, char verb, const char *digits) {
  char text[64];
  size_t n = 0;
  bool negative = is_signed && (int64_t)u < 0;
  if (negative) u = 0 - u;
  int least = 0;  // digits
  if (f->has_prec) {
    least = f->prec;
    if (least == 0 && u == 0) {  // "%.0d" of 0 prints nothing but its width
      pad_without_zeros(f, QD_SLICE(""));
      return;
    }
  } else if (f->zero && !f->minus && f->has_width) {
    least = f->width - (negative || f->plus || f->space);
  }
  do {
    text[sizeof text - ++n] = digits[u % base];
    u /= base;
  } while (u);
  qd_buf b;
  qd_buf_init(&b, 1u << 21);
  const char *sign = negative ? "-" : f->plus ? "+" : f->space ? " " : "";
  bool leading_zero = (least > (int)n) || text[sizeof text - n] == '0';
  (void)qd_buf_addf(&b, "%s%s", sign, prefix(f, base, verb, digits, leading_zero));
  for (int i = (int)n; i < least; i++) (void)qd_buf_addc(&b, '0');
  (void)qd_buf_add(&b, text + sizeof text - n, n);
  pad_without_zeros(f, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

void qd__fmt_unicode(qd__fmt *f, uint64_t u) {
  qd_buf b;
  qd_buf_init(&b, 1u << 21);
  (void)qd_buf_addf(&b, "U+%0*llX", f->has_prec && f->prec > 4 ? f->prec : 4, (unsigned long long)u);
  if (f->sharp && u <= 0x10FFFF && qd__is_print((uint32_t)u)) {
    (void)qd_buf_adds(&b, " '");
    qd__rune_add(&b, (uint32_t)u);
    (void)qd_buf_addc(&b, '\'');
  }
  pad_without_zeros(f, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

static qd_slice cut(const qd__fmt *f, qd_slice s) {
  if (!f->has_prec) return s;
  size_t n = 0;
  for (int runes = 0; n < s.n && runes < f->prec; runes++) {
    uint32_t r;
    n += qd__rune(s, n, &r);
  }
  return (qd_slice){s.p, n};
}

void qd__fmt_string(qd__fmt *f, qd_slice s) { qd__fmt_pad(f, cut(f, s)); }

void qd__fmt_hex(qd__fmt *f, qd_slice s, const char *digits) {
  if (f->has_prec && (size_t)f->prec < s.n) s.n = (size_t)f->prec;
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (f->space && i) (void)qd_buf_addc(&b, ' ');
    if (f->sharp && (f->space || i == 0)) (void)qd_buf_addf(&b, "0%c", digits[16]);
    char pair[2] = {digits[c >> 4], digits[c & 15]};
    (void)qd_buf_add(&b, pair, 2);
  }
  qd__fmt_pad(f, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

// strconv.CanBackquote: one line without control characters but tab, without backquote and byte order mark.
static bool can_backquote(qd_slice s) {
  for (size_t i = 0; i < s.n;) {
    uint32_t r;
    unsigned n = qd__rune(s, i, &r);
    i += n;
    if ((n == 1 && r == QD__RUNE_ERROR) || r == 0xFEFF || (r < ' ' && r != '\t') || r == '`' || r == 0x7F) return false;
  }
  return true;
}

void qd__fmt_quoted(qd__fmt *f, qd_slice s) {
  qd_buf b;
  qd_buf_init(&b, QD__VALUE_MAX);
  s = cut(f, s);
  if (f->sharp && can_backquote(s)) {
    (void)qd_buf_addc(&b, '`');
    (void)qd_buf_add(&b, s.p, s.n);
    (void)qd_buf_addc(&b, '`');
  } else {
    qd__quote(s, '"', f->plus, &b);
  }
  qd__fmt_pad(f, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

void qd__fmt_char(qd__fmt *f, uint64_t c) {
  qd_buf b;
  qd_buf_init(&b, 8);
  qd__rune_add(&b, c > 0x10FFFF ? QD__RUNE_ERROR : (uint32_t)c);
  qd__fmt_pad(f, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}

void qd__fmt_quoted_char(qd__fmt *f, uint64_t c) {
  qd_buf b;
  qd_buf_init(&b, 32);
  (void)qd_buf_addc(&b, '\'');
  uint32_t r = c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? QD__RUNE_ERROR : (uint32_t)c;
  qd__quote_rune(r, '\'', f->plus, &b);
  (void)qd_buf_addc(&b, '\'');
  qd__fmt_pad(f, qd_buf_slice(&b));
  qd_buf_deinit(&b);
}
