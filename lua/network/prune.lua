-- network prune: Remove all unused networks. DELETE /networks/{id}.
local prune = require "prune"

return {
  summary = "Remove all unused networks",
  group = "networks",
  description = "Lists what goes before it asks. What bears the label qnap-docker.keep=true always stays.",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  flags = prune.flags {  },
  uses = { "targets", "plan", "json", "confirm" },
  examples = { { "network prune --dry-run", "What would go" }, { "network prune -f", "Without a question" } },
  run = function(ctx)
    prune.run(ctx, {
      parts = { "networks" },
      total = false,
      warning = function() return "WARNING! This will remove all custom networks not used by at least one container.\n" end,
    })
  end,
}
