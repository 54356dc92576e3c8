-- Bytes to stdout and words to stderr. A reader that went away ends us quietly; a full disk is an error.
-- Dependencies: core.tty, core.log.
local log = require "core.log"

local M = {}

local function failed(why)
  if why:find "[Bb]roken pipe" then
    Error { category = "fail", code = "reader_gone", message = "nobody reads the output any more", exit_code = 141, quiet = true }
  end
  Error { category = "fail", code = "write_failed", message = "cannot write to standard output", why = why }
end

---Writes to stdout, as fast as the reader takes it. What a container prints is the user's own: nothing is redacted here.
---@async
---@param bytes string
function M.out(bytes)
  local ok, why = io.stdout:write(bytes)
  if ok then
    ok, why = io.stdout:flush()
  end
  if not ok then
    failed(why)
  end
end

---Writes a line of ours to stderr, without secrets.
---@param text string
function M.err(text)
  io.stderr:write((log.redact(text)))
end

return M
