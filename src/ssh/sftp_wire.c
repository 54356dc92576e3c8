// SFTP packets. Contract in sftp_wire.h.
#include "ssh/sftp_wire.h"

#define ATTR_SIZE 1u
#define ATTR_OWNER 2u
#define ATTR_MODE 4u
#define ATTR_TIMES 8u
#define ATTR_EXTENDED 0x80000000u

void qd__sftp_u32(qd_buf *b, uint32_t v) {
  char p[4] = {(char)(v >> 24 & 0xff), (char)(v >> 16 & 0xff), (char)(v >> 8 & 0xff), (char)(v & 0xff)};
  (void)qd_buf_add(b, p, sizeof p);
}

void qd__sftp_u64(qd_buf *b, uint64_t v) {
  qd__sftp_u32(b, (uint32_t)(v >> 32));
  qd__sftp_u32(b, (uint32_t)(v & 0xffffffff));
}

void qd__sftp_string(qd_buf *b, qd_slice s) {
  qd__sftp_u32(b, (uint32_t)s.n);
  (void)qd_buf_add(b, s.p, s.n);
}

void qd__sftp_mode(qd_buf *b, uint32_t mode) {
  qd__sftp_u32(b, ATTR_MODE);
  qd__sftp_u32(b, mode);
}

void qd__sftp_begin(qd_buf *b, int type, uint32_t id) {
  qd_buf_clear(b);
  qd__sftp_u32(b, 0);
  (void)qd_buf_addc(b, (char)type);
  qd__sftp_u32(b, id);
}

void qd__sftp_end(qd_buf *b) {
  size_t n = b->n - 4;
  for (int i = 0; i < 4; i++) b->p[i] = (char)(n >> (24 - 8 * i) & 0xff);
}

static qd_slice take(qd__sftp_cursor *c, size_t n) {
  if (c->bad || c->rest.n < n) {
    c->bad = true;
    return (qd_slice){"", 0};
  }
  qd_slice s = {c->rest.p, n};
  c->rest.p += n;
  c->rest.n -= n;
  return s;
}

uint32_t qd__sftp_get_u32(qd__sftp_cursor *c) {
  qd_slice s = take(c, 4);
  uint32_t v = 0;
  for (size_t i = 0; i < s.n; i++) v = v << 8 | (unsigned char)s.p[i];
  return v;
}

uint64_t qd__sftp_get_u64(qd__sftp_cursor *c) {
  uint64_t high = qd__sftp_get_u32(c);
  return high << 32 | qd__sftp_get_u32(c);
}

qd_slice qd__sftp_get_string(qd__sftp_cursor *c) { return take(c, qd__sftp_get_u32(c)); }

qd_ssh_stat qd__sftp_get_attrs(qd__sftp_cursor *c) {
  qd_ssh_stat st = {0};
  uint32_t flags = qd__sftp_get_u32(c);
  if (flags & ATTR_SIZE) st.size = qd__sftp_get_u64(c);
  if (flags & ATTR_OWNER) {
    st.uid = qd__sftp_get_u32(c);
    st.gid = qd__sftp_get_u32(c);
  }
  if (flags & ATTR_MODE) st.mode = qd__sftp_get_u32(c);
  if (flags & ATTR_TIMES) {
    (void)qd__sftp_get_u32(c);
    st.mtime = qd__sftp_get_u32(c);
  }
  if (flags & ATTR_EXTENDED) {
    for (uint32_t n = qd__sftp_get_u32(c); n > 0 && !c->bad; n--) {
      (void)qd__sftp_get_string(c);
      (void)qd__sftp_get_string(c);
    }
  }
  return st;
}
