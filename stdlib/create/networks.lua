-- --network and its companions -> NetworkMode and EndpointsConfig (Engine API 1.41; several networks at once from 1.44).
local address = require "create.address"
local problem = require "create.problem"
local json = require "json"

local M = {}

local BUILT_IN = { default = true, bridge = true, host = true, none = true, [""] = true }

---@param name string
---@return boolean whether the engine resolves names and takes addresses on it
function M.is_user_defined(name) return not BUILT_IN[name] and name:sub(1, 10) ~= "container:" end

local LISTS = { alias = "aliases", ["link-local-ip"] = "link_local" }
local SINGLE = { name = "target", ip = "ip", ip6 = "ip6", ["mac-address"] = "mac" }

---One --network value: a name, or name=…,alias=…,ip=….
---@param text string
---@return {target: string, aliases: string[], link_local: string[], ip?: string, ip6?: string, mac?: string, driver_opts?: table}
function M.parse(text)
  local n = { target = text, aliases = {}, link_local = {} }
  if text == "" then problem.argument("--network", text, "no name set for network") end
  if not text:find "%w+=%w+" then return n end
  n.target = nil
  for _, field in ipairs(problem.csv(text, "--network")) do
    local key, value = problem.cut(field, "=")
    if not value then problem.argument("--network", text, "invalid field " .. field) end
    key, value = key:lower():match "^%s*(.-)%s*$", value:lower():match "^%s*(.-)%s*$"
    if SINGLE[key] then
      n[SINGLE[key]] = value
    elseif LISTS[key] then
      table.insert(n[LISTS[key]], value)
    elseif key == "driver-opt" then
      local k, v = problem.cut(value, "=")
      if not v then problem.argument("--network", text, "invalid key value pair format in driver options") end
      n.driver_opts = n.driver_opts or {}
      n.driver_opts[k] = v
    elseif key == "gw-priority" then
      n.gw_priority = math.tointeger(tonumber(value)) or problem.argument("--network", text, "invalid gw-priority: " .. value)
    else
      problem.argument("--network", text, "invalid field key " .. key)
    end
  end
  if not n.target then problem.argument("--network", text, "network name/id is not specified") end
  return n
end

local function take(n, key, value, flag, what)
  if value == nil or value == "" or (type(value) == "table" and #value == 0) then return end
  local own = n[key]
  if own and (type(own) ~= "table" or #own > 0) then
    problem.conflict(("cannot specify both %s and per-network %s"):format(flag, what))
  end
  n[key] = value
end

-- The flags that belong to the first network.
local function apply_flags(n, flags)
  take(n, "aliases", flags.network_alias, "--network-alias", "alias")
  if M.is_user_defined(n.target) then take(n, "links", flags.link, "--link", "links") end
  take(n, "ip", flags.ip, "--ip", "IPv4 address")
  take(n, "ip6", flags.ip6, "--ip6", "IPv6 address")
  take(n, "mac", flags.mac_address, "--mac-address", "MAC address")
  take(n, "link_local", flags.link_local_ip, "--link-local-ip", "link-local IP addresses")
end

local function endpoint(n)
  local user_defined = M.is_user_defined(n.target)
  if #n.aliases > 0 and not user_defined then
    problem.conflict "network-scoped aliases are only supported for user-defined networks"
  end
  local e = {}
  if #n.aliases > 0 then e.Aliases = json.array(n.aliases) end
  if n.links then e.Links = json.array(n.links) end
  if n.driver_opts then e.DriverOpts = n.driver_opts end
  if n.gw_priority then e.GwPriority = n.gw_priority end
  if n.ip or n.ip6 or #n.link_local > 0 then
    e.IPAMConfig = { IPv4Address = n.ip, IPv6Address = n.ip6 }
    if #n.link_local > 0 then e.IPAMConfig.LinkLocalIPs = json.array(n.link_local) end
  end
  if n.mac then
    if not address.is_mac(n.mac) then
      problem.argument("--mac-address", n.mac, n.mac .. " is not a valid mac address")
    end
    e.MacAddress = n.mac
  end
  return e
end

---@param flags table parsed flags of run or create
---@return string mode for HostConfig.NetworkMode
---@return table<string, table> endpoints
---@return string[] order the names as given (before API 1.44 the engine takes one; the rest is connected afterwards)
function M.build(flags)
  local given = flags.network or {}
  if #given == 0 then given = { "default" } end
  local endpoints, order, user, built_in = {}, {}, false, false
  for i, text in ipairs(given) do
    local n = M.parse(text)
    if M.is_user_defined(n.target) then user = true else built_in = true end
    if i == 1 then apply_flags(n, flags) end
    if endpoints[n.target] then
      Error { category = "usage", code = "bad_flag_value", message = ('network "%s" is specified multiple times'):format(n.target) }
    end
    endpoints[n.target] = endpoint(n)
    order[i] = n.target
  end
  if user and built_in then problem.conflict "cannot attach both user-defined and non-user-defined network-modes" end
  -- The engine makes the plain endpoint itself; docker leaves it out too.
  if #order == 1 and #(flags.network or {}) == 1 and next(endpoints[order[1]]) == nil then endpoints = {} end
  return order[1], endpoints, order
end

return M
