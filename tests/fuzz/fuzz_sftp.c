// Packets of an SFTP server: names with attributes, as readdir brings them, and bare attributes.
#include <stdint.h>
#include <stdlib.h>

#include "ssh/sftp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd__sftp_cursor c = {.rest = {(const char *)data, size}};
  (void)qd__sftp_get_u32(&c);
  for (int i = 0; i < 1000 && !c.bad; i++) {
    qd_slice name = qd__sftp_get_string(&c);
    if (!c.bad && name.n > size) abort();
    (void)qd__sftp_get_string(&c);
    (void)qd__sftp_get_attrs(&c);
  }
  (void)qd__sftp_get_u64(&c);
  return 0;
}
