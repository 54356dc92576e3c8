-- The project file .qnap-docker.yaml, and whether it is trusted. It comes with clones: until the user trusts it, it chooses among the
-- user's profiles and nothing else. Dependencies: core.profile, trusted.
local core = require "core.profile"
local trusted = require("trusted").files "trust"

local M = {}

---@class profile.Project
---@field path string
---@field text string what was read; trust is of these bytes
---@field profile? string the profile that it chooses
---@field has_profiles boolean it brings profiles of its own, which count once it is trusted
---@field trusted boolean

---The project file that counts in a directory: there, or above it. Says what is passed over.
---@param dir? string absolute (default: the working directory)
---@return profile.Project?
---@raise config
function M.find(dir)
  local project = core.project(dir)
  if project and project.warning then require("notices").warn(require("ui.text").clean(project.warning)) end
  if not project or not project.path then return nil end
  project.trusted = project.has_profiles and trusted:has(project.path, project.text)
  return project
end

---The file, when its profiles count. Where they do not yet, that is said.
---@param project profile.Project?
---@return profile.Project?
function M.counting(project)
  if not project or not project.has_profiles then return nil end
  if project.trusted then return project end
  local path = require("ui.text").clean(project.path)
  require("notices").warn(("%s is not trusted: the profiles in it are ignored (qnap-docker trust)"):format(path))
end

---What is wrong with its profiles, as far as they can be used all the same.
---@param project profile.Project
---@return string[] warnings
---@raise config
function M.check(project) return core.load(project).warnings end

---Trusts the content that was read, and no earlier one of that file.
---@param project profile.Project
---@raise unsupported
function M.trust(project) trusted:trust(project.path, project.text) end

---Trusts a file no longer, whatever its content.
---@param path string
---@return boolean whether it was trusted
function M.forget(path) return trusted:forget(path) end

---The trusted files: "trusted", "changed" since, or "gone".
---@return {path: string, state: string}[]
function M.list() return trusted:list() end

return M
