-- volume prune: Remove unused local volumes. DELETE /volumes/{name}.
local prune = require "prune"

return {
  summary = "Remove unused local volumes",
  group = "volumes",
  description = "Lists what goes before it asks. What bears the label qnap-docker.keep=true always stays.",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  flags = prune.flags { { "all", short = "a", help = "All unused volumes, not just anonymous ones" } },
  uses = { "targets", "plan", "json", "confirm" },
  examples = { { "volume prune --dry-run", "What would go" }, { "volume prune -a", "Named ones, too" } },
  run = function(ctx)
    prune.run(ctx, {
      parts = { "volumes" },
      options = function(_, flags) return { all = flags.all } end,
      warning = function(flags)
        local which = flags.all and "all" or "anonymous"
        return ("WARNING! This will remove %s local volumes not used by at least one container.\n"):format(which)
      end,
    })
  end,
}
