-- Waiting for something to come about. Dependencies: task, ui (its clock), units.
local units = require "units"

local M = {}

local TIMEOUT, INTERVAL = 60, 1 -- seconds

local function too_late(what, after)
  Error {
    category = "timeout", code = "not_come_about", message = ("%s has not come about"):format(what),
    why = ("it was waited for %g s"):format(after),
  }
end

local function look(fn, interval)
  while true do
    local value = fn()
    if value then return value end
    require("task").sleep(interval)
  end
end

---Calls fn until it returns something true. It is called at least once; what it raises goes on to the caller.
---@async
---@generic T
---@param fn fun(): T?
---@param options? {timeout?: number|string, interval?: number|string, what?: string} timeout: seconds or "5m" (60 s); interval: from
--- the end of a call to the next one, seconds or "500ms" (1 s); what: a name for what is waited for, in the error
---@return T value what fn returned
---@raise timeout "not_come_about"
---@raise usage for a duration that is none
function M.for_true(fn, options)
  options = options or {}
  local timeout, interval = units.seconds(options.timeout or TIMEOUT), units.seconds(options.interval or INTERVAL)
  local clock = require("ui").clock
  local stop = clock() + timeout
  local value, err = try(require("task").deadline, timeout, look, fn, interval)
  if err and err.category == "timeout" and clock() >= stop then too_late(options.what or "what was waited for", timeout) end
  if err then error(err, 0) end
  return value
end

return M
