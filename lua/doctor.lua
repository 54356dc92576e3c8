-- One report as JSON says it: without the error object, which its step tells.
local function plain(report, p)
  local shown = require("nas.report").redacted(report, p)
  shown.err = nil
  return shown
end

---@type cli.Command
return {
  summary = "Check the way to a NAS and what it can do, and say how to mend what is wrong",
  group = "set-up",
  description = "Goes through the same list as init and changes nothing. Exit code 8 when something failed. "
    .. "--json is for support tickets: names, addresses and key fingerprints are taken out.",
  args = { { "profile", optional = true, complete = "profiles", help = "Profiles to check, as --profile" } },
  uses = { "targets", "json" },
  examples = { { "doctor" }, { "doctor production" }, { "doctor --all-profiles --json", "For a support ticket" } },
  run = function(ctx)
    local profile, checklist, report = require "profile", require "nas.checklist", require "nas.report"
    local selectors = ctx.args.profile and { ctx.args.profile } or ctx.global.profile
    local names = profile.resolve(selectors, { all = ctx.global.all_profiles })
    local style, out = require("ui").style "stdout", {}
    for _, name in ipairs(names) do
      local p = profile.get(name, { engine = ctx.global.engine })
      if not ctx.flags.json then
        ctx:out(("%s (%s)\n"):format(name, require("profile.record").address(p)))
      end
      local result = checklist.run(p, {
        timeout = ctx.global.timeout,
        on_step = not ctx.flags.json and function(step)
          ctx:out(report.line(step, style))
        end or nil,
      })
      if result.ok then
        profile.remember(name, require("nas.setup").state(result))
      else
        ctx:exit(8)
      end
      out[#out + 1] = plain(result, p)
    end
    return ctx.flags.json and require("json").array(out) or nil
  end,
}
