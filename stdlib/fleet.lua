-- The same on several NASes. Dependencies: docker, profile, task.
local M = {}

---What came of one NAS.
---@class fleet.Result
---@field profile string
---@field value? any what the function returned
---@field err? Error why it has none, with on_error = "collect"

local function one(name, fn, timeout)
  local function run()
    local nas <close> = require("docker").connect(name)
    return fn(nas)
  end
  if timeout then return require("task").deadline(timeout, run) end
  return run()
end

---Connects to each NAS and calls fn(nas), side by side. Each connection is closed when fn returns.
---@async
---@param profiles string|string[] selectors as of --profile: names, "a,b", globs, "group:NAME", "label:KEY=VALUE", "!NAME";
--- {}: the NAS that a command without --profile means
---@param fn fun(nas: docker.Nas): any
---@param options? {parallel?: integer, on_error?: "raise"|"collect", timeout?: number} parallel: how many at a time (8);
--- on_error: "raise" ends all with the first failure, "collect" keeps it in the result; timeout: seconds for each NAS
---@return fleet.Result[] in the order of the profiles
---@raise not_found for a selector that matches nothing
function M.map(profiles, fn, options)
  options = options or {}
  local names = require("profile").resolve(type(profiles) == "string" and { profiles } or profiles)
  local results = require("task").map(names, function(name)
    return one(name, fn, options.timeout)
  end, { limit = options.parallel, on_error = options.on_error })
  local out = {}
  for i, name in ipairs(names) do
    if options.on_error == "collect" then
      out[i] = { profile = name, value = results[i].value, err = results[i].err }
    else
      out[i] = { profile = name, value = results[i] }
    end
  end
  return out
end

return M
