-- Free space of a NAS's own volumes and of the place where Docker keeps its data, asked of the NAS in one go.
local probe = require "nas.probe"
local units = require "units"

local M = {}

---@class nas.Disk: nas.Volume
---@field docker? boolean Docker's data is on it

---@async
---@param nas docker.Nas
---@return nas.Facts
function M.facts(nas)
  local reach = require "nas.reach"
  local session = nas.session and reach.over(nas.session) or reach.here()
  return probe.parse(session:sh(probe.SCRIPT))
end

-- Docker's directory lies below one of the volumes; where it does not, on the root of the system.
local function mark(list, root)
  local best
  for _, disk in ipairs(list) do
    local path = disk.path == "/" and "/" or disk.path .. "/"
    if (root .. "/"):sub(1, #path) == path and (not best or #disk.path > #best.path) then best = disk end
  end
  if best then best.docker = true end
end

---@async
---@param nas docker.Nas
---@return nas.Disk[] volumes of the NAS, or its root file system
function M.list(nas)
  local facts = M.facts(nas)
  local list = #facts.volumes > 0 and facts.volumes or { facts.root }
  mark(list, nas:info().DockerRootDir or "")
  return list
end

---@return cli.Column[]
function M.columns()
  local function size(key)
    return function(d) return d[key] and units.bytes_size(d[key]) or "" end
  end
  return {
    { "Filesystem", get = function(d) return d.path end, middle = true },
    { "Size", right = true, get = size "total" },
    { "Used", right = true, get = size "used" },
    { "Free", right = true, get = size "free" },
    { "Use%", right = true, get = function(d)
      return d.total and d.total > 0 and d.used and ("%d%%"):format(d.used * 100 // d.total) or ""
    end },
    { "Holds", get = function(d) return d.docker and "docker" or "" end },
  }
end

return M
