-- What the sources say of a function: its signature, the comment above it, its text. Dependencies: core.embedded.
local embedded = require "core.embedded"

local M = {}

---@class repl.Doc
---@field signature string "create_volume(options)"
---@field lines string[] the comment, without its dashes
---@field place string "stdlib/docker/volumes.lua:12"
---@field source string[] the function's lines

local texts = {} -- path -> lines

local function lines_of(source)
  local name = source:match "^@qd:(.+)$"
  local path = name or source:match "^@(.+)$"
  if not path then return nil end
  if not texts[path] then
    local text = name and embedded.source(name) or try(require("fs").read, path)
    if not text then return nil end
    local lines = {}
    for line in (text .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
    texts[path] = lines
  end
  return texts[path], path
end

-- "function Nas:info() ---..." -> "info()"
local function signature_of(line)
  local name, args = line:match "function%s+([%w_.:]+)%s*(%b())"
  if not name then name, args = line:match "([%w_]+)%s*=%s*function%s*(%b())" end
  return name and (name:match "[%w_]+$" or name) .. args or "function" .. (line:match "%b()" or "()")
end

---@param fn function
---@return repl.Doc? nil for one in C, or typed here
function M.of(fn)
  local info = debug.getinfo(fn, "S")
  local lines, path = lines_of(info.source)
  if not lines or not lines[info.linedefined] then return nil end
  local place = ("%s:%d"):format(path, info.linedefined)
  local doc = { signature = signature_of(lines[info.linedefined]), lines = {}, source = {}, place = place }
  local at = info.linedefined - 1
  while lines[at] and lines[at]:find "^%s*%-%-" do
    table.insert(doc.lines, 1, (lines[at]:gsub("^%s*%-+%s?", "")))
    at = at - 1
  end
  for i = info.linedefined, info.lastlinedefined do doc.source[#doc.source + 1] = lines[i] end
  return doc
end

---The first sentence of what is said of it.
---@param fn function
---@return string?
function M.summary(fn)
  local doc = M.of(fn)
  if not doc then return nil end
  local first = doc.lines[1]
  return doc.signature .. (first and first:sub(1, 1) ~= "@" and "  " .. first or "")
end

return M
