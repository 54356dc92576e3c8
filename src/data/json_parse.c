// Text -> cJSON -> our nodes. The scan before has made the text lossless for cJSON and holds the numbers.
#include <cjson/cJSON.h>

#include "base/mem.h"
#include "data/json_node.h"

typedef struct converter {
  const qd__json_scanned *scanned;
  size_t next;  // of its numbers, which are in document order
} converter;

// 0xFF stands for U+0000 (see qd__json_scanned).
static void restore_nul(char *p, size_t n) {
  for (char *bad = memchr(p, 0xFF, n); bad; bad = memchr(bad, 0xFF, n - (size_t)(bad - p))) *bad = '\0';
}

static qd_json *convert_scalar(converter *c, const cJSON *item) {
  if (cJSON_IsString(item)) {
    qd_json *v = qd_json_string(qd_slice_of(item->valuestring));
    restore_nul(v->u.s.p, v->u.s.n);
    return v;
  }
  if (cJSON_IsNumber(item) && c->next < c->scanned->count) {
    const qd__json_number *number = &c->scanned->numbers[c->next++];
    return number->is_int ? qd_json_int(number->u.i) : qd_json_float(number->u.f);
  }
  return cJSON_IsBool(item) ? qd_json_bool(cJSON_IsTrue(item)) : qd_json_null();
}

// As deep as the text, whose depth the scan has limited.
static qd_json *convert(converter *c, const cJSON *item) {
  if (cJSON_IsArray(item)) {
    qd_json *v = qd_json_array();
    for (const cJSON *child = item->child; child; child = child->next) qd_json_append(v, convert(c, child));
    return v;
  }
  if (!cJSON_IsObject(item)) return convert_scalar(c, item);
  qd_json *v = qd_json_object();
  for (const cJSON *child = item->child; child; child = child->next) {
    size_t n = strlen(child->string);
    restore_nul(child->string, n);
    qd_json_set(v, (qd_slice){child->string, n}, convert(c, child));
  }
  return v;
}

qd_status qd_json_parse(qd_slice text, const qd_json_limits *limits, qd_json **out, qd_error *err) {
  qd__json_scanned scanned;
  qd_status st = qd__json_scan(text, limits, &scanned, err);
  if (st == QD_OK) {
    const char *clean = scanned.text.p ? scanned.text.p : "";
    const char *end = clean;
    cJSON *root = cJSON_ParseWithLengthOpts(clean, scanned.text.n + 1, &end, true);
    if (root) {
      converter c = {&scanned, 0};
      *out = convert(&c, root);
      cJSON_Delete(root);
    } else {
      st = qd__json_scan_error(text, (size_t)(end - clean), err);
    }
  }
  qd__json_scanned_deinit(&scanned);
  return st;
}
