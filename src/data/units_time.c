// Times: docker's --since and --until, and the RFC 3339 that the Engine API sends.
#include <stdio.h>
#include <time.h>

#include "data/units.h"
#include "data/units_text.h"
#include "data/utf8.h"

#define NS_PER_S 1000000000

const char *qd__units_quote(qd_slice text, char out[QD__UNITS_QUOTED]) {
  size_t n = 0;
  for (size_t i = 0; i < text.n;) {
    size_t sequence = qd_utf8_sequence(text.p + i, text.n - i);
    unsigned char c = (unsigned char)text.p[i];
    if (n + 8 >= QD__UNITS_QUOTED) {
      (void)snprintf(out + n, QD__UNITS_QUOTED - n, "...");
      return out;
    }
    if (sequence == 0 || c < 0x20 || c == 0x7F) {
      n += (size_t)snprintf(out + n, QD__UNITS_QUOTED - n, "\\x%02x", c);
      i++;
      continue;
    }
    memcpy(out + n, text.p + i, sequence);
    n += sequence;
    i += sequence;
  }
  out[n] = '\0';
  return out;
}

typedef enum zone { NO_ZONE, MUST_HAVE_ZONE } zone;
typedef enum precision { DAYS, HOURS, MINUTES, SECONDS } precision;

typedef struct cursor {
  const char *p;
  const char *end;
} cursor;

// Exactly two digits; with `one_too`, as Go reads an hour, also one.
static bool take_two(cursor *c, bool one_too, int *out) {
  int v = 0;
  int n = 0;
  for (; n < 2 && c->p < c->end && *c->p >= '0' && *c->p <= '9'; n++) v = v * 10 + (*c->p++ - '0');
  *out = v;
  return n == 2 || (one_too && n == 1);
}

static bool take_char(cursor *c, char wanted) {
  if (c->p == c->end || *c->p != wanted) return false;
  c->p++;
  return true;
}

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
static int64_t days_of(int year, int month, int day) {
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t year_of_era = y - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int month_length(int year, int month) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return lengths[month - 1] + (month == 2 && leap);
}

static bool take_date(cursor *c, int64_t *out_days) {
  int high;
  int low;
  int month;
  int day;
  if (!take_two(c, false, &high) || !take_two(c, false, &low) || !take_char(c, '-')) return false;
  if (!take_two(c, false, &month) || !take_char(c, '-') || !take_two(c, false, &day)) return false;
  int year = high * 100 + low;
  if (month < 1 || month > 12 || day < 1 || day > month_length(year, month)) return false;
  *out_days = days_of(year, month, day);
  return true;
}

// A fraction of a second, if there is one; digits behind the ninth do not count.
static bool take_fraction(cursor *c, int64_t *out_ns) {
  *out_ns = 0;
  if (!take_char(c, '.') && !take_char(c, ',')) return true;
  const char *start = c->p;
  int64_t unit = NS_PER_S / 10;
  for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++, unit /= 10) *out_ns += unit * (*c->p - '0');
  return c->p > start;
}

static bool take_clock(cursor *c, precision wanted, int64_t *out_s, int64_t *out_ns) {
  int hour;
  int minute = 0;
  int second = 0;
  *out_ns = 0;
  if (!take_char(c, 'T') || !take_two(c, true, &hour)) return false;
  if (wanted >= MINUTES && (!take_char(c, ':') || !take_two(c, false, &minute))) return false;
  if (wanted >= SECONDS && (!take_char(c, ':') || !take_two(c, false, &second) || !take_fraction(c, out_ns))) return false;
  *out_s = (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
  return hour < 24 && minute < 60 && second < 60;
}

static bool take_zone(cursor *c, int64_t *out_offset) {
  int hour;
  int minute;
  *out_offset = 0;
  if (take_char(c, 'Z')) return true;
  bool west = c->p < c->end && *c->p == '-';
  if (!take_char(c, west ? '-' : '+')) return false;
  if (!take_two(c, false, &hour) || !take_char(c, ':') || !take_two(c, false, &minute)) return false;
  *out_offset = (west ? -1 : 1) * ((int64_t)hour * 3600 + (int64_t)minute * 60);
  return hour <= 24 && minute < 60;
}

// The whole text in the form 2006-01-02[T15[:04[:05[.999]]]][Z|+07:00].
static bool parse_form(qd_slice text, precision wanted, zone with, int64_t local_offset, int64_t *out_s, int64_t *out_ns) {
  if (text.n == 0) return false;
  cursor c = {text.p, text.p + text.n};
  int64_t days;
  int64_t seconds = 0;
  int64_t ns = 0;
  int64_t offset = local_offset;
  if (!take_date(&c, &days)) return false;
  if (wanted != DAYS && !take_clock(&c, wanted, &seconds, &ns)) return false;
  if (with == MUST_HAVE_ZONE && !take_zone(&c, &offset)) return false;
  if (c.p != c.end) return false;
  *out_s = days * 86400 + seconds - offset;
  *out_ns = ns;
  return true;
}

static size_t count_of(qd_slice text, char c) {
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++) n += text.p[i] == c;
  return n;
}

static bool has(qd_slice text, char c) { return text.n > 0 && memchr(text.p, c, text.n) != NULL; }

// How docker guesses the form from the text (timetypes.GetTimestamp).
static bool parse_stamp(qd_slice text, int64_t local_offset, int64_t *out_s, int64_t *out_ns) {
  bool utc = has(text, 'z') || has(text, 'Z');
  zone with = utc || has(text, '+') || count_of(text, '-') == 3 ? MUST_HAVE_ZONE : NO_ZONE;
  precision wanted = DAYS;
  if (has(text, '.')) {
    wanted = SECONDS;
  } else if (has(text, 'T')) {
    size_t colons = count_of(text, ':');
    if (with == MUST_HAVE_ZONE && !utc && colons > 0) colons--;  // the offset's own
    wanted = colons == 0 ? HOURS : colons == 1 ? MINUTES : SECONDS;
  }
  return parse_form(text, wanted, with, local_offset, out_s, out_ns);
}

// 1136073600 or 1136073600.000000001
static bool parse_unix(qd_slice text, int64_t *out_s, int64_t *out_ns) {
  int64_t s = 0;
  size_t i = 0;
  for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
    int digit = text.p[i] - '0';
    if (s > (INT64_MAX - digit) / 10) return false;
    s = s * 10 + digit;
  }
  if (i == 0) return false;
  cursor c = {text.p + i, text.p + text.n};
  int64_t ns = 0;
  if (i < text.n && (text.p[i] != '.' || !take_fraction(&c, &ns))) return false;
  if (c.p != c.end) return false;
  *out_s = s;
  *out_ns = ns;
  return true;
}

static int64_t floor_s(int64_t ns) { return ns / NS_PER_S - (ns % NS_PER_S < 0); }

// The zone that holds now, as docker does it, not the one at the time that is read.
static int64_t local_offset_at(int64_t s) {
  time_t now = (time_t)s;
  struct tm local;
  return localtime_r(&now, &local) ? local.tm_gmtoff : 0;
}

static qd_status bad_time(qd_error *err, qd_status category, const char *what, qd_slice text) {
  char quoted[QD__UNITS_QUOTED];
  return qd_fail(err, category, "bad_time", "%s: \"%s\"", what, qd__units_quote(text, quoted));
}

qd_status qd_units_time(qd_slice text, int64_t now_ns, int64_t *out_s, int64_t *out_ns, qd_error *err) {
  qd_error ignored;
  int64_t ago;
  if (!qd_slice_is(text, "0") && qd_units_duration(text, &ago, &ignored) == QD_OK) {
    int64_t s = floor_s(now_ns) - floor_s(ago);
    int64_t ns = now_ns - floor_s(now_ns) * NS_PER_S - (ago - floor_s(ago) * NS_PER_S);
    *out_s = s + floor_s(ns);
    *out_ns = 0;
    return QD_OK;
  }
  if (parse_stamp(text, local_offset_at(floor_s(now_ns)), out_s, out_ns)) return QD_OK;
  if (parse_unix(text, out_s, out_ns)) return QD_OK;
  (void)bad_time(err, QD_USAGE, "failed to parse value as time or duration", text);
  return qd_hint(err, "write a duration before now (90m, 24h), a time (2024-05-01T12:30:00, 2024-05-01) or unix seconds");
}

qd_status qd_units_rfc3339(qd_slice text, int64_t *out_s, int64_t *out_ns, qd_error *err) {
  if (parse_form(text, SECONDS, MUST_HAVE_ZONE, 0, out_s, out_ns)) return QD_OK;
  return bad_time(err, QD_FAIL, "not a time by RFC 3339", text);
}
