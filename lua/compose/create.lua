-- compose create: the containers of a project, not started.
return {
  summary = "Create the containers of a project without starting them",
  group = "compose",
  docker = true,
  writes = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services",
    help = "Only these services and what they depend on" } },
  uses = { "compose", "plan", "target", "confirm" },
  flags = require("compose.up_flags").of "create",
  examples = { { "compose create" }, { "compose create --force-recreate web", "New containers for one service" } },
  run = function(ctx)
    local up = require "compose.up"
    local project = up.load(ctx, ctx.args.service or {})
    local options = require("compose.up_flags").options(ctx)
    options.no_start = true
    up.run(ctx, ctx:target(), project, options)
  end,
}
