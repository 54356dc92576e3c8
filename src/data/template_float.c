// Floating point numbers as Go's strconv and fmt write them.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/c_locale.h"
#include "data/template_int.h"

// The shortest digits that read back as v (> 0), without point: "15" and exponent 0 for 1.5.
static size_t shortest(double v, char digits[24], int *exponent) {
  char text[40];
  for (int prec = 0; prec < 17; prec++) {
    (void)qd__c_snprintf(text, sizeof text, "%.*e", prec, v);
    if (qd__c_strtod(text) == v) break;
  }
  size_t n = 0;
  char *p = text;
  for (; *p && *p != 'e'; p++)
    if (*p != '.') digits[n++] = *p;
  *exponent = (int)strtol(p + 1, NULL, 10);
  while (n > 1 && digits[n - 1] == '0') n--;
  return n;
}

static void zeros(qd_buf *out, int n) {
  for (; n > 0; n--) (void)qd_buf_addc(out, '0');
}

static void with_exponent(const char *digits, size_t n, int exponent, char e, qd_buf *out) {
  (void)qd_buf_addc(out, digits[0]);
  if (n > 1) {
    (void)qd_buf_addc(out, '.');
    (void)qd_buf_add(out, digits + 1, n - 1);
  }
  (void)qd_buf_addf(out, "%c%c%02d", e, exponent < 0 ? '-' : '+', abs(exponent));
}

static void plain(const char *digits, size_t n, int exponent, qd_buf *out) {
  if (exponent < 0) {
    (void)qd_buf_adds(out, "0.");
    zeros(out, -exponent - 1);
    (void)qd_buf_add(out, digits, n);
    return;
  }
  size_t whole = (size_t)exponent + 1;
  (void)qd_buf_add(out, digits, n < whole ? n : whole);
  if (n < whole) zeros(out, (int)(whole - n));
  if (n <= whole) return;
  (void)qd_buf_addc(out, '.');
  (void)qd_buf_add(out, digits + whole, n - whole);
}

void qd__float_shortest(double v, char format, qd_buf *out) {
  char digits[24] = "0";
  size_t n = 1;
  int exponent = 0;
  if (isnan(v) || isinf(v)) {
    (void)qd_buf_adds(out, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
    return;
  }
  if (signbit(v)) (void)qd_buf_addc(out, '-');
  if (v != 0) n = shortest(fabs(v), digits, &exponent);
  bool upper = format == 'E' || format == 'G';
  if (format == 'e' || format == 'E' || (format != 'f' && (exponent < -4 || exponent >= 21 || (exponent >= 6 && format != 'v'))))
    with_exponent(digits, n, exponent, upper ? 'E' : 'e', out);
  else
    plain(digits, n, exponent, out);
}

// %x: 0x1.8p+01, the mantissa between 1 and 2.
static void hexadecimal(double v, int prec, bool upper, qd_buf *out) {
  char text[64];
  int exponent = 0;
  double m = v == 0 ? 0 : frexp(fabs(v), &exponent) * 2;
  if (v != 0) exponent--;
  if (prec > 20) prec = 20;
  if (prec < 0)
    (void)qd__c_snprintf(text, sizeof text, "%a", m);
  else
    (void)qd__c_snprintf(text, sizeof text, "%.*a", prec, m);
  char *end = strchr(text, 'p');
  if (end) *end = '\0';
  if (text[2] == '2') {  // rounded up
    text[2] = '1';
    exponent++;
  }
  size_t at = out->n;
  (void)qd_buf_addf(out, "%s%sp%c%02d", signbit(v) ? "-" : "", text, exponent < 0 ? '-' : '+', abs(exponent));
  for (; upper && at < out->n; at++)
    if (out->p[at] >= 'a' && out->p[at] <= 'z') out->p[at] = (char)(out->p[at] - 32);
}

// %b: 4503599627370496p-52
static void binary(double v, qd_buf *out) {
  int exponent = -1074;
  double m = v == 0 ? 0 : frexp(fabs(v), &exponent);
  if (v != 0) {
    exponent -= 53;
    if (exponent < -1074) {
      m = ldexp(m, exponent + 1074);
      exponent = -1074;
    }
  }
  (void)qd_buf_addf(out, "%s%llup%+d", signbit(v) ? "-" : "", (unsigned long long)ldexp(m, 53), exponent);
}

static int print_c(char *out, size_t size, char verb, int prec, double v) {
  switch (verb) {
    case 'e':
      return qd__c_snprintf(out, size, "%.*e", prec, v);
    case 'E':
      return qd__c_snprintf(out, size, "%.*E", prec, v);
    case 'f':
      return qd__c_snprintf(out, size, "%.*f", prec, v);
    case 'g':
      return qd__c_snprintf(out, size, "%.*g", prec, v);
    default:
      return qd__c_snprintf(out, size, "%.*G", prec, v);
  }
}

static void append(double v, char verb, int prec, qd_buf *out) {
  if (isnan(v) || isinf(v)) {
    qd__float_shortest(v, 'g', out);
  } else if (verb == 'b') {
    binary(v, out);
  } else if (verb == 'x' || verb == 'X') {
    hexadecimal(v, prec, verb == 'X', out);
  } else if (prec < 0) {
    qd__float_shortest(v, verb, out);
  } else {
    int n = print_c(NULL, 0, verb, prec, v);
    char *text = qd_xmalloc((size_t)n + 1);
    (void)print_c(text, (size_t)n + 1, verb, prec, v);
    (void)qd_buf_add(out, text, (size_t)n);
    free(text);
  }
}

// %#: a decimal point always, and the zeros behind it that %g drops. `num` begins with its sign.
static void sharpen(qd_buf *num, char verb, int prec) {
  int missing = verb == 'g' || verb == 'G' || verb == 'x' ? (prec < 0 ? 6 : prec) : 0;
  bool hex = verb == 'x' || verb == 'X', point = false, seen = false;
  size_t end = 1;
  for (; end < num->n; end++) {
    char c = num->p[end];
    if (c == 'p' || c == 'P' || (!hex && (c == 'e' || c == 'E'))) break;
    if (c == '.') {
      point = true;
      continue;
    }
    seen = seen || c != '0';
    missing -= seen;
  }
  char tail[16] = "";
  if (num->n - end < sizeof tail) (void)snprintf(tail, sizeof tail, "%s", num->p + end);
  if (!point && end == 2 && num->p[1] == '0') missing--;
  num->n = end;
  if (!point) (void)qd_buf_addc(num, '.');
  zeros(num, missing);
  (void)qd_buf_adds(num, tail);
}

void qd__fmt_float(qd__fmt *f, double v, char verb, int prec) {
  if (f->has_prec) prec = f->prec;
  qd_buf num;
  qd_buf_init(&num, 1u << 22);
  if (!signbit(v) && !isinf(v)) (void)qd_buf_addc(&num, '+');
  append(v, verb, prec, &num);
  if (num.p[0] == '+' && f->space && !f->plus) num.p[0] = ' ';
  bool signless = num.p[0] == '+' && !f->plus;
  bool zero = f->zero;
  if (isinf(v) || isnan(v)) {
    f->zero = false;
    signless = isnan(v) ? !f->plus && !f->space : signless;
  } else if (f->sharp && verb != 'b') {
    sharpen(&num, verb, prec);
  }
  qd_slice s = {num.p + signless, num.n - signless};
  if (!signless && f->zero && !f->minus && f->has_width && f->width > (int)num.n) {  // the sign stands before the zeros
    (void)qd_buf_addc(f->out, num.p[0]);
    qd__fmt_padding(f, f->width - (int)num.n);
    (void)qd_buf_add(f->out, num.p + 1, num.n - 1);
  } else {
    qd__fmt_pad(f, s);
  }
  f->zero = zero;
  qd_buf_deinit(&num);
}
