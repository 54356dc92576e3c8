-- What commands share that work on the containers of a project, found by their labels: which are meant, whose turn it is
-- when, what is said meanwhile, and what went wrong. Dependencies: compose.cli, compose.observe, compose.order, task.
local cli = require "compose.cli"
local order = require "compose.order"
local task = require "task"

local M = {}

local AT_ONCE = 16 -- orders under way on one NAS

---States in which a container's process is there.
M.RUNNING = { running = true, paused = true, restarting = true }
---States in which it is not.
M.STOPPED = { created = true, exited = true, dead = true }

---The flag that chooses one of a service's containers.
M.index_flag = { "index", type = "int", value = "N", default = 0, help = "Which container, where the service has several" }

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

---A project of which a NAS has nothing.
---@param nas docker.Nas
---@param scope compose.Scope
---@raise not_found "no_such_project", "no_containers"
function M.nothing(nas, scope)
  Error {
    category = "not_found", code = scope.project and "no_containers" or "no_such_project",
    message = ("project '%s' has no containers on %s"):format(scope.name, nas.name),
    hint = (scope.project and "qnap-docker compose up\n" or "") .. "qnap-docker compose ls -a",
  }
end

---What services depend on: by the files, and by the labels of containers that these do not know.
---@param scope compose.Scope
---@param containers compose.Container[]
---@return table<string, table<string, table>>
function M.dependencies(scope, containers)
  local out = order.of_containers(containers)
  for service, on in pairs(scope.project and order.of_model(scope.project.model) or {}) do out[service] = on end
  return out
end

---Services in levels: each behind those that it depends on, as far as these are taken.
---@param depends table<string, table<string, any>>
---@param services table<string, true> that are taken
---@return string[][]
function M.levels(depends, services)
  local depth, levels, out = {}, {}, {}
  local function visit(service)
    if depth[service] then return depth[service] end
    depth[service] = 1 -- labels may hold a circle
    for other in pairs(depends[service] or {}) do depth[service] = math.max(depth[service], visit(other) + 1) end
    return depth[service]
  end
  local deepest = 0
  for _, service in ipairs(cli.sorted(services)) do
    local d = visit(service)
    levels[d] = levels[d] or {}
    table.insert(levels[d], service)
    deepest = math.max(deepest, d)
  end
  for d = 1, deepest do out[#out + 1] = levels[d] end
  return out
end

---@generic T
---@param list T[]
---@return T[]
function M.reversed(list)
  local out = {}
  for i = #list, 1, -1 do out[#out + 1] = list[i] end
  return out
end

---The services of some containers.
---@param containers compose.Container[]
---@return table<string, true>
function M.services(containers)
  local out = {}
  for _, c in ipairs(containers) do out[c.service] = true end
  return out
end

---The containers that a verb means: of the named services, else of those that the files declare (compose v2 leaves orphans
---and services of other profiles alone), else all.
---@param scope compose.Scope
---@param containers compose.Container[]
---@param options? {oneoff?: boolean, states?: table<string, true>, index?: integer, orphans?: boolean}
---@return compose.Container[]
---@raise not_found "no_service"
function M.chosen(scope, containers, options)
  local found = cli.select(scope, containers, options)
  if not scope.project or #scope.services > 0 or (options and options.orphans) then return found end
  local out = {}
  for _, c in ipairs(found) do
    if scope.project.model.services[c.service] then out[#out + 1] = c end
  end
  return out
end

---The project of the command's flags on the one NAS that it changes.
---@async
---@param ctx cli.Context with args.service
---@param options? {known?: boolean} known: nothing there is no mistake where there are files
---@return compose.Work
---@raise not_found "no_such_project", "no_containers"
function M.begin(ctx, options)
  local scope = cli.scope(ctx, ctx.args.service)
  local nas = ctx:target()
  local containers = require("compose.observe").list(nas, scope.name)
  if #containers == 0 and not (options and options.known and scope.project) then M.nothing(nas, scope) end
  return setmetatable({
    ctx = ctx, nas = nas, scope = scope, containers = containers, depends = M.dependencies(scope, containers), failed = {}, broken = {},
  }, Work)
end

---See M.chosen.
---@param options? table
---@return compose.Container[]
function Work:chosen(options) return M.chosen(self.scope, self.containers, options) end

---Does a step to one container, and shows it.
---@async
---@param step compose.Step
---@param c compose.Container
---@return boolean
function Work:act(step, c)
  if self.ctx.flags.dry_run then
    self.ctx:out(("would %s %s\n"):format(step.verb, c.name))
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
  for _, other in ipairs(cli.sorted(self.depends[service] or {})) do
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
    for _, some in ipairs(task.map(level, function(service) return self:service(step, service, of[service] or {}) end, { limit = AT_ONCE })) do
      table.move(some, 1, #some, #done + 1, done)
    end
  end
  return done
end

---The levels of these containers' services, dependencies first; backward: what depends on them first.
---@param containers compose.Container[]
---@param backward? boolean
---@return string[][]
function Work:levels(containers, backward)
  local levels = M.levels(self.depends, M.services(containers))
  return backward and M.reversed(levels) or levels
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
  task.map(cli.sorted(services), function(service)
    if self.broken[service] then return end
    local _, err = try(require("compose.conditions").settle, self.nas, self.scope.name, service)
    self.failed[#self.failed + 1] = err
  end, { limit = AT_ONCE })
end

---Tells what failed and sets the exit code.
function Work:finish()
  if self.ctx.display then self.ctx.display:close() end
  require("cli.items").report(self.ctx, self.failed)
end

---Says, where a person reads, that there is nothing to do.
---@param words string
function Work:idle(words)
  self.ctx:note(("project '%s' on %s: %s"):format(self.scope.name, self.nas.name, words))
end

---The container of a service that a command means which works on one: the lowest number, or that of --index.
---@async
---@param nas docker.Nas
---@param scope compose.Scope with one service
---@param options {index?: integer, states?: table<string, true>}
---@return compose.Container
---@raise not_found "service_not_running", "no_containers", "no_service"
function M.one(nas, scope, options)
  local containers = require("compose.observe").list(nas, scope.name)
  if #containers == 0 then M.nothing(nas, scope) end
  local index = (options.index or 0) > 0 and options.index or nil
  local found = cli.select(scope, containers, { states = options.states, index = index })
  if found[1] then return found[1] end
  Error {
    category = "not_found", code = "service_not_running",
    message = ("service '%s' %s%s on %s"):format(
      scope.services[1], options.states and "is not running" or "has no container", index and (" as container #%d"):format(index) or "", nas.name),
    hint = "qnap-docker compose ps -a",
  }
end

return M
