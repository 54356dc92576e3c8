-- What a command does to the containers of a project: step by step, many at once, shown while it goes on, and told at the end.
-- Dependencies: compose.cli, compose.conditions, compose.kept, compose.observe, compose.verbs, cli.items, task.
local tables = require "compose.tables"
local kept = require "compose.kept"
local task = require "task"
local verbs = require "compose.verbs"

local M = {}

local AT_ONCE = 16 -- orders under way on one NAS

---What is done to containers.
---@class compose.Step
---@field verb string "stop"
---@field doing string "stopping"
---@field done string "stopped"
---@field run fun(c: compose.Container): string?|false what it came to instead of `done`; false: nothing was to be done
---@field idle? string what is said then
---@field before? fun(service: string) what has to be there first; raises where that cannot be
---@field chained? boolean services behind a failed one are not begun

---A project on a NAS, and how far a command has come with it.
---@class compose.Work
---@field ctx cli.Context
---@field nas docker.Nas
---@field scope compose.Scope
---@field containers compose.Container[] all that the project has
---@field depends table<string, table<string, table>>
---@field failed Error[]
---@field broken table<string, true> services that failed, and those that were not begun for it
local Work = {}
Work.__index = Work

local function begin(ctx, nas, scope, containers)
  return setmetatable({
    ctx = ctx, nas = nas, scope = scope, containers = containers, depends = verbs.dependencies(scope, containers), failed = {}, broken = {},
  }, Work)
end

-- Those that take no place of a service's are left alone.
local function serving(containers)
  local out = {}
  for _, c in ipairs(containers) do
    if not require("compose.kept").is_kept(c) then out[#out + 1] = c end
  end
  return out
end

local function finish(work)
  table.sort(work.failed, function(a, b) return a.message < b.message end)
  require("cli.items").report(work.ctx, work.failed)
end

---Runs fn(work) for the project of the command's flags on every NAS that is meant, and tells what failed. Of several NASes
---those that have nothing of it are passed over.
---@async
---@param ctx cli.Context with args.service
---@param options {known?: boolean, kept?: boolean} known: nothing there is no mistake where there are files; kept: also containers
--- that are kept beside those of the services (compose.kept)
---@param fn fun(work: compose.Work)
---@raise not_found "no_such_project", "no_containers"
function M.run(ctx, options, fn)
  local scope, found, last = verbs.scope(ctx, ctx.args.service), false, nil
  ctx:each_target(function(nas)
    local containers = require("compose.observe").list(nas, scope.name)
    last = nas
    if #containers == 0 and not (options.known and scope.project) then
      return ctx.several and ctx:note(("%s: nothing of project '%s'"):format(nas.name, scope.name)) or nil
    end
    found = true
    local work = begin(ctx, nas, scope, options.kept and containers or serving(containers))
    fn(work)
    finish(work)
  end)
  if not found and last and #ctx.failures == 0 then verbs.nothing({ name = table.concat(ctx.asked, ", ") }, scope) end
end

---The containers of services, without one-offs and what is kept beside (compose.kept).
---@param services? table<string, true> nil: all
---@return compose.Container[]
function Work:of(services)
  local out = {}
  for _, c in ipairs(self.containers) do
    if (not services or services[c.service]) and not c.oneoff and not kept.is_kept(c, self.scope.project) then out[#out + 1] = c end
  end
  return out
end

---See verbs.chosen.
---@param options? table
---@return compose.Container[]
function Work:chosen(options) return verbs.chosen(self.scope, self.containers, options) end

---Does a step to one container, and shows it.
---@async
---@param step compose.Step
---@param c compose.Container
---@return boolean
function Work:act(step, c)
  if self.ctx.flags.dry_run then
    self.ctx:out(("would %s %s\n"):format(step.verb, self.ctx:named(self.nas, c.name)))
    return true
  end
  local _, err = try(function()
    self.ctx:progress():step(c.name, function(item)
      local result = step.run(c)
      if result == false then return item:skip(step.idle) end
      item:done(result or step.done)
    end, self.nas.name, step.doing)
  end)
  if not err then return true end
  self.failed[#self.failed + 1], self.broken[c.service] = err, true
  return false
end

---Does a step to containers, all at once.
---@async
---@param step compose.Step
---@param containers compose.Container[]
---@return compose.Container[] those that it succeeded with
function Work:at_once(step, containers)
  local done = {}
  for i, ok in ipairs(task.map(containers, function(c) return self:act(step, c) end, { limit = AT_ONCE })) do
    if ok then done[#done + 1] = containers[i] end
  end
  return done
end

-- The first of what a service depends on that failed.
function Work:broken_by(service)
  for _, other in ipairs(tables.sorted(self.depends[service] or {})) do
    if self.broken[other] then return other end
  end
end

function Work:service(step, service, containers)
  local culprit = step.chained and #containers > 0 and self:broken_by(service)
  if culprit then
    self.broken[service] = true
    self.ctx:warn(("%s was left as it is: it depends on %s"):format(service, culprit))
    return {}
  end
  if step.before and #containers > 0 and not self.ctx.flags.dry_run then
    local _, err = try(step.before, service)
    if err then
      self.failed[#self.failed + 1], self.broken[service] = err, true
      return {}
    end
  end
  return self:at_once(step, containers)
end

---Does a step to containers, level by level, those of a level at once.
---@async
---@param step compose.Step
---@param levels string[][] services
---@param containers compose.Container[]
---@return compose.Container[] those that it succeeded with
function Work:each(step, levels, containers)
  local of, done = {}, {}
  for _, c in ipairs(containers) do
    of[c.service] = of[c.service] or {}
    table.insert(of[c.service], c)
  end
  for _, level in ipairs(levels) do
    local lists = task.map(level, function(service) return self:service(step, service, of[service] or {}) end, { limit = AT_ONCE })
    for _, list in ipairs(lists) do table.move(list, 1, #list, #done + 1, done) end
  end
  return done
end

---The levels of these containers' services, dependencies first; backward: what depends on them first.
---@param containers compose.Container[]
---@param backward? boolean
---@return string[][]
function Work:levels(containers, backward)
  local levels = verbs.levels(self.depends, verbs.services(containers))
  return backward and verbs.reversed(levels) or levels
end

---The step that stops containers.
---@param timeout? integer seconds before they are killed; -1: never
---@return compose.Step
function Work:stopping(timeout)
  return {
    verb = "stop", doing = "stopping", done = "stopped",
    run = function(c) self.nas:container(c.name):stop { timeout = timeout } end,
  }
end

---Waits until services are healthy, or running; what failed before is not waited for.
---@async
---@param services table<string, true>
function Work:settle(services)
  if self.ctx.flags.dry_run then return end
  task.map(tables.sorted(services), function(service)
    if self.broken[service] then return end
    local _, err = try(require("compose.conditions").settle, self.ctx, self.nas, self.scope.name, service)
    self.failed[#self.failed + 1] = err
  end, { limit = AT_ONCE })
end

---Says that there is nothing to do.
---@param words string
function Work:idle(words)
  self.ctx:note(("project '%s' on %s: %s"):format(self.scope.name, self.nas.name, words))
end

return M
