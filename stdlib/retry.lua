-- Trying again what may go well the next time. The module is the function. Dependencies: errors, task, units.
local units = require "units"

local TIMES, DELAY, FACTOR, MAX_DELAY = 3, 1, 2, 30
local PASSING = { connect = true, timeout = true } -- categories of failures that may be gone a moment later

local function wanted(on)
  if type(on) == "function" then return on end
  local among = PASSING
  if on then
    among = {}
    for _, category in ipairs(on) do among[category] = true end
  end
  return function(err) return among[err.category] end
end

---@class retry.Options
---@field times? integer calls in all (3)
---@field delay? number|string before the second call: seconds, or "2s" (1 s)
---@field factor? number by which it grows (2)
---@field max_delay? number|string at most (30 s)
---@field on? string[]|fun(err: Error): boolean categories of errors to try again after, or what says so (connect and timeout)

---Calls fn(try_number) until it raises nothing. Cancellation and bugs are never tried again.
---@async
---@generic T
---@param fn fun(try_number: integer): T
---@param options? retry.Options
---@return T ... what fn returned
---@raise any the error of the last call
local function retry(fn, options)
  options = options or {}
  local times, again = options.times or TIMES, wanted(options.on)
  local delay, longest = units.seconds(options.delay or DELAY), units.seconds(options.max_delay or MAX_DELAY)
  for n = 1, times - 1 do
    local results = table.pack(try(fn, n))
    local err = results[1] == nil and results[2]
    if not require("errors").is(err) then return table.unpack(results, 1, results.n) end
    if not again(err) then error(err, 0) end
    require("task").sleep(math.min(delay, longest))
    delay = delay * (options.factor or FACTOR)
  end
  return fn(times)
end

return retry
