// The patcher on any YAML: what it gives out parses, means what was asked (it checks that itself), differs from the input in one
// place only, and setting the same again changes nothing. First byte: the operation; the rest: the text.
#include <stdint.h>
#include <stdlib.h>

#include "data/yaml.h"
#include "profile/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const qd_patch_path PLACES[] = {
    {{"profiles", "a", "host"}, 3}, {{"profiles", "a", "labels", "x"}, 4}, {{"profiles", "a"}, 2}, {{"default_profile"}, 1},
    {{"profiles", "b", "port"}, 3}, {{"profiles", "a", "new"}, 3},         {{"profiles"}, 1},      {{"a"}, 1},
};

static qd_json *value_of(unsigned choice) {
  if (choice % 4 == 0) return qd_json_string(QD_SLICE("x: # 'y\" "));
  if (choice % 4 == 1) return qd_json_int(22);
  if (choice % 4 == 2) return qd_json_bool(true);
  qd_json *v = qd_json_object();
  qd_json_set(v, QD_SLICE("host"), qd_json_string(QD_SLICE("10.0.0.5")));
  return v;
}

static qd_status apply(unsigned choice, qd_slice text, qd_buf *out) {
  const qd_patch_path *at = &PLACES[choice / 8 % 8];
  qd_error err = QD_ERROR_INIT;
  qd_buf_init(out, 4u << 20);
  if (choice % 8 == 7) return qd_patch_rename(text, "f", at, "renamed", out, &err);
  if (choice % 8 >= 5) return qd_patch_remove(text, "f", at, out, &err);
  qd_json *value = value_of(choice);
  qd_status status = qd_patch_set(text, "f", at, value, out, &err);
  qd_json_free(value);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1 || size > 20000) return 0;
  qd_slice text = {(const char *)data + 1, size - 1};
  qd_buf out;
  if (apply(data[0], text, &out) == QD_OK) {
    qd_yaml_doc *doc = NULL;
    qd_error err = QD_ERROR_INIT;
    if (qd_yaml_parse(qd_buf_slice(&out), "f", NULL, &doc, &err) != QD_OK) abort();
    qd_yaml_free(doc);
    if (data[0] % 8 < 7) {
      qd_buf again;
      if (apply(data[0], qd_buf_slice(&out), &again) != QD_OK) abort();
      if (!qd_slice_eq(qd_buf_slice(&again), qd_buf_slice(&out))) abort();
      qd_buf_deinit(&again);
    }
  }
  qd_buf_deinit(&out);
  return 0;
}
