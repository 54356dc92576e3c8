// known_hosts text against two look-ups: whatever it holds, reading ends, and a verdict names a line of the text.
#include <stdint.h>
#include <stdlib.h>

#include "ssh/known_hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(qd_slice text, const char *host, int port) {
  qd_known_hosts kh;
  qd_known_hosts_init(&kh, host, port);
  qd_known_hosts_add(&kh, text, "f");
  for (size_t i = 0; i < kh.n; i++) {
    const qd_kh_key *by = NULL;
    qd_kh_verdict v = qd_known_hosts_check(&kh, kh.keys[i].blob, &by);
    bool weighs = kh.keys[i].marker != QD_KH_AUTHORITY && !kh.keys[i].without_port;
    if (weighs && v != QD_KH_MATCH && v != QD_KH_IS_REVOKED) abort();
    if (v != QD_KH_UNKNOWN && by == NULL) abort();
    if (i > 50) break;  // quadratic otherwise
  }
  const char *types[8];
  if (qd_known_hosts_types(&kh, types, 8) > 8) abort();
  qd_known_hosts_deinit(&kh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd_slice text = {(const char *)data, size};
  look_up(text, "nas1", 22);
  look_up(text, "nas1.local", 2222);
  return 0;
}
