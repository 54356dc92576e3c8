// core.template: Go templates over Lua values and JSON text.
#include "bind/convert.h"
#include "bind/modules.h"
#include "data/template.h"

#define OUTPUT_CAP ((size_t)256 << 20)

#define TEMPLATE "qd.template"
#define TYPES "qd.template.types"

// compile(text) -> template
static int l_compile(lua_State *L) {
  qd_slice text = qd_check_slice(L, 1);
  qd_template **t = lua_newuserdatauv(L, sizeof *t, 0);  // template
  *t = NULL;
  luaL_setmetatable(L, TEMPLATE);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_template_parse(text, t, &err), &err);
  return 1;
}

// types(spec) -> types, for many renderings
static int l_types(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  qd_template_types **types = lua_newuserdatauv(L, sizeof *types, 0);  // types
  *types = NULL;
  luaL_setmetatable(L, TYPES);
  qd_box *box = qd_box_push(L);  // types box
  box->json = qd_check_json(L, 1);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_template_types_parse(box->json, types, &err), &err);
  qd_box_clear(box);
  lua_pop(L, 1);
  return 1;
}

// Reads the options at `arg`; `methods` is kept in the box. What is borrowed lives in the options table. [-0, +0, e]
static void check_options(lua_State *L, int arg, qd_box *box, qd_template_options *out) {
  if (lua_isnoneornil(L, arg)) return;
  luaL_checktype(L, arg, LUA_TTABLE);
  out->strict = qd_field_boolean(L, arg, "strict", false);
  out->raw = qd_field_boolean(L, arg, "raw", false);
  out->header = qd_field_boolean(L, arg, "header", false);
  out->type_name = qd_field_string(L, arg, "type_name", NULL);
  if (lua_getfield(L, arg, "types") != LUA_TNIL) {  // types
    qd_template_types **types = luaL_testudata(L, -1, TYPES);
    luaL_argcheck(L, types && *types, arg, "types: a value of core.template.types expected");
    out->types = *types;
  }
  lua_pop(L, 1);
  if (lua_getfield(L, arg, "methods") != LUA_TNIL) box->json = qd_check_json(L, lua_gettop(L));  // methods
  lua_pop(L, 1);
  out->methods = box->json;
}

// Renders box->json and pushes the text.                                                [-0, +1, e]
static int render(lua_State *L, const qd_template *t, qd_box *box, int options_at) {
  qd_box *aside = qd_box_push(L);  // aside
  qd_template_options options = {0};
  check_options(L, options_at, aside, &options);
  qd_buf_init(&box->buf, OUTPUT_CAP);
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_template_run(t, box->json, &options, &box->buf, &err), &err);
  lua_pushlstring(L, box->buf.p ? box->buf.p : "", box->buf.n);  // aside text
  qd_box_clear(box);
  qd_box_clear(aside);
  return 1;
}

static qd_template *check_template(lua_State *L) {
  qd_template *t = *(qd_template **)luaL_checkudata(L, 1, TEMPLATE);
  luaL_argcheck(L, t, 1, "the template was collected");
  return t;
}

// template:render(value[, options]) -> text
static int l_render(lua_State *L) {
  qd_template *t = check_template(L);
  luaL_checkany(L, 2);
  lua_settop(L, 3);
  qd_box *box = qd_box_push(L);  // box
  box->json = qd_check_json(L, 2);
  return render(L, t, box, 3);
}

// template:render_json(text[, options]) -> text; the document as the engine sent it, members in their order
static int l_render_json(lua_State *L) {
  qd_template *t = check_template(L);
  qd_slice text = qd_check_slice(L, 2);
  lua_settop(L, 3);
  qd_box *box = qd_box_push(L);  // box
  qd_error err = QD_ERROR_INIT;
  qd_check(L, qd_json_parse(text, NULL, &box->json, &err), &err);
  return render(L, t, box, 3);
}

// template:uses(field) -> whether the template mentions it
static int l_uses(lua_State *L) {
  qd_template *t = check_template(L);
  lua_pushboolean(L, qd_template_uses(t, luaL_checkstring(L, 2)));
  return 1;
}

static int l_template_gc(lua_State *L) {
  qd_template **t = lua_touserdata(L, 1);
  qd_template_free(*t);
  *t = NULL;
  return 0;
}

static int l_types_gc(lua_State *L) {
  qd_template_types **t = lua_touserdata(L, 1);
  qd_template_types_free(*t);
  *t = NULL;
  return 0;
}

int luaopen_qd_template(lua_State *L) {
  static const luaL_Reg methods[] = {{"render", l_render}, {"render_json", l_render_json}, {"uses", l_uses}, {NULL, NULL}};
  static const luaL_Reg template_meta[] = {{"__gc", l_template_gc}, {NULL, NULL}};
  static const luaL_Reg types_meta[] = {{"__gc", l_types_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"compile", l_compile}, {"types", l_types}, {NULL, NULL}};
  qd_class(L, TEMPLATE, methods, template_meta);
  qd_class(L, TYPES, NULL, types_meta);
  luaL_newlib(L, functions);
  return 1;
}
