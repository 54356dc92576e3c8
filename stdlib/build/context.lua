-- What a build works on: a folder here, a stream on stdin, or an address that the engine fetches itself.
-- Dependencies: fs, tar, build.ignore, copy.paths.
local fs = require "fs"
local paths = require "copy.paths"

local M = {}

local LARGE = 200 * 1024 * 1024 -- bytes from which a context is worth a warning
local DOCKERFILE_MAX = 4 * 1024 * 1024

---@class build.Context
---@field remote? string the engine fetches it
---@field dockerfile string path in the context
---@field text? string what the Dockerfile says, where that is known here
---@field open? fun(options: {gzip: boolean, warn: fun(text: string)}): fun(): string? pieces of the tar

local function fail(message, why, hint)
  Error {
    category = "not_found", code = "no_context", exit_code = 1, why = why, hint = hint, message = "unable to prepare context: " .. message,
  }
end

local function is_git(text)
  return text:find "^git://" or text:find "^git@" or text:find "^github%.com/" or text:find "^https?://.*%.git$"
    or text:find "^https?://.*%.git#"
end

local function stdin()
  local tty = require "tty"
  return function()
    return tty.read(0, 64 * 1024)
  end
end

local function read_all(source, first)
  local out, n = { first }, #(first or "")
  for bytes in source do
    out[#out + 1], n = bytes, n + #bytes
    if n > DOCKERFILE_MAX then
      Error { category = "fail", code = "too_large", message = "the Dockerfile on stdin is too large", why = "4 MiB are the most" }
    end
  end
  return table.concat(out)
end

local MAGIC = { "\31\139", "BZh", "\253" .. "7zXZ\0", "\40\181\47\253" }

local function is_archive(bytes)
  for _, magic in ipairs(MAGIC) do
    if bytes:sub(1, #magic) == magic then
      return true
    end
  end
  return bytes:sub(258, 262) == "ustar"
end

local function packed(options)
  return function(how)
    local tar = require "tar"
    return tar.pack {
      path = options.path, name = "", uid = 0, gid = 0, gzip = how.gzip, extra = options.extra, on_note = how.warn,
      filter = options.filter and options.filter(how),
    }
  end
end

local function closable(step, close)
  return setmetatable({}, {
    __call = function()
      return step()
    end,
    __close = close,
  })
end

-- A context of one Dockerfile: an empty folder with it.
local function single(text)
  return { dockerfile = "Dockerfile", text = text, open = function(how)
    local dir = fs.temp_dir()
    local pack = packed { path = dir.path, extra = { { name = "Dockerfile", bytes = text } } }(how)
    return closable(function()
      return pack()
    end, function()
      pack:close()
      dir:close()
    end)
  end }
end

local function from_stdin(file)
  if file == "-" then
    Error {
      category = "usage", code = "bad_arguments", exit_code = 1, message = "stdin cannot be both the context and the Dockerfile",
      why = "both -f and the context are '-'",
    }
  end
  local source = stdin()
  local first = source() or ""
  while #first < 512 do
    local more = source()
    if not more then
      break
    end
    first = first .. more
  end
  if not is_archive(first) then
    return single(read_all(source, first))
  end
  return { dockerfile = file or "Dockerfile", open = function()
    return closable(function()
      local bytes = first or source()
      first = nil
      return bytes
    end, function() end)
  end }
end

-- Warns once, with the folders that hold most, when the context has become large.
local function watcher(how)
  local total, by_top, warned = 0, {}, false
  return function(path, size)
    total = total + size
    local top = path:match "^([^/]+)/" or path
    by_top[top] = (by_top[top] or 0) + size
    if warned or total <= LARGE then
      return
    end
    warned = true
    local names = {}
    for name in pairs(by_top) do
      names[#names + 1] = name
    end
    table.sort(names, function(a, b) return by_top[a] > by_top[b] end)
    local human = require("units").human_size
    for i = 1, math.min(3, #names) do
      names[i] = ("%s (%s)"):format(names[i], human(by_top[names[i]], 3))
    end
    how.warn("the build context is larger than 200 MiB; most is in " .. table.concat(names, ", ", 1, math.min(3, #names))
      .. ": name what is not needed in .dockerignore")
  end
end

local function filter_of(dir, matcher, replaced)
  return function(how)
    local watch = watcher(how)
    return function(path, folder)
      local verdict = replaced[path] and "skip" or matcher:verdict(path, folder)
      if verdict == "take" and not folder then
        watch(path, (fs.lstat(dir .. "/" .. path) or { size = 0 }).size)
      end
      return verdict
    end
  end
end

-- The Dockerfile: its path in the context, or its text when it lies elsewhere.
local function find_dockerfile(dir, file, text)
  if text then
    return nil, text
  elseif file == "-" then
    return nil, read_all(stdin())
  end
  local path = file and paths.absolute(file) or dir .. "/Dockerfile"
  if not file and not fs.lstat(path) and fs.lstat(dir .. "/dockerfile") then
    path = dir .. "/dockerfile"
  end
  local parent = try(fs.realpath, fs.dirname(path))
  path = parent and fs.join(parent, fs.basename(path)) or path
  local stat = fs.stat(path)
  if not stat or stat.type ~= "file" then
    fail("the Dockerfile cannot be read", ("%s: no such file"):format(path), file and "-f PATH" or "-f NAME, where it is called otherwise")
  end
  text = fs.read(path, DOCKERFILE_MAX)
  if path:sub(1, #dir + 1) == dir .. "/" then
    return path:sub(#dir + 2), text
  end
  return nil, text
end

local function ignore_lines(dir, dockerfile, buildkit)
  local ignore = require "build.ignore"
  for _, name in ipairs { buildkit and dockerfile and dockerfile .. ".dockerignore" or ".dockerignore", ".dockerignore" } do
    if fs.exists(dir .. "/" .. name) then
      return ignore.lines(fs.read(dir .. "/" .. name)), fs.read(dir .. "/" .. name)
    end
  end
  return {}, ""
end

local function from_folder(dir, file, buildkit, given)
  local dockerfile, text = find_dockerfile(dir, file, given)
  local lines, ignore_text = ignore_lines(dir, dockerfile, buildkit)
  local extra, replaced = nil, {}
  if not dockerfile then -- as docker: under a name of its own, which the image does not see
    dockerfile = (".dockerfile.%016x%04x"):format(math.random(0), math.random(0, 65535))
    ignore_text = ignore_text .. (ignore_text ~= "" and ignore_text:sub(-1) ~= "\n" and "\n" or "") .. dockerfile .. "\n"
    extra = { { name = dockerfile, bytes = text }, { name = ".dockerignore", bytes = ignore_text } }
    replaced[".dockerignore"] = true
  end
  local matcher = require("build.ignore").for_context(lines, dockerfile)
  return {
    dockerfile = dockerfile, text = text, open = packed { path = dir, extra = extra, filter = filter_of(dir, matcher, replaced) },
  }
end

---@async
---@param word string a folder, "-", or an address
---@param file? string -f
---@param buildkit boolean `Dockerfile.dockerignore` counts, too
---@param text? string the Dockerfile itself, in place of a file
---@return build.Context
---@raise not_found "no_context"
function M.find(word, file, buildkit, text)
  if word == "-" then
    return from_stdin(file)
  end
  if fs.is_directory(word) then
    return from_folder(fs.realpath(word), file, buildkit, text)
  elseif is_git(word) or word:find "^https?://" then
    if file == "-" or text then
      text = text or read_all(stdin())
      return { remote = word, dockerfile = "Dockerfile", text = text, open = single(text).open }
    end
    return { remote = word, dockerfile = file or "Dockerfile" }
  end
  fail(("path \"%s\" not found"):format(word), "it is no folder, and no address")
end

return M
