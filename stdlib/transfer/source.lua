-- Where a tar stream comes from: a file or stdin, read piece by piece at the engine's pace. Dependencies: core.tty, fs.
local fs = require "fs"

local M = {}

---@class transfer.Source
---@field size? integer where it is known
---@field done integer bytes handed out
local Source = {}
Source.__index = Source

local PIECE = 256 * 1024

local function open_file(path)
  local stat = fs.stat(path)
  if not stat then
    Error {
      category = "not_found", code = "no_file", message = ("open %s: no such file or directory"):format(path), exit_code = 3,
      why = "the file is read on this machine, not on the NAS", hint = "check the path",
    }
  elseif stat.type == "directory" then
    Error { category = "fail", code = "bad_input", message = ("read %s: is a directory"):format(path), hint = "give a tar archive" }
  end
  return setmetatable({ file = fs.open(path), size = stat.type == "file" and stat.size or nil, done = 0, name = path }, Source)
end

---@param path? string nil, "" or "-": stdin
---@param empty? "file" "" is a file's name, which no file has
---@return transfer.Source
function M.open(path, empty)
  if path and path ~= "-" and (path ~= "" or empty) then return open_file(path) end
  return setmetatable({ done = 0, name = "standard input" }, Source)
end

---The next bytes, nil at the end.
---@async
---@return string?
function Source:read()
  local bytes
  if self.file then
    bytes = self.file:read(PIECE)
  else
    bytes = require("core.tty").read(0, PIECE)
  end
  if bytes == "" then bytes = nil end
  self.done = self.done + #(bytes or "")
  return bytes
end

function Source:close()
  if self.file then self.file:close() end
  self.file = nil
end

Source.__close = Source.close

---Runs fn(pieces): `pieces` hands out the source, with a line of progress where a person looks.
---@async
---@param ctx cli.Context
---@param source transfer.Source
---@param fn fun(pieces: fun(): string?): any
---@return any what fn returns
function M.feed(ctx, source, fn)
  if not require("ui").is_tty "stderr" then return fn(function() return source:read() end) end
  return ctx:step(source.name, function(item)
    return fn(function()
      local bytes = source:read()
      item:update { state = bytes and "sending" or "unpacking", done = source.done, total = source.size, unit = "bytes" }
      return bytes
    end)
  end)
end

return M
