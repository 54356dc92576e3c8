-- connect.lua PROFILE: logs in, asks nothing. What a command takes beyond this is its own.
local _ <close> = require("docker").connect((...))
return 0
