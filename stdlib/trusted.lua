-- Files that the user has read and trusts: a path with this very content. Each is noted in a folder of the state directory, by the SHA-256
-- of both, in a file that names the path. Dependencies: core.profile (paths), crypto, fs.
local fs = require "fs"

local M = {}

---@class trusted.Files
---@field folder string
local Files = {}
Files.__index = Files

---A kind of files.
---@param name string of the folder below the state directory
---@return trusted.Files
function M.files(name)
  return setmetatable({ name = name }, Files)
end

local function folder_of(self) return fs.join(require("core.profile").paths().state, self.name) end

local function note_of(self, path, text)
  return fs.join(folder_of(self), require("crypto").hash("sha256", path .. "\0" .. text))
end

local function notes(self)
  local out, folder = {}, folder_of(self)
  for _, name in ipairs(fs.is_directory(folder) and fs.list(folder) or {}) do
    local file = fs.join(folder, name)
    local path = try(fs.read, file, 8192)
    out[#out + 1] = path and { file = file, path = path:match "^[^\n]*" } or nil
  end
  return out
end

---@param path string absolute
---@param text string its content
---@return boolean
function Files:has(path, text)
  local note = try(note_of, self, path, text) -- without libsodium nothing can be trusted
  return note ~= nil and try(fs.read, note, 8192) == path .. "\n"
end

---Whether the file was trusted with some content.
---@param path string
---@return boolean
function Files:knows(path)
  for _, note in ipairs(notes(self)) do
    if note.path == path then return true end
  end
  return false
end

---Trusts this content of a file, and no earlier one.
---@param path string absolute
---@param text string
---@raise unsupported "no_libsodium"
function Files:trust(path, text)
  local note = note_of(self, path, text)
  self:forget(path)
  fs.mkdir(folder_of(self), { parents = true })
  fs.write(note, path .. "\n", { mode = 384 }) -- 0600
end

---Trusts a file no longer, whatever its content.
---@param path string
---@return boolean whether it was trusted
function Files:forget(path)
  local found = false
  for _, note in ipairs(notes(self)) do
    if note.path == path then
      fs.remove(note.file)
      found = true
    end
  end
  return found
end

---The trusted files: "trusted", "changed" since, or "gone".
---@return {path: string, state: string}[] by path
function Files:list()
  local out = {}
  for _, note in ipairs(notes(self)) do
    local text = try(fs.read, note.path, 1 << 20)
    local same = text and note_of(self, note.path, text) == note.file
    out[#out + 1] = { path = note.path, state = same and "trusted" or text and "changed" or "gone" }
  end
  table.sort(out, function(a, b) return a.path < b.path end)
  return out
end

return M
