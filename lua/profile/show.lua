---@type cli.Command
return {
  summary = "Show one profile with everything that applies to it",
  group = "profiles",
  args = { { "name", optional = true, complete = "profiles", help = "Default: the profile that commands would use here" } },
  uses = { "json" },
  pager = true,
  examples = { { "profile show production" }, { "profile show production --json=host,port" } },
  run = function(ctx)
    local rows, profile = require "profile.rows", require "profile"
    local name = ctx.args.name or profile.resolve()[1]
    local shown = rows.show(name)
    if ctx.flags.json then
      return shown
    end
    return rows.lines(shown)
  end,
}
