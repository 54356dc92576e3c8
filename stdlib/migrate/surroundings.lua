-- What a move would stumble over around it: what the target's engine and kernel lack, what lies where data shall go, who else uses
-- what moves. Pure. Dependencies: migrate.body, migrate.chosen, migrate.maps, migrate.places.
local bodies = require "migrate.body"
local maps = require "migrate.maps"
local places = require "migrate.places"

local M = {}

---@param r migrate.Report is added to
---@param hint? string
---@param text string
---@param ... any
function M.block(r, hint, text, ...) r.blockers[#r.blockers + 1] = { what = text:format(...), hint = hint } end

---@param r migrate.Report is added to
---@param text string
---@param ... any
function M.warn(r, text, ...) r.warnings[#r.warnings + 1] = text:format(...) end

---@param record table of the engine's list of containers
---@return string
function M.name_of(record) return ((record.Names or {})[1] or record.Id):gsub("^/", "") end

local block, warn, name_of = M.block, M.warn, M.name_of

-- Engines that do not say what they have, have it.
local function has(list, name)
  for _, item in ipairs(list or {}) do
    if item == name then return true end
  end
  return next(list or {}) == nil
end

local function container_features(r, f, c)
  local info, host = f.info.to, c.body.HostConfig
  local runtime, log = host.Runtime or "", (host.LogConfig or {}).Type or ""
  if runtime ~= "" and info.Runtimes and not info.Runtimes[runtime] then
    block(r, nil, "container %s wants the runtime %s, which %s does not have", c.name, runtime, f.to.name)
  end
  if log ~= "" and not has((info.Plugins or {}).Log, log) then
    block(r, nil, "container %s logs by %s, which %s does not have", c.name, log, f.to.name)
  end
  if #(host.DeviceRequests or {}) > 0 and not (info.Runtimes or {}).nvidia then
    block(r, nil, "container %s wants a GPU, and %s has no runtime for one", c.name, f.to.name)
  end
  for _, d in ipairs(host.Devices or {}) do
    local seen = f.look.to.paths[d.PathOnHost]
    if seen and seen.kind == "no" then
      block(r, nil, "container %s wants the device %s, which %s does not have", c.name, d.PathOnHost, f.to.name)
    end
  end
end

---What the engine or the kernel of the target must have.
---@param r migrate.Report is added to
---@param f migrate.Facts
function M.features(r, f)
  local plugins = f.info.to.Plugins or {}
  for _, c in ipairs(f.containers) do container_features(r, f, c) end
  for name, v in pairs(f.volumes) do
    if v.Driver ~= "local" and not has(plugins.Volume, v.Driver) then
      block(r, nil, "volume %s is of the driver %s, which %s does not have", name, v.Driver, f.to.name)
    elseif (v.Options or {}).device and (v.Options.o or ""):find "bind" then
      block(r, "give the container the folder itself, by -v", "volume %s is the folder %s under another name", name, v.Options.device)
    end
  end
  for _, n in pairs(f.networks) do
    if not has(plugins.Network, n.Driver) then
      block(r, nil, "network %s is of the driver %s, which %s does not have", n.Name, n.Driver, f.to.name)
    end
  end
end

local function volume_there(r, f, options, tree)
  if tree.moves and not tree.overwrites then
    local hint = options.both and ("--overwrite-volume %s"):format(tree.to) or "--volumes without it"
    block(r, ("--map volume=%s:OTHER, or %s"):format(tree.volume, hint), "%s has a volume %s: it is never overwritten", f.to.name, tree.to)
  elseif not tree.remote and not tree.overwrites and not f.there.planned[tree.to] then
    warn(r, "volume %s of %s is used as it is", tree.to, f.to.name)
  end
end

local function path_there(r, f, options, tree)
  local there = (f.look.to.paths[tree.to] or {}).kind
  if tree.moves and there and there ~= "no" and there ~= "empty" then
    block(r, ("--map path=%s:OTHER, or --bind-mounts skip"):format(tree.path), "%s has something at %s: it is never overwritten",
      f.to.name, tree.to)
  elseif not tree.moves and there == "no" and tree.kind ~= "no" and not places.makes_folder(options, tree) then
    block(r, "make it there, or --bind-mounts map", "%s has nothing at %s, which is not copied", f.to.name, tree.to)
  end
  if options.binds == "fail" and not tree.own then
    block(r, "--bind-mounts map, or skip", "%s is bound into a container", tree.path)
  end
end

local function system_paths(r, f, options, c)
  for path in pairs(bodies.uses(c.body).binds) do
    local there = f.look.to.paths[maps.path(options.maps, path)]
    if places.is_system(path) and there and there.kind == "no" then
      block(r, ("--map path=%s:OTHER"):format(path), "container %s wants %s, which %s does not have", c.name, path, f.to.name)
    elseif path:find "\n" then
      block(r, nil, "container %s has a path with a line break in its name", c.name)
    end
  end
end

---Volumes and paths that the target has already, and paths that it should have.
---@param r migrate.Report is added to
---@param f migrate.Facts
---@param options migrate.Options
function M.places(r, f, options)
  for _, tree in ipairs(f.trees) do
    if tree.path then
      path_there(r, f, options, tree)
    elseif f.there.volumes[tree.to] then
      volume_there(r, f, options, tree)
    end
  end
  for _, c in ipairs(f.containers) do system_paths(r, f, options, c) end
end

---Containers that stay and write to what moves; those whose surroundings stay.
---@param r migrate.Report is added to
---@param f migrate.Facts
function M.neighbours(r, f)
  local volumes, ids = {}, {}
  for _, tree in ipairs(f.trees) do
    if tree.volume and tree.moves then volumes[tree.volume] = true end
  end
  for _, c in ipairs(f.containers) do ids[c.id], ids[c.name] = true, true end
  for _, record in ipairs(f.others) do
    for _, m in ipairs(record.Mounts or {}) do
      if m.Type == "volume" and volumes[m.Name] and m.RW ~= false and record.State == "running" then
        block(r, ("move both, or: qnap-docker stop %s --profile %s"):format(name_of(record), f.from.name),
          "container %s writes to volume %s, too, and stays", name_of(record), m.Name)
      end
    end
  end
  for _, c in ipairs(f.containers) do
    for _, of in ipairs(require("migrate.chosen").needs(c.record)) do
      local known = ids[of]
      for _, record in ipairs(f.there.containers) do known = known or name_of(record) == of end
      if not known then
        block(r, ("move both: migrate %s %s"):format(c.name, of:sub(1, 12)), "container %s shares something with container %s, which stays",
          c.name, of:sub(1, 12))
      end
    end
  end
end

return M
