// The Lua files baked in at build time (cmake/Embed.cmake), sorted by name, ended by a row without a name.
#ifndef QD_SCRIPT_EMBEDDED_H
#define QD_SCRIPT_EMBEDDED_H

#include <stddef.h>

typedef struct qd_embedded {
  const char *name;  // "lua/network/ls.lua", "stdlib/json.lua"
  const char *text;
  size_t size;
  const char *code;  // what the Lua of the build (LUA_RELEASE) compiled it to
  const size_t *code_size;
  const char *summary;  // of a command, else ""
  const char *group;
} qd_embedded;

extern const qd_embedded qd_embedded_files[];

#endif
