// Numbers of JSON text, both ways, whatever LC_NUMERIC the embedding program has set.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/c_locale.h"
#include "data/json_node.h"

// false: not an integer that int64_t holds. `text` has no fraction and no exponent.
static bool read_int(qd_slice text, int64_t *out) {
  bool negative = text.p[0] == '-';
  uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
  uint64_t v = 0;
  for (size_t i = negative; i < text.n; i++) {
    unsigned digit = (unsigned)(text.p[i] - '0');
    if (v > (limit - digit) / 10) return false;
    v = v * 10 + digit;
  }
  *out = negative ? (int64_t)(0 - v) : (int64_t)v;
  return true;
}

bool qd__json_number_read(qd_slice text, qd__json_number *out) {
  bool plain = true;
  for (size_t i = 0; i < text.n && plain; i++) plain = text.p[i] == '-' || (text.p[i] >= '0' && text.p[i] <= '9');
  out->is_int = plain && read_int(text, &out->u.i);
  if (out->is_int) return true;
  char small[128];
  char *copy = text.n < sizeof small ? small : malloc(text.n + 1);
  if (!copy) return false;
  memcpy(copy, text.p, text.n);
  copy[text.n] = '\0';
  out->u.f = qd__c_strtod(copy);
  if (copy != small) free(copy);
  return isfinite(out->u.f);
}

typedef struct decimal {
  char digits[20];  // d1 d2 d3 ..., value = 0.d1d2d3... * 10^point
  int n;
  int point;
} decimal;

static bool reads_back(const decimal *d, double v) {
  char text[40];
  (void)snprintf(text, sizeof text, "0.%.*se%d", d->n, d->digits, d->point);
  return qd__c_strtod(text) == v;
}

static void round_to(double v, int n, decimal *d) {
  char text[40];
  (void)qd__c_snprintf(text, sizeof text, "%.*e", n - 1, v);  // d.ddde+XX
  d->n = 0;
  const char *p = text;
  for (; *p != 'e'; p++)
    if (*p != '.') d->digits[d->n++] = *p;
  d->point = (int)strtol(p + 1, NULL, 10) + 1;
  while (d->n > 1 && d->digits[d->n - 1] == '0') d->n--;
}

// One unit up in the last of n places. false: only nines, never needed.
static bool round_up(decimal *d, int n) {
  while (d->n < n) d->digits[d->n++] = '0';
  int i = n - 1;
  while (i >= 0 && d->digits[i] == '9') i--;
  if (i < 0) return false;
  d->digits[i]++;
  d->n = i + 1;
  return true;
}

// v > 0 and finite. 15 digits survive the way through a normal double, so fewer need not be tried there. Above a
// power of two the gap is twice the one below: the nearest n digits may lie outside it, the next ones inside.
static void shortest(double v, decimal *d) {
  int exponent;
  bool power_of_two = frexp(v, &exponent) == 0.5;
  for (int n = v < 2.3e-308 ? 1 : 15; n < 17; n++) {
    round_to(v, n, d);
    if (reads_back(d, v)) return;
    if (power_of_two && round_up(d, n) && reads_back(d, v)) return;
  }
  round_to(v, 17, d);
}

static bool write_exponent(const decimal *d, qd_buf *out) {
  bool ok = qd_buf_addc(out, d->digits[0]);
  if (d->n > 1) ok = ok && qd_buf_addc(out, '.') && qd_buf_add(out, d->digits + 1, (size_t)d->n - 1);
  return ok && qd_buf_addf(out, "e%+d", d->point - 1);
}

static bool write_plain(const decimal *d, qd_buf *out) {
  bool ok = true;
  if (d->point <= 0) {
    ok = qd_buf_adds(out, "0.");
    for (int i = d->point; i < 0; i++) ok = ok && qd_buf_addc(out, '0');
    return ok && qd_buf_add(out, d->digits, (size_t)d->n);
  }
  int whole = d->n < d->point ? d->n : d->point;
  ok = qd_buf_add(out, d->digits, (size_t)whole);
  for (int i = whole; i < d->point; i++) ok = ok && qd_buf_addc(out, '0');
  if (d->n > whole) ok = ok && qd_buf_addc(out, '.') && qd_buf_add(out, d->digits + whole, (size_t)(d->n - whole));
  return ok;
}

bool qd__json_number_write(double v, qd_buf *out) {
  if (!isfinite(v)) return qd_buf_adds(out, "null");
  if (signbit(v) && !qd_buf_addc(out, '-')) return false;
  if (v == 0) return qd_buf_addc(out, '0');
  v = fabs(v);
  decimal d;
  shortest(v, &d);
  return v < 1e-6 || v >= 1e21 ? write_exponent(&d, out) : write_plain(&d, out);
}
