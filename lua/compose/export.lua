-- compose export: the file system of a service's container as a tar, here. GET /containers/{id}/export.
local export = require "transfer.export"
local verbs = require "compose.verbs"

local flags = export.flags()
flags[#flags + 1] = verbs.index_flag

return {
  summary = "Export the file system of a service's container as a tar archive (on this machine)",
  group = "compose",
  docker = true,
  args = { { "service", complete = "compose.services" } },
  flags = flags,
  uses = { "target", "compose" },
  description = "Volumes are not included: their data is no part of a container's file system.",
  examples = { { "compose export -o web.tar web" } },
  run = function(ctx)
    local scope = verbs.scope(ctx, { ctx.args.service })
    export.run(ctx, function()
      local nas = ctx:target()
      return nas, verbs.one(nas, scope, { index = ctx.flags.index }).name
    end)
  end,
}
