-- log-cap: containers whose log grows until the volume is full; and, with --apply, the same containers with a limit.
local PROJECT = "com.docker.compose.project"

-- "local" has a limit by itself, the others keep no file of their own. "-1" is no limit.
local function has_cap(log)
  local size = (log.Config or {})["max-size"]
  return log.Type ~= "json-file" or (size ~= nil and size ~= "-1" and size ~= "0")
end

local function uncapped(nas)
  local out = {}
  for _, c in ipairs(require("listing.inspected").containers(nas, true)) do
    if not has_cap(c.HostConfig.LogConfig or {}) then out[#out + 1] = c end
  end
  return out
end

local function row_of(record)
  local project = (record.Config.Labels or {})[PROJECT]
  local fix = project and ("logging of project %s: its compose file"):format(project) or "log-cap --apply"
  if record.HostConfig.AutoRemove then fix = "it was started with --rm" end
  return { container = record.Name:sub(2), state = record.State.Status, project = project, fix = fix }
end

-- What may be made anew: a project's containers follow its file, and one with --rm would be gone.
local function is_ours(record) return not record.HostConfig.AutoRemove and not (record.Config.Labels or {})[PROJECT] end

local function add(plan, nas, record, flags)
  local recreate, reader = require "recreate", require("plan").reader(nas)
  local image = try(function() return reader:image(record.Image):inspect() end) or {}
  local body = require("recreate.body").of(record, image, record.Config.Image)
  body.HostConfig.LogConfig = { Type = "json-file", Config = {
    ["max-size"] = flags.max_size, ["max-file"] = tostring(flags.max_file),
  } }
  local created = recreate.steps(plan, {
    target = nas.name, old = record, name = record.Name:sub(2), body = body, monitor = flags.monitor, keep_volumes = true,
    may_end = true,
  })
  created.before, created.after = "no limit", ("%s x %d"):format(flags.max_size, flags.max_file)
end

local function apply(ctx, nas)
  local command = "log-cap --apply"
  for _, record in ipairs(uncapped(nas)) do
    local name = record.Name:sub(2)
    if not is_ours(record) then
      ctx:note(("%s is left: %s"):format(ctx:named(nas, name), row_of(record).fix))
    else -- one plan each: what works stays when the next one does not
      local plan = require("plan").new { command = command }
      add(plan, nas, record, ctx.flags)
      local _, err = try(ctx.apply, ctx, plan)
      if err then error(require("recreate").explain(err, name), 0) end
    end
  end
end

return {
  summary = "Find containers whose log grows without end, and cap it",
  description = "A log of the driver json-file without max-size fills the volume some day. With --apply each such container is made anew "
    .. "with a limit, all else as it was; the old one comes back when the new one does not work. What belongs to a compose project is "
    .. "named and left: its file says what it is.",
  writes = true,
  uses = { "targets", "output", "plan", "confirm" },
  flags = {
    { "apply", help = "Make them anew with a limit" },
    { "max-size", type = "string", value = "SIZE", default = "10m", help = "With --apply: of one file of the log" },
    { "max-file", type = "uint", value = "N", default = "3", help = "With --apply: how many files" },
    { "monitor", type = "duration", value = "DURATION", default = "5s", help = "With --apply: how long a new one has to run" },
  },
  columns = {
    { "Container", priority = 0 },
    { "State", color = "state", priority = 2 },
    { "Project", priority = 3 },
    { "Fix", priority = 1 },
  },
  quiet = "Container",
  empty = "every log has a limit",
  examples = { { "log-cap --profile '*'", "Which they are" }, { "log-cap --apply --dry-run" }, { "log-cap --apply --max-size 20m" } },
  needs = { docker = { "read", "recreate" } },
  run = function(ctx)
    require("units").size(ctx.flags.max_size) -- a mistake is told before anything is stopped
    if ctx.flags.apply then
      ctx:each_target(function(nas) apply(ctx, nas) end)
      return
    end
    return ctx:each_target(function(nas)
      local rows = require("json").array {}
      for i, record in ipairs(uncapped(nas)) do rows[i] = row_of(record) end
      return rows
    end)
  end,
}
