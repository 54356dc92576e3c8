-- compose volumes: the volumes of a project, or those that some of its services use. GET /volumes, GET /containers/json.
local cli = require "compose.cli"
local observe = require "compose.observe"
local volumes = require "listing.volumes"
local verbs = require "compose.verbs"

local function used_by(containers)
  local out = {}
  for _, c in ipairs(containers) do
    for _, m in ipairs(c.record.Mounts or {}) do
      if m.Type == "volume" and m.Name then out[m.Name] = true end
    end
  end
  return out
end

local function of_nas(nas, scope)
  local state = observe.of(nas, scope.name)
  local used = #scope.services > 0 and used_by(cli.select(scope, state.containers, { oneoff = true }))
  local out = {}
  for _, name in ipairs(require("compose.tables").sorted(state.volumes)) do
    if not used or used[name] then out[#out + 1] = state.volumes[name] end
  end
  return out
end

local function with_users(ctx) return require("ui").is_tty "stdout" and not ctx.given.format end

return {
  summary = "List the volumes of a project",
  group = "compose",
  docker = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = { { "quiet", short = "q", help = "Only names" } },
  uses = { "targets", "output", "compose" },
  columns = volumes.columns(function() return false end, with_users),
  quiet = "Name",
  raw = volumes.raw,
  amend_format = volumes.amend_format,
  type_name = "*formatter.volumeContext",
  methods = function(v) return { Label = type(v.Labels) == "table" and v.Labels or {} } end,
  json = volumes.record,
  empty = "the project has no volumes",
  pager = true,
  examples = { { "compose volumes" }, { "compose volumes -q db", "What one service uses" } },
  run = function(ctx)
    local scope = verbs.scope(ctx, ctx.args.service)
    return ctx:each_target(function(nas)
      local list = of_nas(nas, scope)
      if with_users(ctx) then volumes.add_users(nas, list) end
      return list
    end)
  end,
}
