-- Files here that are to lie on a NAS: found, judged and hashed. Only reads. Dependencies: fs, core.seal, build.ignore.
local fs = require "fs"

local M = {}

M.LARGE = 100 << 20 -- bytes of a file that only goes along when it is listed
local PIECE = 1 << 20

---A file here and its place on the NAS.
---@class compose.LocalFile: compose.StoredFile
---@field path? string here, absolute; nil: a content that the project itself has
---@field size integer
---@field mtime number
---@field uid integer
---@field gid integer
---@field target? string of a link

---What is looked for.
---@class compose.Wanted
---@field path string here, absolute
---@field key string place on the NAS
---@field writable? boolean
---@field context? ignore.Matcher it is a build context, which leaves out what these leave out
---@field large? "skip" a large file is left out

---@class compose.Scan
---@field files table<string, compose.LocalFile>
---@field notices string[]
---@field large {path: string, size: integer}[] that are refused
---@field ignore? ignore.Matcher of .qnapignore
---@field listed? ignore.Matcher large files that go along
---@field directory string of the project
---@field apart table<string, true> places that are not gone into

---SHA-256 of bytes.
---@param bytes string
---@return string
function M.digest(bytes)
  local hash = require("core.seal").sha256()
  hash:update(bytes)
  return hash:hex()
end

---SHA-256 of a file's content.
---@async
---@param path string
---@param size? integer bytes, where they are known: a small file is read at once
---@return string
---@raise not_found, fail
function M.digest_of(path, size)
  if size and size <= PIECE then return M.digest(fs.read(path)) end
  local hash = require("core.seal").sha256()
  local file <close> = fs.open(path)
  for bytes in function() return file:read(PIECE) end do hash:update(bytes) end
  return hash:hex()
end

local function patterns(x)
  local list = type(x) == "table" and x.large_files
  return type(list) == "table" and list or type(list) == "string" and { list } or nil
end

---@param directory string of the project
---@param x? table x-qnap of the model: large_files are patterns of large files that go along
---@return compose.Scan
function M.new(directory, x)
  local large = patterns(x)
  local ignore = require "build.ignore"
  local text = try(fs.read, directory .. "/.qnapignore", 1 << 20)
  return {
    files = {}, notices = {}, large = {}, apart = {}, directory = directory, ignore = text and ignore.new(ignore.lines(text)),
    listed = large and ignore.new(ignore.lines(table.concat(large, "\n"))),
  }
end

---A path below a directory, without it; nil when it is not below. The directory itself is "".
---@param directory string
---@param path string
---@return string?
function M.below(directory, path)
  if path == directory then return "" end
  local front = directory == "/" and "/" or directory .. "/"
  return path:sub(1, #front) == front and path:sub(#front + 1) or nil
end

local function row(path, stat, kind, fields)
  local out = {
    path = path, kind = kind, mode = stat.mode & 511, size = 0, mtime = math.floor(stat.mtime), uid = stat.uid, gid = stat.gid, sha256 = "",
  }
  for key, value in pairs(fields or {}) do out[key] = value end
  return out
end

local function too_large(scan, wanted, path, stat)
  if stat.size <= M.LARGE or (scan.listed and scan.listed:excludes(M.below(scan.directory, path) or path)) then return false end
  if wanted.large == "skip" then
    scan.notices[#scan.notices + 1] = ("%s is larger than 100 MiB and stays here (x-qnap.large_files lists what goes along)"):format(path)
  else
    table.insert(scan.large, { path = path, size = stat.size })
  end
  return true
end

local walk

local function take(scan, wanted, path, key, stat)
  if key:find "%c" then
    Error {
      category = "unsupported", code = "bad_file_name", message = ("%q cannot be brought to a NAS"):format(path),
      why = "its name holds a control character", hint = "rename it, or leave it out with .qnapignore",
    }
  elseif stat.type == "directory" then
    scan.files[key] = scan.files[key] or row(path, stat, "dir")
    return walk(scan, wanted, path, key)
  elseif stat.type == "link" then
    local target = fs.readlink(path)
    scan.files[key] = row(path, stat, "link", { target = target, sha256 = M.digest(target), mode = 511 })
  elseif stat.type ~= "file" then
    scan.notices[#scan.notices + 1] = ("%s is a %s and stays here"):format(path, stat.type)
  elseif not too_large(scan, wanted, path, stat) then
    local writable = wanted.writable or (scan.files[key] or {}).writable
    scan.files[key] = row(path, stat, "file", { size = stat.size, sha256 = M.digest_of(path, stat.size), writable = writable })
  end
end

local function verdict(scan, wanted, path, is_directory)
  local rel = M.below(scan.directory, path)
  local first = rel and scan.ignore and scan.ignore:verdict(rel, is_directory) or "take"
  if first == "skip" or not wanted.context then return first end
  local second = wanted.context:verdict(M.below(wanted.path, path), is_directory)
  return (second == "skip" or first == "take") and second or first
end

function walk(scan, wanted, directory, at)
  for _, name in ipairs(fs.list(directory)) do
    local path, key = fs.join(directory, name), at .. "/" .. name
    local stat = fs.lstat(path)
    if stat and not scan.apart[key] and verdict(scan, wanted, path, stat.type == "directory") ~= "skip" then
      take(scan, wanted, path, key, stat)
    elseif stat and scan.apart[key] and stat.type == "directory" then
      scan.files[key] = row(path, stat, "dir") -- another mount covers it; its place has to be there
    end
  end
end

---Looks at a file, or at a directory and all that is in it. What is named itself is never ignored.
---@async
---@param scan compose.Scan
---@param wanted compose.Wanted
function M.add(scan, wanted)
  local path = fs.realpath(wanted.path)
  local stat = fs.stat(path)
  local _, err = try(function()
    if stat.type ~= "directory" then return take(scan, wanted, path, wanted.key, stat) end
    if wanted.key:find "/" then scan.files[wanted.key] = row(path, stat, "dir") end
    walk(scan, wanted, wanted.path, wanted.key)
  end)
  if not err then return end
  if err.code == "no_permission" then err.hint = "leave it out with .qnapignore, where the NAS does not need it" end
  error(err, 0)
end

---@param scan compose.Scan
---@raise config "large_file"
function M.refuse_large(scan)
  if #scan.large == 0 then return end
  local human, lines = require("units").human_size, {}
  for i, f in ipairs(scan.large) do lines[i] = ("%s (%s)"):format(f.path, human(f.size, 3)) end
  Error {
    category = "config", code = "large_file", message = ("%d file%s larger than 100 MiB"):format(#lines, #lines == 1 and " is" or "s are"),
    why = table.concat(lines, ", "), hint = "leave them out with .qnapignore, or list them: x-qnap: {large_files: [PATH]}",
  }
end

---Adds the directories above all places, where they were not looked at themselves.
---@param files table<string, compose.LocalFile>
---@param directory string of the project: those in it keep their modes
function M.add_parents(files, directory)
  local missing = {}
  for key in pairs(files) do
    local parent = key:match "^(.+)/[^/]*$"
    while parent and parent:find "/" and not files[parent] and not missing[parent] do
      local rel = parent:match "^rev/(.*)$" or parent:match "^data/(.*)$"
      local stat = rel and fs.stat(directory .. "/" .. rel)
      missing[parent] = row(nil, stat and stat.type == "directory" and stat or { mode = 493, mtime = 0, uid = 0, gid = 0 }, "dir")
      parent = parent:match "^(.+)/[^/]*$"
    end
  end
  for key, file in pairs(missing) do files[key] = file end
end

return M
