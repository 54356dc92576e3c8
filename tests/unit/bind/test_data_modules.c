// core.json, core.yaml and core.units in a bare Lua state: each test is a Lua chunk whose errors fail it.
#include <lualib.h>
#include <stdlib.h>

#include "bind/convert.h"
#include "bind/modules.h"
#include "qd_test.h"

static const char prelude[] =
    "json, yaml, units = ...\n"
    "function eq(a, b)\n"
    "  if a ~= b or math.type(a) ~= math.type(b) then error(('%s (%s) ~= %s (%s)'):format(a, math.type(a), b, math.type(b)), 2) end\n"
    "end\n"
    "function fails(pattern, f, ...)\n"
    "  local ok, err = pcall(f, ...)\n"
    "  if ok then error('no error', 2) end\n"
    "  local text = type(err) == 'table' and err.code .. ': ' .. err.message .. ': ' .. (err.why or '') or err\n"
    "  if not text:find(pattern, 1, true) then error(text, 2) end\n"
    "end\n";

static void run(const char *chunk) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  cr_assert_eq(luaL_loadstring(L, prelude), LUA_OK, "%s", lua_tostring(L, -1));
  luaopen_qd_json(L);
  luaopen_qd_yaml(L);
  luaopen_qd_units(L);
  lua_call(L, 3, 0);
  int top = lua_gettop(L);
  if (luaL_dostring(L, chunk) != LUA_OK) cr_assert_fail("%s", lua_tostring(L, -1));
  cr_assert_eq(lua_gettop(L), top);
  lua_close(L);
}

QD_TEST(bind_json, decodes) {
  run("local v = json.decode('{\"a\":[1,1.0,9007199254740993,1e3,-0.5],\"b\":{\"c\":null},\"d\":true,\"e\":\"x\\\\u0000y\"}')\n"
      "eq(#v.a, 5) eq(v.a[1], 1) eq(v.a[2], 1.0) eq(v.a[3], 9007199254740993) eq(v.a[4], 1000.0) eq(v.a[5], -0.5)\n"
      "eq(v.b.c, json.null) eq(v.d, true) eq(v.e, 'x\\0y')\n"
      "eq(json.decode('null'), json.null) eq(json.decode('18446744073709551615'), 18446744073709551615.0)\n");
}

QD_TEST(bind_json, keeps_empty_arrays_apart) {
  run("local v = json.decode('{\"a\":[],\"o\":{}}')\n"
      "assert(json.is_array(v.a)) assert(not json.is_array(v.o)) assert(not json.is_array('x'))\n"
      "eq(json.encode(v), '{\"a\":[],\"o\":{}}')\n"
      "eq(json.encode(json.array()), '[]') eq(json.encode(json.array({})), '[]') eq(json.encode({}), '{}')\n"
      "local t = {} eq(json.array(t), t) assert(json.is_array(t)) assert(json.is_array({1}))\n"
      "v.a[1] = 'x' eq(json.encode(v.a), '[\"x\"]')\n");
}

QD_TEST(bind_json, encodes) {
  run("eq(json.encode({b = 1, a = {1, 2.5, 'x', json.null, false}, [''] = {}}), '{\"\":{},\"a\":[1,2.5,\"x\",null,false],\"b\":1}')\n"
      "eq(json.encode(nil), 'null') eq(json.encode(3.0), '3') eq(json.encode(math.mininteger), '-9223372036854775808')\n"
      "eq(json.encode('<&>'), '\"<&>\"') eq(json.encode('<', {html_safe = true}), '\"\\\\u003c\"')\n"
      "eq(json.encode({a = {1}}, {indent = 2}), '{\\n  \"a\": [\\n    1\\n  ]\\n}')\n"
      "eq(json.encode({'a\\255'}), '[\"a\\\\ufffd\"]')\n");
}

QD_TEST(bind_json, refuses_what_is_no_data) {
  run("fails('a function cannot be written as data', json.encode, print)\n"
      "fails(\"at 'a.b[2]': a function cannot\", json.encode, {a = {b = {1, print}}})\n"
      "fails('a userdata cannot', json.encode, {io.stdout})\n"
      "fails(\"at 'x': the number is not finite\", json.encode, {x = 0/0})\n"
      "fails('not finite', json.encode, math.huge)\n"
      "fails('keys must be all strings', json.encode, {1, x = 2})\n"
      "fails(\"at 'l': keys must be\", json.encode, {l = {[1] = 1, [3] = 3}})\n"
      "fails('keys must be', json.encode, {[0] = 1})\n"
      "fails('keys must be', json.encode, {[true] = 1})\n"
      "fails('keys must be', json.encode, {[1.5] = 1})\n"
      "fails('keys must be', json.encode, json.array({x = 1}))\n"
      "local t = {} t.a = {t} fails(\"at 'a[1]': the table contains itself\", json.encode, t)\n"
      "local deep = {} for i = 1, 199 do deep = {deep} end json.encode(deep)\n"
      "fails('nested deeper than 200 levels', json.encode, {deep})\n"
      "local bomb = {1} for i = 1, 40 do bomb = {bomb, bomb} end fails('more than 4000000 values', json.encode, bomb)\n"
      "local long = {} long[('k'):rep(500)] = {[('l'):rep(500)] = print} fails('kkk', json.encode, long)\n");
}

QD_TEST(bind_json, shared_tables_are_no_cycle) { run("local s = {1} eq(json.encode({a = s, b = s}), '{\"a\":[1],\"b\":[1]}')\n"); }

QD_TEST(bind_json, reports_broken_text) {
  run("fails(\"bad_json: not valid JSON: line 1, column 2: unexpected ']'\", json.decode, '{]')\n"
      "fails('more than 3 bytes', json.decode, '[1, 2]', {max_bytes = 3})\n"
      "fails('more than 1 levels', json.decode, '[[1]]', {max_depth = 1})\n"
      "fails('max_depth from 1', json.decode, '1', {max_depth = 0})\n"
      "fails('integer expected', json.decode, '1', {max_depth = 'x'})\n"
      "fails('string expected', json.decode, {})\n"
      "fails('value expected', json.encode)\n"
      "fails('indent from 0', json.encode, 1, {indent = -1})\n");
}

QD_TEST(bind_json, decodes_deep_documents) {
  run("local v = json.decode(('['):rep(1000) .. (']'):rep(1000), {max_depth = 1000})\n"
      "for i = 1, 999 do v = v[1] end eq(#v, 0)\n");
}

static void *capped(void *ud, void *p, size_t old, size_t n) {
  size_t *left = ud;
  if (n == 0) {
    if (p) *left += old;
    free(p);
    return NULL;
  }
  size_t had = p ? old : 0;
  if (n > had && n - had > *left) return NULL;
  void *q = realloc(p, n);
  if (q) *left = *left + had - n;
  return q;
}

static int decode_large(lua_State *L) {
  luaopen_qd_json(L);
  lua_getfield(L, -1, "decode");
  lua_pushfstring(L, "[%s1]", lua_tostring(L, 1));
  lua_call(L, 1, 1);
  lua_getfield(L, -2, "encode");
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  return 0;
}

// Whenever Lua runs out of its allowance, nothing of ours is lost (the leak check at the end sees to it).
QD_TEST(bind_json, survives_a_memory_cap) {
  int failures = 0;
  for (size_t left = 30000; left < 90000; left += 1000) {
    size_t room = left;
    lua_State *L = lua_newstate(capped, &room);
    if (!L) continue;
    lua_pushcfunction(L, decode_large);
    char text[4001];
    for (size_t i = 0; i < sizeof text - 1; i += 2) {
      text[i] = '7';
      text[i + 1] = ',';
    }
    text[sizeof text - 1] = '\0';
    lua_pushlightuserdata(L, text);
    lua_pop(L, 1);
    lua_pushstring(L, text);
    if (lua_pcall(L, 1, 0, 0) == LUA_ERRMEM) failures++;
    lua_close(L);
  }
  cr_assert(failures > 5 && failures < 60, "%d", failures);
}

QD_TEST(bind_yaml, decodes) {
  run("local v = yaml.decode('a: [1, 1.0, x]\\nb: ~\\nc: []\\n')\n"
      "eq(v.a[1], 1) eq(v.a[2], 1.0) eq(v.a[3], 'x') eq(v.b, json.null) assert(json.is_array(v.c))\n"
      "fails('bad_yaml: p.yaml:1:4: did not find', yaml.decode, 'a: ]', 'p.yaml')\n"
      "fails('YAML:1:4', yaml.decode, 'a: ]')\n");
}

QD_TEST(bind_yaml, encodes) {
  run("eq(yaml.encode({b = {1, 'yes'}, a = json.null}), 'a: null\\nb:\\n- 1\\n- \"yes\"\\n')\n"
      "fails('a function cannot', yaml.encode, {print})\n");
}

QD_TEST(bind_units, reads_and_prints) {
  run("eq(units.size('1.5k'), 1536) eq(units.duration('1h30m'), 5400.0) eq(units.duration_ns('1us'), 1000)\n"
      "local s, ns = units.time('10s', 1000) eq(s, 990) eq(ns, 0)\n"
      "s, ns = units.time('10.5') eq(s, 10) eq(ns, 500000000)\n"
      "s, ns = units.time('0s') assert(s > 1700000000)\n"
      "s, ns = units.rfc3339('2024-05-01T12:51:30.5Z') eq(s, 1714567890) eq(ns, 500000000)\n"
      "eq(units.human_size(1234567), '1.235MB') eq(units.human_size(1234567, 3), '1.23MB') eq(units.bytes_size(1536), '1.5KiB')\n"
      "eq(units.human_duration(7200.9), '2 hours') eq(units.human_duration(0/0), 'Less than a second')\n"
      "eq(units.human_duration(math.huge), '292 years')\n");
}

QD_TEST(bind_units, refuses) {
  run("fails('bad_size: invalid suffix', units.size, '1x')\n"
      "fails('bad_duration: time: missing unit', units.duration, '10')\n"
      "fails('bad_duration: time: missing unit', units.duration_ns, '10')\n"
      "fails('bad_time: failed to parse', units.time, 'soon')\n"
      "fails('bad_time: not a time', units.rfc3339, '2024-05-01')\n"
      "fails('1 to 17 expected', units.human_size, 1, 99)\n"
      "fails('seconds since the epoch expected', units.time, '1s', 1e300)\n");
}
