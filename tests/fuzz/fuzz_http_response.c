// The response parser, fed as the first byte says: piece size and what the receiver answers to each head.
#include <stdint.h>
#include <stdlib.h>

#include "http/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static qd__http_verdict verdict;

static qd__http_verdict on_head(void *ctx, qd_http_head *head) {
  (void)ctx;
  size_t n = 0;
  for (size_t i = 0; i < head->field_count; i++) n += strlen(head->fields[i].name) + strlen(head->fields[i].value);
  if (n > (size_t)2 * QD_HTTP_MAX_HEAD || head->field_count > QD_HTTP_MAX_FIELDS) abort();
  free(head);
  return verdict;
}

static bool on_body(void *ctx, qd_slice bytes) {
  *(size_t *)ctx += bytes.n;
  return true;
}

static const qd__http_parser_events EVENTS = {on_head, on_body};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  verdict = (qd__http_verdict)(data[0] & 3);
  size_t piece = (size_t)(data[0] >> 2) + 1;
  size_t body = 0;
  qd_error err = QD_ERROR_INIT;
  qd__http_parser *p = qd__http_parser_new(&EVENTS, &body);
  qd__http_result r = QD__HTTP_MORE;
  for (size_t at = 1; at < size && r < QD__HTTP_SWITCHED;) {
    qd_slice bytes = {(const char *)data + at, size - at < piece ? size - at : piece};
    at += bytes.n;
    while (bytes.n && r < QD__HTTP_SWITCHED) r = qd__http_parser_feed(p, &bytes, &err);
  }
  if (r < QD__HTTP_SWITCHED) (void)qd__http_parser_finish(p, &err);
  if (body > size) abort();
  qd__http_parser_free(p);
  return 0;
}
