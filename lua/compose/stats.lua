-- compose stats: what a project's containers use of the NAS. GET /containers/{id}/stats.
local columns = require "stats.columns"
local stats = require "stats.command"
local LABEL = require("compose.observe").LABEL

return {
  summary = "Show what a project's containers use of CPU, memory, network and disks",
  group = "compose",
  docker = true,
  args = { { "service", optional = true, complete = "compose.services" } },
  flags = stats.flags(),
  uses = { "targets", "compose" },
  columns = columns.get(),
  type_name = "*container.statsContext",
  json = columns.record,
  empty = "no running containers; -a shows stopped ones",
  examples = { { "compose stats" }, { "compose stats --no-stream web", "One look at one service" } },
  run = function(ctx)
    local scope = require("compose.verbs").scope(ctx)
    local labels = { ("%sproject=%s"):format(LABEL, scope.name) }
    if ctx.args.service then labels[2] = ("%sservice=%s"):format(LABEL, ctx.args.service) end
    return stats.run(ctx, { names = {}, filters = { label = labels } })
  end,
}
