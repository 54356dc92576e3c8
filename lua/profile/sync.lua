-- profile sync: what one NAS has and another lacks is made there, too.
return {
  summary = "Bring what one NAS has to another that lacks it",
  group = "profiles",
  asks = true,
  description = "One way: FROM the first TO the second, with a plan first. Compose projects and loose containers that are missing "
    .. "there are made, with networks and images by digest; their volumes begin empty. What "
    .. "differs is reported; nothing is deleted, and the "
    .. "first NAS goes on as it is. Secrets stay behind. See docs/migrate.md.",
  args = {
    { "from", complete = "profiles", help = "The NAS that is read" }, { "to", complete = "profiles", help = "The NAS that is changed" },
  },
  flags = (function()
    local flags = {
      { "only", type = "list", value = "GLOB", help = "Only these projects and containers (repeatable)" },
      { "exclude", type = "list", value = "GLOB", help = "Not these (repeatable)" },
      { "update", help = "Make containers that differ anew, as they are on the first NAS" },
      { "prune", help = "Remove containers that only the second NAS has; never their data" },
      { "with-data", help = "Copy the data of volumes and bound folders, too; each container stops for a moment" },
      { "overwrite-volume", type = "list", value = "NAME",
        help = "With --with-data: this volume of the second NAS gets the data; what it holds is copied beside it first" },
      { "with-secrets", help = "Copy variables and files that are secrets, too" },
      { "stopped", help = "Start nothing" },
    }
    local shared = require("migrate.sides").flags()
    return table.move(shared, 1, #shared, #flags + 1, flags)
  end)(),
  uses = { "plan", "json", "confirm" },
  examples = {
    { "profile sync development production -n", "What production lacks, and what differs" },
    { "profile sync nas1 nas2 --only 'shop*' --with-data", "A project with its data" },
    { "profile sync nas1 nas2 --update --prune --confirm nas2", "The same containers on both" },
  },
  run = function(ctx) return require("migrate.sync_command").run(ctx) end,
}
