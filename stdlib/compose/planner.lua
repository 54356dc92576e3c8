-- Declared state + observed state -> a plan that leads from one to the other. Pure but for what `look` reads.
-- Dependencies: plan, compose.* .
local decide = require "compose.decide"
local judge = require "compose.judge"
local kept = require "compose.kept"
local replace = require "compose.replace"
local strategy = require "compose.strategy"
local waits = require "compose.waits"
local tables = require "compose.tables"

local M = {}

---@class compose.UpOptions
---@field services? string[] only these and what they depend on
---@field no_deps? boolean only these
---@field scale? table<string, integer>
---@field force_recreate? boolean
---@field because? string why, for people
---@field loose? compose.Container[] containers that are to become the project's
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
---@field no_sync? boolean
---@field create_binds? boolean
---@field command? string the words that are written down (default: the command's own)
---@field snapshot_volumes? "auto"|"always"|"never"
---@field keep? number blue-green: seconds that the containers before are kept
---@field share_volumes? boolean blue-green: both may write to the same data for a while
---@field blue_until? integer blue-green: seconds since the epoch until which the containers before are kept
---@field gone? table<string, boolean> services whose containers go, as orphans
---@field restore? table<string, string> volume -> copy whose data it gets
---@field prepare? fun(reader: docker.Nas, stored: compose.Stored): compose.Prepared instead of files from here
---@field recorded? string what the new revision is called; default: the command
---@field confirm? {level: integer, question: string, name?: string, force?: boolean}

---What a plan is made from, and what is made.
---@class compose.Planning
---@field target string profile of the NAS
---@field project compose.Project with the paths of the NAS
---@field situation compose.Situation
---@field options compose.UpOptions
---@field digests table<string, string> contents of the files that services are given
---@field source compose.Project as it was loaded
---@field files compose.Prepared what of it lies here and must reach the NAS
---@field stored compose.Stored what the NAS keeps of it
---@field freed? table<string, string> name of a kept container -> step that removes it
---@field left? table[] containers that a trial of it left
---@field unchanged? string what a failure of all services leaves, for people
---@field look fun(id: string): table inspect record of a container
---@field plan plan.Plan
---@field time? integer seconds since the epoch; default: now
---@field notes string[] for people
---@field needs table<string, string[]> "network:x", "volume:x", "image:x", "files" -> steps that bring it
---@field started table<string, string[]> service -> steps after which it counts as started
---@field proven table<string, string[]> service -> steps after which it is known to run
---@field first table<string, string> service -> id of its first container, or "@s3" of the step that makes it
---@field among? table<string, boolean> services that this is about, where it is not about what they depend on
---@field changed table<string, boolean> services of which containers are replaced

---The services that are meant, what others depend on first.
---@param p compose.Planning
---@return string[]
function M.chosen(p)
  return require("compose.chosen").services(p.project, p.options.services, not p.options.no_deps)
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

local function remove(p, c, verb)
  local depends
  local object = { kind = "container", name = c.name }
  if require("compose.observe").is_alive(c) then
    depends = { p.plan:add({
      target = p.target, op = "container.stop", args = { container = c.id, timeout = p.options.timeout }, verb = "stop", danger = 0,
        quiet = true,
      object = object,
    }).id }
  end
  return p.plan:add({
    target = p.target, op = "container.remove", args = { container = c.id, force = true }, verb = "remove", danger = 1, object = object,
    describe = ("remove %s (%s)"):format(c.name, verb), depends = depends,
  }).id
end

-- Blue containers go when their time is over, or when others take their names.
local function old_blue(p, list)
  local strategy_keeps = p.options.strategy == "blue-green"
  if not strategy_keeps and kept.until_when(p.situation.containers, list, p.look) > (p.time or os.time()) then return end
  p.freed = {}
  for _, c in ipairs(list) do p.freed[c.name] = remove(p, c, "kept since the last switch") end
end

-- Anonymous volumes of a container, by where they are mounted.
local function anonymous(c)
  local out = {}
  for _, m in ipairs(c.record.Mounts or {}) do
    if m.Type == "volume" and #(m.Name or "") == 64 then out[m.Destination] = m.Name end
  end
  return next(out) and out
end

-- Limits that the engine changes while the container runs.
local function update(p, name, c)
  local u = p.updates[c.id]
  if not u then return end
  p.plan:add {
    target = p.target, op = "container.update", args = { container = c.id, resources = u.resources, was = u.was }, verb = "update",
      symbol = "^",
    object = { kind = "container", name = c.name }, group = name,
    describe = ("update %s in place (%s)"):format(c.name, table.concat(u.words, ", ")),
  }
end

-- A container's files stay those that it was made with, whatever becomes current: it can be started again, and be gone back to.
local function pinned(p, made, connects)
  local current = p.stored.root .. "/current/"
  local revision = ("%s/rev-%d/"):format(p.stored.root, p.files.args and p.files.args.number or p.files.number or p.stored.files)
  local function pin(path) return path:sub(1, #current) == current and revision .. path:sub(#current + 1) or path end
  for i, bind in ipairs(made.HostConfig.Binds or {}) do made.HostConfig.Binds[i] = pin(bind) end
  for _, m in ipairs(made.HostConfig.Mounts or {}) do m.Source = m.Source and pin(m.Source) end
  return made, connects
end

local function plan_service(p, name, containers)
  local service = p.project.model.services[name]
  local facts = judge.facts(p, name)
  local count = decide.count(service, (p.options.scale or {})[name])
  if service.container_name and count > 1 then
    Error {
      category = "usage", code = "fixed_name", message = ("service '%s' cannot have %d containers"):format(name, count),
      why = ("container_name: %s is one name for all of them"):format(service.container_name), hint = "remove container_name",
    }
  end
  local decision = decide.service(p.project, name, count, containers, judge.of(p, name, facts))
  local busy, counted = {}, {}
  for _, slot in ipairs(decision.slots) do
    if slot.keep then
      counted[#counted + 1] = slot.keep
      update(p, name, slot.keep)
    end
    p.first[name] = p.first[name] or (slot.keep and slot.keep.id)
    if not at_rest(p, name, slot) then busy[#busy + 1] = slot end
    if #slot.old > 0 then p.changed[name] = true end
  end
  p.counted[name] = counted
  if #busy > 0 then
    local s = strategy.of(service, p.options, judge.restored(p, service))
    if s.warning and p.changed[name] then p.notes[#p.notes + 1] = ("%s: %s"):format(name, s.warning) end
    local work = {
      planning = p, service = name, strategy = s, needs = waits.needs(p, name), starts = waits.starts(p, service), may_end = may_end(p,
        name),
      drain = require("units").duration((service["x-qnap"] or {}).drain or strategy.DRAIN), platform = service.platform,
      make = function(slot)
        local f = setmetatable({ anonymous = slot.old[1] and not p.options.renew_anon_volumes and anonymous(slot.old[1]) or nil },
          { __index = facts })
        return pinned(p, require("compose.body").complete(p.project, name, slot.number, f))
      end,
    }
    p.started[name], p.proven[name] = replace.steps(work, busy)
    p.first[name] = p.first[name] or work.first
  end
  for _, c in ipairs(decision.surplus) do remove(p, c, kept.is_failed(c) and "of a failed update" or "scaled down") end
end

local function orphans(p, containers)
  local names = {}
  for _, c in ipairs(containers) do
    local known = p.project.model.services[c.service] or p.project.disabled[c.service]
    if not known and not c.oneoff and not kept.is_blue(c) then
      local gone = p.options.remove_orphans or (p.options.gone or {})[c.service]
      if gone then remove(p, c, "orphan") else names[#names + 1] = c.name end
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
  p.proven, p.notes, p.started, p.first, p.changed, p.counted, p.wait_steps, p.updates = {}, p.notes or {}, {}, {}, {}, {}, {}, {}
  p.needs = p.needs or {}
  local chosen = M.chosen(p)
  if p.options.no_deps then p.among = tables.set(chosen) end
  require("compose.resources_plan").add(p, chosen)
  local by_service, blue = {}, {}
  for _, c in ipairs(p.situation.containers) do
    if kept.is_blue(c, p.project) then
      blue[#blue + 1] = c
    elseif not c.oneoff then
      by_service[c.service] = by_service[c.service] or {}
      table.insert(by_service[c.service], c)
    end
  end
  if #blue > 0 then old_blue(p, blue) end
  for _, name in ipairs(chosen) do plan_service(p, name, by_service[name] or {}) end
  orphans(p, p.situation.containers)
  return p
end

return M
