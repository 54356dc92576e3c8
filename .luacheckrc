-- luacheck: Lua 5.4, no globals of our own.
std = "lua54"
cache = false
max_line_length = 140
max_cyclomatic_complexity = 20
unused_secondaries = false
self = false
-- What the prelude adds.
read_globals = { "Error", "try", "defer" }
exclude_files = { "build*/**" }
-- The words of the spec runner (tests/support/spec.lua).
files["tests/**/*_spec.lua"] = { read_globals = { "describe", "it", "before_each", "after_each", "pending", "h" } }
-- The prelude is where the runtime adds to Lua's own library.
files["stdlib/prelude.lua"] = { globals = { "coroutine", "os", "io", "try" } }
-- Types for editors: declarations without bodies.
files["stdlib/_meta/"] = { ignore = { "111", "112", "121", "122", "131", "212" } }
