-- kill: send a signal to running containers. POST /containers/{id}/kill.
local selection = require "listing.selection"

local flags = selection.flags()
table.insert(flags, 1, { "signal", short = "s", type = "string", value = "SIGNAL", help = "Signal to send to the container (KILL)" })

return {
  summary = "Kill one or more running containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.running", optional = true } },
  flags = flags,
  uses = { "targets", "confirm" },
  examples = {
    { "kill web", "At once, without a chance to finish" },
    { "kill -s HUP web", "Another signal: here to read its configuration again" },
    { "kill --project shop", "Those of a compose project" },
  },
  run = function(ctx)
    selection.each(ctx, { verb = "kill", states = { "running", "paused", "restarting" } }, function(nas, name)
      nas:container(name):kill(ctx.flags.signal)
      return name
    end)
  end,
}
