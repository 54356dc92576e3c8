-- compose ls: the projects of one or many NASes. GET /containers/json.
local projects = require "compose.projects"

return {
  summary = "List compose projects",
  group = "compose",
  docker = true,
  flags = {
    { "all", short = "a", help = "Stopped ones, too" },
    { "filter", type = "list", value = "KEY=VALUE", complete = { "name=" }, help = "Only those that match: name=PATTERN" },
    { "format", type = "enum", values = { "table", "json" }, value = "table|json", default = "table", help = "Form of the output" },
    { "quiet", short = "q", help = "Only names" },
  },
  uses = { "targets", "output", "watch", "compose" },
  columns = {
    { "Name", priority = 1, get = function(p) return p.name end },
    { "Status", priority = 2, color = "state", get = function(p) return p.status end },
    { "ConfigFiles", header = "CONFIG FILES", priority = 3, middle = true, get = function(p) return p.config_files end },
  },
  quiet = "Name",
  min_width = 20,
  json = function(p) return { name = p.name, status = p.status, config_files = p.config_files, containers = p.containers } end,
  empty = function(ctx) return ctx.flags.all and "no projects; 'compose up' makes one" or "no project runs; -a shows stopped ones" end,
  pager = true,
  examples = { { "compose ls" }, { "compose ls -a --profile '*'", "Of every NAS, stopped ones too" } },
  run = function(ctx)
    local keep = projects.filter(ctx.flags.filter)
    return require("cli.watch").list(ctx, function()
      local list = ctx:each_target(function(nas) return projects.list(nas, ctx.flags.all, keep) end)
      if ctx.flags.format ~= "json" or ctx.flags.quiet then return list end
      ctx:out(projects.json(list))
    end)
  end,
}
