-- Declared state + observed state -> a plan that leads from one to the other. Pure but for what `look` reads.
-- Dependencies: plan, compose.* .
local body = require "compose.body"
local decide = require "compose.decide"
local drift = require "compose.drift"
local hash = require "compose.hash"
local order = require "compose.order"
local replace = require "compose.replace"
local strategy = require "compose.strategy"

local M = {}

---@class compose.UpOptions
---@field services? string[] only these and what they depend on
---@field no_deps? boolean only these
---@field scale? table<string, integer>
---@field force_recreate? boolean
---@field always_recreate_deps? boolean
---@field no_recreate? boolean
---@field renew_anon_volumes? boolean
---@field remove_orphans? boolean
---@field no_start? boolean
---@field wait? boolean default true
---@field wait_timeout? number seconds
---@field timeout? number seconds until a stopping container is killed
---@field pull? "always"|"missing"|"never"|"policy"
---@field rolling? boolean
---@field strategy? string
---@field monitor? number seconds
---@field no_rollback? boolean

---What a plan is made from, and what is made.
---@class compose.Planning
---@field target string profile of the NAS
---@field project compose.Project with the paths of the NAS
---@field situation compose.Situation
---@field options compose.UpOptions
---@field digests table<string, string> contents of the files that services are given
---@field look fun(id: string): table inspect record of a container
---@field plan plan.Plan
---@field notes string[] for people
---@field needs table<string, string[]> "network:x", "volume:x", "image:x", "files" -> steps that bring it
---@field started table<string, string[]> service -> steps after which it runs
---@field first table<string, string> service -> id of its first container, or "@s3" of the step that makes it
---@field changed table<string, boolean> services of which containers are replaced

local function sorted(map) return require("compose.cli").sorted(map) end

---The services that are meant, what others depend on first.
---@param p compose.Planning
---@return string[]
function M.chosen(p)
  local dependencies = order.of_model(p.project.model)
  local named = p.options.services
  if not named or #named == 0 then return order.forward(dependencies) end
  local only = {}
  for _, name in ipairs(named) do only[name] = true end
  return order.forward(dependencies, p.options.no_deps and only or order.closure(dependencies, named))
end

-- What the engine calls the networks and volumes of a service: another name is another configuration.
local function real_names(model, service)
  local out = {}
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
---@return string
function M.hash(project, name, contents)
  local service = project.model.services[name]
  return hash.of { hash.service(service, contents), real_names(project.model, service) }
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

local function facts_of(p, name)
  local contents = p.digests[name]
  local names = {}
  for service in pairs(p.project.model.services) do names[service] = body.container_name(p.project, service, 1) end
  return {
    version = require("core.version").program, api = p.situation.api, hash = M.hash(p.project, name, contents), image_id = image_id(p, name),
    containers = p.first, names = names, networks = network_ids(p),
    labels = { [hash.LABEL] = M.hash(p.project, name, contents), [drift.CONTENTS] = contents },
  }
end

-- Anonymous volumes of a container, by where they are mounted.
local function anonymous(c)
  local out = {}
  for _, m in ipairs(c.record.Mounts or {}) do
    if m.Type == "volume" and #(m.Name or "") == 64 then out[m.Destination] = m.Name end
  end
  return next(out) and out
end

-- Why a container does not fit; nil: it does. Where the hash does not tell, what can be seen decides.
local function judge(p, name, facts, force)
  return function(c)
    if p.options.no_recreate then return nil end
    if force then return { force } end
    local id = facts.image_id
    local runs = c.labels["com.docker.compose.image"] or c.image_id
    local other_image = id ~= nil and runs ~= id and c.image_id ~= id
    if c.hash == facts.hash and not other_image then return nil end
    if id == nil and p.needs["image:" .. body.image(p.project, name)] then return { "image" } end
    local wanted, connects = body.complete(p.project, name, c.number, facts)
    local differences = drift.of(wanted, connects, p.look(c.id), p.situation.images[wanted.Image] or nil)
    local words = drift.words(differences)
    if other_image and words[1] ~= "image" then table.insert(words, 1, "image") end
    return #words > 0 and words or nil
  end
end

-- A namespace that is shared with a replaced container is gone with it.
local SHARED = { "network_mode", "ipc", "pid" }

local function shares_with_changed(p, service)
  for _, key in ipairs(SHARED) do
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
  for _, key in ipairs(sorted(service.networks or {})) do
    if p.renewed and p.renewed[key] then return "network " .. key end
  end
end

-- Somebody waits until it has ended well: then it has done its work.
local function is_job(p, name)
  for _, other in pairs(p.project.model.services) do
    local d = (other.depends_on or {})[name]
    if d and d.condition == "service_completed_successfully" then return true end
  end
  return ((p.project.model.services[name].labels or {})["qnap-docker.job"] or "false") ~= "false"
end

local function may_end(p, name)
  local service = p.project.model.services[name]
  local policy = (service.deploy or {}).restart_policy
  local restart = policy and policy.condition or service.restart or "no"
  return is_job(p, name) or restart == "no" or restart == "none"
end

-- Whether a place needs nothing.
local function at_rest(p, name, slot)
  if not slot.keep or #slot.old > 0 or slot.keep.name ~= slot.name then return false end
  local c = slot.keep
  if p.options.no_start then return true end
  return c.state == "running" or c.state == "paused" or c.state == "restarting"
    or (c.state == "exited" and c.exit_code == 0 and is_job(p, name))
end

-- The steps, and waits, without which a service is not started.
local function starts(p, service)
  local out = { depends = {}, follows = {} }
  for _, name in ipairs(sorted(service.depends_on or {})) do
    local d = service.depends_on[name]
    local ids = p.waits(name, d.condition)
    local list = d.required == false and out.follows or out.depends
    table.move(ids, 1, #ids, #list + 1, list)
  end
  return out
end

-- Steps after which a condition holds; none where it holds already.
local function waits(p, name, condition)
  if not p.project.model.services[name] or not p.counted[name] then return {} end
  local key = name .. " " .. condition
  if p.wait_steps[key] then return p.wait_steps[key] end
  local ids = p.started[name] or {}
  local holds = #ids == 0
  for _, c in ipairs(p.counted[name]) do
    holds = holds and (condition == "service_started" or (condition == "service_healthy" and c.health == "healthy")
      or (condition == "service_completed_successfully" and c.state == "exited" and c.exit_code == 0))
  end
  if condition ~= "service_started" and not holds then
    ids = { p.plan:add({
      target = p.target, op = "compose.wait", verb = "wait", danger = 0, quiet = true, object = { kind = "service", name = name }, depends = ids,
      args = { project = p.project.name, service = name, condition = condition, timeout = p.options.wait_timeout },
    }).id }
  end
  p.wait_steps[key] = ids
  return ids
end

local function needs(p, name)
  local service, out = p.project.model.services[name], {}
  local function take(key) table.move(p.needs[key] or {}, 1, #(p.needs[key] or {}), #out + 1, out) end
  take "files"
  take("image:" .. body.image(p.project, name))
  for key in pairs(service.networks or {}) do take("network:" .. key) end
  for _, v in ipairs(service.volumes or {}) do
    if v.type == "volume" and v.source then take("volume:" .. v.source) end
  end
  for _, key in ipairs(SHARED) do
    local of = type(service[key]) == "string" and service[key]:match "^service:(.+)$"
    if of and p.first[of] then out[#out + 1] = p.first[of]:match "^@(.*)$" end
  end
  for _, from in ipairs(service.volumes_from or {}) do
    out[#out + 1] = (p.first[from:match "^([^:]+)"] or ""):match "^@(.*)$"
  end
  table.sort(out)
  return out
end

local function remove(p, c, verb)
  local depends
  local object = { kind = "container", name = c.name }
  if c.state == "running" or c.state == "restarting" or c.state == "paused" then
    depends = { p.plan:add({
      target = p.target, op = "container.stop", args = { container = c.id, timeout = p.options.timeout }, verb = "stop", danger = 0, quiet = true,
      object = object,
    }).id }
  end
  p.plan:add {
    target = p.target, op = "container.remove", args = { container = c.id, force = true }, verb = "remove", danger = 1, object = object,
    describe = ("remove %s (%s)"):format(c.name, verb), depends = depends,
  }
end

local function plan_service(p, name, containers)
  local service = p.project.model.services[name]
  local facts = facts_of(p, name)
  local force = p.options.force_recreate and "forced" or network_reason(p, service) or shares_with_changed(p, service)
  local count = decide.count(service, (p.options.scale or {})[name])
  if service.container_name and count > 1 then
    Error {
      category = "usage", code = "fixed_name", message = ("service '%s' cannot have %d containers"):format(name, count),
      why = ("container_name: %s is one name for all of them"):format(service.container_name), hint = "remove container_name",
    }
  end
  local decision = decide.service(p.project, name, count, containers, judge(p, name, facts, force))
  local busy, kept = {}, {}
  for _, slot in ipairs(decision.slots) do
    if slot.keep then kept[#kept + 1] = slot.keep end
    p.first[name] = p.first[name] or (slot.keep and slot.keep.id)
    if not at_rest(p, name, slot) then busy[#busy + 1] = slot end
    if #slot.old > 0 then p.changed[name] = true end
  end
  p.counted[name] = kept
  if #busy > 0 then
    local s = strategy.of(service, p.options)
    if s.warning and p.changed[name] then p.notes[#p.notes + 1] = ("%s: %s"):format(name, s.warning) end
    local work = {
      planning = p, service = name, strategy = s, needs = needs(p, name), starts = starts(p, service), may_end = may_end(p, name),
      drain = require("units").duration((service["x-qnap"] or {}).drain or "0s"), platform = service.platform,
      make = function(slot)
        local f = setmetatable({ anonymous = slot.old[1] and not p.options.renew_anon_volumes and anonymous(slot.old[1]) or nil }, { __index = facts })
        return body.complete(p.project, name, slot.number, f)
      end,
    }
    p.started[name] = replace.steps(work, busy)
    p.first[name] = p.first[name] or work.first
  end
  for _, c in ipairs(decision.surplus) do remove(p, c, decide.is_failed(c) and "of a failed update" or "scaled down") end
end

local function orphans(p, containers)
  local names = {}
  for _, c in ipairs(containers) do
    local known = p.project.model.services[c.service] or p.project.disabled[c.service]
    if not known and not c.oneoff then
      if p.options.remove_orphans then remove(p, c, "orphan") else names[#names + 1] = c.name end
    end
  end
  if #names > 0 then
    p.notes[#p.notes + 1] = ("found containers of services that the file does not have (%s): --remove-orphans removes them"):format(
      table.concat(names, ", "))
  end
end

---Adds all steps to p.plan.
---@async
---@param p compose.Planning target, project, situation, options, digests, look, plan; the rest is made here
---@return compose.Planning p
---@raise as preflight
function M.up(p)
  p.notes, p.started, p.first, p.changed, p.counted, p.wait_steps = {}, {}, {}, {}, {}, {}
  p.needs = p.needs or {}
  p.waits = function(name, condition) return waits(p, name, condition) end
  local chosen = M.chosen(p)
  require("compose.resources_plan").add(p, chosen)
  local by_service = {}
  for _, c in ipairs(p.situation.containers) do
    if not c.oneoff then
      by_service[c.service] = by_service[c.service] or {}
      table.insert(by_service[c.service], c)
    end
  end
  for _, name in ipairs(chosen) do plan_service(p, name, by_service[name] or {}) end
  orphans(p, p.situation.containers)
  return p
end

return M
