-- pause: freeze all processes of containers. POST /containers/{id}/pause.
local selection = require "listing.selection"

return {
  summary = "Pause all processes within one or more containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.running", optional = true } },
  flags = selection.flags(),
  uses = { "targets", "confirm" },
  examples = {
    { "pause web", "Its processes stand still and keep their memory" },
    { "pause --project shop", "Those of a compose project" },
  },
  run = function(ctx)
    selection.each(ctx, { verb = "pause", states = { "running" } }, function(nas, name)
      local _, err = try(function() nas:container(name):pause() end)
      if err then error(require "nas.freezer"(err, nas, name), 0) end
      return name
    end)
  end,
}
