-- compose stop: stop containers, what depends on others first. POST /containers/{id}/stop.
local verbs = require "compose.verbs"

return {
  summary = "Stop services",
  group = "compose",
  docker = true,
  writes = true,
  description = "What depends on others stops before these. The containers stay: 'compose start' starts them again. Works without files, "
    .. "too: -p NAME.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = {
    { "timeout", short = "t", type = "int", value = "SECONDS", help = "Seconds to wait before it is killed; -1: for ever" },
  },
  uses = { "targets", "compose", "dry_run" },
  examples = {
    { "compose stop" }, { "compose stop -t 60 db", "With a minute to finish" }, { "compose -p shop stop", "Without its files" },
  },
  run = function(ctx)
    require("compose.work").run(ctx, { known = true }, function(work)
      local list = work:chosen { states = verbs.RUNNING }
      if #list == 0 then work:idle "nothing runs" end
      work:each(work:stopping(ctx.flags.timeout), work:levels(list, true), list)
    end)
  end,
}
