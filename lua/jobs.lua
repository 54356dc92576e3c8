-- jobs: what was changed by plans, and how far each came. Reads <home>/state/journal.
local function progress(job)
  local done, all = 0, #job.plan.steps
  for _, step in pairs(job.steps) do
    if step.state == "done" then done = done + 1 end
  end
  return ("%d/%d"):format(done, all)
end

local function time(seconds) return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds) end

return {
  summary = "List what was changed, and what was interrupted",
  group = "automation",
  description = "Changes of several steps are journalled. One that was interrupted is finished by 'resume' or taken back by 'undo'.",
  flags = {
    { "prune", help = "Forget finished and undone ones" },
    { "older-than", type = "duration", value = "DURATION", default = "0s", help = "With --prune: only those older than this" },
    { "keep", type = "int", value = "N", default = 0, min = 0, help = "With --prune: keep the newest N" },
  },
  uses = { "output" },
  columns = {
    { "ID", get = function(j) return j.id end },
    { "State", color = "state", get = function(j) return j.state end },
    { "Steps", get = progress },
    { "NAS", get = function(j) return table.concat(j.plan:targets(), ",") end },
    { "Started", priority = 6, get = function(j) return time(j.started) end },
    { "Command", priority = 5, get = function(j) return j.command end },
  },
  quiet = "ID",
  json = function(j)
    return {
      id = j.id, state = j.state, command = j.command, started = time(j.started), ended = j.ended and time(j.ended),
      steps = require("json").array(j.plan:document().steps), progress = j.steps, targets = require("json").array(j.plan:targets()),
    }
  end,
  empty = "no jobs",
  pager = true,
  examples = {
    { "jobs", "The newest first" },
    { "jobs --prune --keep 10", "Forget all but ten that ended well" },
  },
  run = function(ctx)
    local journal = require "plan.journal"
    if ctx.flags.prune then
      local gone = journal.prune { keep = ctx.flags.keep, seconds = ctx.flags.older_than }
      return ctx:note(("%d forgotten"):format(#gone))
    end
    return journal.list()
  end,
}
