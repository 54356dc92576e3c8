-- Bytes to stdout and words to stderr. A reader that went away ends us quietly; a full disk is an error.
-- Dependencies: core.tty, core.log.
local log = require "core.log"
local tty = require "core.tty"

local M = {}

---@type cli.Pager? of the command that runs
M.pager = nil

---Writes to stdout, as fast as the reader takes it. What a container prints is the user's own: nothing is redacted here.
---@async
---@param bytes string
function M.out(bytes)
  if M.pager then
    return M.pager:write(bytes)
  end
  tty.write(1, bytes)
end

---Writes a line of ours to stderr, without secrets.
---@param text string
function M.err(text)
  text = log.redact(text)
  if M.pager and M.pager:is_busy() then
    table.insert(M.pager.held, text)
  else
    io.stderr:write(text)
  end
end

---Bytes of a stream that a container wrote to its stderr. A pager shows both streams.
---@async
---@param bytes string
function M.err_bytes(bytes)
  if M.pager then
    return M.pager:write(bytes)
  end
  tty.write(2, bytes)
end

---Whether nobody reads any more what comes now.
---@return boolean
function M.is_unread()
  return M.pager ~= nil and M.pager.gone == true
end

---What was collected for a pager is shown, and output goes to the terminal from here on: a question follows.
---@async
function M.settle()
  if M.pager then
    M.pager:finish()
  end
end

return M
