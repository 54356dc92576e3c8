// Environment files, and references to variables.
#include <stdint.h>
#include <stdlib.h>

#include "compose/compose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd_slice text = {(const char *)data, size};
  qd_error err = QD_ERROR_INIT;
  qd_json *env = qd_json_object();
  qd_json *into = qd_json_object();
  qd_json_set(env, QD_SLICE("A"), qd_json_string(QD_SLICE("$B ${C:-x}")));
  if (qd_compose_dotenv(text, "f", env, into, &err) != QD_OK && err.message[0] == '\0') abort();
  qd_buf out;
  qd_buf_init(&out, 1u << 20);
  qd_json *unset = qd_json_array();
  if (qd_compose_interpolate(text, into, unset, &out, &err) != QD_OK && err.message[0] == '\0') abort();
  qd_json_free(unset);
  qd_buf_deinit(&out);
  qd_json_free(into);
  qd_json_free(env);
  return 0;
}
