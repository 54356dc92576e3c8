-- How the containers of a service are replaced, and why so. Pure.
local M = {}

-- So long both serve before the old one stops, at least. The engine gives a new address out a moment before it can be reached, and
-- who asked for it too early asks again a second later (ARP).
M.DRAIN = "2s"
M.MONITOR = 10 -- seconds that a new container without a healthcheck is watched

---@class compose.Strategy
---@field order "start-first"|"stop-first"
---@field why string
---@field rolling boolean one batch after the other, each watched
---@field parallelism integer containers at once; 0: all
---@field delay number seconds between batches
---@field monitor number seconds
---@field on_failure "rollback"|"pause"|"continue"
---@field keeps? boolean the containers before are kept, stopped
---@field ratio number share of containers that may fail
---@field warning? string

local function host_port(service)
  for _, p in ipairs(service.ports or {}) do
    if p.published and p.published ~= "" and not p.published:find "-" then return p.published end
  end
end

local function fixed_address(service)
  for _, n in pairs(service.networks or {}) do
    if type(n) == "table" and (n.ipv4_address or n.ipv6_address or n.mac_address) then return true end
  end
  return service.mac_address ~= nil
end

-- What only one container at a time can have.
local function exclusive(service)
  local port = host_port(service)
  if port then return "publishes host port " .. port end
  if service.network_mode == "host" then return "uses the network of the NAS" end
  if fixed_address(service) then return "has a fixed address" end
end

-- Data that two containers would write at once.
local function sole_writer(service)
  for _, v in ipairs(service.volumes or {}) do
    local of_project = v.type == "bind" and v.source:match "/%.qnap%-docker/projects/[^/]+/(.*)$"
    local own_copy = of_project and of_project:sub(1, 8) == "current/" -- each container has that of its revision
    if not v.read_only and v.source and (v.type == "volume" or v.type == "bind") and not own_copy then
      local shown = of_project and "./" .. of_project:gsub("^data/", "") or v.source
      return ("sole writer of %s %s"):format(v.type == "volume" and "volume" or "directory", shown)
    end
  end
end

local function seconds(text) return text and require("units").duration(text) or nil end

local function order_of(service, asked)
  local only_one = exclusive(service)
  local wanted = asked or (service.labels or {})["qnap-docker.strategy"] or ((service.deploy or {}).update_config or {}).order
  local writer = sole_writer(service)
  if only_one then
    return "stop-first", only_one, wanted == "start-first" and ("start-first is not possible: it %s"):format(only_one) or nil
  elseif wanted == "start-first" then
    return wanted, "as asked for", writer and ("start-first with two writers for a while: it is the %s"):format(writer) or nil
  elseif wanted == "stop-first" then
    return wanted, "as asked for"
  elseif writer then
    return "stop-first", writer
  end
  return "start-first", "no host port, no data of its own"
end

local function at_once(options, blue_green)
  return {
    order = "stop-first", why = "recreated", rolling = false, parallelism = 0, delay = 0, ratio = 0, keeps = blue_green,
    monitor = blue_green and (options.monitor or M.MONITOR) or 0, on_failure = options.no_rollback and "pause" or "rollback",
  }
end

---@param service table of the model
---@param options {rolling?: boolean, strategy?: "auto"|"start-first"|"stop-first"|"recreate"|"blue-green", monitor?: number,
--- no_rollback?: boolean}
---@param alone? string why two containers of it must not run at once
---@return compose.Strategy
function M.of(service, options, alone)
  local config = (service.deploy or {}).update_config
  local asked = options.strategy
  if alone or asked == "recreate" or asked == "blue-green" or not (config or asked or options.rolling) then
    return at_once(options, asked == "blue-green")
  end
  config = config or {}
  local order, why, warning = order_of(service, (asked == "start-first" or asked == "stop-first") and asked or nil)
  return {
    order = order, why = why, warning = warning, rolling = true, parallelism = config.parallelism or 1, delay = seconds(config.delay) or 0,
    monitor = options.monitor or seconds(config.monitor) or M.MONITOR, ratio = config.max_failure_ratio or 0,
    on_failure = options.no_rollback and "pause" or config.failure_action or "rollback",
  }
end

return M
