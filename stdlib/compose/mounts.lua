-- A service's volumes, tmpfs, secrets and configs -> the engine's binds and mounts, as compose v2 sends them.
-- Pure: asks no engine.
local list = require "compose.list"

local M = {}

-- source:target:rw|ro[,z][,propagation]: the short form, which makes a source that is not there.
local function bind(v)
  local options = { v.read_only and "ro" or "rw" }
  local b = v.bind or {}
  options[#options + 1] = b.selinux
  options[#options + 1] = b.propagation
  return ("%s:%s:%s"):format(v.source, v.target, table.concat(options, ","))
end

local function tmpfs_options(t)
  return t and { SizeBytes = t.size and math.tointeger(tonumber(t.size)), Mode = t.mode }
end

local function mount(project, v)
  local volume = v.type == "volume" and v.source and (project.model.volumes or {})[v.source]
  local options = v.volume and (v.volume.nocopy or v.volume.subpath) and { NoCopy = v.volume.nocopy, Subpath = v.volume.subpath }
  return {
    Type = v.type, Source = volume and volume.name or v.source, Target = v.target, ReadOnly = v.read_only, Consistency = v.consistency,
    BindOptions = v.type == "bind" and v.bind and v.bind.propagation and { Propagation = v.bind.propagation } or nil,
    VolumeOptions = options or nil, TmpfsOptions = tmpfs_options(v.tmpfs),
  }
end

-- A volume that is a directory of the NAS by its driver's options is bound by its name.
local function is_bind_volume(project, v)
  local volume = v.type == "volume" and v.source and (project.model.volumes or {})[v.source]
  return volume and volume.driver_opts and volume.driver_opts.o == "bind" and volume
end

-- Secrets and configs with a file; those with a content of their own are put into the created container.
local function files(project, items, section, directory, add)
  for _, item in ipairs(items or {}) do
    local object = (project.model[section] or {})[item.source] or {}
    local target = item.target or item.source
    if target:sub(1, 1) ~= "/" then
      target = directory .. target
    end
    if object.file then
      add { Type = "bind", Source = object.file, Target = target, ReadOnly = true }
    end
  end
end

---@param project compose.Project
---@param service table of the model
---@return table? binds HostConfig.Binds
---@return table? mounts HostConfig.Mounts, ordered by target
---@return table? tmpfs HostConfig.Tmpfs
function M.of(project, service)
  local binds, mounts, tmpfs = {}, {}, {}
  for _, v in ipairs(service.volumes or {}) do
    local by_name = is_bind_volume(project, v)
    if v.type == "bind" and v.bind and v.bind.create_host_path then
      binds[#binds + 1] = bind(v)
    elseif by_name then
      binds[#binds + 1] = bind { source = by_name.name, target = v.target, read_only = v.read_only, bind = v.bind }
    else
      mounts[#mounts + 1] = mount(project, v)
    end
  end
  local function add(m)
    mounts[#mounts + 1] = m
  end
  files(project, service.secrets, "secrets", "/run/secrets/", add)
  files(project, service.configs, "configs", "/", add)
  for _, entry in ipairs(service.tmpfs or {}) do
    local path, options = entry:match "^([^:]*):?(.*)$"
    tmpfs[path] = options
  end
  table.sort(mounts, function(a, b) return a.Target < b.Target end)
  table.sort(binds)
  return list(binds), list(mounts), next(tmpfs) and tmpfs or nil
end

return M
