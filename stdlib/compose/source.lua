-- Where a project came from, so that a step that is done later, or by another process, can have it again: its model holds secrets and
-- stands in no plan. Dependencies: compose, compose.hash.
local M = {}

---What a project can be loaded from again. JSON.
---@class compose.Source
---@field files string[]
---@field directory string
---@field name string
---@field env_files string[]
---@field profiles string[]
---@field services string[] of the model
---@field sha256 string of the model

local loaded = {} -- by sha256
local written = setmetatable({}, { __mode = "k" })

---@param project compose.Project
---@return compose.Source
function M.of(project)
  local json, sha = require "json", require("compose.hash").of(project.model)
  loaded[sha] = project
  return {
    files = json.array(project.files), directory = project.directory, name = project.name, env_files = json.array(project.env_files),
    profiles = json.array(project.profiles), services = json.array(require("compose.tables").sorted(project.model.services)), sha256 = sha,
  }
end

local function options_of(source, more)
  local options = {
    files = source.files, project_dir = source.directory, project_name = source.name, env_files = source.env_files,
    profiles = source.profiles, services = source.services, cwd = source.directory,
  }
  for key, value in pairs(more or {}) do options[key] = value end
  return options
end

---The project again; nil where its files, or the variables that they name, have changed since.
---@param source compose.Source
---@return compose.Project?
function M.project(source)
  if not loaded[source.sha256] then
    local project = try(require("compose").load, options_of(source))
    project = project and require("compose.cli").expand(project)
    if project then loaded[require("compose.hash").of(project.model)] = project end
  end
  return loaded[source.sha256]
end

---The model as it is written: paths and env files not resolved; empty where it cannot be read again (standard input).
---@param project compose.Project
---@return {services?: table<string, table>, volumes?: table<string, table>}
function M.written(project)
  if written[project] then return written[project] end
  local source = { files = project.files, directory = project.directory, name = project.name, env_files = project.env_files,
    profiles = project.profiles }
  local raw = try(require("compose").load, options_of(source, {
    no_path_resolution = true, no_env_resolution = true, no_consistency = true, environment = project.environment,
  }))
  written[project] = raw and raw.model or {}
  return written[project]
end

return M
