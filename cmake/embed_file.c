// embed_file IN OUT SYMBOL NAME: OUT is a C file with the bytes of the Lua file IN (SYMBOL) and with what Lua compiles it to
// (SYMBOL_code, SYMBOL_code_size), lines and names of variables included, as the chunk "@qd:NAME". A mistake in IN ends the build.
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(const char *path, size_t *out_n) {
  FILE *f = fopen(path, "rb");
  if (!f || fseek(f, 0, SEEK_END) != 0) return NULL;
  long size = ftell(f);
  char *bytes = malloc((size_t)size + 1);
  rewind(f);
  *out_n = bytes ? fread(bytes, 1, (size_t)size, f) : 0;
  (void)fclose(f);
  return bytes;
}

typedef struct output {
  FILE *file;
  size_t n;
} output;

static void put(output *o, const char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++, o->n++) {
    (void)fprintf(o->file, "%u,%s", (unsigned)(unsigned char)bytes[i], o->n % 24 == 23 ? "\n" : "");
  }
}

static int on_code(lua_State *L, const void *bytes, size_t n, void *ud) {
  (void)L;
  put(ud, bytes, n);
  return 0;
}

// With a final zero, which keeps an empty file an array.
static void begin(FILE *f, const char *symbol, const char *part) {
  (void)fprintf(f, "extern const unsigned char %s%s[];\nconst unsigned char %s%s[] = {", symbol, part, symbol, part);
}

int main(int argc, char **argv) {
  size_t n = 0;
  char *text = argc == 5 ? read_all(argv[1], &n) : NULL;
  FILE *f = text ? fopen(argv[2], "w") : NULL;
  lua_State *L = f ? luaL_newstate() : NULL;
  if (!L) {
    (void)fprintf(stderr, "embed_file: cannot make C of %s\n", argc > 1 ? argv[1] : "?");
    return 2;
  }
  lua_pushfstring(L, "@qd:%s", argv[4]);
  if (luaL_loadbufferx(L, text, n, lua_tostring(L, -1), "t") != LUA_OK) {
    (void)fprintf(stderr, "%s\n", lua_tostring(L, -1));
    (void)fclose(f);
    (void)remove(argv[2]);
    return 1;
  }
  (void)fputs("// Generated from a Lua source; do not edit.\n#include <stddef.h>\n", f);
  output o = {f, 0};
  begin(f, argv[3], "");
  put(&o, text, n);
  begin((fputs("0};\n", f), f), argv[3], "_code");
  o.n = 0;
  lua_dump(L, on_code, &o, 0);
  (void)fprintf(f, "0};\nextern const size_t %s_code_size;\nconst size_t %s_code_size = %zu;\n", argv[3], argv[3], o.n);
  lua_close(L);
  free(text);
  return fclose(f) != 0;
}
