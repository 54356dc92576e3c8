local flags = require "profile.flags"

local own = table.move(flags.flags, 1, #flags.flags, 1, {})
own[#own + 1] = { "accept-host-key", type = "string", value = "SHA256:...", help = "Accept this host key, which you compared before" }
own[#own + 1] = { "no-verify", help = "Save the profile without asking the NAS" }
own[#own + 1] = { "default", help = "Make it the default profile" }

local function exists(name)
  Error {
    category = "conflict", code = "profile_exists", message = ("there is a profile '%s' already"):format(name),
    hint = ("qnap-docker profile edit %s changes it"):format(name),
  }
end

-- Advice that fits where there is no profile yet.
local function advised(err)
  local fingerprint = (err.hint or ""):match "SHA256:[%w+/]+"
  if err.code == "host_key_unknown" and fingerprint then
    err.hint = ("compare it with the NAS, then add --accept-host-key %s"):format(fingerprint)
  else
    err.hint = (err.hint or ""):match "[^\n]*"
  end
  err.hint = err.hint .. "\n--no-verify saves the profile without asking the NAS"
  return err
end

-- Whether the NAS answered. Where it did not, the profile is kept only when the reader says so.
local function verified(ctx, p)
  local options = { timeout = ctx.global.timeout, accept_host_key = ctx.flags.accept_host_key }
  local answer, err = try(require("profile.verify").meet, p, options)
  if answer then
    return answer
  elseif not require("ui").can_ask() and not ctx.global.yes then
    error(advised(err), 0)
  end
  ctx:note((require("cli.render_error").text(err, { style = require("ui").style "stderr" }):gsub("\n$", "")))
  ctx:confirm { level = 2, question = ("Save the profile '%s' all the same, unverified?"):format(p.name) }
  return nil
end

---@type cli.Command
return {
  summary = "Add a NAS by hand (init does it step by step)",
  group = "profiles",
  description = "Connects once to see that the NAS answers, unless --no-verify. The first profile becomes the default. "
    .. "Passwords are never stored.",
  args = { "name" },
  flags = own,
  uses = { "confirm" },
  examples = {
    { "profile add production --host nas1.local --user admin" },
    { "profile add here --host local", "The engine of this machine" },
    { "profile add lab --host 10.0.0.7 --port 2222 --key ~/.ssh/lab --group test --no-verify" },
  },
  run = function(ctx)
    local profile, name = require "profile", ctx.args.name
    local keys = flags.nested(flags.changes(ctx))
    if not keys.host then
      Error {
        category = "usage", code = "missing_flag", message = "'profile add' needs --host",
        hint = "qnap-docker profile add NAME --host HOST --user USER",
      }
    end
    local p = profile.of(name, keys)
    if profile.exists(name) then
      exists(name)
    end
    local answer = not ctx.flags.no_verify and verified(ctx, p) or nil
    profile.add(name, keys, { lock_wait = ctx.global.lock_wait })
    if ctx.flags.default then
      profile.set_default(name)
    end
    if answer then
      require("profile.verify").remember(name, answer)
    else
      profile.remember(name, { verified = false })
    end
    local address = require("profile.record").address(p)
    ctx:note(("profile %s was added: %s%s"):format(name, address, answer and ", Docker " .. tostring(answer.version) or ", unverified"))
    if profile.default() == name then
      ctx:note "it is the default profile"
    end
  end,
}
