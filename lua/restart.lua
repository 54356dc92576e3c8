-- restart: restart containers. POST /containers/{id}/restart.
local selection = require "listing.selection"

return {
  summary = "Restart one or more containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers", optional = true } },
  flags = selection.stop_flags "healthy, or running",
  uses = { "targets", "confirm" },
  examples = {
    { "restart web", "One container" },
    { "restart -t 30 db", "With half a minute to finish" },
    { "restart --project shop", "Those of a compose project" },
  },
  run = function(ctx)
    selection.each(ctx, { verb = "restart", states = { "running", "paused", "exited" } }, function(nas, name)
      nas:container(name):restart { timeout = ctx.flags.timeout, signal = selection.signal(ctx, nas) }
      if ctx.flags.wait then require("listing.wait").running(nas, name) end
      return name
    end)
  end,
}
