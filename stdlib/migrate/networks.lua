-- The networks of what moves: which are made on the target, with which addresses, and where that cannot be. Pure.
local M = {}

local BUILT_IN = { bridge = true, host = true, none = true }

local function number(address)
  local a, b, c, d = (address or ""):match "^(%d+)%.(%d+)%.(%d+)%.(%d+)"
  return a and (tonumber(a) << 24 | tonumber(b) << 16 | tonumber(c) << 8 | tonumber(d))
end

local function range(subnet)
  local address, bits = (subnet or ""):match "^([%d.]+)/(%d+)$"
  local from = number(address)
  if not from then return nil end
  local size = 1 << (32 - tonumber(bits))
  return from - from % size, from - from % size + size - 1
end

---Whether two IPv4 networks share an address.
---@param a string "172.20.0.0/16"
---@param b string
---@return boolean
function M.overlap(a, b)
  local a1, a2 = range(a)
  local b1, b2 = range(b)
  return a1 ~= nil and b1 ~= nil and a1 <= b2 and b1 <= a2
end

-- Docker's own choice, where nobody named one: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and so on.
local function is_default_pool(subnet)
  local from, to = range(subnet)
  if not from then return true end -- IPv6: the engine's choice unless an address is asked for
  local size = to - from + 1
  return (size == 1 << 16 and from >= number "172.17.0.0" and to <= number "172.31.255.255")
    or (size == 1 << 12 and from >= number "192.168.0.0" and to <= number "192.168.255.255")
end

local function has_static(f, name)
  for _, c in ipairs(f.containers) do
    local e = ((c.body.NetworkingConfig or {}).EndpointsConfig or {})[name]
    if e and type(e.IPAMConfig) == "table" and next(e.IPAMConfig) then return true end
  end
  return false
end

-- Addresses that somebody chose go with it; those that the engine chose are chosen anew.
local function ipam(f, n)
  local config = require("json").array {}
  local static = has_static(f, n.Name)
  for _, c in ipairs((n.IPAM or {}).Config or {}) do
    if static or not is_default_pool(c.Subnet) then
      config[#config + 1] = { Subnet = c.Subnet, Gateway = c.Gateway, IPRange = c.IPRange, AuxiliaryAddresses = c.AuxiliaryAddresses }
    end
  end
  local driver = (n.IPAM or {}).Driver
  if #config == 0 and (driver == nil or driver == "default") then return nil end
  return { Driver = driver, Config = #config > 0 and config or nil, Options = (n.IPAM or {}).Options }
end

---The networks that the target has to get, by name.
---@param f migrate.Facts
---@return table[] bodies as the engine takes them
function M.bodies(f)
  local out = {}
  for _, name in ipairs(require("compose.tables").sorted(f.networks)) do
    local n = f.networks[name]
    if not BUILT_IN[name] and not f.there.networks[name] then
      out[#out + 1] = {
        Name = name, Driver = n.Driver, Internal = n.Internal or nil, Attachable = n.Attachable or nil, EnableIPv6 = n.EnableIPv6 or nil,
        Options = n.Options, Labels = n.Labels, IPAM = ipam(f, n),
      }
    end
  end
  return out
end

---@param r migrate.Report is added to
---@param f migrate.Facts
function M.check(r, f)
  for _, name in ipairs(require("compose.tables").sorted(f.networks)) do
    local there = f.there.networks[name]
    if there and there.Driver ~= f.networks[name].Driver then
      table.insert(r.blockers, { what = ("%s has a network %s of another driver (%s)"):format(f.to.name, name, there.Driver) })
    elseif there and not BUILT_IN[name] and there.Id then
      table.insert(r.warnings, ("network %s of %s is used as it is"):format(name, f.to.name))
    end
  end
  for _, body in ipairs(M.bodies(f)) do
    for _, c in ipairs((body.IPAM or {}).Config or {}) do
      for other, n in pairs(f.there.networks) do
        for _, d in ipairs((n.IPAM or {}).Config or {}) do
          if M.overlap(c.Subnet, d.Subnet) then
            table.insert(r.blockers, {
              what = ("the addresses %s of network %s are those of network %s on %s"):format(c.Subnet, body.Name, other, f.to.name),
            })
          end
        end
      end
    end
  end
end

return M
