-- Where a tar stream goes: a file that has its name only once it is complete, or stdout. Dependencies: fs, sys, ui, transfer.digest.
local fs = require "fs"

local M = {}

---@class transfer.Sink
---@field path? string nil: stdout
---@field bytes integer
local Sink = {}
Sink.__index = Sink

local END_OF_TAR = ("\0"):rep(512)

local function refuse(what, why)
  Error { category = "fail", code = "bad_output", message = ("%s: %s"):format(what, why), hint = "give -o the name of a file" }
end

local function check_path(path, what)
  local dir = fs.dirname(path)
  if not fs.is_directory(dir) then refuse(what, ("invalid output path: stat %s: no such file or directory"):format(dir)) end
  local stat = fs.lstat(path)
  if path:sub(-1) == "/" or (stat and stat.type == "directory") then refuse(what, "cannot write to a directory") end
  if stat and stat.type ~= "file" then refuse(what, ("cannot write to '%s': it is a %s"):format(path, stat.type)) end
end

-- What an earlier run left that was ended hard: files of processes that are gone.
local function clear_leftovers(dir, base)
  if not fs.exists "/proc/self" then return end
  for _, name in ipairs(fs.list(dir)) do
    local of, pid = name:match "^%.(.+)%.(%d+)%.part$"
    if of == base and not fs.exists("/proc/" .. pid) then try(fs.remove, fs.join(dir, name)) end
  end
end

---Opens it: nothing but a hidden file beside the path exists before finish().
---@param ctx cli.Context
---@param path? string of -o; nil or "": stdout, which must be no terminal
---@param what string "failed to save image"
---@return transfer.Sink
function M.open(ctx, path, what)
  if not path or path == "" then
    if require("ui").is_tty "stdout" then
      Error {
        category = "fail", code = "terminal", message = "cowardly refusing to save to a terminal. Use the -o flag or redirect",
        hint = ("qnap-docker %s -o FILE"):format(ctx.spec.name),
      }
    end
    return setmetatable({ ctx = ctx, what = what, bytes = 0, tail = "", digest = require("transfer.digest").new() }, Sink)
  end
  check_path(path, what)
  local dir, base = fs.dirname(path), fs.basename(path)
  try(clear_leftovers, dir, base)
  local part = fs.join(dir, (".%s.%d.part"):format(base, require("sys").pid()))
  return setmetatable({
    ctx = ctx, path = path, part = part, what = what, bytes = 0, tail = "", file = fs.open(part, "w", 0x180),
    digest = require("transfer.digest").new(),
  }, Sink)
end

---@async
---@param bytes string
function Sink:write(bytes)
  if self.file then
    self.file:write(bytes)
  else
    self.ctx:out(bytes)
  end
  self.bytes = self.bytes + #bytes
  self.digest:update(bytes)
  self.tail = #bytes >= 512 and bytes:sub(-512) or (self.tail .. bytes):sub(-512)
end

---Gives the file its name. Raises when what came is no complete tar.
---@return string? sha256
function Sink:finish()
  if self.tail ~= END_OF_TAR then
    -- The engine's own words, where an error ended the stream.
    local said = self.tail:match '"message":"([^"]*)"' or self.tail:match '"error":"([^"]*)"'
    Error {
      category = "fail", code = "truncated_stream", message = self.what .. ": the stream is not complete", why = said,
      hint = "run it again; nothing of that name was written",
    }
  end
  if self.file then
    self.file:close()
    self.file = nil
    fs.rename(self.part, self.path)
    self.part = nil
  end
  return self.digest:hex()
end

---Takes away what is not complete.
function Sink:close()
  if self.file then
    self.file:close()
    self.file = nil
  end
  if self.part then try(fs.remove, self.part) end
  self.part = nil
end

Sink.__close = Sink.close

---Moves a stream into a sink, with a line of progress where a person looks; says the digest on stderr.
---@async
---@param ctx cli.Context
---@param stream docker.Stream
---@param sink transfer.Sink
---@param name string what the line is called
function M.fill(ctx, stream, sink, name)
  local function move(item)
    for bytes in function() return stream:read() end do
      sink:write(bytes)
      if item then item:update { state = "saving", done = sink.bytes, unit = "bytes" } end
    end
  end
  if require("ui").is_tty "stderr" then
    ctx:step(name, move)
  else
    move()
  end
  local digest = sink:finish()
  if digest then ctx:note(("sha256:%s  %s"):format(digest, sink.path or "-")) end
end

return M
