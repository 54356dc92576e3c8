-- apply: do what a saved plan says, if the NAS is still as the plan found it.
return {
  summary = "Apply a plan that was saved with --plan-out",
  group = "automation",
  description = "Nothing is done when anything that the plan concerns has changed since it was made.",
  args = { { "file", complete = "files" } },
  flags = {
    { "dry-run", short = "n", help = "Show the plan, check that it still fits, and change nothing" },
    { "exit-code", help = "With --dry-run: exit with 10 when there is something to do, else 0" },
  },
  uses = { "json", "confirm" },
  examples = { { "container prune --plan-out p.json", "Look first" }, { "apply p.json", "Then do just that" } },
  run = function(ctx)
    local plan = require("plan").load(ctx.args.file)
    plan:verify(require("cli.apply").nas_of(ctx))
    local run = ctx:apply(plan)
    if not run then return end
    local errors = {}
    for i, failure in ipairs(run.failed) do errors[i] = failure.err end
    require("cli.items").report(ctx, errors)
    if #errors == 0 then ctx:note(("done: %d step%s (job %s)"):format(#plan.steps, #plan.steps == 1 and "" or "s", run.id)) end
  end,
}
