-- Names for states: a container, network or volume bears the hash of what it was made from, so that a change is seen without asking
-- for details. Dependencies: compose.cli, core.seal, json.
local M = {}

M.LABEL = "qnap-docker.config-hash"

-- What changes without another container: as compose v2 has it.
local WITHOUT = { build = true, pull_policy = true, scale = true, deploy = true }
local OF_DEPLOY = { replicas = true, update_config = true, rollback_config = true }

-- Bodies of an older form must not be taken for changed settings: the form is part of the hash.
local FORM = 1

---SHA-256 over the JSON text, whose members are sorted.
---@param value any JSON
---@return string 64 hex digits
function M.of(value)
  local hash = require("core.seal").sha256()
  hash:update(require("json").encode { form = FORM, of = value })
  return hash:hex()
end

---The config hash of a service.
---@param service table of the model
---@param contents? string digest of the files, secrets and configs that its containers are given
---@return string
function M.service(service, contents)
  local kept = {}
  for key, value in pairs(service) do
    if not WITHOUT[key] then kept[key] = value end
  end
  if service.deploy then
    local deploy = {}
    for key, value in pairs(service.deploy) do
      if not OF_DEPLOY[key] then deploy[key] = value end
    end
    kept.deploy = next(deploy) and deploy
  end
  return M.of { service = kept, contents = contents }
end

---"name hash", a line for each service, as `compose config --hash` prints them: of the settings alone.
---@param project compose.Project
---@param wanted string names with commas between them, or "*"
---@return string
---@raise not_found "no_service"
function M.listed(project, wanted)
  local services, sorted = project.model.services, require("compose.cli").sorted
  local chosen = wanted == "*" and services or {}
  for name in (wanted == "*" and "" or wanted):gmatch "[^,]+" do
    if not services[name] then
      Error {
        category = "not_found", code = "no_service", message = ("no such service: %s"):format(name),
        why = ("project '%s' has: %s"):format(project.name, table.concat(sorted(services), ", ")),
        hint = "qnap-docker compose config --services",
      }
    end
    chosen[name] = true
  end
  local lines = {}
  for i, name in ipairs(sorted(chosen)) do lines[i] = ("%s %s\n"):format(name, M.service(services[name])) end
  return table.concat(lines)
end

return M
