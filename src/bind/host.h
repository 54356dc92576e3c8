// What host.c and host_call.c share.
#ifndef QD_BIND_HOST_H
#define QD_BIND_HOST_H

#include "qd.h"
#include "script/runtime.h"

// The run whose job it is.
qd_run *qd__run_of(qd_job *job);

#endif
