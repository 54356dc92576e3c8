-- Networks. Dependencies: core.docker, docker.names.
local core = require "core.docker"
local names = require "docker.names"

local M = {}

---@class docker.Network
---@field nas docker.Nas
---@field ref string id or name
---@field warning? string of nas:create_network
local Network = {}
Network.__index = Network

function Network:__tostring()
  return ("network '%s' on %s"):format(self.ref, self.nas.name)
end

local function new(nas, ref)
  names.check(ref, "network")
  return setmetatable({ nas = nas, ref = ref, path = "/networks/" .. core.escape(ref) }, Network)
end

local function request(self, verb, options)
  options.path, options.object = self.path .. (options.path or ""), self.ref
  options.what = self.nas:cannot(verb:format(("network '%s'"):format(self.ref)))
  return self.nas:request(options)
end

---Everything about it, decoded, or with raw = true the engine's own text.
---@async
---@param options? {verbose?: boolean, scope?: string, raw?: boolean}
---@return table|string
---@raise not_found
function Network:inspect(options) ---@endpoint GET /networks/{id}
  options = options or {}
  return request(self, "inspect %s", {
    query = { verbose = options.verbose or nil, scope = options.scope }, raw = options.raw, pipeline = true,
  }).body
end

---@async
---@raise not_found
---@raise conflict "network_in_use", "predefined_network"
function Network:remove() ---@endpoint DELETE /networks/{id}
  request(self, "remove %s", { method = "DELETE", timeout = 120 })
end

---Puts a container into it.
---@async
---@param container string id or name
---@param endpoint? table the engine's EndpointSettings: Aliases, IPAMConfig, ...
function Network:connect(container, endpoint) ---@endpoint POST /networks/{id}/connect
  local verb = ("connect container '%s' to %%s"):format(container:gsub("%%", "%%%%"))
  request(self, verb, { method = "POST", path = "/connect", body = { Container = container, EndpointConfig = endpoint } })
end

---Takes a container out of it.
---@async
---@param container string id or name
---@param options? {force?: boolean}
function Network:disconnect(container, options) ---@endpoint POST /networks/{id}/disconnect
  local verb = ("disconnect container '%s' from %%s"):format(container:gsub("%%", "%%%%"))
  local body = { Container = container, Force = options and options.force or false }
  request(self, verb, { method = "POST", path = "/disconnect", body = body })
end

---@param Nas docker.Nas
function M.install(Nas)
  ---Networks as the engine lists them (without their containers).
  ---@async
  ---@param options? {filters?: table<string, any>}
  ---@return table[]
  function Nas:networks(options) ---@endpoint GET /networks
    return self:request {
      path = "/networks", what = self:cannot "list the networks", query = { filters = options and options.filters }, pipeline = true,
    }.body or {}
  end

  ---A handle on one network; nothing is asked.
  ---@param ref string id or name
  ---@return docker.Network
  function Nas:network(ref)
    return new(self, ref)
  end

  ---Creates a network. Names are unique on every engine version.
  ---@async
  ---@param config table the engine's own names: Name, Driver, Internal, IPAM = {Config = {...}}, Options, Labels ...
  ---@return docker.Network by id
  ---@raise conflict "already_exists"
  function Nas:create_network(config) ---@endpoint POST /networks/create
    local body = { CheckDuplicate = not self:supports "1.44" or nil }
    for k, v in pairs(config) do
      body[k] = v
    end
    local made = self:request {
      method = "POST", path = "/networks/create", what = self:cannot(("create network '%s'"):format(config.Name or "")),
      object = config.Name, body = body, timeout = 120,
    }.body
    local network = new(self, made.Id)
    network.warning = made.Warning ~= "" and made.Warning or nil
    return network
  end
end

return M
