-- The project file .qnap-docker.yaml, and whether it is trusted. It comes with clones: until the user trusts it, it chooses among the
-- user's profiles and nothing else. Trust is of a path with this very content: <state>/trust/<SHA-256 of both>, which names the path.
-- Dependencies: core.profile, core.seal, fs.
local core = require "core.profile"
local fs = require "fs"

local M = {}

---@class profile.Project
---@field path string
---@field text string what was read; trust is of these bytes
---@field profile? string the profile that it chooses
---@field has_profiles boolean it brings profiles of its own, which count once it is trusted
---@field trusted boolean

local function folder() return fs.join(core.paths().state, "trust") end

-- Where the trust in this content at this path is noted.
local function note_of(path, text)
  local hash = require("core.seal").sha256()
  hash:update(path .. "\0" .. text)
  return fs.join(folder(), hash:hex())
end

local function notes()
  local out = {}
  for _, name in ipairs(fs.is_directory(folder()) and fs.list(folder()) or {}) do
    local file = fs.join(folder(), name)
    local path = try(fs.read, file, 8192)
    out[#out + 1] = path and { file = file, path = path:match "^[^\n]*" } or nil
  end
  return out
end

local function is_trusted(project)
  local note = try(note_of, project.path, project.text) -- without libsodium nothing can be trusted
  return note ~= nil and try(fs.read, note, 8192) == project.path .. "\n"
end

---The project file that counts in a directory: there, or above it. Says what is passed over.
---@param dir? string absolute (default: the working directory)
---@return profile.Project?
---@raise config
function M.find(dir)
  local project = core.project(dir)
  if project and project.warning then require("notices").warn(require("ui.text").clean(project.warning)) end
  if not project or not project.path then return nil end
  project.trusted = project.has_profiles and is_trusted(project)
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
function M.trust(project)
  local note = note_of(project.path, project.text)
  M.forget(project.path)
  fs.mkdir(folder(), { parents = true })
  fs.write(note, project.path .. "\n", { mode = 384 }) -- 0600
end

---Trusts a file no longer, whatever its content.
---@param path string
---@return boolean whether it was trusted
function M.forget(path)
  local found = false
  for _, note in ipairs(notes()) do
    if note.path == path then
      fs.remove(note.file)
      found = true
    end
  end
  return found
end

---The trusted files: "trusted", "changed" since, or "gone".
---@return {path: string, state: string}[]
function M.list()
  local out = {}
  for _, note in ipairs(notes()) do
    local text = try(fs.read, note.path, 1 << 20)
    local same = text and note_of(note.path, text) == note.file
    out[#out + 1] = { path = note.path, state = same and "trusted" or text and "changed" or "gone" }
  end
  table.sort(out, function(a, b) return a.path < b.path end)
  return out
end

return M
