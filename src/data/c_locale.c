// Contract in c_locale.h. uselocale is per thread, so other threads of the program notice nothing.
#include "data/c_locale.h"

#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static locale_t enter(void) {
  (void)pthread_once(&once, make);
  return uselocale(c_locale);
}

double qd__c_strtod(const char *text) {
  locale_t old = enter();
  double v = strtod(text, NULL);
  (void)uselocale(old);
  return v;
}

int qd__c_snprintf(char *out, size_t size, const char *fmt, ...) {
  locale_t old = enter();
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(out, size, fmt, ap);
  va_end(ap);
  (void)uselocale(old);
  return n;
}
