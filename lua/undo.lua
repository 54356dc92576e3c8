-- undo: take back what a plan did, from its journal.
local UNDOABLE = { interrupted = true, failed = true, finished = true }

return {
  summary = "Take back a change",
  group = "automation",
  description = "Steps that removed something cannot be taken back; they are listed before the question.",
  args = { { "id", optional = true, complete = "jobs" } },
  uses = { "confirm" },
  examples = { { "undo", "The newest change" }, { "undo 20260101-120000-ab12cd", "One of 'jobs'" } },
  run = function(ctx)
    local journal, runner = require "plan.journal", require "plan.run"
    local job = ctx.args.id and journal.read(ctx.args.id) or journal.newest(UNDOABLE, "undo")
    job = journal.ended(job, ctx.global.lock_wait)
    if not UNDOABLE[job.state] then
      Error {
        category = "conflict", code = "not_undoable", message = ("job %s cannot be taken back"):format(job.id), why = "it is " .. job.state,
        hint = "qnap-docker jobs",
      }
    end
    local lasting, show = {}, require "plan.show"
    for i, step in ipairs(runner.lasting(job)) do
      if show.symbol(step) == "-" then lasting[#lasting + 1] = ("stays as it is: %s on %s"):format(show.line(step), step.target) end
      if i > 1000 then break end
    end
    if #lasting > 0 and job.state == "finished" then
      Error {
        category = "conflict", code = "not_undoable", message = ("job %s cannot be taken back"):format(job.id),
        why = ("it removed something for good: %s"):format(lasting[1]:gsub("^stays as it is: ", "")),
      }
    end
    ctx:confirm { level = 2, question = ("Take back '%s'?"):format(job.command), items = lasting }
    runner.undo(job, { nas_of = require("cli.apply").nas_of(ctx), lock_wait = ctx.global.lock_wait })
    ctx:note(("%s: undone"):format(job.id))
  end,
}
