-- What the engine of the target is asked to create: the source's container as it was asked for, with the target's names. Pure.
-- Dependencies: recreate.body, migrate.maps.
local maps = require "migrate.maps"

local M = {}

---What a container asks for of its surroundings; names and paths are the source's.
---@class migrate.Uses
---@field volumes table<string, {target: string, writes: boolean}> by name
---@field binds table<string, {target: string, writes: boolean}> by path

local function bind_parts(text)
  local source, target, mode = text:match "^([^:]+):([^:]+):?(.*)$"
  return source or text, target, mode or ""
end

---@param body table of recreate.body
---@return migrate.Uses
function M.uses(body)
  local out, host = { volumes = {}, binds = {} }, body.HostConfig
  local function add(kind, source, target, writes)
    local list = kind == "bind" and out.binds or out.volumes
    local before = list[source]
    list[source] = { target = target, writes = writes or (before ~= nil and before.writes) }
  end
  for _, text in ipairs(host.Binds or {}) do
    local source, target, mode = bind_parts(text)
    if target then add(source:sub(1, 1) == "/" and "bind" or "volume", source, target, not ("," .. mode .. ","):find ",ro,") end
  end
  for _, m in ipairs(host.Mounts or {}) do
    if (m.Type == "bind" or m.Type == "volume") and (m.Source or "") ~= "" then add(m.Type, m.Source, m.Target, not m.ReadOnly) end
  end
  return out
end

local function move_mounts(host, m)
  for i, text in ipairs(host.Binds or {}) do
    local source, target, mode = bind_parts(text)
    if target then
      local to = source:sub(1, 1) == "/" and maps.path(m, source) or maps.volume(m, source)
      host.Binds[i] = ("%s:%s%s"):format(to, target, mode ~= "" and ":" .. mode or "")
    end
  end
  for _, mount in ipairs(host.Mounts or {}) do
    if mount.Type == "bind" then
      mount.Source = maps.path(m, mount.Source)
    elseif mount.Type == "volume" and mount.Source then
      mount.Source = maps.volume(m, mount.Source)
    end
  end
end

local function move_ports(host, m)
  for port, bindings in pairs(host.PortBindings or {}) do
    for _, b in ipairs(type(bindings) == "table" and bindings or {}) do
      if (b.HostPort or "") ~= "" then b.HostPort = maps.port(m, b.HostPort, port:match "/(%l+)$" or "tcp") end
    end
  end
end

-- Ids of the source's containers mean nothing on the target: their names do.
local function move_references(host, names)
  for _, key in ipairs { "NetworkMode", "IpcMode", "PidMode" } do
    local id = (host[key] or ""):match "^container:(.+)$"
    if id and names[id] then host[key] = "container:" .. names[id] end
  end
  for i, text in ipairs(host.VolumesFrom or {}) do
    local of, mode = text:match "^([^:]*)(.*)$"
    host.VolumesFrom[i] = (names[of] or of) .. mode
  end
  for i, text in ipairs(host.Links or {}) do
    local of, alias = text:match "^/?([^:/]+):(.*)$"
    if of then host.Links[i] = ("%s:%s"):format(names[of] or of, alias:match "[^/]*$") end
  end
end

---@class migrate.BodyOptions
---@field ref string image by which it is created
---@field maps migrate.Maps
---@field names table<string, string> id and name of a container on the source -> its name on the target
---@field networks table<string, string> id of a network -> its name

---@param record table inspect record of the container
---@param image table inspect record of its image
---@param options migrate.BodyOptions
---@return table
function M.of(record, image, options)
  local body = require("recreate.body").of(record, image, options.ref)
  local host = body.HostConfig
  move_mounts(host, options.maps)
  move_ports(host, options.maps)
  move_references(host, options.names)
  host.NetworkMode = options.networks[host.NetworkMode] or host.NetworkMode
  body.Env = maps.env(options.maps, body.Env)
  return body
end

---A volume that is empty on the source must not be filled from the image where the container is created.
---@param body table is changed
---@param volume string
function M.keep_empty(body, volume)
  local host = body.HostConfig
  for i, text in ipairs(host.Binds or {}) do
    local source, target, mode = bind_parts(text)
    if source == volume and target and not mode:find "nocopy" then
      host.Binds[i] = ("%s:%s:%s"):format(source, target, mode == "" and "nocopy" or mode .. ",nocopy")
    end
  end
  for _, m in ipairs(host.Mounts or {}) do
    if m.Type == "volume" and m.Source == volume then
      m.VolumeOptions = m.VolumeOptions or {}
      m.VolumeOptions.NoCopy = true
    end
  end
end

---Ports of this machine that a body publishes: {"8080/tcp"}.
---@param body table
---@return {address: string, port: string, protocol: string}[]
function M.published(body)
  local out = {}
  for port, bindings in pairs(body.HostConfig.PortBindings or {}) do
    for _, b in ipairs(type(bindings) == "table" and bindings or {}) do
      if (b.HostPort or "") ~= "" and b.HostPort ~= "0" then
        out[#out + 1] = { address = b.HostIp or "", port = b.HostPort, protocol = port:match "/(%l+)$" or "tcp" }
      end
    end
  end
  table.sort(out, function(a, b) return a.port .. a.protocol < b.port .. b.protocol end)
  return out
end

return M
