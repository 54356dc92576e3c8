---@type cli.Command
return {
  summary = "Choose the profile that commands use without --profile",
  group = "profiles",
  args = { { "name", complete = "profiles" } },
  examples = { { "profile set-default production" } },
  run = function(ctx)
    local profile = require "profile"
    local name, old = ctx.args.name, profile.default()
    local keys = profile.get(name)
    profile.set_default(name, { lock_wait = ctx.global.lock_wait })
    ctx:note(("default profile: %s → %s"):format(old or "(none)", name))
    if not keys.protected then
      return
    end
    ctx:warn(("'%s' is protected: every change asks first"):format(name))
  end,
}
