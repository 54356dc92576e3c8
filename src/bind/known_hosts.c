// core.known_hosts: what OpenSSH known_hosts files say about a host, and writing to our own. Blocking, small files.
#include "ssh/known_hosts.h"

#include "bind/convert.h"
#include "bind/modules.h"
#include "ssh/version.h"

#define BLOB_CAP (64u << 10)
#define MAX_FILES 32

static int check_port(lua_State *L, int arg) {
  lua_Integer port = luaL_optinteger(L, arg, 22);
  luaL_argcheck(L, port >= 0 && port <= 65535, arg, "0 to 65535 expected");
  return (int)port;
}

static const char *const MARKERS[] = {[QD_KH_PLAIN] = NULL, [QD_KH_REVOKED] = "revoked", [QD_KH_AUTHORITY] = "cert-authority"};

static void set_text(qd_json *object, const char *name, const char *value) {
  if (value) qd_json_set(object, qd_slice_of(name), qd_json_string(qd_slice_of(value)));
}

static qd_json *describe(const qd_known_hosts *kh) {
  qd_json *list = qd_json_array();
  for (size_t i = 0; i < kh->n; i++) {
    const qd_kh_key *key = &kh->keys[i];
    qd_json *one = qd_json_object();
    qd_buf blob;
    qd_buf_init(&blob, 2 * BLOB_CAP);
    qd__b64_encode(key->blob, &blob);
    set_text(one, "type", key->type);
    set_text(one, "fingerprint", key->fingerprint);
    set_text(one, "file", key->file);
    qd_json_set(one, QD_SLICE("line"), qd_json_int((int64_t)key->line));
    set_text(one, "marker", MARKERS[key->marker]);
    qd_json_set(one, QD_SLICE("blob"), qd_json_string(qd_buf_slice(&blob)));
    if (key->without_port) qd_json_set(one, QD_SLICE("without_port"), qd_json_bool(true));
    qd_buf_deinit(&blob);
    qd_json_append(list, one);
  }
  return list;
}

// lookup(files, host[, port]) -> list of {type=, fingerprint=, file=, line=, blob=, marker=, without_port=}, malformed lines.
// The host's name is as known_hosts has it: no port for a HostKeyAlias.
static int l_lookup(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *host = luaL_checkstring(L, 2);
  int port = check_port(L, 3);
  const char *files[MAX_FILES];
  lua_Integer n = luaL_len(L, 1);
  luaL_argcheck(L, n <= MAX_FILES, 1, "at most 32 files");
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);  // the table keeps the string
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "a list of strings expected");
    files[i - 1] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  qd_box *box = qd_box_push(L);  // box
  qd_known_hosts kh;
  qd_error err = QD_ERROR_INIT;
  qd_status st = QD_OK;
  qd_known_hosts_init(&kh, host, port);
  for (lua_Integer i = 0; i < n && st == QD_OK; i++) st = qd_known_hosts_load(&kh, files[i], &err);
  lua_Integer malformed = (lua_Integer)kh.malformed;
  if (st == QD_OK) box->json = describe(&kh);
  qd_known_hosts_deinit(&kh);
  qd_check(L, st, &err);
  qd_push_json(L, box->json);  // box list
  qd_box_clear(box);
  lua_pushinteger(L, malformed);
  return 2;
}

typedef qd_status writer(const char *path, const char *host, int port, qd_slice blob, qd_error *err);

static int write_with(lua_State *L, writer *write) {
  const char *file = luaL_checkstring(L, 1);
  const char *host = luaL_checkstring(L, 2);
  int port = check_port(L, 3);
  qd_slice type = qd_check_slice(L, 4);
  qd_slice text = qd_check_slice(L, 5);
  qd_error err = QD_ERROR_INIT;
  qd_buf blob;
  qd_buf_init(&blob, BLOB_CAP);
  qd_status st = QD_OK;
  if (!qd__b64_decode(text, &blob) || !qd_slice_eq(qd__blob_type(qd_buf_slice(&blob)), type))
    st = qd_fail(&err, QD_USAGE, "bad_host_key", "this is no host key of the type %.*s", (int)(type.n < 64 ? type.n : 64), type.p);
  if (st == QD_OK) st = write(file, host, port, qd_buf_slice(&blob), &err);
  qd_buf_deinit(&blob);
  qd_check(L, st, &err);
  return 0;
}

// append(file, host, port, type, blob as base64): makes the file where it is missing
static int l_append(lua_State *L) { return write_with(L, qd_known_hosts_append); }

// replace(file, host, port, type, blob as base64): drops the host's other keys of that file
static int l_replace(lua_State *L) { return write_with(L, qd_known_hosts_replace); }

// remove(file, host, port): drops the host's keys of that file
static int l_remove(lua_State *L) {
  const char *file = luaL_checkstring(L, 1);
  const char *host = luaL_checkstring(L, 2);
  int port = check_port(L, 3);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_known_hosts_replace(file, host, port, (qd_slice){NULL, 0}, &err), &err);
  return 0;
}

// fingerprint(blob as base64) -> "SHA256:..."
static int l_fingerprint(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  qd_buf blob;
  qd_buf_init(&blob, BLOB_CAP);
  char out[QD_FINGERPRINT_SIZE] = "";
  if (qd__b64_decode(text, &blob) && qd__blob_type(qd_buf_slice(&blob)).n > 0) qd__fingerprint(qd_buf_slice(&blob), out);
  qd_buf_deinit(&blob);
  qd_error err = QD_ERROR_INIT;
  if (out[0] == '\0') qd_check(L, qd_fail(&err, QD_USAGE, "bad_host_key", "this is no host key"), &err);
  lua_pushstring(L, out);
  return 1;
}

int luaopen_qd_known_hosts(lua_State *L) {
  static const luaL_Reg functions[] = {{"lookup", l_lookup}, {"append", l_append},           {"replace", l_replace},
                                       {"remove", l_remove}, {"fingerprint", l_fingerprint}, {NULL, NULL}};
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_ssh_ready(&err), &err);
  luaL_newlib(L, functions);
  return 1;
}
