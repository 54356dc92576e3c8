-- volume ls: volumes of one or many NASes. GET /volumes, and GET /system/df with --size.
local filters = require "listing.filters"
local volumes = require "listing.volumes"

local function named(ctx, field)
  return ctx.given.format and ctx.flags.format:find("." .. field, 1, true) ~= nil or false
end

-- docker has no such columns: a terminal shows them, and templates that name them.
local function wants_users(ctx)
  local f = ctx.flags
  if f.size or f.used_by or named(ctx, "UsedBy") then return true end
  return require("ui").is_tty "stdout" and not f.quiet and not ctx.given.format and not f.json
end

return {
  summary = "List volumes",
  group = "volumes",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  flags = {
    { "filter", short = "f", type = "list", value = "KEY=VALUE", help = "Keep those that match (dangling, driver, label, name)" },
    { "cluster", help = "Only cluster volumes of swarm mode (API 1.42)" },
    { "used-by", help = "Add USED BY and PROJECT: containers, stopped ones too (a terminal has them anyway)" },
    { "size", help = "Add SIZE, too (the engine counts: slow on large volumes)" },
  },
  uses = { "targets", "output", "watch" },
  columns = volumes.columns(function(ctx) return ctx.flags.size end, wants_users),
  quiet = "Name",
  raw = volumes.raw,
  amend_format = volumes.amend_format,
  type_name = "*formatter.volumeContext",
  methods = function(v) return { Label = type(v.Labels) == "table" and v.Labels or {} } end,
  json = volumes.record,
  empty = "no volumes; 'qnap-docker volume create NAME' makes one",
  pager = true,
  examples = {
    { "volume ls", "All volumes" },
    { "volume ls --size", "With their sizes, and the containers that use them" },
    { "volume ls -f dangling=true", "Those that no container uses" },
  },
  run = function(ctx)
    local wanted = filters.parse(ctx.flags.filter)
    return require("cli.watch").list(ctx, function()
      return ctx:each_target(function(nas)
        if ctx.given.cluster then require("docker.bundles").need(nas, "1.42", "--cluster") end
        local list = nas:volumes { filters = next(wanted) and wanted or nil }
        if ctx.flags.cluster then list = volumes.of_cluster(list) end
        if ctx.flags.size then volumes.add_sizes(nas, list) end
        if wants_users(ctx) then volumes.add_users(nas, list) end
        return require("listing.natural").by(list, "Name")
      end)
    end)
  end,
}
