-- The flags of the commands that bring a project to its declared state, and what they come to.
local M = {}

local ALL = {
  { "detach", short = "d", help = "Leave the containers running in the background (as without it)" },
  { "attach", help = "Follow the logs until interrupted" },
  { "wait", default = true, help = "Wait until services are running or healthy" },
  { "no-wait", help = "Do not wait" },
  { "wait-timeout", type = "duration", value = "DURATION", default = "120s", plain_seconds = true,
    help = "How long to wait for a service" },
  { "pull", type = "enum", values = { "always", "missing", "never", "policy" }, value = "POLICY", default = "policy",
    help = "Pull images first" },
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
  { "strategy", type = "enum", values = { "auto", "start-first", "stop-first", "recreate", "blue-green" }, value = "STRATEGY",
      help = "How containers are replaced: auto, start-first, stop-first, recreate, blue-green (the whole project at once)" },
  { "keep", type = "duration", value = "DURATION", default = "1h", plain_seconds = true,
    help = "blue-green: how long the containers before are kept, stopped" },
  { "share-volumes", help = "blue-green: both may write to the same data while the new one is tried" },
  { "monitor", type = "duration", value = "DURATION", plain_seconds = true, help = "How long a new container is watched (10s)" },
  { "snapshot-volumes", type = "enum", values = { "auto", "always", "never" }, value = "WHEN", default = "auto",
    help = "Copy the data of a service between its stop and the start of the new container: auto (databases), always, never" },
  { "no-rollback", help = "Leave a failed update as it is" },
  { "no-sync", help = "Send no files: what the NAS has of them is used" },
  { "create-binds", help = "Make bound directories that are nowhere, instead of an error" },
}

-- Which commands have which: up has all.
local OF = {
  plan = { "pull", "build", "scale", "no-deps", "force-recreate", "always-recreate-deps", "no-recreate", "renew-anon-volumes",
    "remove-orphans",
    "rolling", "strategy", "keep", "share-volumes", "monitor", "snapshot-volumes", "no-sync", "create-binds" },
  create = { "build", "no-build", "pull", "quiet-pull", "scale", "force-recreate", "no-recreate", "remove-orphans" },
  scale = { "no-deps", "wait", "no-wait", "wait-timeout", "timeout" },
  rollback = { "wait", "no-wait", "wait-timeout", "timeout", "rolling", "strategy", "monitor", "snapshot-volumes" },
}

---The flags of a command.
---@param command? "plan"|"create"|"scale"|"rollback" default: all
---@return cli.Flag[]
function M.of(command)
  if not command then return ALL end
  local out, wanted = {}, {}
  for _, name in ipairs(OF[command]) do wanted[name] = true end
  for _, flag in ipairs(ALL) do
    if wanted[flag[1]] then out[#out + 1] = flag end
  end
  return out
end

---What the flags say.
---@param ctx cli.Context
---@return compose.UpOptions
function M.options(ctx)
  local f = ctx.flags
  return {
    services = ctx.args.service, no_deps = f.no_deps, scale = require("compose.up").scale(f.scale or {}), force_recreate = f.force_recreate,
    no_recreate = f.no_recreate, always_recreate_deps = f.always_recreate_deps, renew_anon_volumes = f.renew_anon_volumes,
    remove_orphans = f.remove_orphans, no_start = f.no_start, wait = f.wait ~= false and not f.no_wait, wait_timeout = f.wait_timeout,
    timeout = f.timeout, pull = f.pull, build = f.build, no_build = f.no_build, quiet_pull = f.quiet_pull, rolling = f.rolling,
    strategy = f.strategy, monitor = f.monitor, no_rollback = f.no_rollback, no_sync = f.no_sync, create_binds = f.create_binds,
    snapshot_volumes = f.snapshot_volumes, keep = f.keep, share_volumes = f.share_volumes,
  }
end

return M
