---@type cli.Command
return {
  summary = "Log in to a NAS and ask its engine for the version",
  group = "profiles",
  description = "Short for 'does it answer'; doctor looks at everything.",
  args = { { "name", optional = true, complete = "profiles", help = "Profiles to test, as --profile" } },
  uses = { "targets", "output" },
  columns = { { "Host" }, { "Engine" }, { "Version" }, { "API", get = function(row) return row.api end } },
  quiet = "Host",
  examples = { { "profile test production" }, { "profile test --all-profiles" } },
  run = function(ctx)
    if ctx.args.name then
      ctx.global.profile = { ctx.args.name }
    end
    return ctx:each_target(function(nas, p)
      local version = nas:version()
      local row = { host = require("profile.record").address(p), engine = p.engine, version = version.Version, api = version.ApiVersion }
      require("profile.verify").remember(p.name, row)
      return row
    end)
  end,
}
