-- The password of --password-stdin: one line, registered as a secret before anything else sees it.
local M = {}

local LONGEST = 1024

---@async
---@return string
---@raise usage
function M.from_stdin()
  local ui = require "ui"
  if ui.is_tty "stdin" then
    Error {
      category = "usage", code = "no_password", message = "--password-stdin reads the password from a pipe",
      why = "standard input is a terminal",
      hint = "leave it out: the password is asked for where one is needed",
    }
  end
  local line = ui.read_line()
  line = line and line:gsub("\r$", "")
  if not line or line == "" or #line > LONGEST then
    Error {
      category = "usage", code = "no_password", message = "there is no password on standard input",
      why = line and #line > LONGEST and "its first line is too long" or "its first line is empty",
    }
  end
  require("core.log").secret(line)
  return line
end

return M
