-- stop: stop running containers. POST /containers/{id}/stop.
local selection = require "listing.selection"

return {
  summary = "Stop one or more running containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.running", optional = true } },
  flags = selection.stop_flags "stopped",
  uses = { "targets", "confirm" },
  examples = {
    { "stop web", "One container" },
    { "stop -t 30 db", "With half a minute to finish" },
    { "stop --project shop", "Those of a compose project" },
  },
  run = function(ctx)
    selection.each(ctx, { verb = "stop", states = { "running", "paused", "restarting" } }, function(nas, name)
      nas:container(name):stop { timeout = ctx.flags.timeout, signal = selection.signal(ctx, nas) }
      if ctx.flags.wait then require("listing.wait").stopped(nas, name) end
      return name
    end)
  end,
}
