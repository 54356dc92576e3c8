-- up --strategy blue-green: the new project is tried beside the one that runs, then takes its place at once. One plan: green comes up,
-- is verified, the new containers are made, blue stops, they start, green goes. What fails before the switch leaves blue untouched.
-- Dependencies: compose.green, compose.planner, compose.observe.
local green = require "compose.green"
local tables = require "compose.tables"

local M = {}

local GREEN, SWITCH = "green trial", "switch of all" -- groups: no service can be called so

-- What goes with green when it fails; networks and volumes are cleared in any case.
local TAKEN_BACK = {
  ["compose.create"] = true, ["container.start"] = true, ["container.prove"] = true, ["project.put"] = true, ["compose.wait"] = true,
  ["project.sync"] = true,
}

---What a trial of a project has left on a NAS, because it was cut off.
---@async
---@param reader docker.Nas
---@param name string project
---@return table[] containers the engine's records
function M.left(reader, name) return reader:containers { all = true, filters = { label = { green.LABEL .. "=" .. name } } } end

-- Removes all of green. It is taken away however the trial ends.
local function clear(p, fields)
  local step = {
    target = p.target, op = "compose.clear", verb = "remove", danger = 0, symbol = "-",
    args = { label = green.LABEL .. "=" .. p.source.name }, object = { kind = "project", name = p.source.name .. green.SUFFIX },
  }
  for key, value in pairs(fields) do step[key] = value end
  return p.plan:add(step).id
end

local function situation_without(s, name)
  local out = tables.copy(s)
  out.containers, out.networks = {}, {}
  for key, network in pairs(s.networks) do
    if (network.Labels or {})["com.docker.compose.project"] ~= name then out.networks[key] = network end
  end
  return out
end

local function add_checks(p, g, depends)
  for _, check in ipairs(green.checks(g.project)) do
    local from = (g.first[check.service] or ""):match "^@(.*)$"
    depends = { p.plan:add({
      target = p.target, op = "compose.verify", verb = "verify", symbol = "=", danger = 0, group = GREEN, depends = depends,
      args = { from = from, command = check.command }, object = { kind = "service", name = check.service },
      describe = ("verify %s: %s"):format(check.service, table.concat(check.command, " ")),
    }).id }
  end
  return depends
end

-- The steps that bring green up. Returns those after which it is good.
local function try_out(p, first)
  local g = tables.copy(p)
  g.project, g.needs, g.notes = green.of(p.project, p.situation.volumes), {}, {}
  g.situation = situation_without(p.situation, g.project.name)
  g.options = tables.copy(p.options)
  g.options.wait, g.options.scale, g.options.snapshot_volumes, g.options.blue_until = true, nil, nil, nil
  require("compose.planner").up(g)
  local ends = {}
  for _, name in ipairs(tables.sorted(g.proven)) do
    table.move(g.proven[name], 1, #g.proven[name], #ends + 1, ends)
  end
  for i = first, #p.plan.steps do
    local step = p.plan.steps[i]
    step.group = TAKEN_BACK[step.op] and GREEN or nil
    step.args.failed_name = nil
    if step.object.kind == "container" then step.object.kind = "trial" end
  end
  return add_checks(p, g, ends), g
end

local function among(p, first, wanted)
  local out = {}
  for i = first, #p.plan.steps do
    local step = p.plan.steps[i]
    if step.group and wanted[step.op] then out[#out + 1] = step end
  end
  return out
end

local function ids(steps)
  local out = {}
  for i, step in ipairs(steps) do out[i] = step.id end
  return out
end

-- Steps in an order in which each stands behind those that it waits for, otherwise as before.
local function ordered(steps, first)
  local by_id, seen, out = {}, {}, table.move(steps, 1, first - 1, 1, {})
  for i = first, #steps do by_id[steps[i].id] = steps[i] end
  local function visit(step)
    if seen[step.id] then return end
    seen[step.id] = true
    for _, id in ipairs(tables.joined(step.depends or {}, step.follows or {})) do
      if by_id[id] then visit(by_id[id]) end
    end
    out[#out + 1] = step
  end
  for i = first, #steps do visit(steps[i]) end
  return out
end

-- Blue's containers stop when all new ones are there, what others depend on last.
local function stop_together(p, stops, made)
  local dependencies = require("compose.order").of_model(p.project.model)
  local by_service = {}
  for _, step in ipairs(stops) do
    local service = step.group:match "^[^#]*"
    by_service[service] = by_service[service] or {}
    table.insert(by_service[service], step)
  end
  for service, list in pairs(by_service) do
    local before = {}
    for other, needs in pairs(dependencies) do
      if needs[service] and by_service[other] then before = tables.joined(before, ids(by_service[other])) end
    end
    table.sort(before)
    for _, step in ipairs(list) do step.depends, step.follows = tables.joined(made), #before > 0 and before or nil end
  end
end

---Steps that replace services one by one -> steps that replace all of them at once, after `gate`. Pure.
---@param p compose.Planning
---@param first integer index of the first of these steps in the plan
---@param gate string[] steps after which they may begin
function M.together(p, first, gate)
  local made = ids(among(p, first, { ["compose.create"] = true, ["project.put"] = true }))
  local stops = among(p, first, { ["container.stop"] = true })
  local stopped = ids(stops)
  stop_together(p, stops, made)
  for _, step in ipairs(among(p, first, { ["container.start"] = true })) do step.depends = tables.joined(step.depends or {}, stopped) end
  local proven = ids(among(p, first, { ["container.start"] = true, ["container.prove"] = true }))
  for i = first, #p.plan.steps do
    local step = p.plan.steps[i]
    local lasting = not step.group and step.op:find "^container%." -- done when there is no way back
    step.depends = tables.joined(step.depends or {}, gate, lasting and proven or {})
    if step.group then step.group = SWITCH end
  end
  p.plan.steps = ordered(p.plan.steps, first)
end

local function is_anything_to_do(p)
  local trial = tables.copy(p)
  trial.plan = require("plan").new { command = p.plan.command, at_once = true }
  trial.notes = table.move(p.notes, 1, #p.notes, 1, {})
  require("compose.planner").up(trial)
  if #trial.plan.steps == 0 then
    for key, value in pairs(trial) do p[key] = key == "plan" and p.plan or value end
    return false
  end
  return true
end

local function serves(p)
  for _, c in ipairs(p.situation.containers) do
    if c.state == "running" and not c.oneoff and p.project.model.services[c.service] then return true end
  end
  return false
end

local function refuse_two_writers(p)
  local list = green.shared(p.project, p.situation.volumes)
  if p.options.share_volumes or #list == 0 then return end
  Error {
    category = "conflict", code = "two_writers", profile = p.target,
    message = ("project '%s' cannot run beside itself: both would write to the same data"):format(p.project.name),
    why = table.concat(list, "\n"),
    hint = "--share-volumes, where the programs can bear it\nor --strategy auto, which replaces one service after the other",
  }
end

---Removes what a trial has left, first of all.
---@param p compose.Planning
function M.clear_left(p)
  if #p.left > 0 then clear(p, { describe = "remove what an earlier trial left" }) end
end

-- A project of its own that is called so.
local function refuse_namesake(reader, p)
  local name = p.project.name .. green.SUFFIX
  for _, c in ipairs(require("compose.observe").list(reader, name)) do
    if not c.labels[green.LABEL] then
      Error {
        category = "conflict", code = "name_taken", profile = p.target,
        message = ("project '%s' cannot be tried as '%s'"):format(p.project.name, name), why = "there is a project of that name",
        hint = "--strategy auto, which replaces one service after the other",
      }
    end
  end
end

local function refuse_some(p)
  if #(p.options.services or {}) == 0 and not p.options.no_start then return end
  Error {
    category = "usage", code = "conflicting_flags", message = "--strategy blue-green takes the whole project, and starts it",
    hint = "qnap-docker compose up --strategy blue-green",
  }
end

---Adds all steps to p.plan.
---@async
---@param reader docker.Nas
---@param p compose.Planning as for planner.up
---@raise conflict "two_writers"
---@raise config "bad_verify"
---@raise usage "conflicting_flags"
function M.plan(reader, p)
  refuse_some(p)
  green.checks(p.project)
  if not serves(p) then
    p.notes[#p.notes + 1] = ("nothing of %s runs yet: it is started without a trial"):format(p.project.name)
    p.options = tables.copy(p.options)
    p.options.strategy = nil
    return require("compose.planner").up(p)
  end
  if not is_anything_to_do(p) then return end
  refuse_two_writers(p)
  p.options = tables.copy(p.options)
  p.options.no_rollback = nil -- green is never left
  refuse_namesake(reader, p)
  local depends = ids(p.plan.steps) -- the one that clears what was left
  local first = #p.plan.steps + 1
  local gate, g = try_out(p, first)
  for i = first, #p.plan.steps do p.plan.steps[i].depends = tables.joined(p.plan.steps[i].depends or {}, depends) end
  first = #p.plan.steps + 1
  local options = p.options
  p.options = tables.copy(options)
  p.options.force_recreate, p.options.because, p.options.monitor = true, "blue-green", 0
  p.options.blue_until = (p.time or os.time()) + math.floor(options.keep or require("compose.kept").HOUR)
  p.needs = {}
  for key, list in pairs(g.needs) do
    if key == "files" or key:find "^image:" then p.needs[key] = list end
  end
  require("compose.planner").up(p)
  M.together(p, first, gate)
  clear(p, { follows = ids(p.plan.steps), describe = ("remove %s"):format(g.project.name) })
  p.unchanged = ("project '%s' runs as before"):format(p.project.name)
end

return M
