-- Who needs the profile, in words; nil when nobody does.
local function needed_by(name, list)
  for _, item in ipairs(list) do
    if item.keys.jump == name then
      return ("profile '%s' is reached through it"):format(item.name),
        ("qnap-docker profile edit %s --unset jump"):format(item.name)
    elseif item.name == name and item.default and #list > 1 then
      return "it is the default profile", "qnap-docker profile set-default ANOTHER"
    end
  end
end

---@type cli.Command
return {
  summary = "Forget profiles (nothing on the NAS changes)",
  group = "profiles",
  description = "Refused while the profile is the default one of several, or another profile is reached through it.",
  args = { { "name", variadic = true, complete = "profiles" } },
  uses = { "confirm" },
  aliases = { "profile rm" },
  examples = { { "profile remove staging" } },
  run = function(ctx)
    local profile = require "profile"
    for _, name in ipairs(ctx.args.name) do
      local keys = profile.get(name)
      local why, hint = needed_by(name, profile.list())
      if why then
        Error {
          category = "conflict", code = "profile_in_use", message = ("profile '%s' cannot be removed"):format(name), why = why, hint = hint,
        }
      end
      ctx:confirm { level = 1, question = ("Forget profile %s (%s)?"):format(name, keys.host), protected = keys.protected }
      profile.remove(name, { lock_wait = ctx.global.lock_wait })
      ctx:out(name .. "\n")
    end
  end,
}
