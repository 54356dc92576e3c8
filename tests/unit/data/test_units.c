#include "data/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "qd_test.h"

static void size_is(const char *text, int64_t expected) {
  qd_error err = QD_ERROR_INIT;
  int64_t bytes = -1;
  cr_assert_eq(qd_units_size(qd_slice_of(text), &bytes, &err), QD_OK, "%s: %s", text, err.message);
  cr_assert_eq(bytes, expected, "%s gave %" PRId64, text, bytes);
}

static void size_refused(const char *text, const char *message) {
  qd_error err = QD_ERROR_INIT;
  int64_t bytes = -1;
  cr_assert_eq(qd_units_size(qd_slice_of(text), &bytes, &err), QD_USAGE, "%s was accepted", text);
  cr_assert_str_eq(err.code, "bad_size");
  cr_assert_str_eq(err.message, message);
  cr_assert_eq(bytes, -1);
}

QD_TEST(units, sizes) {
  size_is("0", 0);
  size_is("100", 100);
  size_is("32b", 32);
  size_is("32B", 32);
  size_is("1k", 1024);
  size_is("1kb", 1024);
  size_is("1Kib", 1024);
  size_is("1KIB", 1024);
  size_is("1 mb", 1048576);
  size_is("1.5GiB", 1610612736);
  size_is("2t", 2199023255552);
  size_is("1p", 1125899906842624);
  size_is("0.5k", 512);
  size_is(".5k", 512);
  size_is("1.", 1);
  size_is("32.9", 32);
  size_is("0.3MB", 314572);
  size_is("1e3", 1000);
  size_is("1e3k", 1024000);
  size_is("+5", 5);
  size_is("-0", 0);
  size_is("1 ", 1);
  size_is("8191p", 9222246136947933184);
}

QD_TEST(units, refuses_sizes) {
  size_refused("", "invalid size: ''");
  size_refused("k", "invalid size: 'k'");
  size_refused("-1", "invalid size: '-1'");
  size_refused("-1m", "invalid size: '-1m'");
  size_refused("1  mb", "invalid size: '1  mb'");
  size_refused(" 1", "invalid size: ' 1'");
  size_refused("1x", "invalid suffix: 'x'");
  size_refused("1bb", "invalid suffix: 'bb'");
  size_refused("1bib", "invalid suffix: 'bib'");
  size_refused("1ki", "invalid suffix: 'ki'");
  size_refused("1kbb", "invalid suffix: 'kbb'");
  size_refused("1mbps", "invalid suffix: 'mbps'");
  size_refused("1e", "invalid suffix: 'e'");
  size_refused("1 gib/s", "invalid suffix: 'gib/s'");
  size_refused("m1", "invalid size: 'm1'");
  size_refused("1.2.3", "invalid size: '1.2.3'");
  size_refused(".", "invalid size: '.'");
  size_refused("0x10", "invalid size: '0x10'");
  size_refused("inf", "invalid size: 'inf'");
  size_refused("8192p", "invalid size: '8192p'");
  size_refused("1e400", "invalid size: '1e400'");
  size_refused("1\x01\xFF", "invalid suffix: '\\x01\\xff'");
}

QD_TEST(units, a_size_may_hold_any_byte) {
  qd_error err = QD_ERROR_INIT;
  int64_t bytes;
  cr_assert_eq(qd_units_size(QD_SLICE("1\0"), &bytes, &err), QD_USAGE);
  cr_assert_eq(qd_units_size(QD_SLICE("1k\0"), &bytes, &err), QD_USAGE);
  char digits[1000];
  memset(digits, '1', sizeof digits);
  cr_assert_eq(qd_units_size((qd_slice){digits, sizeof digits}, &bytes, &err), QD_USAGE);
  cr_assert(strlen(err.message) < 130);
}

static void duration_is(const char *text, int64_t expected) {
  qd_error err = QD_ERROR_INIT;
  int64_t ns = -1;
  cr_assert_eq(qd_units_duration(qd_slice_of(text), &ns, &err), QD_OK, "%s: %s", text, err.message);
  cr_assert_eq(ns, expected, "%s gave %" PRId64, text, ns);
}

static void duration_refused(const char *text, const char *message) {
  qd_error err = QD_ERROR_INIT;
  int64_t ns = -1;
  cr_assert_eq(qd_units_duration(qd_slice_of(text), &ns, &err), QD_USAGE, "%s was accepted", text);
  cr_assert_str_eq(err.code, "bad_duration");
  cr_assert_str_eq(err.message, message);
}

QD_TEST(units, durations) {
  duration_is("0", 0);
  duration_is("-0", 0);
  duration_is("+0", 0);
  duration_is("5s", 5000000000);
  duration_is("1h30m", 5400000000000);
  duration_is("-1.5h", -5400000000000);
  duration_is("1us", 1000);
  duration_is("1\xC2\xB5s", 1000);
  duration_is("1\xCE\xBCs", 1000);
  duration_is("1.5s", 1500000000);
  duration_is(".5s", 500000000);
  duration_is("5.s", 5000000000);
  duration_is("3m2.5s500ms4ns", 183000000004);
  duration_is("0s", 0);
  duration_is("0.100000000000000000000h", 360000000000);
  duration_is("0.3333333333333333333h", 1200000000000);
  duration_is("9223372036854775807ns", INT64_MAX);
  duration_is("-9223372036854775808ns", INT64_MIN);
  duration_is("9223372036.854775807s", INT64_MAX);
  duration_is("0.9223372036854775808h", 3320413933267);
}

QD_TEST(units, refuses_durations) {
  duration_refused("", "time: invalid duration \"\"");
  duration_refused("10", "time: missing unit in duration \"10\"");
  duration_refused("-10", "time: missing unit in duration \"-10\"");
  duration_refused("1h5", "time: missing unit in duration \"1h5\"");
  duration_refused("00", "time: missing unit in duration \"00\"");
  duration_refused("3", "time: missing unit in duration \"3\"");
  duration_refused("-", "time: invalid duration \"-\"");
  duration_refused("s", "time: invalid duration \"s\"");
  duration_refused(".", "time: invalid duration \".\"");
  duration_refused(".s", "time: invalid duration \".s\"");
  duration_refused("1d", "time: unknown unit \"d\" in duration \"1d\"");
  duration_refused("1 h", "time: unknown unit \" h\" in duration \"1 h\"");
  duration_refused("1H", "time: unknown unit \"H\" in duration \"1H\"");
  duration_refused("1h-5m", "time: unknown unit \"h-\" in duration \"1h-5m\"");
  duration_refused("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\"");
  duration_refused("-9223372036854775809ns", "time: invalid duration \"-9223372036854775809ns\"");
  duration_refused("3000000h", "time: invalid duration \"3000000h\"");
  duration_refused("2562047h48m", "time: invalid duration \"2562047h48m\"");
  duration_refused("99999999999999999999s", "time: invalid duration \"99999999999999999999s\"");
}

static const int64_t now_s = 1714567890;  // 2024-05-01T12:51:30Z

static void time_is(const char *text, int64_t seconds, int64_t nanoseconds) {
  qd_error err = QD_ERROR_INIT;
  int64_t s = -1;
  int64_t ns = -1;
  cr_assert_eq(qd_units_time(qd_slice_of(text), now_s * 1000000000 + 123, &s, &ns, &err), QD_OK, "%s: %s", text, err.message);
  cr_assert_eq(s, seconds, "%s gave %" PRId64, text, s);
  cr_assert_eq(ns, nanoseconds, "%s gave %" PRId64, text, ns);
}

static void time_refused(const char *text) {
  qd_error err = QD_ERROR_INIT;
  int64_t s;
  int64_t ns;
  cr_assert_eq(qd_units_time(qd_slice_of(text), now_s * 1000000000, &s, &ns, &err), QD_USAGE, "%s was accepted", text);
  cr_assert_str_eq(err.code, "bad_time");
}

static void in_zone(const char *zone) {
  (void)setenv("TZ", zone, 1);
  tzset();
}

QD_TEST(units, times_with_a_zone) {
  in_zone("UTC0");
  time_is("2024-05-01T12:51:30Z", now_s, 0);
  time_is("2024-05-01T14:51:30+02:00", now_s, 0);
  time_is("2024-05-01T05:51:30-07:00", now_s, 0);
  time_is("2024-05-01T12:51:30.5Z", now_s, 500000000);
  time_is("2024-05-01T12:51:30.123456789Z", now_s, 123456789);
  time_is("2024-05-01T12:51:30.1234567899Z", now_s, 123456789);
  time_is("2024-05-01T05:51:30.25-07:00", now_s, 250000000);
  time_is("2024-05-01T12:51Z", now_s - 30, 0);
  time_is("2024-05-01T12:51+00:00", now_s - 30, 0);
  time_is("2024-05-01T12Z", 1714564800, 0);
  time_is("2024-05-01T05-07:00", 1714564800, 0);
  time_is("2024-05-01Z", 1714521600, 0);
  time_is("2024-05-01+01:00", 1714518000, 0);
  time_is("2024-05-01-01:00", 1714525200, 0);
  time_is("1969-12-31T23:59:59Z", -1, 0);
  time_is("0001-01-01T00:00:00Z", -62135596800, 0);
  time_is("2024-02-29T00:00:00Z", 1709164800, 0);
  time_is("2000-02-29T00:00:00Z", 951782400, 0);
}

QD_TEST(units, times_without_a_zone_are_local) {
  in_zone("ABC-03:30");  // POSIX counts west of Greenwich: this is UTC+03:30
  time_is("2024-05-01T16:21:30", now_s, 0);
  time_is("2024-05-01T16:21:30.000000001", now_s, 1);
  time_is("2024-05-01T16:21", now_s - 30, 0);
  time_is("2024-05-01T16", 1714567800 - 1200, 0);
  time_is("2024-05-01T5:00:00", 1714527000, 0);
  time_is("2024-05-01", 1714509000, 0);
  time_is("2024-05-01T12:51:30Z", now_s, 0);
  in_zone("UTC0");
}

// docker takes the offset that holds now, also for a time in the other half of the year.
QD_TEST(units, local_times_use_the_zone_of_now) {
  in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
  time_is("2024-05-01T14:51:30", now_s, 0);
  time_is("2024-01-01T02:00:00", 1704067200, 0);
  in_zone("UTC0");
}

QD_TEST(units, times_as_unix_seconds_or_ago) {
  in_zone("UTC0");
  time_is("0", 0, 0);
  time_is("1136073600", 1136073600, 0);
  time_is("1136073600.000000001", 1136073600, 1);
  time_is("1136073600.5", 1136073600, 500000000);
  time_is("1h", now_s - 3600, 0);
  time_is("1h30m", now_s - 5400, 0);
  time_is("-10s", now_s + 10, 0);
  time_is("1.5s", now_s - 2, 0);
  time_is("0s", now_s, 0);
}

QD_TEST(units, refuses_times) {
  in_zone("UTC0");
  static const char *const bad[] = {
      "",
      "yesterday",
      "-5",
      "1d",
      "10:30",
      "2024-13-01",
      "2024-05",
      "2024-00-01",
      "2024-05-00",
      "2024-5-1",
      "2023-02-29",
      "1900-02-29",
      "2024-05-32",
      "1.5.5",
      "1.",
      ".5",
      "1,5",
      "24-05-01",
      "2024-05-01T",
      "2024-05-01 12:00:00",
      "2024-05-01T24:00:00",
      "2024-05-01T12:60:00",
      "2024-05-01T12:00:60",
      "2024-05-01T12:00:00z",
      "2024-05-01T12:00:00Zx",
      "2024-05-01T12:00:00.Z",
      "2024-05-01T12:00:00+0200",
      "2024-05-01T12:00:00+25:00",
      "2024-05-01T12:00:00+02:60",
      "2024-05-01T12:00:00+",
      "99999999999999999999",
      "2024-05-01.5",
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) time_refused(bad[i]);
  qd_error err = QD_ERROR_INIT;
  int64_t s;
  int64_t ns;
  cr_assert_eq(qd_units_time(QD_SLICE("yesterday"), 0, &s, &ns, &err), QD_USAGE);
  cr_assert_str_eq(err.message, "failed to parse value as time or duration: \"yesterday\"");
}

QD_TEST(units, rfc3339) {
  qd_error err = QD_ERROR_INIT;
  int64_t s;
  int64_t ns;
  cr_assert_eq(qd_units_rfc3339(QD_SLICE("2024-05-01T12:51:30.00000001Z"), &s, &ns, &err), QD_OK);
  cr_assert_eq(s, now_s);
  cr_assert_eq(ns, 10);
  cr_assert_eq(qd_units_rfc3339(QD_SLICE("2024-05-01T13:51:30+01:00"), &s, &ns, &err), QD_OK);
  cr_assert_eq(s, now_s);
  cr_assert_eq(qd_units_rfc3339(QD_SLICE("2024-05-01T12:51:30"), &s, &ns, &err), QD_FAIL);
  cr_assert_str_eq(err.code, "bad_time");
  cr_assert_eq(qd_units_rfc3339((qd_slice){NULL, 0}, &s, &ns, &err), QD_FAIL);
}

static void human_size(double bytes, int precision, const char *expected) {
  qd_buf out;
  qd_buf_init(&out, 100);
  qd_units_human_size(bytes, precision, &out);
  cr_assert_str_eq(out.p, expected);
  qd_buf_deinit(&out);
}

static void bytes_size(double bytes, const char *expected) {
  qd_buf out;
  qd_buf_init(&out, 100);
  qd_units_bytes_size(bytes, &out);
  cr_assert_str_eq(out.p, expected);
  qd_buf_deinit(&out);
}

QD_TEST(units, human_sizes) {
  human_size(0, 4, "0B");
  human_size(999, 4, "999B");
  human_size(1000, 4, "1kB");
  human_size(1024, 4, "1.024kB");
  human_size(1234567, 4, "1.235MB");
  human_size(1234567, 3, "1.23MB");
  human_size(999700000, 3, "1e+03MB");  // docker prints this
  human_size(5.5e12, 3, "5.5TB");
  human_size(1e30, 4, "1e+06YB");
  human_size(-1, 4, "-1B");
  bytes_size(1024, "1KiB");
  bytes_size(1536, "1.5KiB");
  bytes_size(1073741824, "1GiB");
  bytes_size(123456789, "117.7MiB");
  bytes_size(1023, "1023B");
}

static void human_duration(int64_t seconds, const char *expected) {
  qd_buf out;
  qd_buf_init(&out, 100);
  qd_units_human_duration(seconds, &out);
  cr_assert_str_eq(out.p, expected, "%" PRId64 ": %s", seconds, out.p);
  qd_buf_deinit(&out);
}

QD_TEST(units, human_durations) {
  human_duration(-5, "Less than a second");
  human_duration(0, "Less than a second");
  human_duration(1, "1 second");
  human_duration(45, "45 seconds");
  human_duration(60, "About a minute");
  human_duration(119, "About a minute");
  human_duration(120, "2 minutes");
  human_duration(3599, "59 minutes");
  human_duration(3600, "About an hour");
  human_duration(5399, "About an hour");
  human_duration(5400, "2 hours");
  human_duration(INT64_C(47) * 3600 + 1799, "47 hours");
  human_duration(INT64_C(48) * 3600, "2 days");
  human_duration(INT64_C(13) * 86400, "13 days");
  human_duration(INT64_C(14) * 86400, "2 weeks");
  human_duration(INT64_C(59) * 86400, "8 weeks");
  human_duration(INT64_C(60) * 86400, "2 months");
  human_duration(INT64_C(729) * 86400, "24 months");
  human_duration(INT64_C(730) * 86400, "2 years");
  human_duration(63713000000, "292 years");
}

QD_TEST(units, no_text_at_all) {
  const qd_slice none = {NULL, 0};
  qd_error err = QD_ERROR_INIT;
  int64_t v;
  int64_t ns;
  cr_assert_eq(qd_units_size(none, &v, &err), QD_USAGE);
  cr_assert_eq(qd_units_duration(none, &v, &err), QD_USAGE);
  cr_assert_eq(qd_units_time(none, 0, &v, &ns, &err), QD_USAGE);
}
