-- luacheck: Lua 5.4; beside it the words that the prelude gives every script, and no globals of our own.
std = "lua54"
cache = false
max_line_length = 140
max_cyclomatic_complexity = 20
unused_secondaries = false
self = false
read_globals = { "Error", "try", "defer" }
exclude_files = { "build*/**" }
-- The words of the spec runner (tests/support/spec.lua).
files["tests/**/*_spec.lua"] = { read_globals = { "describe", "it", "before_each", "after_each", "pending", "h" } }
-- The prelude is where the runtime changes Lua's own library.
files["stdlib/prelude.lua"] = { globals = { "coroutine", "os", "io", "Error", "try", "defer" } }
-- Types for editors: declarations without bodies.
files["stdlib/_meta/"] = { ignore = { "241", "111", "112", "121", "122", "131", "212", "631" } }
