-- export: a container's file system as a tar, here. GET /containers/{id}/export.
local sink = require "transfer.sink"

return {
  summary = "Export a container's file system as a tar archive (on this machine)",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers" } },
  flags = {
    { "output", short = "o", type = "string", value = "FILE", complete = "files", help = "Write to a file instead of stdout" },
  },
  uses = { "target" },
  description = "Volumes are not included: their data is no part of a container's file system. 'import' makes an image of the result.",
  examples = { { "export -o web.tar web", "The file appears when it is complete" }, { "export web", "To a pipe" } },
  run = function(ctx)
    local out <close> = sink.open(ctx, ctx.flags.output, "failed to export container")
    local nas = ctx:target()
    local stream <close> = require("docker.bundles").export(nas, ctx.args.container)
    sink.fill(ctx, stream, out, ctx.args.container)
    ctx:note "note: VOLUMES are not included, nor bind mounts; only the container's own file system"
  end,
}
