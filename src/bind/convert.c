// The JSON tree <-> Lua values. Contracts in script/script.h and convert.h.
#include "bind/convert.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { MAX_DEPTH = 200, MAX_VALUES = 4000000 };

static char null_key;               // its address is json.null
static const char array_key = 'a';  // its address names the array metatable in the registry

static int l_box_gc(lua_State *L) {
  qd_box_clear(lua_touserdata(L, 1));
  return 0;
}

qd_box *qd_box_push(lua_State *L) {
  qd_box *box = lua_newuserdatauv(L, sizeof *box, 0);  // box
  box->json = NULL;
  qd_buf_init(&box->buf, 0);
  if (luaL_newmetatable(L, "qd.box")) {  // box mt
    lua_pushcfunction(L, l_box_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);  // box
  return box;
}

void qd_box_clear(qd_box *box) {
  qd_json_free(box->json);
  box->json = NULL;
  qd_buf_deinit(&box->buf);
}

void qd_push_null(lua_State *L) { lua_pushlightuserdata(L, &null_key); }

static bool is_null_sentinel(lua_State *L, int arg) { return lua_islightuserdata(L, arg) && lua_touserdata(L, arg) == &null_key; }

bool qd_is_null(lua_State *L, int arg) { return lua_isnoneornil(L, arg) || is_null_sentinel(L, arg); }

static void push_array_metatable(lua_State *L) {  // [-0, +1, m]
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 1);  // mt
  lua_pushliteral(L, "json.array");
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);  // mt
}

void qd_mark_array(lua_State *L, int arg) {
  arg = lua_absindex(L, arg);
  push_array_metatable(L);
  lua_setmetatable(L, arg);
}

static bool is_marked(lua_State *L, int arg) {
  if (!lua_getmetatable(L, arg)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
  bool same = lua_istable(L, -1) && lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

bool qd_is_array(lua_State *L, int arg) {
  if (!lua_istable(L, arg) || !lua_checkstack(L, 3)) return false;
  return is_marked(L, arg) || lua_rawlen(L, arg) > 0;
}

static void push_value(lua_State *L, const qd_json *v, bool lean);

static void push_container(lua_State *L, const qd_json *v, bool lean) {
  bool is_array = qd_json_type_of(v) == QD_JSON_ARRAY;
  size_t n = qd_json_count(v);
  int hint = n < 1 << 20 ? (int)n : 1 << 20;
  lua_createtable(L, is_array ? hint : 0, is_array ? 0 : hint);  // t
  for (size_t i = 0; i < n; i++) {
    qd_slice key = {"", 0};
    const qd_json *item = is_array ? qd_json_at(v, i) : qd_json_member_at(v, i, &key);
    if (lean && !is_array && qd_json_is_null(item)) continue;
    if (!is_array) lua_pushlstring(L, key.p, key.n);  // t key
    push_value(L, item, lean);                        // t (key) value
    if (is_array) {
      lua_rawseti(L, -2, (lua_Integer)i + 1);
    } else {
      lua_rawset(L, -3);
    }
  }
  if (is_array) qd_mark_array(L, -1);
}

static void push_value(lua_State *L, const qd_json *v, bool lean) {
  luaL_checkstack(L, 6, "the document is nested too deeply");
  switch (qd_json_type_of(v)) {
    case QD_JSON_NULL:
      qd_push_null(L);
      break;
    case QD_JSON_BOOL:
      lua_pushboolean(L, qd_json_get_bool(v, false));
      break;
    case QD_JSON_INT:
      lua_pushinteger(L, qd_json_get_int(v, 0));
      break;
    case QD_JSON_FLOAT:
      lua_pushnumber(L, qd_json_get_float(v, 0));
      break;
    case QD_JSON_STRING: {
      qd_slice s = qd_json_get_string(v, (qd_slice){"", 0});
      lua_pushlstring(L, s.p, s.n);
      break;
    }
    case QD_JSON_ARRAY:
    case QD_JSON_OBJECT:
      push_container(L, v, lean);
      break;
  }
}

// Nothing becomes garbage meanwhile, so that collecting would only look at the same values again and again. (An error on the way, a
// stack that cannot grow, leaves it stopped: there is no memory then.)
static void push_tree(lua_State *L, const qd_json *v, bool lean) {
  bool collects = lua_gc(L, LUA_GCISRUNNING);
  (void)lua_gc(L, LUA_GCSTOP);
  push_value(L, v, lean);
  if (collects) (void)lua_gc(L, LUA_GCRESTART);
}

void qd_push_json(lua_State *L, const qd_json *v) { push_tree(L, v, false); }

void qd_push_json_lean(lua_State *L, const qd_json *v) { push_tree(L, v, true); }

// Reading a Lua value must not raise while a half-built tree is held: only raw access, no conversions.
typedef struct reader {
  lua_State *L;
  unsigned depth;
  size_t values;
  const void *parents[MAX_DEPTH];  // the tables around the current value
  size_t path_n;
  char path[200];     // of the current value: a.b[3]
  char problem[320];  // set when reading failed
} reader;

static qd_json *read_value(reader *r, int at);

static qd_json *problem(reader *r, const char *fmt, ...) QD_PRINTF(2, 3);
static qd_json *problem(reader *r, const char *fmt, ...) {
  int n = r->path_n ? snprintf(r->problem, sizeof r->problem, "at '%s': ", r->path) : 0;
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(r->problem + n, sizeof r->problem - (size_t)n, fmt, ap);
  va_end(ap);
  return NULL;
}

static void enter_path(reader *r, const char *fmt, ...) QD_PRINTF(2, 3);
static void enter_path(reader *r, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(r->path + r->path_n, sizeof r->path - r->path_n, fmt, ap);
  va_end(ap);
  r->path_n = (size_t)n < sizeof r->path - r->path_n ? r->path_n + (size_t)n : sizeof r->path - 1;
}

static void leave_path(reader *r, size_t n) {
  r->path_n = n;
  r->path[n] = '\0';
}

typedef enum shape { OBJECT, ARRAY, NEITHER } shape;

// What the table's keys make it; *out_n is their number.
static shape shape_of(reader *r, int at, lua_Integer *out_n) {
  lua_State *L = r->L;
  bool marked = is_marked(L, at);
  lua_Integer positions = 0;
  lua_Integer names = 0;
  lua_Integer others = 0;
  lua_Integer last = 0;
  lua_pushnil(L);            // key
  while (lua_next(L, at)) {  // key value
    lua_pop(L, 1);           // key
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0) {
      positions++;
      if (lua_tointeger(L, -1) > last) last = lua_tointeger(L, -1);
    } else if (lua_type(L, -1) == LUA_TSTRING) {
      names++;
    } else {
      others++;
    }
  }
  *out_n = positions + names;
  if (others > 0) return NEITHER;
  if (positions == 0 && !marked) return OBJECT;
  return names == 0 && positions == last ? ARRAY : NEITHER;
}

static qd_json *read_array(reader *r, int at, lua_Integer n) {
  qd_json *v = qd_json_array();
  size_t path_n = r->path_n;
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(r->L, at, i);  // item
    enter_path(r, "[%lld]", (long long)i);
    qd_json *item = read_value(r, lua_gettop(r->L));
    leave_path(r, path_n);
    lua_pop(r->L, 1);
    if (!item) {
      qd_json_free(v);
      return NULL;
    }
    qd_json_append(v, item);
  }
  return v;
}

static qd_json *read_object(reader *r, int at) {
  qd_json *v = qd_json_object();
  size_t path_n = r->path_n;
  lua_pushnil(r->L);            // key
  while (lua_next(r->L, at)) {  // key value
    qd_slice key;
    key.p = lua_tolstring(r->L, -2, &key.n);
    enter_path(r, path_n ? ".%s" : "%s", key.p);
    qd_json *item = read_value(r, lua_gettop(r->L));
    leave_path(r, path_n);
    lua_pop(r->L, 1);  // key
    if (!item) {
      lua_pop(r->L, 1);
      qd_json_free(v);
      return NULL;
    }
    qd_json_set(v, key, item);
  }
  qd_json_sort(v);  // the order of a Lua table is not one
  return v;
}

static qd_json *read_table(reader *r, int at) {
  const void *self = lua_topointer(r->L, at);
  for (unsigned i = 0; i < r->depth; i++)
    if (r->parents[i] == self) return problem(r, "the table contains itself");
  if (r->depth == MAX_DEPTH || !lua_checkstack(r->L, 6)) return problem(r, "nested deeper than %d levels", MAX_DEPTH);
  r->parents[r->depth++] = self;
  lua_Integer n;
  shape kind = shape_of(r, at, &n);
  qd_json *v = NULL;
  if (kind == ARRAY) v = read_array(r, at, n);
  if (kind == OBJECT) v = read_object(r, at);
  if (kind == NEITHER) (void)problem(r, "keys must be all strings, or 1, 2, 3 ... without a gap (json.null fills one)");
  r->depth--;
  return v;
}

static qd_json *read_value(reader *r, int at) {
  lua_State *L = r->L;
  if (++r->values > MAX_VALUES) return problem(r, "more than %d values", MAX_VALUES);
  switch (lua_type(L, at)) {
    case LUA_TNIL:
      return qd_json_null();
    case LUA_TBOOLEAN:
      return qd_json_bool(lua_toboolean(L, at));
    case LUA_TNUMBER:
      if (lua_isinteger(L, at)) return qd_json_int(lua_tointeger(L, at));
      if (!isfinite(lua_tonumber(L, at))) return problem(r, "the number is not finite");
      return qd_json_float(lua_tonumber(L, at));
    case LUA_TSTRING: {
      qd_slice s;
      s.p = lua_tolstring(L, at, &s.n);
      return qd_json_string(s);
    }
    case LUA_TTABLE:
      return read_table(r, at);
    default:
      if (is_null_sentinel(L, at)) return qd_json_null();
      return problem(r, "a %s cannot be written as data", lua_typename(L, lua_type(L, at)));
  }
}

qd_json *qd_check_json(lua_State *L, int arg) {
  luaL_checkany(L, arg);
  luaL_checkstack(L, 6, NULL);
  reader r = {.L = L};
  qd_json *v = read_value(&r, lua_absindex(L, arg));
  if (!v) luaL_argerror(L, arg, r.problem);
  return v;
}

void qd_set_string(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

void qd_set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}
