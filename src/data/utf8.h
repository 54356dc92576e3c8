// UTF-8 by the table of RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#ifndef QD_DATA_UTF8_H
#define QD_DATA_UTF8_H

#include <stddef.h>

#define QD_UTF8_REPLACEMENT "\xEF\xBF\xBD"  // U+FFFD, put in place of each byte that belongs to no valid sequence

// Length (1 to 4) of the valid sequence at p, of which n bytes are readable; 0 when there is none.
static inline size_t qd_utf8_sequence(const char *p, size_t n) {
  const unsigned char *s = (const unsigned char *)p;
  if (n == 0) return 0;
  if (s[0] < 0x80) return 1;
  if (s[0] < 0xC2 || s[0] > 0xF4) return 0;
  size_t len = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
  if (n < len) return 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (s[0] == 0xE0) low = 0xA0;
  if (s[0] == 0xED) high = 0x9F;
  if (s[0] == 0xF0) low = 0x90;
  if (s[0] == 0xF4) high = 0x8F;
  if (s[1] < low || s[1] > high) return 0;
  for (size_t i = 2; i < len; i++)
    if ((s[i] & 0xC0) != 0x80) return 0;
  return len;
}

#endif
