-- What both NASes tell before a plan is made. Only reads. Dependencies: carry, compose.store, compose.tables, migrate.body,
-- migrate.look, migrate.places, task.
local by_name = require("compose.tables").by_name
local places = require "migrate.places"

local M = {}

---A container that moves.
---@class migrate.Container
---@field id string
---@field name string on the source
---@field to string its name on the target
---@field record table inspect record
---@field image table inspect record of its image
---@field ref string by which it is created on the target
---@field body table as the source was asked for it, with the source's names
---@field running boolean

---A directory tree that moves: a volume, or what is bound.
---@class migrate.Tree
---@field key string "volume data", "/share/web"
---@field volume? string on the source
---@field path? string on the source
---@field file? boolean
---@field to string volume or path on the target
---@field way_from? carry.Way
---@field way_to? carry.Way
---@field bytes? integer
---@field files? integer
---@field kind? string of a path on the source: "dir", "empty", "file", "special", "no"; nil: not known
---@field moves boolean its data is copied
---@field remote? string its data is on another machine: "nfs"
---@field own? boolean the data folder of the project itself
---@field overwrites? boolean the target's volume gets the data, after a copy of what it holds

---@class migrate.Facts
---@field from docker.Nas only reads
---@field to docker.Nas only reads
---@field name string of what moves, for people
---@field project? string
---@field containers migrate.Container[] in the order in which they are started
---@field others table[] the engine's records of the source's other containers
---@field volumes table<string, table> by name on the source
---@field networks table<string, table> inspect records by name
---@field trees migrate.Tree[]
---@field info {from: table, to: table} of GET /info
---@field there {containers: table[], volumes: table<string, table>, networks: table<string, table>, images: table<string, table>,
--- planned: table<string, true>}
---@field look {from: migrate.Look, to: migrate.Look}
---@field stored? {from: compose.Stored, to: compose.Stored} of a project

local function images_of(reader, records)
  local ids, out = {}, {}
  for _, r in ipairs(records) do
    if not out[r.Image] then
      out[r.Image], ids[#ids + 1] = true, r.Image
    end
  end
  require("task").map(ids, function(id) out[id] = reader:image(id):inspect() end)
  return out
end

local function networks_of(reader, records)
  local wanted, list, out = {}, {}, {}
  for _, r in ipairs(records) do
    for name in pairs(r.NetworkSettings.Networks or {}) do
      if not wanted[name] then wanted[name], list[#list + 1] = true, name end
    end
  end
  require("task").map(list, function(name)
    if name ~= "bridge" and name ~= "host" and name ~= "none" then out[name] = reader:network(name):inspect() end
  end)
  return out
end

-- The images that a helper on a NAS could be made of: those of the containers that have the tree.
local function images_for(f, side)
  local out = {}
  for _, c in ipairs(f.containers) do out[#out + 1] = side == "from" and c.record.Image or c.ref end
  return out
end

---A tree as carry knows it.
---@param nas docker.Nas
---@param tree migrate.Tree
---@param side "from"|"to"
---@return carry.Tree
function M.carried(nas, tree, side)
  local place = side == "from" and (tree.volume or tree.path) or tree.to
  return { nas = nas, volume = tree.volume and place or nil, path = not tree.volume and place or nil, file = tree.file }
end

-- What a helper would have to be started for is asked of the engine.
local function size_of(f, tree)
  if tree.way_from.kind == "shell" then return require("carry").measure(M.carried(f.from, tree, "from"), tree.way_from) end
  f.use = f.use or f.from:df({ types = { "volume" } }).Volumes or {}
  for _, v in ipairs(f.use) do
    local size = v.Name == tree.volume and (v.UsageData or {}).Size or -1
    if size >= 0 then return { bytes = size } end
  end
  return {}
end

local function measure(f)
  local carry = require "carry"
  require("task").map(f.trees, function(tree)
    if not tree.moves then return end
    require("task").all {
      function()
        tree.way_from = carry.way(M.carried(f.from, tree, "from"), { images = images_for(f, "from") })
        local size = size_of(f, tree)
        tree.bytes, tree.files = size.bytes, size.files
      end,
      function() tree.way_to = carry.way(M.carried(f.to, tree, "to"), { images = images_for(f, "to"), target = true }) end,
    }
  end, { limit = 4 })
end

local function containers_of(chosen, images, rename)
  local out = {}
  for i, record in ipairs(chosen.records) do
    local name, image = record.Name:gsub("^/", ""), images[record.Image]
    out[i] = {
      id = record.Id, name = name, to = rename or name, record = record, image = image, running = record.State.Running == true,
      ref = record.Config.Image, body = require("recreate.body").of(record, image, record.Config.Image),
    }
  end
  return out
end

local function stored_of(f)
  local store = require "compose.store"
  local from, to = table.unpack(require("task").map({ f.from, f.to }, function(nas)
    local stored, err = try(store.read, nas, f.project)
    if err and err.code ~= "folder_denied" then error(err, 0) end
    return { stored = stored, denied = err }
  end))
  return { from = from.stored, to = to.stored, from_denied = from.denied, to_denied = to.denied }
end

---What the target has; `planned`: volumes and paths that a plan makes already.
---@async
---@param reader docker.Nas
---@return table
local function there_of(reader)
  local all = require("task").all {
    function() return reader:containers { all = true } end,
    function() return by_name((reader:volumes {})) end,
    function() return by_name(reader:networks {}) end,
    function()
      local out = {}
      local list = reader:images {}
      require("task").map(list, function(i) out[i.Id] = try(function() return reader:image(i.Id):inspect() end) end)
      return out
    end,
  }
  return { containers = all[1], volumes = all[2], networks = all[3], images = all[4], planned = {} }
end

-- What every path that is asked for is on either side.
local function look(f, options)
  local maps, from, to, devices = require "migrate.maps", {}, {}, {}
  local uses = require("migrate.body").uses
  for _, c in ipairs(f.containers) do
    for path in pairs(uses(c.body).binds) do
      from[#from + 1], to[#to + 1] = path, maps.path(options.maps, path)
    end
    for _, d in ipairs(c.body.HostConfig.Devices or {}) do devices[#devices + 1] = d.PathOnHost end
  end
  for _, tree in ipairs(f.trees) do
    if tree.path then from[#from + 1], to[#to + 1] = tree.path, tree.to end
  end
  table.move(devices, 1, #devices, #to + 1, to)
  local at = require("migrate.look").at
  local found = require("task").all {
    function() return at(f.from, f.info.from.DockerRootDir, from) end, function() return at(f.to, f.info.to.DockerRootDir, to) end,
  }
  f.look = { from = found[1], to = found[2] }
  for _, tree in ipairs(f.trees) do
    local seen = tree.path and found[1].paths[tree.path]
    tree.kind = seen and seen.kind
    tree.file = tree.kind == "file" or nil
    if tree.kind == "file" and options.binds == "files" then tree.moves = true end
    if tree.kind == "special" or tree.kind == "no" then tree.moves = false end
    if f.there.planned[tree.to] then tree.moves = false end
  end
end

local function volume_records(f, volumes)
  local out, list = {}, require("compose.tables").sorted(volumes)
  require("task").map(list, function(name) out[name] = try(function() return f.from:volume(name):inspect() end) end)
  return out
end

-- A volume whose files are on another machine (NFS, CIFS) is named on the target; they stay where they are.
local function leave_remote(f)
  for _, tree in ipairs(f.trees) do
    local v = tree.volume and f.volumes[tree.volume]
    local kind = v and (v.Options or {}).type
    if kind == "nfs" or kind == "nfs4" or kind == "cifs" or kind == "tmpfs" then tree.moves, tree.remote = false, kind end
  end
end

---@class migrate.Options
---@field maps migrate.Maps
---@field takes_volume fun(name: string): boolean
---@field binds "map"|"skip"|"fail"|"files" files: what is a single file; folders begin empty
---@field rename? string
---@field image "pull"|"copy"|"auto"
---@field strategy? "cold"|"warm" nil: warm where it is possible
---@field keep "stopped"|"running"|"remove" the source
---@field start? boolean nil: what runs on the source
---@field verify "sha256"|"size"
---@field max_downtime? number seconds
---@field bandwidth? integer bytes per second
---@field direct? boolean
---@field frozen? false nothing stops on the source
---@field both? boolean source and target may both run
---@field models? false a project's files without the revisions' models
---@field overwrite? table<string, true> volumes of the target
---@field data_only? boolean the containers are there: only their data moves
---@field there? table of an earlier gather with the same target
---@field body? fun(body: table, container: migrate.Container) changes what is created
---@field holds? fun(container: migrate.Container): boolean it is not started

---@async
---@param from docker.Nas of plan.reader
---@param to docker.Nas of plan.reader
---@param chosen migrate.Chosen
---@param options migrate.Options
---@return migrate.Facts
function M.gather(from, to, chosen, options)
  local f = {
    from = from, to = to, name = chosen.name, project = chosen.project, others = chosen.others, trees = {}, info = {},
  }
  local all = require("task").all {
    function() return images_of(from, chosen.records) end, function() return networks_of(from, chosen.records) end,
    function() return from:info() end, function() return to:info() end, function() return options.there or there_of(to) end,
  }
  f.networks, f.info.from, f.info.to, f.there = all[2], all[3], all[4], all[5]
  f.containers = containers_of(chosen, all[1], options.rename)
  if f.project then
    f.stored = stored_of(f)
    require("migrate.maps").add_path(options.maps, places.root(f, "from"), places.root(f, "to"))
  end
  f.volumes = volume_records(f, places.trees(f, options))
  leave_remote(f)
  look(f, options)
  measure(f)
  return f
end

return M
