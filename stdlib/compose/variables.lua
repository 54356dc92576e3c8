-- The variables that compose files refer to, and where each takes its value from. Pure.
local M = {}

---@class compose.Variable
---@field name string
---@field required boolean the project cannot be loaded without it
---@field default? string what stands behind - or :-
---@field instead? string what stands behind + or :+

-- Name and rest of "${...}" at `i`: nested references are part of the rest.
local function braced(text, i)
  local depth, at = 0, i
  while at <= #text do
    local c = text:sub(at, at)
    if c == "{" then
      depth = depth + 1
    elseif c == "}" then
      depth = depth - 1
      if depth == 0 then
        return text:sub(i + 1, at - 1), at + 1
      end
    end
    at = at + 1
  end
  return "", #text + 1
end

local function add(found, name, op, rest)
  local v = found[name] or { name = name, required = false }
  found[name] = v
  if op == "?" then
    v.required = true
  elseif op == "-" then
    v.default = v.default or rest
  elseif op == "+" then
    v.instead = v.instead or rest
  end
end

local function scan(text, found)
  local i = 1
  while true do
    local at = text:find("$", i, true)
    if not at then
      return
    end
    local next_char = text:sub(at + 1, at + 1)
    if next_char == "{" then
      local inner, after = braced(text, at + 1)
      local name, op, rest = inner:match "^([%a_][%w_]*):?([-?+]?)(.*)$"
      if name then
        add(found, name, op, rest)
        scan(rest, found)
      end
      i = after
    else
      local name = text:match("^[%a_][%w_]*", at + 1)
      if name then
        add(found, name)
      end
      i = at + 1 + math.max(#(name or ""), next_char == "$" and 1 or 0)
    end
  end
end

local function walk(value, found)
  if type(value) == "string" then
    scan(value, found)
  elseif type(value) == "table" then
    for _, item in pairs(value) do
      walk(item, found)
    end
  end
end

---The variables of a model that was loaded with no_interpolate, sorted by name.
---@param model table
---@return compose.Variable[]
function M.of(model)
  local found, out = {}, {}
  walk(model, found)
  for _, v in pairs(found) do
    out[#out + 1] = v
  end
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

---Where a variable's value comes from, in words.
---@param project compose.Project
---@param name string
---@param own table<string, string> the environment of this process
---@return string? value
---@return string where
function M.origin(project, name, own)
  if own[name] ~= nil then
    return own[name], "the environment"
  end
  for i = #project.env_files, 1, -1 do
    local text = require("fs").read(project.env_files[i])
    if ("\n" .. text):find("\n%s*" .. name .. "%s*[=:]") or ("\n" .. text):find("\nexport%s+" .. name .. "%s*[=:]") then
      return project.environment[name], project.env_files[i]
    end
  end
  if project.environment[name] ~= nil then
    return project.environment[name], "the project"
  end
  return nil, "nowhere: it counts as empty, or as the default behind it"
end

return M
