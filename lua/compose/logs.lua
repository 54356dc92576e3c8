-- compose logs: what a project's containers wrote, merged by time. GET /containers/{id}/logs, GET /events.
local show = require "logs.show"

-- Which containers count, of those that come while they are followed.
local function chooser(services, index)
  local wanted = {}
  for _, name in ipairs(services) do wanted[name] = true end
  return function(c)
    return not c.oneoff and (#services == 0 or wanted[c.service] or false) and (not index or c.number == index)
  end
end

local function check_index(ctx)
  if ctx.flags.index and #ctx.args.service ~= 1 then
    Error {
      category = "usage", code = "bad_arguments", message = "--index requires one service to be selected",
      hint = "qnap-docker compose logs --index N SERVICE",
    }
  end
end

-- The sources of one NAS, and with --follow what watches for others.
local function of_nas(ctx, nas, scope, query)
  local cli, observe = require "compose.cli", require "compose.observe"
  local f = ctx.flags
  local patience = not require("ui").is_tty "stdout" and show.PATIENCE or nil
  local follow = require("compose.logs").follow {
    nas = nas, project = scope.name, query = query, chosen = chooser(scope.services, f.index), patience = patience,
  }
  local began = f.follow and nas:info().SystemTime or nil
  local chosen = cli.select(scope, observe.list(nas, scope.name), { index = f.index })
  if #chosen == 0 then ctx:note(("project '%s' has no such container on %s"):format(scope.name, nas.name)) end
  local s, ns
  if began then s, ns = try(require("units").rfc3339, began) end
  local watch = s and not f["until"] and follow:watch(("%d.%09d"):format(s, ns)) or nil
  return follow:all(chosen), watch
end

-- Watches of several NASes beside each other.
local function all(watches)
  if #watches == 0 then return nil end
  return function(begin)
    local functions = {}
    for i, watch in ipairs(watches) do functions[i] = function() watch(begin) end end
    require("task").all(functions)
  end
end

return {
  summary = "Show the logs of a project",
  group = "compose",
  docker = true,
  description = "The containers' lines are merged by the times that their engines give. --follow takes up containers that are made,\n"
    .. "scaled up or started again meanwhile, so that an update stays visible; it ends when all have ended.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services", help = "Only these services" } },
  flags = {
    { "follow", short = "f", help = "Follow the output" },
    { "index", type = "int", value = "N", min = 1, help = "The service's container of this number" },
    { "since", type = "string", value = "TIME", help = "From this time, or a duration back (42m)" },
    { "until", type = "string", value = "TIME", help = "Up to this time, or a duration back" },
    { "timestamps", short = "t", help = "Show timestamps" },
    { "tail", short = "n", type = "string", value = "N", default = "all", help = "Lines from the end, of each container" },
    { "no-log-prefix", help = "No names in front of lines" },
    { "grep", type = "string", value = "PATTERN", help = "Only lines that match (a Lua pattern)" },
    { "raw", help = "On a terminal, too: control characters as they are" },
    { "json", help = "One JSON object per line" },
  },
  uses = { "compose", "targets" },
  pager = function(ctx) return not ctx.flags.follow end,
  examples = {
    { "compose logs -f web", "Follow a service" },
    { "compose logs --tail 20", "The last lines of every container" },
    { "compose -p shop logs --since 1h db", "A project without its files" },
  },
  run = function(ctx)
    local f = ctx.flags
    check_index(ctx)
    local query, grep = require("logs.query").build(f), require("logs.query").pattern(f.grep)
    local scope = require("compose.cli").scope(ctx, ctx.args.service)
    local sources, watches, several = {}, {}, ctx:has_several()
    local failed
    local options = {
      timestamps = f.timestamps, grep = grep, json = f.json, follow = f.follow, several_nas = several, raw = f.raw,
      prefix = not f.no_log_prefix, gap = "  | ", together = true,
    }
    if several and f.follow then
      failed = show.lines({}, show.going_on(ctx, options, function(nas, begin)
        local found, watch = of_nas(ctx, nas, scope, query)
        for _, one in ipairs(found) do begin(one) end
        if watch then watch(begin) end
      end))
    else
      ctx:each_target(function(nas)
        local found, watch = of_nas(ctx, nas, scope, query)
        table.move(found, 1, #found, #sources + 1, sources)
        watches[#watches + 1] = watch
      end)
      options.more = all(watches)
      failed = show.lines(sources, options)
    end
    require("cli.items").report(ctx, failed)
  end,
}
