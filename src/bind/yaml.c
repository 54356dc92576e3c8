// core.yaml: YAML text and Lua values.
#include "bind/convert.h"
#include "bind/modules.h"
#include "data/yaml.h"

#define TEXT_CAP ((size_t)256 << 20)

// decode(text[, name]) -> value; `name` is the file in messages
static int l_decode(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  const char *name = luaL_optstring(L, 2, "YAML");
  qd_box *box = qd_box_push(L);  // box
  qd_error err = QD_ERROR_INIT;
  qd_yaml_doc *doc;
  qd_check(L, qd_yaml_parse(text, name, NULL, &doc, &err), &err);
  box->json = qd_yaml_take(doc);
  qd_push_json(L, box->json);  // box value
  qd_box_clear(box);
  return 1;
}

// encode(value) -> text
static int l_encode(lua_State *L) {
  luaL_checkany(L, 1);
  qd_box *box = qd_box_push(L);  // box
  qd_buf_init(&box->buf, TEXT_CAP);
  box->json = qd_check_json(L, 1);
  if (!qd_yaml_write(box->json, &box->buf)) return luaL_error(L, "the YAML text is larger than 256 MiB");
  lua_pushlstring(L, box->buf.p, box->buf.n);  // box text
  qd_box_clear(box);
  return 1;
}

int luaopen_qd_yaml(lua_State *L) {
  static const luaL_Reg functions[] = {{"decode", l_decode}, {"encode", l_encode}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
