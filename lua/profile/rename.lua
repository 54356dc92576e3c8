---@type cli.Command
return {
  summary = "Give a profile another name",
  group = "profiles",
  description = "The default, profiles that jump through it, and what is remembered about the NAS follow. Refused while a job that was not "
    .. "finished works on it: the job would not find the NAS again.",
  args = { { "name", complete = "profiles" }, "new-name" },
  examples = { { "profile rename staging test" } },
  run = function(ctx)
    local name, to = ctx.args.name, ctx.args.new_name
    local why, hint = require("profile.needs").by_jobs(name)
    if why then
      local message = ("profile '%s' cannot be renamed"):format(name)
      Error { category = "conflict", code = "profile_in_use", message = message, why = why, hint = hint }
    end
    require("profile").rename(name, to, { lock_wait = ctx.global.lock_wait })
    ctx:note(("renamed: %s → %s"):format(name, to))
  end,
}
