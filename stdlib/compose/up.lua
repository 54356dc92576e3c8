-- Bringing a project to its declared state. Dependencies: plan, compose.planner, compose.situation.
local planner = require "compose.planner"

local M = {}

local function index(list)
  local out = {}
  for _, name in ipairs(list) do out[name] = true end
  return out
end

local function check_services(project, names)
  for _, name in ipairs(names or {}) do
    if not project.model.services[name] then
      Error {
        category = "not_found", code = "no_service", message = ("no such service: %s"):format(name),
        why = "the file has: " .. table.concat(require("compose.cli").sorted(project.model.services), ", "),
      }
    end
  end
end

---Makes the plan. Only reads.
---@async
---@param nas docker.Nas
---@param project compose.Project
---@param options compose.UpOptions
---@param command string the words that made it
---@return compose.Planning
function M.plan(nas, project, options, command)
  check_services(project, options.services)
  local reader = require("plan").reader(nas)
  local p = {
    target = nas.name, project = project, options = options, digests = {}, plan = require("plan").new { command = command, at_once = true },
    look = function(id) return reader:container(id):inspect() end,
  }
  p.situation = require("compose.situation").of(reader, project, planner.chosen(p))
  return planner.up(p)
end

-- Containers that were at rest are waited for, too: they may have been started a moment ago.
local function wait_for_healthy(nas, p)
  for _, name in ipairs(planner.chosen(p)) do
    for _, c in ipairs(p.counted[name] or {}) do
      if c.health and c.health ~= "healthy" and c.state == "running" then
        local wanted = { project = p.project.name, service = name, condition = "service_healthy", timeout = p.options.wait_timeout }
        require("compose.conditions").wait(nas, wanted)
        break
      end
    end
  end
end

local function sum(p)
  local made, remade, gone = 0, 0, 0
  for _, step in ipairs(p.plan.steps) do
    if step.object.kind == "container" and not step.quiet then
      if step.symbol == "+" then made = made + 1 elseif step.symbol == "~" then remade = remade + 1 else gone = gone + 1 end
    end
  end
  return made, remade, gone
end

local function tell(ctx, nas, p)
  local made, remade, gone = sum(p)
  local running = 0
  for _, list in pairs(p.counted) do running = running + #list end
  if #p.plan.steps == 0 then
    return ctx:note(("%s on %s is as declared: nothing to do (%d container%s)"):format(p.project.name, nas.name, running, running == 1 and "" or "s"))
  end
  ctx:note(("%s on %s: %d created, %d recreated, %d removed, %d unchanged"):format(p.project.name, nas.name, made, remade, gone, running))
end

local function failures(run)
  local out = {}
  for i, failure in ipairs(run.failed) do
    out[i] = failure.err
    if failure.err.undone then
      failure.err.why = ("%s; service '%s' runs as before"):format(failure.err.why or failure.err.engine or failure.err.code, failure.step.group)
    end
  end
  return out
end

---Brings a project up: shows the plan, does it, waits, says what came of it.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param project compose.Project
---@param options compose.UpOptions
---@return boolean well
function M.run(ctx, nas, project, options)
  local p = M.plan(nas, project, options, ctx.spec.name)
  for _, line in ipairs(p.notes) do ctx:warn(line) end
  local run = ctx:apply(p.plan)
  if ctx.flags.dry_run or ctx.global.dry_run or ctx.flags.plan_out then return true end
  if run and #run.failed > 0 then
    require("cli.items").report(ctx, failures(run))
    ctx:exit(1)
    return false
  end
  if options.wait ~= false and not options.no_start then wait_for_healthy(nas, p) end
  tell(ctx, nas, p)
  return true
end

---Starts services that another command needs, with what they depend on. Nothing is recreated.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param project compose.Project
---@param names string[]
function M.services(ctx, nas, project, names)
  if #names == 0 then return end
  local p = M.plan(nas, project, { services = names, no_recreate = true }, ctx.spec.name)
  if #p.plan.steps == 0 then return end
  local run = ctx:apply(p.plan, { asked = true })
  if run and #run.failed > 0 then error(run.failed[1].err, 0) end
end

---Services of profiles that are not enabled are, when they are named: their profiles count.
---@param ctx cli.Context
---@param names string[]
---@return compose.Project
function M.load(ctx, names)
  local cli = require "compose.cli"
  local project = cli.load(ctx)
  local more, wanted = {}, index(names)
  for name, service in pairs(project.disabled or {}) do
    if wanted[name] then table.move(service.profiles or {}, 1, 1, #more + 1, more) end
  end
  if #more == 0 then return project end
  table.move(more, 1, #more, #ctx.flags.compose_profile + 1, ctx.flags.compose_profile)
  return cli.load(ctx)
end

---"web=3" of --scale.
---@param list string[]
---@return table<string, integer>
---@raise usage "bad_flag_value"
function M.scale(list)
  local out = {}
  for _, text in ipairs(list) do
    local name, count = text:match "^([^=]+)=(%d+)$"
    if not name then
      Error { category = "usage", code = "bad_flag_value", message = ("invalid value \"%s\" for --scale"):format(text), why = "SERVICE=NUMBER is expected" }
    end
    out[name] = math.tointeger(tonumber(count))
  end
  return out
end

return M
