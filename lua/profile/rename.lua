---@type cli.Command
return {
  summary = "Give a profile another name",
  group = "profiles",
  description = "The default, profiles that jump through it, and what is remembered about the NAS follow.",
  args = { { "name", complete = "profiles" }, "new-name" },
  examples = { { "profile rename staging test" } },
  run = function(ctx)
    require("profile").rename(ctx.args.name, ctx.args.new_name, { lock_wait = ctx.global.lock_wait })
    ctx:note(("renamed: %s → %s"):format(ctx.args.name, ctx.args.new_name))
  end,
}
