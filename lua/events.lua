-- events: what happens on a NAS, as it happens. GET /events.
local line = require "events.line"

-- What happened, to what, on which NAS; a tag's name is part of it.
local function key(event)
  local name = type(event.Actor.Attributes) == "table" and event.Actor.Attributes.name or ""
  return table.concat({ event.profile or "", event.Type, event.Action, event.Actor.ID, name }, "\0")
end

-- Runs of the same thing are shown once, with their number.
local function collapsing(show)
  local last, count
  local function flush()
    if last then show(last, count) end
    last, count = nil, 0
  end
  return function(event)
    if last and key(last) == key(event) then
      count = count + 1
      last = event
      return
    end
    flush()
    last, count = event, 1
  end, flush
end

local function printer(ctx)
  local f = ctx.flags
  local render = f.format and f.format ~= "" and line.template(f.format)
  local terminal = require("ui").is_tty "stdout"
  local clean = terminal and require("ui.text").clean
  local style, color = require("ui").style "stdout", require("cli.targets").color
  return function(event, count)
    if f.json then return ctx:out(require("json").encode(line.record(event)) .. "\n") end
    local text = render and render(event) or line.plain(event)
    if terminal and not render then
      local sentence = line.sentence(event)
      text = text .. (sentence and " — " .. sentence or "")
    end
    if count and count > 1 then text = ("%s (%d times)"):format(text, count) end
    text = clean and clean(text) or text
    if ctx.several and not render then text = style:paint(color(event.profile), event.profile) .. " " .. text end
    ctx:out(text .. "\n")
  end
end

return {
  summary = "Show what happens, as it happens",
  group = "system",
  description = "Follows until interrupted, or up to --until. When the connection breaks, it is taken up again where it ended.",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  flags = {
    { "filter", short = "f", type = "list", value = "KEY=VALUE", help = "Keep events that match (type=container, event=die, ...)" },
    { "since", type = "string", value = "TIME", help = "From this time, or a duration back (42m)" },
    { "until", type = "string", value = "TIME", help = "Up to this time, or a duration back" },
    { "format", type = "string", value = "TEMPLATE", complete = { "json" }, help = "'json' or a Go template" },
    { "follow", help = "Go on with what happens (as without any flag)" },
    { "backlog", help = "Only what the engine still has (its last 256 events), then end" },
    { "collapse", help = "One line for the same event several times in a row; leaves out what health probes do" },
    { "all", help = "With --collapse: what health probes do, too" },
    { "json", help = "One JSON object per line" },
  },
  uses = { "targets" },
  examples = {
    { "events", "Follow" },
    { "events --since 1h --until 0s -f type=container", "The last hour of containers" },
    { "events --all-profiles --collapse", "Every NAS, without repetitions" },
    { "events --backlog --json", "What the engine still has" },
  },
  run = function(ctx)
    local query = require("events.query").build(ctx.flags)
    local show, flush = printer(ctx), nil
    local emit = show
    if ctx.flags.collapse then emit, flush = collapsing(show) end
    ctx:each_target(function(nas)
      require("events.follow").run(nas, query, function(event)
        if ctx.flags.collapse and not ctx.flags.all and line.is_noise(event) then return end
        event.profile = nas.name
        emit(event)
      end, ctx.several)
    end, ctx:going_on(not query["until"] and math.huge or nil))
    if flush then flush() end
    if ctx.flags.backlog then
      ctx:note "an engine keeps its last 256 events only; older ones are gone"
    end
  end,
}
