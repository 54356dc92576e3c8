-- The two ways of cp: a container's archive into a folder here, and files from here into a container. Everything is a stream.
-- Dependencies: tar, tty, copy.paths, copy.rules.
local paths = require "copy.paths"
local rules = require "copy.rules"

local M = {}

local SHOWN_AFTER = 1 -- seconds without a line of progress

---@class copy.Job
---@field nas docker.Nas
---@field container string
---@field source string
---@field destination string
---@field follow boolean
---@field archive boolean
---@field ctx cli.Context
---@field quiet boolean

-- Counts pieces; a transfer that takes long gets a line of progress.
local function counted(job, source, name)
  local clock, item = require("ui").clock, nil
  local count, began = { bytes = 0 }, clock()
  return function()
    local bytes = source()
    if bytes then
      count.bytes = count.bytes + #bytes
      if not job.quiet and not item and clock() - began > SHOWN_AFTER then
        item = job.ctx:progress():item("copy " .. name)
      end
      if item then
        item:update { done = count.bytes, unit = "bytes" }
      end
    elseif item then
      item:done()
    end
    return bytes
  end, count
end

local function told(job, bytes, to)
  if not job.quiet then
    job.ctx:note(("Successfully copied %s to %s"):format(require("units").human_size(bytes, 3), to))
  end
end

local function note(job)
  return function(line)
    job.ctx:note("note: " .. line)
  end
end

-- What the link in the container is, where it is to be followed.
local function resolve(job, container)
  local source = job.source
  local stat = job.follow and container:archive_head(source)
  if not stat or stat.type ~= "symlink" then
    return source, nil
  end
  return paths.rebase(source, paths.target(source, stat.target or ""))
end

---@async
---@param job copy.Job
function M.from_container(job)
  local to = job.destination
  if to ~= "-" then
    to = paths.absolute(to)
    rules.check_output(to)
  end
  local container = job.nas:container(job.container)
  local path, name = resolve(job, container)
  local stream, stat = container:archive_get(path)
  local _ <close> = stream
  if to == "-" then
    for bytes in function() return stream:read(256 * 1024) end do
      job.ctx:out(bytes)
    end
    return
  end
  local source = { path = path, exists = true, folder = stat.type == "dir", name = name }
  local dir, base = rules.plan(source, rules.destination(to))
  local pieces, count = counted(job, function() return stream:read(256 * 1024) end, path)
  local entry = rules.entry(source)
  require("tar").unpack(pieces, {
    dir = dir, from = (base or name) and (entry == "/" and "" or entry) or nil, to = base or name, devices = job.archive,
    on_note = note(job),
  })
  told(job, count.bytes, to)
end

-- The destination in the container; a link there is followed.
local function place_in(job, container)
  local place = { path = job.destination, exists = false, folder = false }
  local stat = container:archive_head(place.path)
  if stat and stat.type == "symlink" then
    place.path = paths.target(place.path, stat.target or "")
    stat = container:archive_head(place.path)
  end
  if stat and stat.type == "device" then
    Error {
      category = "conflict", code = "not_a_directory", why = "it is a device",
      message = ("destination \"%s:%s\" must be a directory or a regular file"):format(job.container, job.destination),
    }
  end
  place.exists, place.folder = stat ~= nil, stat ~= nil and stat.type == "dir"
  return place
end

local function upload(job, container, dir, pieces)
  container:archive_put(dir, pieces, { no_overwrite_dir = true, copy_uid_gid = job.archive })
end

local function from_stdin(job, container, place)
  if not place.folder then
    Error {
      category = "conflict", code = "not_a_directory", why = place.exists and "it is a file" or "it does not exist",
      message = ("destination \"%s:%s\" must be a directory"):format(job.container, job.destination),
    }
  end
  local tty = require "tty"
  upload(job, container, place.path, function() return tty.read(0, 64 * 1024) end)
  told(job, 0, job.container .. ":" .. place.path) -- docker does not count what it reads from stdin
end

---@async
---@param job copy.Job
function M.to_container(job)
  local container = job.nas:container(job.container)
  local from = job.source ~= "-" and paths.absolute(job.source)
  local place = place_in(job, container)
  if not from then
    return from_stdin(job, container, place)
  end
  local source = rules.source(from, job.follow)
  local dir, base = rules.plan(source, place)
  local pack <close> = require("tar").pack {
    path = source.path, name = base or source.name or rules.entry(source), xattrs = job.archive, on_note = note(job),
  }
  local pieces, count = counted(job, pack, job.source)
  upload(job, container, dir, pieces)
  told(job, count.bytes, job.container .. ":" .. place.path)
end

return M
