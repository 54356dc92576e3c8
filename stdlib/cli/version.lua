-- Who we are: program, libraries, what overrides them.
-- Dependencies: core.version, core.embedded.
local M = {}

---@return string "qnap-docker 0.3.0\n"
function M.line()
  return ("qnap-docker %s\n"):format(require("core.version").program)
end

---@return table program, lua, libraries, overrides
function M.record()
  local core, array = require "core.version", require("json").array
  return {
    program = core.program, libraries = array(core.libraries()), overrides = array(require("core.embedded").overrides()),
  }
end

return M
