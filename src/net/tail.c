// The last bytes of a stderr. Contract in tail.h.
#include "net/tail.h"

#include <strings.h>

void qd_tail_add(qd_tail *t, qd_slice bytes) {
  if (bytes.n >= QD_TAIL_SIZE) {
    bytes.p += bytes.n - QD_TAIL_SIZE;
    bytes.n = QD_TAIL_SIZE;
    t->n = 0;
  } else if (t->n + bytes.n > QD_TAIL_SIZE) {
    size_t drop = t->n + bytes.n - QD_TAIL_SIZE;
    memmove(t->p, t->p + drop, t->n - drop);
    t->n -= drop;
  }
  if (bytes.n > 0) memcpy(t->p + t->n, bytes.p, bytes.n);
  t->n += bytes.n;
}

void qd_tail_text(const qd_tail *t, char *out, size_t size) {
  size_t start = 0;
  size_t end = t->n;
  while (end > 0 && (unsigned char)t->p[end - 1] <= ' ') end--;
  if (end >= size / 2) {  // room for the separators, whatever the lines are like
    start = end - size / 2 + 1;
    while (start < end && t->p[start] != '\n' && t->p[start] != ' ') start++;
    if (start == end) start = end - size / 2 + 1;
  }
  size_t n = 0;
  bool gap = false;
  for (size_t i = start; i < end && n + 3 < size; i++) {
    unsigned char c = (unsigned char)t->p[i];
    if (c == '\n') {
      gap = n > 0;
    } else if (c >= ' ' && c != 0x7f) {
      if (gap) {
        out[n++] = ';';
        out[n++] = ' ';
      }
      gap = false;
      out[n++] = (char)c;
    }
  }
  out[n] = '\0';
}

bool qd_tail_has(const qd_tail *t, const char *text) {
  size_t n = strlen(text);
  for (size_t i = 0; i + n <= t->n; i++)
    if (strncasecmp(t->p + i, text, n) == 0) return true;
  return false;
}
