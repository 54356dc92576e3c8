-- compose kill: send a signal to running containers. POST /containers/{id}/kill.
local verbs = require "compose.verbs"

return {
  summary = "Kill the containers of services",
  group = "compose",
  docker = true,
  writes = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = {
    { "signal", short = "s", type = "string", value = "SIGNAL", default = "SIGKILL", help = "Signal to send to the containers (SIGKILL)" },
    { "remove-orphans", help = "Also containers of services that the files do not define" },
  },
  uses = { "targets", "compose", "dry_run" },
  examples = { { "compose kill", "At once, without a chance to finish" }, { "compose kill -s HUP web", "Another signal" } },
  run = function(ctx)
    require("compose.work").run(ctx, { known = true }, function(work)
      local list = work:chosen { states = verbs.RUNNING, oneoff = true, orphans = ctx.flags.remove_orphans }
      if #list == 0 then work:idle "no container to kill" end
      local signal = ctx.flags.signal ~= "" and ctx.flags.signal or nil
      work:at_once({
        verb = "kill", doing = "killing", done = "killed",
        run = function(c) work.nas:container(c.name):kill(signal) end,
      }, list)
    end)
  end,
}
