-- The flags of `network create` -> body of POST /networks/create, with docker CLI 28's own checks.
local cidr = require "net.cidr"
local slices = require("create.problem").slices

local M = {}

local function refuse(why)
  Error { category = "usage", code = "bad_ipam", message = "the addresses of the network do not fit together", why = why, exit_code = 1 }
end

---docker's maps: KEY=VALUE, and KEY alone as empty.
---@param list string[]
---@return table<string, string>
function M.map(list)
  local out = {}
  for _, text in ipairs(list) do
    local key, value = text:match "^([^=]*)=(.*)$"
    out[key or text] = value or ""
  end
  return out
end

local function network(text) return cidr.parse(text) or refuse("invalid CIDR address: " .. text) end

-- Whether an address or a network begins inside a subnet.
local function matches(subnet, text)
  local outer = network(subnet)
  local bytes = text:find("/", 1, true) and network(text).bytes or cidr.address(text)
  return bytes ~= nil and cidr.contains(outer, bytes)
end

-- Puts each value into the first subnets that hold it.
local function place(configs, values, what, set)
  for _, value in ipairs(values) do
    local found = false
    for _, config in ipairs(configs) do
      if matches(config.Subnet, value.text) then
        set(config, value)
        found = true
      end
    end
    if not found then refuse(("no matching subnet for %s %s"):format(what, value.text)) end
  end
end

local function once(field, what)
  return function(config, value)
    if config[field] then
      refuse(what:format(value.text, config[field], config.Subnet))
    end
    config[field] = value.text
  end
end

local function texts(list)
  local out = {}
  for i, text in ipairs(list) do out[i] = { text = text } end
  return out
end

local function ipam(flags)
  local subnets, ranges = slices(flags.subnet, "--subnet"), slices(flags.ip_range, "--ip-range")
  local gateways = slices(flags.gateway, "--gateway")
  if #subnets < #ranges or #subnets < #gateways then refuse "every ip-range or gateway must have a corresponding subnet" end
  local configs = {}
  for _, subnet in ipairs(subnets) do
    for _, other in ipairs(configs) do
      if matches(subnet, other.Subnet) or matches(other.Subnet, subnet) then
        refuse "multiple overlapping subnet configuration is not supported"
      end
    end
    configs[#configs + 1] = { Subnet = subnet }
  end
  place(configs, texts(ranges), "range", once("IPRange", "cannot configure multiple ranges (%s, %s) on the same subnet (%s)"))
  place(configs, texts(gateways), "gateway", once("Gateway", "cannot configure multiple gateways (%s, %s) for the same subnet (%s)"))
  local aux = {}
  for key, text in pairs(M.map(flags.aux_address)) do aux[#aux + 1] = { key = key, text = text } end
  place(configs, aux, "aux-address", function(config, value)
    config.AuxiliaryAddresses = config.AuxiliaryAddresses or {}
    config.AuxiliaryAddresses[value.key] = value.text
  end)
  return { Driver = flags.ipam_driver, Config = require("json").array(configs), Options = M.map(flags.ipam_opt) }
end

---@param name string
---@param flags table<string, any>
---@param given table<string, boolean>
---@return table body
function M.body(name, flags, given)
  local body = {
    Name = name, Driver = flags.driver, Options = M.map(flags.opt), IPAM = ipam(flags), Internal = flags.internal,
    Attachable = flags.attachable, Ingress = flags.ingress, Scope = flags.scope, ConfigOnly = flags.config_only,
    ConfigFrom = flags.config_from and flags.config_from ~= "" and { Network = flags.config_from } or nil,
    Labels = require("create.env").labels(nil, flags.label),
  }
  if given.ipv4 then body.EnableIPv4 = flags.ipv4 end
  if given.ipv6 then body.EnableIPv6 = flags.ipv6 end
  return body
end

---Subnets that a body asks for.
---@param body table
---@return string[]
function M.subnets(body)
  local out = {}
  for i, config in ipairs(body.IPAM.Config) do out[i] = config.Subnet end
  return out
end

return M
