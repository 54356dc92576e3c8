-- Compose projects: files in the Compose Specification's language -> one project in canonical form.
-- Dependencies: core.compose, sys.
local core = require "core.compose"

local M = {}

---A loaded project.
---@class compose.Project
---@field name string
---@field directory string of the project, absolute; relative paths in the files count from it
---@field files string[] the compose files, absolute; "-" is standard input
---@field env_files string[] the environment files that were read, absolute
---@field named_env_files boolean they were asked for by name
---@field environment table<string, string> what variables were looked up in
---@field profiles string[] all service profiles that the files name
---@field model table canonical form, what `compose config` prints: name, services, networks, volumes, secrets, configs (with
--- options.check: nil)
---@field disabled table<string, table> services that no enabled profile names (with options.check: nil)
---@field warnings string[]

---@class compose.Options
---@field files? string[] relative to cwd; "-" is `input`; none: COMPOSE_FILE, else compose.yaml and its like in cwd or above
---@field input? string standard input, for "-"
---@field env_files? string[] none: .env in the project's directory
---@field project_dir? string
---@field project_name? string
---@field profiles? string[] service profiles to enable; none: COMPOSE_PROFILES
---@field services? string[] only these and what they depend on
---@field environment? table<string, string> default: that of this process
---@field cwd? string default: the current directory
---@field no_interpolate? boolean
---@field no_path_resolution? boolean
---@field no_normalize? boolean
---@field no_consistency? boolean
---@field no_env_resolution? boolean
---@field check? boolean only whether the files are right is asked: there are neither model nor disabled services
---@field keep_all? boolean networks, volumes, secrets and configs that no service uses stay

---Loads, merges and checks compose files (Compose Specification, all chapters).
---@param options? compose.Options
---@return compose.Project
---@raise config "bad_yaml", "bad_compose", "bad_env_file", "compose_cycle": the message begins with file:line:column where there is a place
---@raise not_found "no_compose_file", "no_service"
function M.load(options)
  local o = {}
  for k, v in pairs(options or {}) do
    o[k] = v
  end
  local sys = require "core.sys"
  o.cwd = o.cwd or sys.cwd()
  o.environment = o.environment or sys.environ()
  local project = core.load(o)
  project.named_env_files = #(o.env_files or {}) > 0 or (o.environment.COMPOSE_ENV_FILES or "") ~= ""
  return project
end

---The name of a project made of any text: lower case, without what is not allowed ("" when nothing is left).
---@param text string
---@return string
function M.project_name(text)
  return core.project_name(text)
end

---A model with the values of variables whose names speak of secrets blanked.
---@param model table
---@return table
function M.redacted(model)
  local is_secret = require("create.env").is_secret
  local function copy(value, inside)
    if type(value) ~= "table" or require("json").is_null(value) then
      return value
    end
    local out = require("json").is_array(value) and require("json").array {} or {}
    for k, v in pairs(value) do
      local hide = inside and type(v) == "string" and v ~= "" and is_secret(k)
      out[k] = hide and "********" or copy(v, k == "environment" or k == "args")
    end
    return out
  end
  return copy(model, false)
end

---A model as text, as `compose config` prints it.
---@param model table
---@param format "yaml"|"json"
---@param options? {escape?: boolean} escape: dollar signs doubled, so that the text is a compose file again
---@return string
function M.text(model, format, options)
  local text = format == "json" and require("json").encode(model, { indent = 2 }) .. "\n" or require("yaml").encode(model)
  return options and options.escape and (text:gsub("%$", "$$")) or text
end

return M
