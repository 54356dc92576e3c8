// Sizes and durations, read and printed as go-units and Go's time.ParseDuration do. Contract in units.h.
#include "data/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "data/c_locale.h"
#include "data/units_text.h"

static qd_status bad_size(qd_error *err, const char *what, qd_slice part) {
  char quoted[QD__UNITS_QUOTED];
  (void)qd_fail(err, QD_USAGE, "bad_size", "invalid %s: '%s'", what, qd__units_quote(part, quoted));
  return qd_hint(err, "write a number and perhaps a unit: 512m, 1.5g, 100KiB");
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static size_t skip_digits(qd_slice s, size_t i) {
  while (i < s.n && is_digit(s.p[i])) i++;
  return i;
}

// The decimal forms of Go's ParseFloat: [+-] 12 | 12.5 | .5 | 12. and an exponent.
static bool read_decimal(qd_slice s, double *out) {
  char text[400];
  size_t i = s.n && (s.p[0] == '+' || s.p[0] == '-');
  size_t start = i;
  i = skip_digits(s, i);
  size_t count = i - start;
  if (i < s.n && s.p[i] == '.') {
    size_t fraction = ++i;
    i = skip_digits(s, i);
    count += i - fraction;
  }
  if (count == 0) return false;
  if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
    i++;
    if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
    size_t exponent = i;
    i = skip_digits(s, i);
    if (i == exponent) return false;
  }
  if (i != s.n || s.n >= sizeof text) return false;
  memcpy(text, s.p, s.n);
  text[s.n] = '\0';
  *out = qd__c_strtod(text);
  return true;
}

// The factor of "k", "kb", "kib", "b" and so on; 0: no such unit.
static double factor_of(qd_slice unit) {
  static const char prefixes[] = "bkmgtp";
  if (unit.n == 0) return 1;
  const char *prefix = strchr(prefixes, tolower((unsigned char)unit.p[0]));
  if (unit.n > 3 || unit.p[0] == '\0' || !prefix) return 0;
  bool plain = *prefix == 'b';
  if (unit.n > 1 && (plain || strncasecmp(unit.p + 1, unit.n == 2 ? "b" : "ib", unit.n - 1) != 0)) return 0;
  return plain ? 1 : (double)(1LL << (10 * (prefix - prefixes)));
}

qd_status qd_units_size(qd_slice text, int64_t *out_bytes, qd_error *err) {
  if (text.n == 0) return bad_size(err, "size", text);
  size_t i = text.n;  // behind the last byte that can belong to the number
  while (i > 0 && !is_digit(text.p[i - 1]) && text.p[i - 1] != '.' && text.p[i - 1] != ' ') i--;
  qd_slice number = {text.p, i > 0 && text.p[i - 1] == ' ' ? i - 1 : i};
  qd_slice unit = {text.p + i, text.n - i};
  double size;
  if (!read_decimal(number, &size) || size < 0) return bad_size(err, "size", text);
  double factor = factor_of(unit);
  if (factor == 0) return bad_size(err, "suffix", unit);
  size *= factor;
  if (!(size < 9223372036854775808.0)) return bad_size(err, "size", text);
  *out_bytes = (int64_t)size;
  return QD_OK;
}

static const struct {
  const char *name;
  uint64_t ns;
} duration_units[] = {
    {"ns", 1},           {"us", 1000},      {"\xC2\xB5s", 1000},  // U+00B5, micro sign
    {"\xCE\xBCs", 1000},                                          // U+03BC, mu
    {"ms", 1000000},     {"s", 1000000000}, {"m", 60 * 1000000000ull}, {"h", 3600 * 1000000000ull},
};

static qd_status bad_duration(qd_error *err, qd_slice text, const char *what, qd_slice unit) {
  char quoted[QD__UNITS_QUOTED];
  char quoted_unit[QD__UNITS_QUOTED];
  (void)qd__units_quote(text, quoted);
  if (unit.n > 0) {
    (void)qd_fail(err, QD_USAGE, "bad_duration", "time: %s \"%s\" in duration \"%s\"", what, qd__units_quote(unit, quoted_unit), quoted);
  } else {
    (void)qd_fail(err, QD_USAGE, "bad_duration", "time: %s \"%s\"", what, quoted);
  }
  return qd_hint(err, "write numbers with units: 90s, 1h30m, 500ms");
}

typedef struct amount {
  uint64_t whole;  // at most 2^63
  uint64_t fraction;
  double scale;  // value = whole + fraction / scale
} amount;

// Reads 12, 12.5, .5 or 12. at *at. false: no digits, or too large.
static bool read_amount(qd_slice text, size_t *at, amount *a) {
  const uint64_t most = (uint64_t)1 << 63;
  size_t i = *at;
  size_t digits = 0;
  *a = (amount){0, 0, 1};
  for (; i < text.n && is_digit(text.p[i]); i++, digits++) {
    uint64_t digit = (uint64_t)(text.p[i] - '0');
    if (a->whole > (most - digit) / 10) return false;
    a->whole = a->whole * 10 + digit;
  }
  if (i < text.n && text.p[i] == '.') {
    bool full = false;  // further digits are beyond what counts
    for (i++; i < text.n && is_digit(text.p[i]); i++, digits++) {
      uint64_t digit = (uint64_t)(text.p[i] - '0');
      full = full || a->fraction > ((most - 1) - digit) / 10;
      if (full) continue;
      a->fraction = a->fraction * 10 + digit;
      a->scale *= 10;
    }
  }
  *at = i;
  return digits > 0;
}

static uint64_t unit_ns(qd_slice unit) {
  for (size_t i = 0; i < sizeof duration_units / sizeof *duration_units; i++)
    if (qd_slice_is(unit, duration_units[i].name)) return duration_units[i].ns;
  return 0;
}

// The numbers with units behind the sign.
static qd_status sum_up(qd_slice text, size_t i, uint64_t *out_total, qd_error *err) {
  const qd_slice none = {"", 0};
  const uint64_t most = (uint64_t)1 << 63;
  uint64_t total = 0;
  while (i < text.n) {
    amount a;
    if (!read_amount(text, &i, &a)) return bad_duration(err, text, "invalid duration", none);
    qd_slice unit = {text.p + i, 0};
    while (i < text.n && text.p[i] != '.' && !is_digit(text.p[i])) i++;
    unit.n = (size_t)(text.p + i - unit.p);
    if (unit.n == 0) return bad_duration(err, text, "missing unit in duration", none);
    uint64_t ns = unit_ns(unit);
    if (ns == 0) return bad_duration(err, text, "unknown unit", unit);
    if (a.whole > most / ns) return bad_duration(err, text, "invalid duration", none);
    uint64_t v = a.whole * ns + (uint64_t)((double)a.fraction * ((double)ns / a.scale));
    if (v > most || total + v > most) return bad_duration(err, text, "invalid duration", none);
    total += v;
  }
  *out_total = total;
  return QD_OK;
}

qd_status qd_units_duration(qd_slice text, int64_t *out_ns, qd_error *err) {
  const qd_slice none = {"", 0};
  bool negative = text.n > 0 && text.p[0] == '-';
  size_t i = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+');
  uint64_t total = 0;
  if (i == text.n) return bad_duration(err, text, "invalid duration", none);
  if (text.n - i > 1 || text.p[i] != '0') {
    qd_status st = sum_up(text, i, &total, err);
    if (st != QD_OK) return st;
  }
  if (!negative && total > INT64_MAX) return bad_duration(err, text, "invalid duration", none);
  *out_ns = negative ? (int64_t)(0 - total) : (int64_t)total;
  return QD_OK;
}

static void scaled(double size, double base, int precision, const char *const units[9], qd_buf *out) {
  char text[64];
  int i = 0;
  for (; size >= base && i < 8; i++) size /= base;
  (void)qd__c_snprintf(text, sizeof text, "%.*g%s", precision, size, units[i]);
  (void)qd_buf_adds(out, text);
}

void qd_units_human_size(double bytes, int precision, qd_buf *out) {
  static const char *const units[9] = {"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
  scaled(bytes, 1000, precision < 1 ? 1 : precision > 17 ? 17 : precision, units, out);
}

void qd_units_bytes_size(double bytes, qd_buf *out) {
  static const char *const units[9] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"};
  scaled(bytes, 1024, 4, units, out);
}

// A fraction without its trailing zeros: "" or ".5".
static void fraction(uint64_t part, unsigned digits, qd_buf *out) {
  if (part == 0) return;
  char text[24];
  int n = snprintf(text, sizeof text, "%0*" PRIu64, (int)digits, part);
  while (n > 0 && text[n - 1] == '0') n--;
  (void)qd_buf_addf(out, ".%.*s", n, text);
}

// time.Duration.String: 1h30m0s, 1.5s, 250ms, 0s.
void qd_units_print_duration(int64_t ns, qd_buf *out) {
  uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
  if (ns < 0) (void)qd_buf_addc(out, '-');
  if (u < 1000000000) {
    static const struct {
      uint64_t unit;
      unsigned digits;
      const char *name;
    } small[] = {{1000000, 6, "ms"}, {1000, 3, "\xC2\xB5s"}, {1, 0, "ns"}};
    for (size_t i = 0; i < 3; i++) {
      if (u < small[i].unit) continue;
      (void)qd_buf_addf(out, "%" PRIu64, u / small[i].unit);
      fraction(u % small[i].unit, small[i].digits, out);
      (void)qd_buf_adds(out, small[i].name);
      return;
    }
    (void)qd_buf_adds(out, "0s");
    return;
  }
  uint64_t s = u / 1000000000;
  if (s >= 3600) (void)qd_buf_addf(out, "%" PRIu64 "h", s / 3600);
  if (s >= 60) (void)qd_buf_addf(out, "%" PRIu64 "m", s / 60 % 60);
  (void)qd_buf_addf(out, "%" PRIu64, s % 60);
  fraction(u % 1000000000, 9, out);
  (void)qd_buf_addc(out, 's');
}

void qd_units_human_duration(int64_t seconds, qd_buf *out) {
  const int64_t longest = INT64_MAX / 1000000000;  // Go's durations end there ("292 years")
  if (seconds > longest) seconds = longest;
  int64_t minutes = seconds / 60;
  int64_t hours = (seconds + 1800) / 3600;
  if (seconds < 1) {
    (void)qd_buf_adds(out, "Less than a second");
  } else if (seconds == 1) {
    (void)qd_buf_adds(out, "1 second");
  } else if (seconds < 60) {
    (void)qd_buf_addf(out, "%" PRId64 " seconds", seconds);
  } else if (minutes == 1) {
    (void)qd_buf_adds(out, "About a minute");
  } else if (minutes < 60) {
    (void)qd_buf_addf(out, "%" PRId64 " minutes", minutes);
  } else if (hours == 1) {
    (void)qd_buf_adds(out, "About an hour");
  } else if (hours < 48) {
    (void)qd_buf_addf(out, "%" PRId64 " hours", hours);
  } else if (hours < INT64_C(24) * 7 * 2) {
    (void)qd_buf_addf(out, "%" PRId64 " days", hours / 24);
  } else if (hours < INT64_C(24) * 30 * 2) {
    (void)qd_buf_addf(out, "%" PRId64 " weeks", hours / 24 / 7);
  } else if (hours < INT64_C(24) * 365 * 2) {
    (void)qd_buf_addf(out, "%" PRId64 " months", hours / 24 / 30);
  } else {
    (void)qd_buf_addf(out, "%" PRId64 " years", seconds / 3600 / 24 / 365);
  }
}
