// Inside data/: how units.c and units_time.c show what was typed.
#ifndef QD_DATA_UNITS_TEXT_H
#define QD_DATA_UNITS_TEXT_H

#include "base/slice.h"

enum { QD__UNITS_QUOTED = 100 };

// `text` for a message: what is not printable escaped, cut where it is long. Returns `out`.
const char *qd__units_quote(qd_slice text, char out[QD__UNITS_QUOTED]);

#endif
