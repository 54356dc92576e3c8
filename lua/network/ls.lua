-- network ls: networks of one or many NASes. GET /networks.
local filters = require "listing.filters"
local networks = require "listing.networks"

return {
  summary = "List networks",
  group = "networks",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  flags = {
    { "filter", short = "f", type = "list", value = "KEY=VALUE",
      help = "Keep those that match (dangling, driver, id, label, name, scope, type)" },
    { "subnets", help = "Add a SUBNET column" },
  },
  uses = { "targets", "output", "watch" },
  columns = networks.columns(),
  quiet = "ID",
  raw = networks.raw,
  type_name = "*formatter.networkContext",
  methods = function(n) return { Label = type(n.Labels) == "table" and n.Labels or {} } end,
  json = networks.record,
  empty = "no networks",
  pager = true,
  examples = {
    { "network ls" },
    { "network ls -f driver=bridge --subnets", "Bridges, with their addresses" },
    { "network ls --profile '*'", "On every NAS" },
  },
  run = function(ctx)
    local wanted = filters.parse(ctx.flags.filter)
    return require("cli.watch").list(ctx, function()
      return ctx:each_target(function(nas)
        return require("listing.natural").by(nas:networks { filters = next(wanted) and wanted or nil }, "Name")
      end)
    end)
  end,
}
