// The conversation of a command with the connection holder: frames, the lists in them, and what is read from those.
#include <stdint.h>
#include <stdlib.h>

#include "agent/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd__wire w;
  qd_slice bytes = {(const char *)data, size};
  qd__wire_init(&w);
  for (;;) {
    qd__frame f;
    qd_error err;
    bool got = false;
    if (qd__wire_next(&w, &bytes, &f, &got, &err) != QD_OK || !got) break;
    if (f.type == QD__DATA || f.type == QD__ERRDATA) {
      if (f.bytes.n == 0 || f.bytes.n > size) abort();
      continue;
    }
    qd__target t;
    for (size_t from = 0; from < 9; from += 7)
      if (qd__frame_target(&f, from, &t, &err) == QD_OK) qd__target_deinit(&t);
    char name[256];
    qd_ssh_info info;
    qd__frame_info(&f, name, &info);
    (void)qd__frame_number(&f, 3);
  }
  qd__wire_deinit(&w);
  return 0;
}
