// SSH channels as streams, for the dialers. Inside ssh/ only.
#ifndef QD_SSH_TUNNEL_H
#define QD_SSH_TUNNEL_H

#include "ssh/session.h"

typedef struct qd__tunnel_spec {
  const char *what;    // path of a socket on the server, or a command line
  bool command;        // which of the two
  const char *expect;  // what the first bytes from a command must be (at most 63 bytes); NULL: anything
} qd__tunnel_spec;

// As qd_dial_start: `spec` is copied; `kind->cancel` must be qd__tunnel_cancel.
qd_dial *qd__tunnel_dial(qd_ssh *s, const qd_dialer_kind *kind, const qd__tunnel_spec *spec, bool bulk, qd_dial_done *done, void *ctx);
void qd__tunnel_cancel(qd_dial *dial);

#endif
