-- compose start: start containers that exist, what they depend on first. POST /containers/{id}/start.
local conditions = require "compose.conditions"
local order = require "compose.order"
local verbs = require "compose.verbs"

-- Named services come with what they depend on, as in compose v2; else those that the files declare.
local function wanted(work)
  local services = verbs.services(work:chosen())
  if #work.scope.services > 0 then return order.closure(work.depends, work.scope.services) end
  return services
end

local function missing(work, services)
  local have, scale = verbs.services(work:of()), require("compose.decide").count
  local model = work.scope.project and work.scope.project.model.services or {}
  for _, service in ipairs(require("compose.tables").sorted(#work.scope.services > 0 and services or model)) do
    local known = not have[service] and (not model[service] or scale(model[service]) > 0)
    if known and #work.scope.services > 0 then
      Error {
        category = "not_found", code = "no_containers",
        message = ("service '%s' has no container to start on %s"):format(service, work.nas.name),
        hint = "qnap-docker compose up " .. service,
      }
    elseif known then
      work.ctx:warn(("%s has no container to start; 'compose up' makes one"):format(service))
    end
  end
end

return {
  summary = "Start services whose containers exist",
  group = "compose",
  docker = true,
  writes = true,
  description = "In the order of their dependencies; waits for those that have to be healthy or to have ended. Named services come with "
    .. "what they depend on. Works without files, too: -p NAME.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = { { "wait", help = "Wait until they are healthy, or running" } },
  uses = { "targets", "compose", "dry_run" },
  examples = { { "compose start" }, { "compose start web", "One service, and what it depends on" } },
  run = function(ctx)
    require("compose.work").run(ctx, {}, function(work)
      local services = wanted(work)
      missing(work, services)
      local list = {}
      for _, c in ipairs(work:of(services)) do
        if c.state ~= "running" then list[#list + 1] = c end
      end
      if #list == 0 then work:idle "everything runs" end
      work:each({
        verb = "start", doing = "starting", done = "started", chained = true,
        before = function(service) conditions.wait(ctx, work.nas, work.scope.name, service, work.depends[service] or {}) end,
        run = function(c) work.nas:container(c.name):start() end,
      }, work:levels(list), list)
      if ctx.flags.wait then work:settle(services) end
    end)
  end,
}
