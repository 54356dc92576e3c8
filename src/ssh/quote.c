// Quoting for a POSIX shell. Contract in ssh.h.
#include "ssh/ssh.h"

static bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("_-./:@%+,", c));
}

void qd_ssh_quote(qd_slice arg, qd_buf *out) {
  size_t plain = 0;
  while (plain < arg.n && is_plain(arg.p[plain])) plain++;
  if (arg.n > 0 && plain == arg.n) {
    (void)qd_buf_add(out, arg.p, arg.n);
    return;
  }
  (void)qd_buf_addc(out, '\'');
  for (size_t i = 0; i < arg.n; i++) {
    if (arg.p[i] == '\'')
      (void)qd_buf_adds(out, "'\\''");
    else
      (void)qd_buf_addc(out, arg.p[i]);
  }
  (void)qd_buf_addc(out, '\'');
}
