-- Names for states: a container, network or volume bears the hash of what it was made from, so that a change is seen without asking
-- for details. Dependencies: compose.cli, core.seal, json.
local M = {}

M.LABEL = "qnap-docker.config-hash"
M.BASE = "qnap-docker.config-base" -- the same without what the engine can change while a container runs

-- What changes without another container: as compose v2 has it.
local WITHOUT = { build = true, pull_policy = true, scale = true, deploy = true, ["x-qnap"] = true }
local OF_DEPLOY = { replicas = true, update_config = true, rollback_config = true }

-- What is changed in place (compose.drift looks at it).
local IN_PLACE = {
  mem_limit = true, memswap_limit = true, mem_reservation = true, cpus = true, cpu_shares = true, cpuset = true, cpu_period = true,
  cpu_quota = true, pids_limit = true, restart = true, blkio_config = true,
}
local IN_PLACE_DEPLOY = { restart_policy = true, resources = true }

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
---@param base? boolean without what can be changed in place
---@return string
function M.service(service, contents, base)
  local kept = {}
  for key, value in pairs(service) do
    if not WITHOUT[key] and not (base and IN_PLACE[key]) then kept[key] = value end
  end
  if service.deploy then
    local deploy = {}
    for key, value in pairs(service.deploy) do
      if not OF_DEPLOY[key] and not (base and IN_PLACE_DEPLOY[key]) then deploy[key] = value end
    end
    kept.deploy = next(deploy) and deploy
  end
  return M.of { service = kept, contents = contents }
end

return M
