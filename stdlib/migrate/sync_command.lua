-- profile sync: from the flags to a plan, its questions, and what is told. Dependencies: migrate.sync, plan.
local M = {}

-- One direction at a time: the other one, unfinished, would be mixed with it.
local function refuse_reverse(a, b)
  local reverse = ("profile sync %s %s"):format(b.name, a.name)
  for _, job in ipairs(require("plan.journal").list()) do
    local open = job.state == "running" or job.state == "interrupted" or job.state == "failed"
    if open and job.command:sub(1, #reverse) == reverse then
      Error {
        category = "conflict", code = "other_direction", message = ("job %s goes FROM %s TO %s, and is not finished"):format(job.id,
          b.name, a.name),
        why = "both directions at once would mix both", hint = ("qnap-docker resume %s\nor qnap-docker undo %s"):format(job.id, job.id),
      }
    end
  end
end

local function check(flags)
  if #flags.overwrite_volume > 0 and not flags.with_data then
    Error { category = "usage", code = "conflicting_flags", message = "--overwrite-volume needs --with-data",
      hint = "without data no volume is touched" }
  end
end

local function question(s)
  local typed = s.flags.prune or #s.flags.overwrite_volume > 0 or (s.to.profile and s.to.profile.protected)
  return {
    level = typed and 3 or 2, name = s.to.name, question = ("Sync FROM %s TO %s"):format(s.from.name, s.to.name),
  }
end

local STATES = {
  { "different", "different: %s (%s)" }, { "only there", "only on the target: %s" },
}

---The lines about what is not made alike. Pure.
---@param rows table[]
---@param flags table<string, any>
---@return string[]
function M.lines(rows, flags)
  local out, same = {}, 0
  for _, state in ipairs(STATES) do
    for _, row in ipairs(rows) do
      if row.state == state[1] then out[#out + 1] = state[2]:format(row.name, row.what) end
    end
  end
  for _, row in ipairs(rows) do same = same + (row.state == "same" and 1 or 0) end
  if same > 0 then out[#out + 1] = ("%d the same"):format(same) end
  local hints = {}
  for _, row in ipairs(rows) do hints[row.state] = true end
  if hints.different and not flags.update then out[#out + 1] = "--update makes what is different like the source" end
  if hints["only there"] and not flags.prune then out[#out + 1] = "--prune removes what only the target has" end
  return out
end

---@async
---@param ctx cli.Context
---@return table?
function M.run(ctx)
  check(ctx.flags)
  local a, b = require("migrate.sides").connect(ctx, ctx.args.from, ctx.args.to)
  refuse_reverse(a, b)
  local reader = require("plan").reader
  local words = { "profile sync", a.name, b.name }
  local s = {
    from = reader(a), to = reader(b), flags = ctx.flags,
    plan = require("plan").new { command = table.concat(words, " "), undo_on_failure = true, in_order = true },
  }
  require("migrate.sync").compare(s)
  local seen = {}
  for _, text in ipairs(s.report.warnings) do
    if not seen[text] then ctx:warn(text) end
    seen[text] = true
  end
  ctx:note(("FROM %s TO %s"):format(a.name, b.name))
  for _, line in ipairs(M.lines(s.rows, ctx.flags)) do ctx:note(line) end
  require("migrate.preflight").refuse(s.report, ("%s cannot be brought to %s"):format(a.name, b.name))
  s.plan.confirm = question(s)
  local run = ctx:apply(s.plan)
  if not run then
    if #s.plan.steps == 0 then ctx:note "nothing to do" end
    if #s.plan.steps > 0 or not ctx.flags.json then return nil end
  end
  if ctx.flags.json then
    return { from = a.name, to = b.name, job = run and run.id, containers = require("json").array(s.rows) }
  end
  ctx:note(("synced FROM %s TO %s (job %s)"):format(a.name, b.name, run.id))
end

return M
