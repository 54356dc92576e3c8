// core.seal: bytes sealed by a passphrase, and SHA-256.
#include "seal/seal.h"

#include <stdlib.h>

#include "bind/convert.h"
#include "bind/modules.h"

#define HASH "qd.sha256"
#define PLAIN_CAP ((size_t)1 << 20)

typedef qd_status work(qd_slice passphrase, qd_slice bytes, qd_buf *out, qd_error *err);

// Pushes what `fn` makes of both arguments.                                             [-0, +1, e]
static int run(lua_State *L, work *fn) {
  qd_slice passphrase = qd_check_slice(L, 1);
  qd_slice bytes = qd_check_slice(L, 2);
  qd_box *box = qd_box_push(L);  // box
  qd_buf_init(&box->buf, PLAIN_CAP);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, fn(passphrase, bytes, &box->buf, &err), &err);
  lua_pushlstring(L, box->buf.p ? box->buf.p : "", box->buf.n);  // box text
  qd_box_clear(box);
  return 1;
}

// close(passphrase, plain) -> sealed
static int l_close(lua_State *L) { return run(L, qd_seal_close); }

// open(passphrase, sealed) -> plain
static int l_open(lua_State *L) { return run(L, qd_seal_open); }

// sha256() -> hash
static int l_sha256(lua_State *L) {
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_seal_ready(&err), &err);
  qd_sha256 **h = lua_newuserdatauv(L, sizeof *h, 0);  // hash
  *h = NULL;
  luaL_setmetatable(L, HASH);
  *h = qd_sha256_new();
  return 1;
}

static qd_sha256 *check_hash(lua_State *L) {
  qd_sha256 *h = *(qd_sha256 **)luaL_checkudata(L, 1, HASH);
  luaL_argcheck(L, h, 1, "the hash was collected");
  return h;
}

// hash:update(bytes)
static int l_update(lua_State *L) {
  qd_sha256_add(check_hash(L), qd_check_slice(L, 2));
  return 0;
}

// hash:hex() -> text
static int l_hex(lua_State *L) {
  char text[QD_SHA256_HEX];
  qd_sha256_hex(check_hash(L), text);
  lua_pushstring(L, text);
  return 1;
}

static int hash_gc(lua_State *L) {
  qd_sha256 **h = luaL_checkudata(L, 1, HASH);
  free(*h);
  *h = NULL;
  return 0;
}

int luaopen_qd_seal(lua_State *L) {
  static const luaL_Reg METHODS[] = {{"update", l_update}, {"hex", l_hex}, {NULL, NULL}};
  static const luaL_Reg META[] = {{"__gc", hash_gc}, {NULL, NULL}};
  static const luaL_Reg FUNCTIONS[] = {{"close", l_close}, {"open", l_open}, {"sha256", l_sha256}, {NULL, NULL}};
  qd_class(L, HASH, METHODS, META);
  luaL_newlib(L, FUNCTIONS);  // module
  return 1;
}
