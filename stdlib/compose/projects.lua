-- The projects that a NAS has containers of, as `docker compose ls` shows them. Dependencies: compose.cli, compose.observe, json.
local LABEL = require("compose.observe").LABEL
local tables = require "compose.tables"

local M = {}

---@class compose.Listed
---@field name string
---@field status string "exited(1), running(4)"
---@field config_files string joined with commas; "N/A": a container says none
---@field containers integer

local function group(records)
  local out = {}
  for _, r in ipairs(records) do
    local name = (r.Labels or {})[LABEL .. "project"]
    if name then
      out[name] = out[name] or {}
      table.insert(out[name], r)
    end
  end
  return out
end

local function status(records)
  local count, out = {}, {}
  for _, r in ipairs(records) do count[r.State] = (count[r.State] or 0) + 1 end
  for i, state in ipairs(tables.sorted(count)) do out[i] = ("%s(%d)"):format(state, count[state]) end
  return table.concat(out, ", ")
end

local function config_files(records)
  local out, seen = {}, {}
  for _, r in ipairs(records) do
    local files = r.Labels[LABEL .. "project.config_files"]
    if not files then return "N/A" end
    for file in files:gmatch "[^,]+" do
      if not seen[file] then out[#out + 1] = file end
      seen[file] = true
    end
  end
  return table.concat(out, ",")
end

---@param records table[] the engine's containers
---@return compose.Listed[] by name
function M.of(records)
  local groups, out = group(records), {}
  for i, name in ipairs(tables.sorted(groups)) do
    local some = groups[name]
    out[i] = { name = name, status = status(some), config_files = config_files(some), containers = #some }
  end
  return out
end

---@async
---@param nas docker.Nas
---@param all boolean stopped ones, too
---@param keep fun(name: string): boolean
---@return compose.Listed[]
function M.list(nas, all, keep)
  local out = {}
  for _, project in ipairs(M.of(nas:containers { all = all, filters = { label = { LABEL .. "project" } } })) do
    if keep(project.name) then out[#out + 1] = project end
  end
  return out
end

-- Of docker's regular expressions what a name needs, as a Lua pattern.
local function pattern_of(text)
  if text:find "[(){}|\\]" then
    Error {
      category = "usage", code = "bad_filter", message = ("name=%s is no pattern that is known here"):format(text),
      why = "of regular expressions there are . * + ? [ ] ^ and $",
    }
  end
  return (text:gsub("[%%%-]", "%%%0"):gsub("%[[^%]]*%]", function(set) return (set:gsub("%%%-", "-")) end))
end

---What --filter asks for: a name, or a regular expression that is found in it.
---@param list string[]
---@return fun(name: string): boolean
---@raise usage "bad_filter"
function M.filter(list)
  local patterns = {}
  for key, values in pairs(require("listing.filters").parse(list)) do
    if key ~= "name" then
      Error {
        category = "usage", code = "bad_filter", message = ("invalid filter '%s'"):format(key),
        hint = "--filter name=PATTERN", exit_code = 1,
      }
    end
    for value in pairs(values) do patterns[value] = pattern_of(value) end
  end
  return function(name)
    if next(patterns) == nil then return true end
    for value, pattern in pairs(patterns) do
      if name == value or name:find(pattern) then return true end
    end
    return false
  end
end

---docker compose's `--format json`: one array, members in its order.
---@param list compose.Listed[]
---@return string
function M.json(list)
  local encode, out = require("json").encode, {}
  for i, p in ipairs(list) do
    out[i] = ('{"Name":%s,"Status":%s,"ConfigFiles":%s}'):format(encode(p.name), encode(p.status), encode(p.config_files))
  end
  return ("[%s]\n"):format(table.concat(out, ","))
end

return M
