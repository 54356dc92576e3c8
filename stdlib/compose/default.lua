-- The project that is meant where neither a file nor a flag says one (`compose use`). Dependencies: fs, json, profile.
local M = {}

local function path() return require("profile").paths().state .. "/compose.json" end

---@return string? name
function M.get()
  local text = try(require("fs").read, path(), 65536)
  local doc = text and try(require("json").decode, text)
  local name = type(doc) == "table" and doc.project
  return type(name) == "string" and name:find "^[%l%d][%l%d_-]*$" and name or nil
end

---@param name? string nil: none any more
function M.set(name)
  local fs = require "fs"
  if not name then
    if fs.exists(path()) then fs.remove(path()) end
    return
  end
  fs.mkdir(fs.dirname(path()), { parents = true })
  fs.write(path(), require("json").encode { project = name } .. "\n")
end

return M
