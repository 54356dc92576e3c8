-- compose scale: another number of containers for services.
return {
  summary = "Change the number of containers of services",
  group = "compose",
  docker = true,
  writes = true,
  description = "Until the next 'compose up', which goes back to the number in the file.",
  args = { { "pair", variadic = true, label = "SERVICE=N" } },
  uses = { "compose", "plan", "target", "confirm" },
  flags = require("compose.up_flags").of "scale",
  examples = { { "compose scale worker=4" }, { "compose scale web=2 worker=0", "Two services" } },
  run = function(ctx)
    local up = require "compose.up"
    local scale = up.scale(ctx.args.pair)
    local names = require("compose.tables").sorted(scale)
    local project = up.load(ctx, names)
    local options = require("compose.up_flags").options(ctx)
    options.services, options.scale, options.no_recreate = names, scale, true
    up.run(ctx, ctx:target(), project, options)
  end,
}
