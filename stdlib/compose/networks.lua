-- A service's networks, and the networks and volumes of a project -> the engine's bodies, as compose v2 sends them.
-- Pure: asks no engine.
local json = require "json"
local list = require "compose.list"
local array = json.array

local M = {}

local LABEL = "com.docker.compose."

---The keys of a service's networks in the order in which they are joined: by priority, then by name.
---@param service table
---@return string[]
function M.order(service)
  local keys = {}
  local function priority(key)
    local v = service.networks[key]
    return type(v) == "table" and v.priority or 0
  end
  for key in pairs(service.networks or {}) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    local pa, pb = priority(a), priority(b)
    if pa ~= pb then
      return pa > pb
    end
    return a < b
  end)
  return keys
end

-- The name that the engine knows a network by; of an external one its id.
local function real_name(project, key, facts)
  return facts.networks and facts.networks[key] or project.model.networks[key].name
end

---The endpoint of a container in one network.
---@param service table
---@param key string of the network
---@param names {container: string, service: string}
---@param links? string[]
---@return table
function M.endpoint(service, key, names, links)
  local v = service.networks[key]
  local aliases = { names.container, names.service }
  local endpoint = { Links = list(links) }
  if type(v) == "table" and not json.is_null(v) then
    table.move(v.aliases or {}, 1, #(v.aliases or {}), 3, aliases)
    if v.ipv4_address or v.ipv6_address or v.link_local_ips then
      endpoint.IPAMConfig = {
        IPv4Address = v.ipv4_address, IPv6Address = v.ipv6_address, LinkLocalIPs = list(v.link_local_ips),
      }
    end
    endpoint.IPAddress, endpoint.IPv6Gateway, endpoint.MacAddress = v.ipv4_address, v.ipv6_address, v.mac_address
  end
  endpoint.Aliases = array(aliases)
  return endpoint
end

-- service[:alias] -> container:alias, container:service-1, container:project-service-1.
local function links(project, service, facts)
  local out = {}
  for _, link in ipairs(service.links or {}) do
    local of, alias = link:match "^([^:]*):?(.*)$"
    local name = facts.names and facts.names[of] or ("%s-%s-1"):format(project.name, of)
    out[#out + 1] = ("%s:%s"):format(name, alias ~= "" and alias or of)
    out[#out + 1] = ("%s:%s-1"):format(name, of)
    out[#out + 1] = ("%s:%s-%s-1"):format(name, project.name, of)
  end
  for _, link in ipairs(service.external_links or {}) do
    out[#out + 1] = link:find ":" and link or ("%s:%s"):format(link, link)
  end
  return out
end

---Puts a container's network settings into its body.
---@param project compose.Project
---@param name string service
---@param container string the container's name
---@param facts compose.Facts
---@param body table from compose.body
---@return {network: string, endpoint: table}[] connects networks to join after the container was made
function M.apply(project, name, container, facts, body)
  local service = project.model.services[name]
  local host = body.HostConfig
  local all_links = links(project, service, facts)
  host.Links = list(all_links)
  if service.network_mode then
    local of = service.network_mode:match "^service:(.+)$"
    host.NetworkMode = of and "container:" .. (facts.containers and facts.containers[of] or of) or service.network_mode
    return {}
  end
  local connects, endpoints = {}, {}
  for i, key in ipairs(M.order(service)) do
    local network = real_name(project, key, facts)
    local endpoint = M.endpoint(service, key, { container = container, service = name }, all_links)
    if i == 1 then
      host.NetworkMode = network
      endpoints[network] = endpoint
    elseif facts.api >= "1.44" then
      endpoints[network] = endpoint
    else
      connects[#connects + 1] = { network = network, endpoint = endpoint }
    end
  end
  host.NetworkMode = host.NetworkMode or "none"
  body.MacAddress = facts.api < "1.44" and service.mac_address or nil
  if facts.api >= "1.44" and service.mac_address and endpoints[host.NetworkMode] then
    endpoints[host.NetworkMode].MacAddress = endpoints[host.NetworkMode].MacAddress or service.mac_address
  end
  body.NetworkingConfig = next(endpoints) and { EndpointsConfig = endpoints } or nil
  return connects
end

local function labels(project, own, kind, key, version)
  local out = {}
  for k, v in pairs(own or {}) do
    out[k] = v
  end
  out[LABEL .. "project"], out[LABEL .. kind], out[LABEL .. "version"] = project.name, key, version
  return out
end

local function pools(ipam)
  local out = {}
  for i, pool in ipairs(ipam.config or {}) do
    out[i] = { Subnet = pool.subnet, IPRange = pool.ip_range, Gateway = pool.gateway, AuxiliaryAddresses = pool.aux_addresses }
  end
  return list(out)
end

---The body of POST /networks/create.
---@param project compose.Project
---@param key string
---@param version string
---@return table
function M.network(project, key, version)
  local n = project.model.networks[key]
  local ipam = n.ipam or {}
  return {
    Name = n.name, CheckDuplicate = true, Driver = n.driver or "", Options = n.driver_opts,
    Internal = n.internal, Attachable = n.attachable, EnableIPv6 = n.enable_ipv6,
    Labels = labels(project, n.labels, "network", key, version),
    IPAM = (ipam.driver or ipam.config) and { Driver = ipam.driver, Config = pools(ipam) } or nil,
  }
end

---The body of POST /volumes/create.
---@param project compose.Project
---@param key string
---@param version string
---@return table
function M.volume(project, key, version)
  local v = project.model.volumes[key]
  return { Name = v.name, Driver = v.driver, DriverOpts = v.driver_opts, Labels = labels(project, v.labels, "volume", key, version) }
end

return M
