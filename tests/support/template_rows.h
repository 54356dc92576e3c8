// Rows of template and answer, run over one document.
#ifndef TEMPLATE_ROWS_H
#define TEMPLATE_ROWS_H

#include <stddef.h>

#include "qd_test.h"

typedef struct qd_template_row {
  const char *text;
  const char *want;  // the output, or the error message
} qd_template_row;

// Renders each row as docker's second try on `inspect -f` does (raw, strict).
void qd_template_rows_check(const qd_template_row *rows, size_t n);

#endif
