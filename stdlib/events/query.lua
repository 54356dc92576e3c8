-- Flags of events -> the query of GET /events.
local units = require "units"

local M = {}

local function timestamp(text, what)
  if not text or text == "" then return nil end
  if text:find "^%d+$" or text:find "^%d+%.%d+$" then return text end
  local s, ns = try(units.time, text)
  if s then return ("%d.%09d"):format(s, ns) end
  Error {
    category = "usage", code = "bad_time", message = ("--%s: \"%s\" is no time"):format(what, text),
    exit_code = 1,
    why = ('failed to parse value as time or duration: "%s"'):format(text),
    hint = "for example --" .. what .. " 42m or 2026-01-02T15:04:05Z",
  }
end

---@param flags table of events
---@return table {since, until, filters}
function M.build(flags)
  local filters = require("listing.filters").parse(flags.filter)
  local since, stop = timestamp(flags.since, "since"), timestamp(flags["until"], "until")
  if flags.backlog then since, stop = since or "1", stop or ("%d.%09d"):format(require("sys").time()) end
  return { since = since, ["until"] = stop, filters = next(filters) and filters or nil }
end

return M
