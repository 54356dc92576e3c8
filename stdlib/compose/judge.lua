-- Why a container fits its service, or does not. Dependencies: compose.body, compose.drift, compose.hash.
local body = require "compose.body"
local drift = require "compose.drift"
local hash = require "compose.hash"

local M = {}

-- What the engine calls the networks and volumes of a service, and the text of its seccomp profile: another one is another configuration.
local function real_names(project, service)
  local out, model = {}, project.model
  for _, option in ipairs(service.security_opt or {}) do
    local text = body.security_option(option, project.directory)
    if text ~= option then out[option] = text end
  end
  for key in pairs(service.networks or {}) do out["network " .. key] = (model.networks or {})[key] and model.networks[key].name end
  for _, v in ipairs(service.volumes or {}) do
    if v.type == "volume" and v.source then out["volume " .. v.source] = ((model.volumes or {})[v.source] or {}).name end
  end
  return out
end

---The config hash of a service of a project.
---@param project compose.Project
---@param name string
---@param contents? string
---@param base? boolean without what can be changed in place
---@return string
function M.hash(project, name, contents, base)
  local service = project.model.services[name]
  return hash.of { hash.service(service, contents, base), real_names(project, service) }
end

local function image_id(p, name)
  local record = p.situation.images[body.image(p.project, name)]
  return record and record.Id or nil
end

local function network_ids(p)
  local out = {}
  for key, n in pairs(p.project.model.networks or {}) do
    if n.external then
      local found = p.situation.networks[n.name] or p.situation.network_ids[n.name]
      out[key] = found and found.Id
    end
  end
  return out
end

---What the bodies of a service's containers are made with.
---@param p compose.Planning
---@param name string service
---@return compose.Facts
function M.facts(p, name)
  local contents = p.digests[name]
  local names = {}
  for service in pairs(p.project.model.services) do names[service] = body.container_name(p.project, service, 1) end
  local whole, base = M.hash(p.project, name, contents), M.hash(p.project, name, contents, true)
  return {
    version = require("core.version").program, api = p.situation.api, hash = whole, base = base, image_id = image_id(p, name),
    containers = p.first, names = names, networks = network_ids(p), among = p.among,
    labels = { [hash.LABEL] = whole, [hash.BASE] = base, [drift.CONTENTS] = contents,
      [require("compose.kept").UNTIL] = p.options.blue_until and ("%d"):format(p.options.blue_until) },
  }
end

-- A namespace that is shared with a replaced container is gone with it.
M.SHARED = { "network_mode", "ipc", "pid" } -- attributes that may name another service

local function shares_with_changed(p, service)
  for _, key in ipairs(M.SHARED) do
    local of = type(service[key]) == "string" and service[key]:match "^service:(.+)$"
    if of and p.changed[of] then return "service " .. of end
  end
  for _, from in ipairs(service.volumes_from or {}) do
    local of = from:match "^([^:]+)"
    if p.changed[of] then return "volumes of " .. of end
  end
  for of, d in pairs(service.depends_on or {}) do
    if p.changed[of] and (d.restart or p.options.always_recreate_deps) then return "depends on " .. of end
  end
end

local function network_reason(p, service)
  for _, key in ipairs(require("compose.tables").sorted(service.networks or {})) do
    if p.renewed and p.renewed[key] then return "network " .. key end
  end
end

---A volume of the service that gets other data.
---@param p compose.Planning
---@param service table of the model
---@return string?
function M.restored(p, service)
  for _, v in ipairs(p.options.restore and service.volumes or {}) do
    local name = v.type == "volume" and v.source and ((p.project.model.volumes or {})[v.source] or {}).name
    if name and p.options.restore[name] then return "data of volume " .. name end
  end
end

-- What can be seen to differ. What the engine can change in place goes to p.updates, and counts as fitting.
local function seen(p, name, facts, c, other_image)
  local wanted, connects = body.complete(p.project, name, c.number, facts)
  local record = p.look(c.id)
  local differences = drift.of(wanted, connects, record, p.situation.images[wanted.Image] or nil)
  local words = drift.words(differences)
  local resources, was = drift.in_place(differences, wanted.HostConfig, record)
  local base = c.labels[hash.BASE]
  if (not base or base == facts.base) and not other_image and (#words == 0 or resources and c.state == "running") then
    p.updates[c.id] = resources and { resources = resources, was = was, words = words }
    return nil
  end
  if other_image and words[1] ~= "image" then table.insert(words, 1, "image") end
  return #words > 0 and words or { "settings" }
end

---Tells why a container does not fit; nil: it does. Where the hash does not tell, what can be seen decides.
---@param p compose.Planning
---@param name string service
---@param facts compose.Facts
---@return fun(c: compose.Container): string[]?
function M.of(p, name, facts)
  local service = p.project.model.services[name]
  local force = p.options.force_recreate and (p.options.because or "forced") or M.restored(p, service)
    or network_reason(p, service) or shares_with_changed(p, service)
  return function(c)
    if p.options.no_recreate then return nil end
    if force then return { force } end
    local id = facts.image_id
    local runs = c.labels["com.docker.compose.image"] or c.image_id
    local other_image = id ~= nil and runs ~= id and c.image_id ~= id
    if c.hash == facts.hash and not other_image then return nil end
    if id == nil and p.needs["image:" .. body.image(p.project, name)] then return { "image" } end
    return seen(p, name, facts, c, other_image)
  end
end

return M
