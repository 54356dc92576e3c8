-- Failures of what was typed: an Error as everywhere, anything else with its place and the way there in the user's own code.
-- Dependencies: core.error, cli.render_error.
local core_error = require "core.error"

local M = {}

local MOST = 6 -- lines of the way

-- Only the frames of chunks and of the user's files.
local function own_frames(traceback)
  local out = {}
  for line in (traceback or ""):gmatch "[^\n]+" do
    local ours = line:find "^%s*%[" or line:find "^%s*qd:" or line:find "/stdlib/" or line:find "/lua/repl%.lua:"
    if not ours and line:find ":%d+:" and #out < MOST then out[#out + 1] = "  " .. line:gsub("^%s+", "") end
  end
  return out
end

-- What a raised value that is no Error says.
local function as_error(err)
  local is_error = core_error.is(err)
  if is_error and not (err.category == "internal" and err.code == "internal") then return err end
  local message = is_error and err.message or tostring(err)
  if tostring(message):find "^qd:" then return err end -- our own code's
  return core_error.new {
    category = "fail", code = "chunk_failed", message = (tostring(message):gsub("^repl:(%d+):", "line %1:")),
    traceback = is_error and err.traceback or nil,
  }
end

---@param err any
---@param style? ui.Style
---@return string
function M.text(err, style)
  local shown = as_error(err)
  local text = require("cli.render_error").text(shown, { style = style })
  if shown.code ~= "chunk_failed" then return text end
  local first = text:match "^[^\n]*\n"
  local frames = own_frames(shown.traceback)
  return first .. (#frames > 1 and table.concat(frames, "\n") .. "\n" or "")
end

---Runs fn; what a chunk raised leaves as a failure of the chunk, not of the program.
---@async
---@param fn function
function M.raising(fn)
  local ok, err = xpcall(fn, require("errors").traced)
  if not ok then error(as_error(err), 0) end
end

return M
