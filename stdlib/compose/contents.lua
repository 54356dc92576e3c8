-- Secrets and configs whose content stands in an environment variable or in the compose file itself: no file here has it, so it is put
-- into the created container, or, where its root file system is read-only, bound as a file of the project's folder on the NAS.
-- Values are secrets: they are registered as such, and stand in no plan.
-- Dependencies: core.log, tar.entries.
local M = {}

---@class compose.Content
---@field section "secrets"|"configs"
---@field source string name in the model
---@field target string absolute path in the container
---@field bytes string
---@field mode integer
---@field uid? string
---@field gid? string

local DIRECTORY = { secrets = "/run/secrets/", configs = "/" }

local function value_of(project, section, name, object)
  if object.content then return object.content end
  local value = project.environment[object.environment]
  if value then return value end
  Error {
    category = "config", code = "no_variable", message = ("%s '%s' has no value"):format(section:sub(1, -2), name),
    why = ("the environment variable %s is not set"):format(object.environment),
    hint = ("export %s=..., or set it in .env"):format(object.environment),
  }
end

---Whether a secret or config is one of these.
---@param object? table of the model
---@return boolean
function M.is_content(object) return object ~= nil and (object.content or object.environment) ~= nil end

---The contents that a service is given, in the order of its file.
---@param project compose.Project
---@param service table of the model
---@return compose.Content[]
---@raise config "no_variable"
function M.of(project, service)
  local out = {}
  for _, section in ipairs { "secrets", "configs" } do
    for _, item in ipairs(service[section] or {}) do
      local object = (project.model[section] or {})[item.source] or {}
      if M.is_content(object) then
        local target = item.target or item.source
        local bytes = value_of(project, section, item.source, object)
        if section == "secrets" or object.environment then require("core.log").secret(bytes) end
        if target:sub(1, 1) ~= "/" then target = DIRECTORY[section] .. target end
        out[#out + 1] = {
          section = section, source = item.source, target = target, bytes = bytes,
          mode = math.tointeger(tonumber(item.mode)) or 292, uid = item.uid, gid = item.gid,
        }
      end
    end
  end
  return out
end

local function id(value) return math.tointeger(tonumber(value or "0")) or 0 end

---Owner of the file, as numbers; names are root's, as with compose v2.
---@param content compose.Content
---@return integer uid
---@return integer gid
function M.owner(content) return id(content.uid), id(content.gid) end

---Puts contents into a created container, as compose v2 does (archive API, a tar of one file each).
---@async
---@param container docker.Container
---@param contents compose.Content[]
function M.put(container, contents)
  local entries = require "tar.entries"
  for _, c in ipairs(contents) do
    local uid, gid = M.owner(c)
    local tar = entries.file({ name = c.target:sub(2), mode = c.mode, uid = uid, gid = gid, mtime = os.time() }, c.bytes) .. entries.END
    container:archive_put("/", tar, { no_overwrite_dir = true, copy_uid_gid = (c.uid or c.gid) and true or nil })
  end
end

return M
