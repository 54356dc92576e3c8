// Inside data/: number text independent of the LC_NUMERIC that an embedding program has set.
#ifndef QD_DATA_C_LOCALE_H
#define QD_DATA_C_LOCALE_H

#include <stddef.h>

#include "base/error.h"

// strtod for a whole NUL-terminated text, with a point.
double qd__c_strtod(const char *text);
// snprintf with a point.
int qd__c_snprintf(char *out, size_t size, const char *fmt, ...) QD_PRINTF(3, 4);

#endif
