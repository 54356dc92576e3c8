-- attach: connect this terminal with a running container's process. POST /containers/{id}/attach.
local attach = require "attach.command"

return {
  summary = "Attach local standard input, output, and error streams to a running container",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers.running" } },
  flags = attach.flags(),
  uses = { "target" },
  description = "Ends with the exit code of the container's process. The detach keys leave it running.",
  examples = {
    { "attach shell", "ctrl-p ctrl-q leaves it running" },
    { "attach --no-stdin web", "Only watch its output" },
    { "attach --sig-proxy=false web", "ctrl-c ends the watching, not the container" },
  },
  run = function(ctx)
    require("create.start").with_exit_code(1, function() attach.run(ctx, ctx:target(), ctx.args.container) end)
  end,
}
