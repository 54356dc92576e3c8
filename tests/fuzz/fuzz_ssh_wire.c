// What others send before they are trusted, and what lies in key files: identification and KEXINIT, agent answers, keys.
#include <stdint.h>
#include <stdlib.h>

#include "ssh/agent.h"
#include "ssh/algorithms.h"
#include "ssh/hostkey.h"
#include "ssh/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  qd_slice text = {(const char *)data + 1, size - 1};
  qd_error err;
  switch (data[0] % 4) {
    case 0: {
      qd__kexinit k;
      if (qd__kexinit_parse(text, &k)) (void)qd__lists_meet(k.kex, k.host_key);
      (void)qd__openssh_version(k.identification);
      break;
    }
    case 1: {
      qd__agent a = {.fd = -1};
      qd_buf_init(&a.listing, 1);
      if (!qd__agent_parse_keys(&a, text) && a.n > 64) abort();
      qd__agent_close(&a);
      (void)qd__agent_flags(text);
      break;
    }
    case 2: {
      qd__keyfile k = {.path = NULL};
      if (qd__keyfile_look(&k, "f", text, &err) == QD_OK && k.is_public && k.blob == NULL) abort();
      qd__keyfile_deinit(&k);
      break;
    }
    default: {
      qd__hostkey key;
      if (qd__hostkey_of(text, &key) && key.type[0] == '\0') abort();
    }
  }
  return 0;
}
