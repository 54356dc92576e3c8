-- Flags of logs -> the query of GET /containers/{id}/logs (Engine API 1.41).
local units = require "units"
local problem = require "create.problem"

local M = {}

-- The engine takes unix seconds with a fraction only; RFC 3339 and "10m" are for us to read.
local function timestamp(text, flag)
  if text == nil or text == "" then return nil end
  if text:find "^%d+$" or text:find "^%d+%.%d+$" then return text end
  local s, ns = try(units.time, text)
  if not s then problem.argument(flag, text, "a time (2026-01-02T15:04:05Z), unix seconds or a duration back (10m) is expected") end
  return ("%d.%09d"):format(s, ns)
end

---@param flags table of logs
---@return table query
function M.build(flags)
  return {
    follow = flags.follow or nil, timestamps = flags.timestamps or nil, details = flags.details or nil,
    tail = flags.tail, since = timestamp(flags.since, "--since"), ["until"] = timestamp(flags["until"], "--until"),
  }
end

---What --grep wants.
---@param text? string
---@return string? a Lua pattern
---@raise usage "bad_pattern"
function M.pattern(text)
  if text and not pcall(string.find, "", text) then
    Error {
      category = "usage", code = "bad_pattern", message = ('--grep: "%s" is no Lua pattern'):format(text),
      why = select(2, pcall(string.find, "", text)), hint = "qnap-docker help formatting",
    }
  end
  return text
end

return M
