-- compose up: bring a project to its declared state.

-- As `compose logs -f` from the newest lines on; Ctrl-C leaves the containers running.
local function follow(ctx)
  local registry = require "cli.registry"
  ctx.flags = setmetatable({ follow = true, tail = "10" }, { __index = ctx.flags })
  return registry.load(registry.get "compose logs").def.run(ctx)
end

return {
  summary = "Create and start a project, or bring it to its declared state",
  group = "compose",
  docker = true,
  writes = true,
  description = "Compares what the files say with what the NAS has, shows the difference as a plan, and does it: nothing that is as "
    .. "declared is touched. Containers whose settings, image, network or file contents changed are recreated; when a new one does not "
    .. "work the old one comes back. Named volumes are never removed or made anew.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services",
    help = "Only these services and what they depend on" } },
  uses = { "compose", "plan", "target", "confirm" },
  flags = require("compose.up_flags").of(),
  examples = {
    { "compose up", "Create, start and wait" },
    { "compose up --dry-run", "Only the plan" },
    { "compose up --rolling web", "Replace the containers of a service one by one" },
    { "compose up --scale worker=4", "Four containers of a service" },
  },
  run = function(ctx)
    local up = require "compose.up"
    local project = up.load(ctx, ctx.args.service or {})
    local f = ctx.flags
    if up.run(ctx, ctx:target(), project, require("compose.up_flags").options(ctx)) and f.attach and not f.dry_run and not f.plan_out then
      follow(ctx)
    end
  end,
}
