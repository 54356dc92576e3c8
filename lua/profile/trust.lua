local DONE = {
  known = "the host key of %s was trusted before",
  added = "the host key of %s is trusted now",
  replaced = "the host key of %s was replaced",
}

---@type cli.Command
return {
  summary = "Show and manage the host key of a NAS",
  group = "profiles",
  description = "Shows the keys that are known and the one that the NAS shows now. A new one is trusted when you say so on a terminal, "
    .. "or when --fingerprint is the one it shows. A changed one needs --replace and the profile's name, typed or by --confirm.",
  args = { { "name", complete = "profiles" } },
  flags = {
    { "fingerprint", type = "string", value = "SHA256:...", help = "Trust the key with this fingerprint, and no other" },
    { "replace", help = "Put the key that is shown now in the place of the known one" },
  },
  uses = { "output", "confirm" },
  columns = {
    { "Type", priority = 4 },
    { "Fingerprint", min = 50, priority = 1 },
    { "Source", middle = true, priority = 3 },
    { "State", color = "state", priority = 2 },
  },
  quiet = "Fingerprint",
  examples = {
    { "profile trust production" },
    { "profile trust production --fingerprint SHA256:3Jm...", "Without a terminal" },
    { "profile trust production --replace --confirm production", "After a firmware reset" },
  },
  run = function(ctx)
    local trust = require "profile.trust"
    local p = require("profile").get(ctx.args.name)
    if p.kind == "local" then
      Error {
        category = "usage", code = "no_host_key", message = ("profile '%s' has no host key"):format(p.name),
        why = ("%s is reached without SSH"):format(p.host),
      }
    end
    local look = trust.look(p, { timeout = ctx.global.timeout })
    local done = trust.decide(ctx, p, look)
    ctx:note(DONE[done]:format(require("profile.record").place(p)))
    return require("json").array(done == "known" and look.keys or trust.known(p, look))
  end,
}
