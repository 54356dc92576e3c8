-- image prune: Remove unused images. POST /images/prune.
local prune = require "prune"

return {
  summary = "Remove unused images",
  group = "images",
  description = "Lists what goes before it asks. What bears the label qnap-docker.keep=true always stays.",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  flags = prune.flags {
    { "all", short = "a", help = "All images without a container, not just dangling ones" },
    prune.KEEP_ROLLBACK,
  },
  uses = { "targets", "plan", "json", "confirm" },
  examples = {
    { "image prune --dry-run", "What would go" },
    { "image prune -a", "Every image that no container uses; rollback points stay" },
  },
  run = function(ctx)
    prune.run(ctx, {
      parts = { "images" },
      options = function(_, flags) return { all = flags.all, keep_rollback = flags.keep_rollback } end,
      warning = function(flags)
        if flags.all then return "WARNING! This will remove all images without at least one container associated to them.\n" end
        return "WARNING! This will remove all dangling images.\n"
      end,
    })
  end,
}
