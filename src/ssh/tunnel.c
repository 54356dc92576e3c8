// The dialers of a session. Contract in ssh.h.
#include "ssh/tunnel.h"

#include <stdlib.h>

#include "base/mem.h"

typedef struct tunnel_dialer {
  qd_dialer base;
  qd_ssh *ssh;
  char *what, *expect;
  bool command;
} tunnel_dialer;

static void dialer_free(qd_dialer *base) {
  tunnel_dialer *d = (tunnel_dialer *)base;
  qd_ssh_unref(d->ssh);
  free(d->what);
  free(d->expect);
  free(d);
}

static qd_dial *dial(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx);
static const qd_dialer_kind DIALER = {"ssh", dial, qd__tunnel_cancel, dialer_free};

static qd_dial *dial(qd_dialer *base, bool bulk, qd_dial_done *done, void *ctx) {
  tunnel_dialer *d = (tunnel_dialer *)base;
  qd__tunnel_spec spec = {d->what, d->command, d->expect};
  return qd__tunnel_dial(d->ssh, &DIALER, &spec, bulk, done, ctx);
}

static qd_dialer *dialer_new(qd_ssh *s, bool command, const char *what, const char *expect) {
  tunnel_dialer *d = qd_xcalloc(1, sizeof *d);
  d->base.kind = &DIALER;
  d->base.loop = s->loop;
  d->ssh = s;
  qd_ssh_ref(s);
  d->command = command;
  d->what = qd_xstrdup(what);
  d->expect = expect && expect[0] ? qd_xstrndup(expect, strnlen(expect, 63)) : NULL;
  return &d->base;
}

qd_dialer *qd_ssh_socket_dialer(qd_ssh *s, const char *path) { return dialer_new(s, false, path, NULL); }

qd_dialer *qd_ssh_exec_dialer(qd_ssh *s, const char *command, const char *expect) { return dialer_new(s, true, command, expect); }
