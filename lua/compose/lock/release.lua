-- compose lock release: takes a project's lock from a command that will not give it back.
return {
  summary = "Take a project from a command that does not work on it any more",
  group = "compose",
  description = "What a dead process of this machine left is taken over by itself; this is for what another machine left.",
  writes = true,
  asks = true,
  args = { { "project", optional = true, complete = "compose.projects", help = "Its name, where there is no file" } },
  uses = { "compose", "target", "dry_run", "confirm" },
  examples = { { "compose lock release", "Of the project here" }, { "compose lock release shop --yes" } },
  run = function(ctx)
    local lock = require "compose.lock"
    local name = ctx.args.project and require("compose").project_name(ctx.args.project) or require("compose.cli").scope(ctx).name
    local nas = ctx:target()
    local holder = require("compose.store").read(nas, name).lock
    if not holder then return ctx:note(("nobody holds '%s' on %s"):format(name, nas.name)) end
    local who = lock.describe(holder)
    if ctx.flags.dry_run then return ctx:note(("would take '%s' from %s"):format(name, who)) end
    ctx:confirm {
      level = lock.is_stale(holder) and 1 or 2, protected = nas.profile.protected or nil,
      question = ("Take '%s' on %s from %s?"):format(name, nas.name, who),
    }
    lock.release(nas, name, holder)
    ctx:note(("released; it was held by %s"):format(who))
  end,
}
