-- What a NAS has of all that a project speaks of: its containers, the images, networks and volumes that it names. Asked in one
-- round trip; only reads. Dependencies: task, compose.body, compose.observe.
local task = require "task"
local tables = require "compose.tables"

local M = {}

---@class compose.Situation
---@field api string "1.41"
---@field containers compose.Container[] of the project
---@field images table<string, table|false> by reference: the engine's record; false: not there
---@field networks table<string, table> by name: all that the NAS has
---@field network_ids table<string, table> the same by id
---@field volumes table<string, table> by name: those that the project names, and such whose names hold one of these

local function image(nas, ref)
  local record, err = try(function() return nas:image(ref):inspect() end)
  if err and err.category ~= "not_found" then error(err, 0) end
  return record or false
end

-- Those that the project names: a NAS may have many others.
local function volumes(nas, project)
  local names = {}
  for _, v in pairs(project.model.volumes or {}) do names[v.name] = true end
  return next(names) and nas:volumes { filters = { name = tables.sorted(names) } } or {}
end

local function indexed(records, key)
  local out = {}
  for _, record in ipairs(records) do out[record[key]] = record end
  return out
end

---The references of the images that services run, each once.
---@param project compose.Project
---@param services? string[] default: all
---@return string[]
function M.references(project, services)
  local seen, out = {}, {}
  for _, name in ipairs(services or tables.sorted(project.model.services)) do
    local ref = require("compose.body").image(project, name)
    if not seen[ref] then
      seen[ref], out[#out + 1] = true, ref
    end
  end
  return out
end

---@async
---@param nas docker.Nas
---@param project compose.Project
---@param services? string[] whose images are looked for; default: all
---@return compose.Situation
function M.of(nas, project, services)
  local s = { images = {} }
  local asks = {
    function() s.containers = require("compose.observe").list(nas, project.name) end,
    function()
      local records = nas:networks {}
      s.networks, s.network_ids = indexed(records, "Name"), indexed(records, "Id")
    end,
    function() s.volumes = indexed(volumes(nas, project), "Name") end,
  }
  for _, ref in ipairs(M.references(project, services)) do
    asks[#asks + 1] = function() s.images[ref] = image(nas, ref) end
  end
  task.all(asks)
  s.api = nas:api() -- known by now: the answers say it
  return s
end

return M
