-- compose restart: restart containers, what they depend on first. POST /containers/{id}/restart.
local conditions = require "compose.conditions"
local order = require "compose.order"
local verbs = require "compose.verbs"

-- The dependencies that a restart passes on.
local function with_restart(depends)
  local out = {}
  for service, on in pairs(depends) do
    out[service] = {}
    for other, how in pairs(on) do
      if how.restart then out[service][other] = how end
    end
  end
  return out
end

-- The containers to restart: chosen ones, and those of services that go with them.
local function wanted(work, passing)
  local f = work.ctx.flags
  local list = work:chosen()
  if #work.scope.services == 0 or f.no_deps then return list end
  local more = work:of(order.dependants(f.with_dependants and work.depends or passing, verbs.services(list)))
  return table.move(more, 1, #more, #list + 1, list)
end

return {
  summary = "Restart services",
  group = "compose",
  docker = true,
  writes = true,
  description = "Services that depend on a restarted one with 'restart: true' are restarted behind it. A restart takes no change of the "
    .. "files over; where there is one, it is said. Works without files, too: -p NAME.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = {
    { "timeout", short = "t", type = "int", value = "SECONDS", help = "Seconds to wait before it is killed; -1: for ever" },
    { "no-deps", help = "Do not restart services that depend on it" },
    { "with-dependants", help = "Restart all services that depend on it" },
    { "wait", help = "Wait until they are healthy, or running" },
  },
  uses = { "targets", "compose", "dry_run" },
  examples = { { "compose restart" }, { "compose restart --wait db", "Until it is healthy again" } },
  run = function(ctx)
    if ctx.flags.no_deps and ctx.flags.with_dependants then
      Error { category = "usage", code = "conflicting_flags", message = "--no-deps and --with-dependants exclude each other" }
    end
    require("compose.work").run(ctx, {}, function(work)
      local passing = with_restart(work.depends)
      local list = wanted(work, passing)
      if #list == 0 then work:idle "no container to restart; 'compose up' makes them" end
      local waits = ctx.flags.no_deps and {} or passing
      work:each({
        verb = "restart", doing = "restarting", done = "restarted", chained = not ctx.flags.no_deps,
        before = function(service) conditions.wait(ctx, work.nas, work.scope.name, service, waits[service] or {}) end,
        run = function(c) work.nas:container(c.name):restart { timeout = ctx.flags.timeout } end,
      }, work:levels(list), list)
      if ctx.flags.wait then work:settle(verbs.services(list)) end
      local changed = work.scope.project and require("compose.declared").note(work.scope.project, work.containers)
      if changed then ctx:note("note: " .. changed) end
    end)
  end,
}
