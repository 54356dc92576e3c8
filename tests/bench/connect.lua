-- connect.lua PROFILE: a connection, and one request over it. What a command takes beyond this is its own.
local nas <close> = require("docker").connect((...))
nas:ping()
return 0
