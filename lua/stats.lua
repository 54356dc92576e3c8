-- stats: what containers use of the NAS. GET /containers/{id}/stats, one short request for each look.
local columns = require "stats.columns"
local stats = require "stats.command"

return {
  summary = "Show what containers use of CPU, memory, network and disks",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, optional = true, complete = "containers.running" } },
  flags = stats.flags(),
  uses = { "targets" },
  columns = columns.get(),
  type_name = "*container.statsContext",
  json = columns.record,
  empty = "no running containers; -a shows stopped ones",
  examples = {
    { "stats", "What runs, again and again" },
    { "stats --no-stream --sort mem --top 5", "The five that take the most memory" },
    { "stats --all-profiles", "Every NAS, with its load" },
  },
  run = function(ctx) return stats.run(ctx, { names = ctx.args.container }) end,
}
