-- The compose file and the environment file of containers that are taken in: values whose names speak of secrets stand in the latter
-- alone. Dependencies: compose, create.env, fs.
local M = {}

local MARK = "\1%s\2" -- a reference, until dollar signs are escaped

---@class compose.AdoptedFiles
---@field text string the compose file
---@field env string[] lines to add to the environment file
---@field values table<string, string> variable -> value

-- A value as the environment file's grammar takes it.
local function quoted(value)
  if not value:find "'" and value:sub(-1) ~= "\\" then return ("'%s'"):format(value) end
  return ('"%s"'):format(value:gsub('[\\"$]', "\\%0"))
end
M.quoted = quoted

-- A name that nobody has for another value.
local function name_for(service, key, value, taken)
  local own = (service .. "_" .. key):upper():gsub("[^%w_]", "_"):gsub("^%d", "_%0")
  local plain = key:gsub("[^%w_]", "_"):gsub("^%d", "_%0")
  for _, name in ipairs { plain, own } do
    if taken[name] == nil or taken[name] == value then return name end
  end
  local n = 2
  while taken[own .. n] ~= nil and taken[own .. n] ~= value do n = n + 1 end
  return own .. n
end

---@param model table of compose.adopt
---@param known? table<string, string> variables that the environment file has already
---@return compose.AdoptedFiles
function M.of(model, known)
  local copy, is_secret = require("plan.secrets").copy(model), require("create.env").is_secret
  local taken, values, env, sorted = {}, {}, {}, require("compose.tables").sorted
  for key, value in pairs(known or {}) do taken[key] = value end
  for _, service in ipairs(sorted(copy.services)) do
    local variables = copy.services[service].environment or {}
    for _, key in ipairs(sorted(variables)) do
      local value = variables[key]
      if type(value) == "string" and value ~= "" and is_secret(key) then
        local name = name_for(service, key, value, taken)
        if taken[name] == nil then env[#env + 1] = ("%s=%s"):format(name, quoted(value)) end
        taken[name], values[name], variables[key] = value, value, MARK:format(name)
      end
    end
  end
  local text = require("compose").text(copy, "yaml", { escape = true })
  -- The encoder writes a control character as an escape in double quotes.
  text = text:gsub('"\\x01([%w_]+)\\x02"', "${%1}"):gsub('"\\u0001([%w_]+)\\u0002"', "${%1}"):gsub("\1([%w_]+)\2", "${%1}")
  return { text = text, env = env, values = values }
end

---Writes both. The compose file must not be there yet.
---@param path string of the compose file
---@param files compose.AdoptedFiles
function M.write(path, files)
  local fs = require "fs"
  if #files.env > 0 then
    local env = fs.join(fs.dirname(path), ".env")
    local was = fs.exists(env) and fs.read(env, 8 << 20) or ""
    if was ~= "" and was:sub(-1) ~= "\n" then was = was .. "\n" end
    fs.write(env, was .. table.concat(files.env, "\n") .. "\n", { mode = 384 }) -- 0600
  end
  fs.write(path, files.text)
end

return M
