-- builder prune: Remove build cache. POST /build/prune.
local prune = require "prune"

return {
  summary = "Remove build cache",
  group = "images",
  description = "Lists what goes before it asks. What bears the label qnap-docker.keep=true always stays.",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  flags = prune.flags {
    { "all", short = "a", help = "All unused build cache, not just dangling ones" },
    { "keep-storage", type = "size", value = "BYTES", help = "Amount of disk space to keep for cache" },
   },
  uses = { "targets", "plan", "json", "confirm" },
  examples = { { "builder prune --dry-run", "What would go" }, { "builder prune -a -f", "All that is not in use" } },
  run = function(ctx)
    prune.run(ctx, {
      parts = { "cache" },
      options = function(_, flags) return { all = flags.all, keep_storage = flags.keep_storage } end,
      warning = function(flags) return ("WARNING! This will remove all %sbuild cache. "):format(flags.all and "" or "dangling ") end,
    })
  end,
}
