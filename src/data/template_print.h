// Printing one value with a verb, between template_fmt.c (format strings) and template_num.c (text of numbers).
#ifndef QD_DATA_TEMPLATE_PRINT_H
#define QD_DATA_TEMPLATE_PRINT_H

#include "data/template_int.h"

typedef struct qd__printer {
  qd__exec *x;
  qd__fmt f;
  bool erroring;  // inside %!verb(...): String methods are not called
} qd__printer;

void qd__print_arg(qd__printer *p, const qd__value *v, uint32_t verb);

#endif
