-- What docker's cp makes of a source and a destination: which folder is unpacked into, and under which name.
-- Dependencies: fs, copy.paths.
local fs = require "fs"
local paths = require "copy.paths"

local M = {}

---One end of a copy.
---@class copy.Place
---@field path string
---@field exists boolean
---@field folder boolean
---@field name? string the name that was asked for, where a link's target has another

local LINKS = 10 -- as many as docker follows

local function fail(category, code, message, why, hint)
  Error { category = category, code = code, message = message, why = why, hint = hint }
end

-- A path that can only be a folder is not one.
local function check_folder(path, stat)
  if paths.means_folder(path) and stat and stat.type ~= "directory" then
    fail("not_found", "not_a_directory", ("cannot copy %s"):format(path), "not a directory")
  end
end

local function missing(path)
  fail("not_found", "no_file", ("cannot copy %s"):format(path), "no such file or directory")
end

local function real(path)
  local found, err = try(fs.realpath, path == "" and "." or path)
  if not found then
    fail("not_found", "no_file", ("cannot copy %s"):format(path), err.why)
  end
  return found
end

---The source on this machine.
---@param path string absolute
---@param follow boolean a link means what it points to
---@return copy.Place
---@raise not_found
function M.source(path, follow)
  local resolved, name
  if follow then
    resolved, name = paths.rebase(path, real(path))
  else
    local dir, base = path:match "^(.*/)([^/]*)$"
    resolved = real(dir):gsub("/$", "") .. "/" .. base
    if paths.has_slash(path) and paths.base(path) ~= paths.base(resolved) then
      name = paths.base(path)
    end
  end
  local stat = fs.lstat(resolved)
  if not stat then
    missing(path)
  end
  check_folder(resolved, stat)
  return { path = resolved, exists = true, folder = stat.type == "directory", name = name }
end

local function new_place(path)
  local parent = paths.split(path)
  local stat = fs.stat(parent)
  if not stat or stat.type ~= "directory" then
    fail("not_found", "no_directory", ("cannot copy to %s"):format(path),
      stat and ("%s is not a directory"):format(parent) or ("the directory %s does not exist"):format(parent))
  end
  return { path = path, exists = false, folder = false }
end

---The destination on this machine; a link is followed, and what it points to need not exist.
---@param path string absolute
---@return copy.Place
---@raise not_found
function M.destination(path)
  local given = path
  local stat = fs.lstat(path)
  for _ = 0, LINKS do
    if not stat then
      return new_place(path)
    end
    if stat.type ~= "link" then
      check_folder(path, stat)
      return { path = path, exists = true, folder = stat.type == "directory" }
    end
    path = paths.target(path, fs.readlink((path:gsub("/+$", ""))))
    stat = fs.lstat(path)
  end
  fail("fail", "too_many_links", ("cannot copy to %s"):format(given), "too many symbolic links")
end

---Where the archive of `source` is unpacked for `destination`.
---@param source copy.Place
---@param destination copy.Place
---@return string dir
---@return string? name what its entry is called there; nil: as in the archive
---@raise conflict, not_found
function M.plan(source, destination)
  if destination.exists and destination.folder then
    return destination.path, nil
  end
  local dir, base = paths.split(destination.path)
  if destination.exists and source.folder then
    fail("conflict", "not_a_directory", "cannot copy directory",
      ("%s is a directory, and %s is a file"):format(source.path, destination.path), "name a directory, or another path")
  elseif not destination.exists and not source.folder and paths.means_folder(destination.path) then
    fail("not_found", "no_directory", "no such directory",
      ("%s does not exist, and a file does not become a directory"):format(destination.path),
      "make the directory first, or leave out the slash at the end")
  end
  return dir, base
end

---The name of its entry in the archive of a source.
---@param source copy.Place
---@return string
function M.entry(source)
  local _, base = paths.split(source.path)
  return base
end

---Whether docker would write there: to a directory or a regular file.
---@param path string absolute
---@raise not_found, conflict
function M.check_output(path)
  local dir = paths.clean(path):match "^(.*)/[^/]*$"
  if dir and dir ~= "" and not fs.stat(dir) then
    fail("not_found", "no_directory", ("invalid output path: directory \"%s\" does not exist"):format(dir), nil, "mkdir -p " .. dir)
  end
  local stat = fs.stat(path)
  if stat and (stat.type == "char" or stat.type == "block") then
    fail("conflict", "not_a_directory", ("invalid output path: \"%s\" must be a directory or a regular file"):format(path),
      "it is a device")
  end
end

return M
