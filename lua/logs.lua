-- logs: what containers wrote. GET /containers/{id}/logs.
local query = require "logs.query"
local source = require "logs.source"
local show = require "logs.show"

local function pattern_of(text)
  if text and not pcall(string.find, "", text) then
    Error {
      category = "usage", code = "bad_pattern", message = ('--grep: "%s" is no Lua pattern'):format(text),
      why = select(2, pcall(string.find, "", text)), hint = "qnap-docker help formatting",
    }
  end
  return text
end

local function show_lines(ctx, sources, grep)
  local f = ctx.flags
  show.lines(sources, {
    timestamps = f.timestamps, grep = grep, json = f.json, follow = f.follow, several_nas = ctx.several,
    prefix = #sources > 1 and f.prefix and not f.no_prefix,
  })
end

return {
  summary = "Fetch the logs of containers",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers" } },
  flags = {
    { "follow", short = "f", help = "Follow the output; a recreated container is taken up again" },
    { "since", type = "string", value = "TIME", help = "From this time, or a duration back (42m)" },
    { "until", type = "string", value = "TIME", help = "Up to this time, or a duration back" },
    { "timestamps", short = "t", help = "Show timestamps" },
    { "tail", short = "n", type = "string", value = "N", default = "all", help = "Lines from the end" },
    { "details", help = "Show extra details of the log driver" },
    { "grep", type = "string", value = "PATTERN", help = "Only lines that match (a Lua pattern)" },
    { "prefix", default = true, help = "Name the container in front of each line, when there are several" },
    { "no-prefix", help = "No names in front of lines" },
    { "raw", help = "Bytes as they are, also on a terminal" },
    { "json", help = "One JSON object per line" },
  },
  uses = { "targets" },
  examples = {
    { "logs -f web", "Follow one" },
    { "logs --tail 20 web db", "The last lines of two, merged by time" },
    { "logs --grep '[Ee]rror' --since 1h web", "Errors of the last hour" },
  },
  run = function(ctx)
    local f = ctx.flags
    local wanted = query.build(f)
    local grep = pattern_of(f.grep)
    local sources = {}
    local plain = #ctx.args.container == 1 and not grep and not f.json
    ctx:each_target(function(nas)
      if plain and not ctx.several and not (f.follow and require("ui").is_tty "stdout") then
        return show.bytes(nas, ctx.args.container[1], wanted)
      end
      for _, name in ipairs(ctx.args.container) do sources[#sources + 1] = source.new(nas, name, wanted) end
      if not ctx.several then show_lines(ctx, sources, grep) end
    end)
    if ctx.several then show_lines(ctx, sources, grep) end
  end,
}
