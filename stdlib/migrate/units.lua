-- What profile sync compares: projects, and containers of none; and which variables are secrets. Pure.
-- Dependencies: create.env, migrate.chosen.
local M = {}

local PROJECT = "com.docker.compose.project"

---@param record table of the engine's list of containers
---@return string
function M.name_of(record) return ((record.Names or {})[1] or record.Id):gsub("^/", "") end

---What is compared as a whole: a project, or a container of none.
---@class migrate.Unit
---@field name string
---@field project? string
---@field list table<string, table> name of a container -> the engine's record

---@param records table[] the engine's
---@param wanted fun(name: string): boolean
---@return table<string, migrate.Unit> by name
function M.units(records, wanted)
  local out = {}
  for _, record in ipairs(records) do
    local labels = record.Labels or {}
    local project = labels[PROJECT]
    local name = project or M.name_of(record)
    local helper = labels["qnap-docker.helper"] or labels["qnap-docker.snapshot-helper"] or labels["com.docker.compose.oneoff"] == "True"
    if wanted(name) and not helper then
      out[name] = out[name] or { name = name, project = project, list = {} }
      out[name].list[M.name_of(record)] = record
    end
  end
  return out
end

---Whether a name is in the scope of --only and --exclude. Pure.
---@param only string[]
---@param exclude string[]
---@return fun(name: string): boolean
function M.scope(only, exclude)
  local fits = require("migrate.chosen").fits
  local function any(globs, name)
    for _, glob in ipairs(globs) do
      if fits(name, glob) then return true end
    end
    return false
  end
  return function(name) return (#only == 0 or any(only, name)) and not any(exclude, name) end
end

---Whether a variable's name speaks of a secret.
---@param text string "NAME=value"
---@return boolean
function M.is_secret(text) return require("create.env").is_secret(text:match "^[^=]*") end

---Takes values out whose names speak of secrets. Pure.
---@param body table is changed
---@param from? string[] the environment whose secrets are kept instead ("NAME=value")
---@return string[] names of those that are missing
function M.without_secrets(body, from)
  local env, missing, known = require("json").array {}, {}, {}
  for _, text in ipairs(from or {}) do
    if M.is_secret(text) then known[text:match "^[^=]*"] = text end
  end
  for _, text in ipairs(body.Env or {}) do
    local name = text:match "^[^=]*"
    if not M.is_secret(text) or text:match "=$" then
      env[#env + 1] = text
    elseif known[name] then
      env[#env + 1] = known[name]
    else
      missing[#missing + 1] = name
    end
  end
  body.Env = env
  return missing
end

return M
