-- unpause: let paused containers go on. POST /containers/{id}/unpause.
local selection = require "listing.selection"

return {
  summary = "Unpause all processes within one or more containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.paused", optional = true } },
  flags = selection.flags(),
  uses = { "targets", "confirm" },
  examples = { { "unpause web", "It goes on where it stood" }, { "unpause --all", "Every paused one, after a question" } },
  run = function(ctx)
    selection.each(ctx, { verb = "unpause", states = { "paused" } }, function(nas, name)
      nas:container(name):unpause()
      return name
    end)
  end,
}
