-- stop: stop running containers. POST /containers/{id}/stop.
local selection = require "listing.selection"

return {
  summary = "Stop one or more running containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.running", optional = true } },
  flags = {
    { "signal", short = "s", type = "string", value = "SIGNAL", help = "Signal to send to the container" },
    { "time", short = "t", type = "int", value = "SECONDS", alias = { "timeout" },
      help = "Seconds to wait before it is killed; -1: for ever" },
    { "all", help = "All of them" },
    { "project", type = "string", value = "NAME", help = "Those of a compose project" },
    { "wait", help = "Wait until they are stopped" },
  },
  uses = { "targets", "confirm" },
  examples = {
    { "stop web", "One container" },
    { "stop -t 30 db", "With half a minute to finish" },
    { "stop --project shop", "Those of a compose project" },
  },
  run = function(ctx)
    selection.each(ctx, { verb = "stop", states = { "running", "paused", "restarting" } }, function(nas, name)
      nas:container(name):stop { timeout = ctx.flags.time, signal = ctx.flags.signal }
      if ctx.flags.wait then require("listing.wait").stopped(nas, name) end
      return name
    end)
  end,
}
