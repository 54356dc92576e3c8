-- container prune: Remove all stopped containers. DELETE /containers/{id}.
local prune = require "prune"

return {
  summary = "Remove all stopped containers",
  group = "containers",
  description = "Lists what goes before it asks. What bears the label qnap-docker.keep=true always stays.",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  flags = prune.flags {  },
  uses = { "targets", "plan", "json", "confirm" },
  examples = {
    { "container prune --dry-run", "What would go" },
    { "container prune -f --filter until=24h", "Those made more than a day ago, without a question" },
  },
  run = function(ctx)
    prune.run(ctx, {
      parts = { "containers" },
      warning = function() return "WARNING! This will remove all stopped containers.\n" end,
    })
  end,
}
