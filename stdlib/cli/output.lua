-- Bytes to stdout and words to stderr. A reader that went away ends us quietly; a full disk is an error.
-- Dependencies: core.tty, core.log.
local log = require "core.log"
local tty = require "core.tty"

local M = {}

---Writes to stdout, as fast as the reader takes it. What a container prints is the user's own: nothing is redacted here.
---@async
---@param bytes string
function M.out(bytes)
  tty.write(1, bytes)
end

---Writes a line of ours to stderr, without secrets.
---@param text string
function M.err(text)
  io.stderr:write((log.redact(text)))
end

return M
