-- compose up: bring a project to its declared state.
return {
  summary = "Create and start a project, or bring it to its declared state",
  group = "compose",
  docker = true,
  writes = true,
  description = "Compares what the files say with what the NAS has, shows the difference as a plan, and does it: nothing that is as declared "
    .. "is touched. Containers whose settings, image, network or file contents changed are recreated; when a new one does not work the old one "
    .. "comes back. Named volumes are never removed or made anew.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services", help = "Only these services and what they depend on" } },
  uses = { "compose", "plan", "target", "confirm" },
  flags = {
    { "detach", short = "d", help = "Leave the containers running in the background (as without it)" },
    { "attach", help = "Follow the logs until interrupted" },
    { "wait", default = true, help = "Wait until services are running or healthy" },
    { "no-wait", help = "Do not wait" },
    { "wait-timeout", type = "duration", value = "DURATION", default = "120s", plain_seconds = true, help = "How long to wait for a service" },
    { "pull", type = "enum", values = { "always", "missing", "never", "policy" }, value = "POLICY", default = "policy", help = "Pull images first" },
    { "build", help = "Build images first" },
    { "no-build", help = "Build no images, even when they are missing" },
    { "quiet-pull", help = "No pull output" },
    { "scale", type = "list", value = "SERVICE=N", help = "Number of containers of a service" },
    { "no-deps", help = "Not the services that they depend on" },
    { "force-recreate", help = "Recreate containers although nothing changed" },
    { "always-recreate-deps", help = "Recreate what depends on a recreated service, too" },
    { "no-recreate", help = "Leave containers that exist as they are" },
    { "renew-anon-volumes", short = "V", help = "New anonymous volumes, instead of those of the container before" },
    { "remove-orphans", help = "Remove containers of services that the files do not have" },
    { "no-start", help = "Create, and start nothing" },
    { "timeout", short = "t", type = "int", value = "SECONDS", help = "Seconds to wait before a stopping container is killed" },
    { "rolling", help = "One container after the other, each watched; the order is chosen for each service" },
    { "strategy", type = "enum", values = { "auto", "start-first", "stop-first", "recreate" }, value = "STRATEGY",
      help = "How containers are replaced: auto, start-first, stop-first, recreate" },
    { "monitor", type = "duration", value = "DURATION", plain_seconds = true, help = "How long a new container is watched (10s)" },
    { "no-rollback", help = "Leave a failed update as it is" },
  },
  examples = {
    { "compose up", "Create, start and wait" },
    { "compose up --dry-run", "Only the plan" },
    { "compose up --rolling web", "Replace the containers of a service one by one" },
    { "compose up --scale worker=4", "Four containers of a service" },
  },
  run = function(ctx)
    local up, f = require "compose.up", ctx.flags
    local project = up.load(ctx, ctx.args.service or {})
    local options = {
      services = ctx.args.service, no_deps = f.no_deps, scale = up.scale(f.scale), force_recreate = f.force_recreate, no_recreate = f.no_recreate,
      always_recreate_deps = f.always_recreate_deps, renew_anon_volumes = f.renew_anon_volumes, remove_orphans = f.remove_orphans,
      no_start = f.no_start, wait = f.wait and not f.no_wait, wait_timeout = f.wait_timeout, timeout = f.timeout, pull = f.pull,
      rolling = f.rolling, strategy = f.strategy, monitor = f.monitor, no_rollback = f.no_rollback,
    }
    up.run(ctx, ctx:target(), project, options)
  end,
}
