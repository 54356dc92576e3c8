-- compose attach: connect this terminal with the process of a service's container. POST /containers/{id}/attach.
local attach = require "attach.command"
local verbs = require "compose.verbs"

local flags = attach.flags()
flags[#flags + 1] = verbs.index_flag

return {
  summary = "Attach this terminal to a service's running container",
  group = "compose",
  docker = true,
  writes = true,
  args = { { "service", complete = "compose.services" } },
  flags = flags,
  uses = { "target", "compose" },
  description = "Ends with the exit code of the container's process. The detach keys leave it running.",
  examples = { { "compose attach shell", "ctrl-p ctrl-q leaves it running" }, { "compose attach --no-stdin --index 2 web" } },
  run = function(ctx)
    local scope = verbs.scope(ctx, { ctx.args.service })
    require("create.start").with_exit_code(1, function()
      local nas = ctx:target()
      attach.run(ctx, nas, verbs.one(nas, scope, { index = ctx.flags.index, states = verbs.RUNNING }).name)
    end)
  end,
}
