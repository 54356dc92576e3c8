-- compose events: what happens to a project's containers, as it happens. GET /events.
local tables = require "compose.tables"
local LABEL = require("compose.observe").LABEL
local verbs = require "compose.verbs"

-- docker compose's own fields: what its labels say is left out of the attributes.
local function attributes(event)
  local out = {}
  for key, value in pairs(event.Actor.Attributes) do
    if key:sub(1, #LABEL) ~= LABEL then out[key] = value end
  end
  return out
end

local function time_of(event)
  local ns = math.tointeger(event.timeNano) or 0
  if ns == 0 then ns = (math.tointeger(event.time) or 0) * 1000000000 end
  return ns // 1000000000, ns % 1000000000
end

-- "2026-01-02 15:04:05.999999 container stop ID (image=…, name=…)", and, as compose v2 prints it, an empty line.
local function line(event)
  local s, ns = time_of(event)
  local pairs_of, of = {}, attributes(event)
  for i, key in ipairs(tables.sorted(of)) do pairs_of[i] = key .. "=" .. of[key] end
  return ("%s.%06d container %s %s (%s)\n\n"):format(
    os.date("%Y-%m-%d %H:%M:%S", s), ns // 1000, event.Action, event.Actor.ID, table.concat(pairs_of, ", "))
end

-- Go's RFC 3339: no zeros behind the last digit.
local function rfc3339(event)
  local s, ns = time_of(event)
  local fraction = (".%09d"):format(ns):gsub("%.?0+$", "")
  return os.date("%Y-%m-%dT%H:%M:%S", s) .. fraction .. require("listing.text").zone(s)
end

local function json_line(event, several)
  return require("json").encode {
    action = event.Action, attributes = attributes(event), id = event.Actor.ID, service = event.Actor.Attributes[LABEL .. "service"] or "",
    time = rfc3339(event), type = "container", profile = several and event.profile or nil,
  } .. "\n"
end

return {
  summary = "Show what happens to a project's containers, as it happens",
  group = "compose",
  docker = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = {
    { "json", help = "One JSON object per line" },
    { "since", type = "string", value = "TIME", help = "From this time, or a duration back (42m)" },
    { "until", type = "string", value = "TIME", help = "Up to this time, or a duration back" },
  },
  uses = { "targets", "compose" },
  examples = {
    { "compose events" }, { "compose events --json web" }, { "compose events --since 1h --until 0s", "The last hour" },
  },
  run = function(ctx)
    local scope, wanted = verbs.scope(ctx, ctx.args.service), {}
    for _, service in ipairs(scope.services) do wanted[service] = true end
    local query = require("events.query").build {
      filter = { "type=container", ("label=%sproject=%s"):format(LABEL, scope.name) },
      since = ctx.flags.since, ["until"] = ctx.flags["until"],
    }
    local terminal = require("ui").is_tty "stdout"
    ctx:each_target(function(nas)
      require("events.follow").run(nas, query, function(event)
        local labels = type(event.Actor) == "table" and event.Actor.Attributes
        if type(labels) ~= "table" or labels[LABEL .. "oneoff"] == "True" then return end
        if next(wanted) and not wanted[labels[LABEL .. "service"] or ""] then return end
        event.profile = nas.name
        if ctx.flags.json then return ctx:out(json_line(event, ctx.several)) end
        local shown = (ctx.several and nas.name .. " " or "") .. line(event)
        ctx:out(terminal and require("ui.text").clean(shown:gsub("\n+$", "")) .. "\n" or shown)
      end, ctx.several)
    end, ctx:going_on(not query["until"] and math.huge or nil))
  end,
}
