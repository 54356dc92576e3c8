-- Where the data of what moves lies: volumes, bound folders and files, and what a NAS keeps of a project. Pure.
-- Dependencies: compose.store, migrate.body, migrate.maps.
local M = {}

-- Folders of the NAS's own system: a container is given them as they are there, they are no data of its.
local SYSTEM = { "/proc", "/sys", "/dev", "/run", "/var/run", "/etc", "/lib", "/lib64", "/usr", "/bin", "/sbin", "/tmp", "/boot" }

---Whether a bound path is the NAS's own, and nothing that moves. Pure.
---@param path string
---@return boolean
function M.is_system(path)
  if path == "/" then return true end
  for _, folder in ipairs(SYSTEM) do
    if path == folder or path:sub(1, #folder + 1) == folder .. "/" then return true end
  end
  return false
end

---Whether a folder whose data stays is made on the target, empty.
---@param options migrate.Options
---@param tree migrate.Tree
---@return boolean
function M.makes_folder(options, tree) return options.binds == "files" and (tree.kind == "dir" or tree.kind == "empty") end

---Volumes and bound paths of containers, the outermost of nested paths only. Pure.
---@param containers migrate.Container[]
---@param skip? fun(path: string): boolean paths that another part of the plan takes
---@return table<string, true> volumes
---@return string[] paths
function M.places(containers, skip)
  local uses, volumes, set, paths = require("migrate.body").uses, {}, {}, {}
  for _, c in ipairs(containers) do
    local u = uses(c.body)
    for name in pairs(u.volumes) do volumes[name] = true end
    for path in pairs(u.binds) do
      path = #path > 1 and path:gsub("/+$", "") or path
      if not M.is_system(path) and not (skip and skip(path)) then set[path] = true end
    end
  end
  for path in pairs(set) do
    local up = path
    repeat up = up:match "^(.+)/[^/]*$" until not up or set[up]
    if not up then paths[#paths + 1] = path end
  end
  table.sort(paths)
  return volumes, paths
end

---The folder of a project's files on a NAS, where what a container has bound lies below it.
---@param f migrate.Facts
---@param side "from"|"to"
---@return string? nil: of no project
function M.root(f, side) return f.project and require("compose.store").root(f[side], f.project) or nil end

local function below(root, path) return root ~= nil and (path == root or path:sub(1, #root + 1) == root .. "/") end

---Whether the source keeps files or revisions of the project.
---@param f migrate.Facts
---@return boolean
function M.has_files(f)
  local from = f.stored and f.stored.from
  return from ~= nil and (from.revision > 0 or from.files > 0)
end

---What is bound and what the volumes are, as trees; whether their data moves is the options' choice. Pure.
---@param f migrate.Facts its trees are added
---@param options migrate.Options
---@return table<string, true> volumes
function M.trees(f, options)
  local maps, root = require "migrate.maps", M.root(f, "from")
  local volumes, paths = M.places(f.containers, function(path) return below(root, path) end)
  local names = require("compose.tables").sorted(volumes)
  for _, name in ipairs(names) do
    table.insert(f.trees, {
      key = "volume " .. name, volume = name, to = maps.volume(options.maps, name), moves = options.takes_volume(name),
      overwrites = options.overwrite ~= nil and options.overwrite[maps.volume(options.maps, name)] or nil,
    })
  end
  for _, path in ipairs(paths) do
    table.insert(f.trees, { key = path, path = path, to = maps.path(options.maps, path), moves = options.binds == "map" })
  end
  if M.has_files(f) then
    local at = { root .. "/data", M.root(f, "to") .. "/data" }
    table.insert(f.trees, { key = "files of " .. f.project, path = at[1], to = at[2], moves = options.binds ~= "files", own = true })
  end
  return volumes
end

return M
