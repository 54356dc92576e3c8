-- resume: finish what was interrupted or failed, from its journal.
local RESUMABLE = { interrupted = true, failed = true }

return {
  summary = "Finish a change that was interrupted",
  group = "automation",
  args = { { "id", optional = true, complete = "jobs" } },
  uses = { "confirm" },
  examples = { { "resume", "The newest that was interrupted" }, { "resume 20260101-120000-ab12cd", "One of 'jobs'" } },
  run = function(ctx)
    local journal = require "plan.journal"
    local job = ctx.args.id and journal.read(ctx.args.id) or journal.newest(RESUMABLE, "resume")
    job = journal.ended(job, ctx.global.lock_wait)
    if not RESUMABLE[job.state] then
      Error {
        category = "conflict", code = "not_resumable", message = ("job %s cannot be resumed"):format(job.id), why = "it is " .. job.state,
        hint = "qnap-docker jobs",
      }
    end
    local left = require("plan").new { command = job.command }
    for _, step in ipairs(job.plan.steps) do
      local state = job.steps[step.id]
      if not state or state.state ~= "done" then left.steps[#left.steps + 1] = step end
    end
    if left:danger() >= 2 then
      require("cli.output").err(require("plan.show").text(left))
      ctx:confirm { level = 2, question = ("Go on with '%s'?"):format(job.command) }
    end
    local run = require("plan.run").resume(job, {
      nas_of = require("cli.apply").nas_of(ctx), lock_wait = ctx.global.lock_wait,
      progress = require("ui").is_tty "stderr" and ctx:progress() or nil,
    })
    local errors = {}
    for i, failure in ipairs(run.failed) do errors[i] = failure.err end
    require("cli.items").report(ctx, errors)
    ctx:note(("%s: %s"):format(job.id, #errors > 0 and "not all was done" or "finished"))
  end,
}
