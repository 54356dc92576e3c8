-- A project as a NAS sees it: paths of this machine are those of its folder there. From the files here, or from a revision's record.
-- Dependencies: compose.contents, compose.files, plan.secrets.
local contents = require "compose.contents"

local M = {}

---Where the content of a secret or config lies that a container with a read-only root cannot be given otherwise.
---@param service string
---@param c {section: string, target: string}
---@return string place
function M.content(service, c)
  return ("rev/.qnap-docker/%s/%s"):format(service, require("compose.files").digest(c.section .. c.target):sub(1, 16))
end

-- Contents of a service with a read-only root become binds.
local function bind_contents(model, name, service, root)
  if not service.read_only then return end
  service.volumes = service.volumes or require("json").array {}
  for _, section in ipairs { "secrets", "configs" } do
    local left = require("json").array {}
    for _, item in ipairs(service[section] or {}) do
      if contents.is_content((model[section] or {})[item.source]) then
        local target = contents.target(section, item)
        local source = root .. "/current" .. M.content(name, { section = section, target = target }):sub(4)
        table.insert(service.volumes, { type = "bind", source = source, target = target, read_only = true })
      else
        left[#left + 1] = item
      end
    end
    service[section] = #left > 0 and left or nil
  end
end

local function put_paths(model, paths)
  for _, service in pairs(model.services or {}) do
    for _, v in ipairs(service.volumes or {}) do
      if v.type == "bind" then v.source = paths[v.source] or v.source end
    end
  end
  for _, section in ipairs { "secrets", "configs" } do
    for _, object in pairs(model[section] or {}) do object.file = object.file and (paths[object.file] or object.file) end
  end
  for _, volume in pairs(model.volumes or {}) do
    local options = volume.driver_opts
    if options and options.device then options.device = paths[options.device] or options.device end
  end
end

---A copy with the NAS's paths.
---@param project compose.Project
---@param paths table<string, string> here -> there
---@param root string the project's folder there
---@return compose.Project
function M.project(project, paths, root)
  local copy = {}
  for key, value in pairs(project) do copy[key] = value end
  copy.model = require("plan.secrets").copy(project.model)
  put_paths(copy.model, paths)
  for name, service in pairs(copy.model.services or {}) do bind_contents(copy.model, name, service, root) end
  return copy
end

---The project of a revision, as it was brought up: no file here is needed.
---@param record table of compose.store.revision
---@param root string
---@return compose.Project
---@return table<string, string> digests by service
---@raise conflict "no_model"
function M.recorded(record, root)
  if type(record.model) ~= "table" or type(record.model.services) ~= "table" then
    Error {
      category = "conflict", code = "no_model", message = ("revision %d has no model"):format(record.number),
      why = "its files had changed before it could be written down", hint = "name another one: qnap-docker compose history",
    }
  end
  local function map(value) return type(value) == "table" and value or {} end
  local project = {
    name = record.model.name, model = record.model, directory = type(record.directory) == "string" and record.directory or "/",
    files = map(record.compose_files), env_files = {}, profiles = {}, disabled = {}, warnings = {},
    environment = require("core.sys").environ(),
  }
  return M.project(project, map(record.paths), root), map(record.digests)
end

return M
