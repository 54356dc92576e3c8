// YAML: every node has a place inside the text, and what the writer makes of the tree reads back the same.
#include <stdint.h>
#include <stdlib.h>

#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const qd_yaml_doc *d, const qd_json *v, size_t size) {
  qd_yaml_mark mark;
  if (!qd_yaml_mark_of(d, v, &mark) || mark.line == 0 || mark.offset > mark.end || mark.end > size) abort();
  if (qd_yaml_key_mark_of(d, v, &mark) && (mark.line == 0 || mark.offset > mark.end || mark.end > size)) abort();
  for (size_t i = 0; i < qd_json_count(v); i++) {
    const qd_json *item = qd_json_type_of(v) == QD_JSON_ARRAY ? qd_json_at(v, i) : qd_json_member_at(v, i, NULL);
    check_places(d, item, size);
  }
}

// NaN equals nothing, itself included.
static bool has_nan(const qd_json *v) {
  double f = qd_json_get_float(v, 0);
  if (f != f) return true;
  for (size_t i = 0; i < qd_json_count(v); i++)
    if (has_nan(qd_json_type_of(v) == QD_JSON_ARRAY ? qd_json_at(v, i) : qd_json_member_at(v, i, NULL))) return true;
  return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd_error err;
  qd_yaml_doc *d = NULL;
  qd_yaml_limits limits = {1u << 16, 50, 20000};
  if (qd_yaml_parse((qd_slice){(const char *)data, size}, "f", &limits, &d, &err) != QD_OK) {
    if (err.code == NULL || err.message[0] == '\0') abort();
    return 0;
  }
  const qd_json *root = qd_yaml_root(d);
  if (size > 0) check_places(d, root, size);
  qd_buf out;
  qd_buf_init(&out, 16u << 20);
  if (!qd_yaml_write(root, &out)) abort();
  qd_yaml_doc *again = NULL;
  limits = (qd_yaml_limits){16u << 20, 60, 4000000};
  if (qd_yaml_parse(qd_buf_slice(&out), "g", &limits, &again, &err) != QD_OK) abort();
  if (!has_nan(root) && !qd_json_equal(root, qd_yaml_root(again))) abort();
  qd_yaml_free(again);
  qd_buf_deinit(&out);
  qd_yaml_free(d);
  return 0;
}
