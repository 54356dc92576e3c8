-- Files and folders. Small files are read and written at once; `open` gives a handle for large ones, whose reading and
-- writing other tasks do not notice. Failures raise: not_found `no_file`, conflict `exists`, fail `no_permission`, `disk_full`,
-- `too_large`, `io_error`.
-- Dependencies: core.fs.
local core = require "core.fs"

local M = {}

---What is at a path.
---@class fs.Stat
---@field type "file"|"directory"|"link"|"fifo"|"socket"|"char"|"block"|"other"
---@field size integer bytes
---@field mode integer permission bits (0644 is 420)
---@field uid integer
---@field gid integer
---@field links integer
---@field mtime number seconds since the epoch

---Returns the content of a file.
---@param path string
---@param max? integer bytes at most (default 64 MiB)
---@return string
---@raise not_found, fail
function M.read(path, max)
  return core.read(path, max)
end

---@class fs.WriteOptions
---@field mode? integer permission bits; default: those of the file, 0600 for a new one
---@field atomic? boolean readers see the old content or the new, never half of it (default true)
---@field fsync? boolean it is on the disk when this returns (default true)

---Replaces the content of a file; symbolic links are followed.
---@param path string
---@param data string
---@param options? fs.WriteOptions
---@raise not_found, fail
function M.write(path, data, options)
  core.write(path, data, options)
end

---Returns the lines of a text file, without their ends.
---@param path string
---@return string[]
---@raise not_found, fail
function M.lines(path)
  local out = {}
  for line in (core.read(path):gsub("\r\n", "\n"):gsub("([^\n])$", "%1\n")):gmatch "(.-)\n" do
    out[#out + 1] = line
  end
  return out
end

---Opens a file. The handle has read([max]), write(bytes), sync(), seek(offset) and close(); declare it <close>.
---@param path string
---@param how? "r"|"w"|"a"|"r+" default "r"
---@param mode? integer permission bits of a new file (default 0600)
---@return core.fs.File
---@raise not_found, fail
function M.open(path, how, mode)
  return core.open(path, how, mode)
end

---What is at the path, links followed; nil when nothing is.
---@param path string
---@return fs.Stat?
---@raise fail
function M.stat(path)
  return core.stat(path)
end

---What is at the path, a link itself; nil when nothing is.
---@param path string
---@return fs.Stat?
---@raise fail
function M.lstat(path)
  return core.lstat(path)
end

---@param path string
---@return boolean
function M.exists(path)
  return core.exists(path)
end

---@param path string
---@return boolean
function M.is_directory(path)
  local stat = core.stat(path)
  return stat ~= nil and stat.type == "directory"
end

---Names in a folder, sorted.
---@param path string
---@return string[]
---@raise not_found, fail
function M.list(path)
  local names = core.readdir(path)
  table.sort(names)
  return names
end

---Makes a folder.
---@param path string
---@param options? {mode?: integer, parents?: boolean} mode (default 0700); parents: those above it, too, and none of them need be new
---@raise conflict, not_found, fail
function M.mkdir(path, options)
  core.mkdir(path, options)
end

---Removes a file, a link or an empty folder.
---@param path string
---@param options? {recursive?: boolean} recursive: with all that a folder holds; links are not followed
---@raise not_found, conflict, fail
function M.remove(path, options)
  core.remove(path, options)
end

---@param from string
---@param to string
---@raise not_found, fail
function M.rename(from, to)
  core.rename(from, to)
end

---@param path string
---@param mode integer permission bits
---@raise not_found, fail
function M.chmod(path, mode)
  core.chmod(path, mode)
end

---The absolute path without links.
---@param path string
---@return string
---@raise not_found, fail
function M.realpath(path)
  return core.realpath(path)
end

---What a link says, as it is.
---@param path string
---@return string
---@raise not_found, fail
function M.readlink(path)
  return core.readlink(path)
end

---A new folder that only this user can enter. The value is closed (or collected) with everything in it.
---@class fs.TempDir
---@field path string
local TempDir = {}
TempDir.__index = TempDir

---Removes the folder now. Harmless a second time.
function TempDir:close()
  local path = self.path
  if path and not self.removed then
    self.removed = true
    core.remove(path, { recursive = true })
  end
end
TempDir.__close = TempDir.close

---Makes a temporary folder: `local dir <close> = fs.temp_dir()`, then dir.path.
---@param parent? string default: TMPDIR or /tmp
---@return fs.TempDir
---@raise not_found, fail
function M.temp_dir(parent)
  return setmetatable({ path = core.temp_dir(parent) }, TempDir)
end

---Joins parts of a path with one slash between them; an absolute part starts anew.
---@param ... string
---@return string
function M.join(...)
  local out = ""
  for _, part in ipairs { ... } do
    if part:sub(1, 1) == "/" or out == "" then
      out = part
    elseif part ~= "" then
      out = out:gsub("/+$", "") .. "/" .. part
    end
  end
  return out
end

---The part behind the last slash.
---@param path string
---@return string
function M.basename(path)
  return path:match "([^/]*)/*$"
end

---The part in front of the last slash; "." when there is none.
---@param path string
---@return string
function M.dirname(path)
  local dir = path:gsub("/+$", ""):match "^(.*)/[^/]*$"
  if not dir then
    return path:sub(1, 1) == "/" and "/" or "."
  end
  return dir == "" and "/" or dir
end

return M
