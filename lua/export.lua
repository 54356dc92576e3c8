-- export: a container's file system as a tar, here. GET /containers/{id}/export.
local export = require "transfer.export"

return {
  summary = "Export a container's file system as a tar archive (on this machine)",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers" } },
  flags = export.flags(),
  uses = { "target" },
  description = "Volumes are not included: their data is no part of a container's file system. 'import' makes an image of the result.",
  examples = { { "export -o web.tar web", "The file appears when it is complete" }, { "export web", "To a pipe" } },
  run = function(ctx)
    export.run(ctx, function() return ctx:target(), ctx.args.container end)
  end,
}
