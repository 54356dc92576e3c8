local function refuse(name, why, hint)
  local message = ("profile '%s' cannot be removed"):format(name)
  Error { category = "conflict", code = "profile_in_use", message = message, why = why, hint = hint }
end

local function check(name, force)
  local needs = require "profile.needs"
  local why, hint = needs.by_profiles(name)
  if why then refuse(name, why, hint) end
  why, hint = needs.by_jobs(name)
  if why and not force then refuse(name, why, hint .. "\n--force forgets it all the same") end
end

---@type cli.Command
return {
  summary = "Forget profiles (nothing on the NAS changes)",
  group = "profiles",
  description = "Refused while the profile is the default one of several, another profile is reached through it, or a job that was not "
    .. "finished works on it.",
  args = { { "name", variadic = true, complete = "profiles" } },
  flags = { { "force", help = "Although a job that was not finished works on it" } },
  uses = { "confirm" },
  aliases = { "profile rm" },
  examples = { { "profile remove staging" } },
  run = function(ctx)
    local profile = require "profile"
    for _, name in ipairs(ctx.args.name) do
      local keys = profile.get(name)
      check(name, ctx.flags.force)
      ctx:confirm { level = 1, question = ("Forget profile %s (%s)?"):format(name, keys.host), protected = keys.protected }
      profile.remove(name, { lock_wait = ctx.global.lock_wait })
      ctx:out(name .. "\n")
    end
  end,
}
