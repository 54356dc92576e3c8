local flags = require "profile.flags"

-- Keys that decide which machine or engine is meant: what was remembered about another one is of no use.
local PLACE = { host = true, port = true, user = true, engine = true, docker_path = true, transport = true, jump = true }

local own = table.move(flags.flags, 1, #flags.flags, 1, {})
own[#own + 1] = { "unset", type = "list", value = "KEY", help = "Remove a key: group, labels.site, defaults.restart (repeatable)" }

---@type cli.Command
return {
  summary = "Change a profile",
  group = "profiles",
  description = "Changes the keys that are given and nothing else in profiles.yaml: comments, order and unknown keys stay. "
    .. "Without a flag the whole file opens in $EDITOR and is checked before it is taken.",
  args = { { "name", optional = true, complete = "profiles" } },
  flags = own,
  examples = {
    { "profile edit production --port 2222 --protected" },
    { "profile edit staging --set defaults.restart=always --unset group" },
    { "profile edit", "The whole file in your editor" },
  },
  run = function(ctx)
    local profile = require "profile"
    local changes = flags.changes(ctx)
    for _, key in ipairs(ctx.flags.unset) do
      changes[key] = require("json").null
    end
    if not next(changes) then
      ctx:note(require("profile.editor").edit(ctx) and "profiles.yaml was changed" or "nothing was changed")
      return
    elseif not ctx.args.name then
      Error {
        category = "usage", code = "missing_argument", message = "'profile edit' needs the profile's name when keys are given",
        hint = "qnap-docker profile edit NAME [OPTIONS]",
      }
    end
    profile.update(ctx.args.name, changes, { lock_wait = ctx.global.lock_wait })
    for key in pairs(changes) do
      if PLACE[key] then
        require("profile.state").move(ctx.args.name)
      end
    end
    ctx:note(("profile %s was changed"):format(ctx.args.name))
  end,
}
