-- logs: what containers wrote. GET /containers/{id}/logs.
local query = require "logs.query"
local source = require "logs.source"
local show = require "logs.show"

-- In a pipe, one log followed without flags of ours is docker's, byte for byte, and ends where docker's ends.
local function manner(ctx, grep)
  local f = ctx.flags
  local terminal = require("ui").is_tty "stdout"
  local docker = #ctx.args.container == 1 and not ctx.several and not grep and not f.json and not terminal
  return {
    bytes = docker and not f.follow,
    source = {
      by_name = not docker or f.reattach, patience = not terminal and show.PATIENCE or nil, inner_stamps = docker and f.timestamps,
    },
    show = {
      timestamps = f.timestamps, grep = grep, json = f.json, follow = f.follow, several_nas = ctx.several, raw = f.raw,
      prefix = (#ctx.args.container > 1 or ctx.several) and f.prefix and not f.no_prefix, exact = docker and not f.reattach,
    },
  }
end

return {
  summary = "Fetch the logs of containers",
  group = "containers",
  description = "Several containers, also of several NASes, are merged by the times that their engines give.\n\n"
    .. "--follow on a terminal, of several containers, or with --json, --grep or --reattach, goes by name: a container that is made "
    .. "anew or runs again is taken up where its log ended. Otherwise it ends with the container, as docker's does. A connection "
    .. "that breaks is taken up again, and the gap is marked on stderr; a pipe waits 30 seconds for the NAS, a terminal until it is there.",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers" } },
  flags = {
    { "follow", short = "f", help = "Follow the output" },
    { "reattach", help = "With --follow: go on when the container is recreated or runs again, in a pipe, too" },
    { "since", type = "string", value = "TIME", help = "From this time, or a duration back (42m)" },
    { "until", type = "string", value = "TIME", help = "Up to this time, or a duration back" },
    { "timestamps", short = "t", help = "Show timestamps" },
    { "tail", short = "n", type = "string", value = "N", default = "all", help = "Lines from the end" },
    { "details", help = "Show extra details of the log driver" },
    { "grep", type = "string", value = "PATTERN", help = "Only lines that match (a Lua pattern)" },
    { "prefix", default = true, help = "Name the container in front of each line, when there are several" },
    { "no-prefix", help = "No names in front of lines" },
    { "raw", help = "On a terminal, too: control characters as they are" },
    { "json", help = "One JSON object per line" },
  },
  uses = { "targets" },
  pager = function(ctx) return not ctx.flags.follow end,
  examples = {
    { "logs -f web", "Follow one" },
    { "logs --tail 20 web db", "The last lines of two, merged by time" },
    { "logs --grep '[Ee]rror' --since 1h web", "Errors of the last hour" },
  },
  run = function(ctx)
    local f = ctx.flags
    local wanted = query.build(f)
    local grep = query.pattern(f.grep)
    local several = ctx:has_several()
    local how, sources, failed = manner(ctx, grep), {}, nil
    local function of(nas)
      local out = {}
      for i, name in ipairs(ctx.args.container) do out[i] = source.new(nas, name, wanted, how.source) end
      return out
    end
    if several and f.follow then
      failed = show.lines({}, show.going_on(ctx, how.show, function(nas, begin)
        for _, one in ipairs(of(nas)) do begin(one) end
      end, ctx.args.container))
    else
      ctx:each_target(function(nas)
        if how.bytes then return show.bytes(nas, ctx.args.container[1], wanted) end
        table.move(of(nas), 1, #ctx.args.container, #sources + 1, sources)
        if not several then failed = show.lines(sources, how.show) end
      end)
      if several then failed = show.lines(sources, how.show) end
    end
    require("cli.items").report(ctx, failed or {})
  end,
}
