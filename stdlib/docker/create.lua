-- Creating a container on engines of every version.
local core = require "core.docker"

local M = {}

-- Before API 1.44 a container is created in one network, and the others are connected before it starts.
local function split_networks(config)
  local networking = config.NetworkingConfig
  local all = networking and networking.EndpointsConfig
  if not all or not next(all) or not next(all, (next(all))) then
    return config, {}
  end
  local mode = config.HostConfig and config.HostConfig.NetworkMode
  local names = {}
  for name in pairs(all) do
    names[#names + 1] = name
  end
  table.sort(names)
  local first = mode and all[mode] and mode or names[1]
  local later = {}
  for _, name in ipairs(names) do
    if name ~= first then
      later[#later + 1] = name
    end
  end
  local copy = {}
  for k, v in pairs(config) do
    copy[k] = v
  end
  copy.NetworkingConfig = { EndpointsConfig = { [first] = all[first] } }
  return copy, later
end

local function connect(nas, id, config, networks, what) ---@endpoint POST /networks/{id}/connect
  for _, name in ipairs(networks) do
    nas:request {
      method = "POST", path = ("/networks/%s/connect"):format(core.escape(name)), what = what, object = name,
      body = { Container = id, EndpointConfig = config.NetworkingConfig.EndpointsConfig[name] },
    }
  end
end

---@async
---@param nas docker.Nas
---@param config table
---@param options {name?: string, platform?: string}
---@return string id
---@return string[] warnings
function M.create(nas, config, options) ---@endpoint POST /containers/create
  local what = nas:cannot(("create container '%s'"):format(options.name or config.Image or "?"))
  local body, later = config, {}
  if config.NetworkingConfig and not nas:supports "1.44" then
    body, later = split_networks(config)
  end
  local made = nas:request {
    method = "POST", path = "/containers/create", query = { name = options.name, platform = options.platform }, body = body, what = what,
    object = options.name, timeout = 300,
  }.body
  local ok, err = pcall(connect, nas, made.Id, config, later, what)
  if not ok then -- half a container would be in the way of the next try
    pcall(nas.request, nas, { method = "DELETE", path = "/containers/" .. made.Id, query = { force = true, v = true } })
    error(err, 0)
  end
  return made.Id, made.Warnings or {}
end

return M
