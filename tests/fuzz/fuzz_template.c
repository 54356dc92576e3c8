// Fuzzes the template engine. Input: one byte of options, the template, a NUL, the JSON document.
#include <stdint.h>
#include <stdlib.h>

#include "data/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char spec[] =
    "{\"t.Root\":[\"ID string Id\",\"Base *t.Base .\",\"List []*t.Item\",\"Map map[string]t.Item\",\"Ports map[nat.Port][]t.Item\","
    "\"Any interface{}\",\"Wait time.Duration\",\"When time.Time\",\"Raw json.RawMessage\",\"Size *int64 Size,omitempty\",\"Box "
    "[2]uint\",\"Set map[string]struct{}\",\"Mode fs.FileMode\",\"Bytes []uint8\",\"Limits []*units.Ulimit\"],"
    "\"t.Base\":[\"Name string\",\"On bool\",\"Part float64\"],\"t.Item\":[\"K string\",\"V uint16\",\"Next "
    "*t.Item\"],\"nat.Port\":\"string\",\"fs.FileMode\":\"uint32\",\"units.Ulimit\":[\"Name string\"]}";

static qd_template_types *make_types(void) {
  qd_error err = QD_ERROR_INIT;
  qd_json *tree = NULL;
  qd_template_types *types = NULL;
  if (qd_json_parse(qd_slice_of(spec), NULL, &tree, &err) || qd_template_types_parse(tree, &types, &err)) abort();
  qd_json_free(tree);
  return types;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static qd_template_types *types;
  if (!types) types = make_types();
  if (size < 2) return 0;
  const char *text = (const char *)data + 1;
  const char *nul = memchr(text, 0, size - 1);
  size_t n = nul ? (size_t)(nul - text) : size - 1;
  qd_error err = QD_ERROR_INIT;
  qd_template *t = NULL;
  qd_json *root = NULL;
  if (qd_template_parse((qd_slice){text, n}, &t, &err)) return 0;
  if (!nul || qd_json_parse((qd_slice){nul + 1, size - n - 2}, NULL, &root, &err)) root = NULL;
  qd_template_options options = {.strict = data[0] & 1, .raw = data[0] & 2, .header = data[0] & 4, .methods = data[0] & 8 ? root : NULL};
  if (data[0] & 16) options.types = types;
  if (data[0] & 48) options.type_name = data[0] & 16 ? "*t.Root" : "*formatter.Context";
  qd_buf out;
  qd_buf_init(&out, 1u << 20);
  if (qd_template_run(t, root, &options, &out, &err) && err.message[0] == '\0') abort();
  (void)qd_template_uses(t, "Name");
  qd_buf_deinit(&out);
  qd_template_free(t);
  qd_json_free(root);
  return 0;
}
