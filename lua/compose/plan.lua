-- compose plan: what `compose up` would do.
return {
  summary = "Show what 'compose up' would change",
  group = "compose",
  description = "Only reads. With --exit-code it ends with 10 when something would change, else with 0.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services",
    help = "Only these services and what they depend on" } },
  uses = { "compose", "target", "json" },
  flags = (function()
    local list = {
      { "plan-out", type = "string", value = "FILE", complete = "files", help = "Save the plan for 'apply'" },
      { "exit-code", help = "Exit with 10 when there is something to do, else 0" },
    }
    local shared = require("compose.up_flags").of "plan"
    return table.move(shared, 1, #shared, #list + 1, list)
  end)(),
  examples = {
    { "compose plan", "What is not as declared" },
    { "compose plan --exit-code", "For scripts: 10 when 'compose up' would do something" },
    { "compose plan --plan-out p.json", "Look at it now, and 'apply p.json' later" },
  },
  run = function(ctx)
    local up = require "compose.up"
    local project = up.load(ctx, ctx.args.service or {})
    ctx.flags.dry_run = true
    local options = require("compose.up_flags").options(ctx)
    options.command = "compose up"
    up.run(ctx, ctx:target(), project, options)
  end,
}
