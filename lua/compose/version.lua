-- compose version: which one this is. No NAS is asked.
return {
  summary = "Show the version of compose, which is the program's",
  group = "compose",
  docker = true,
  flags = {
    { "format", short = "f", type = "string", value = "pretty|json", complete = { "pretty", "json" }, help = "pretty (default) or json" },
    { "short", help = "Only the number" },
  },
  uses = { "compose" },
  examples = { { "compose version" }, { "compose version --short" } },
  run = function(ctx)
    local version = require("cli.version").record().program
    if ctx.flags.short then return version .. "\n" end
    if ctx.flags.format == "json" then return require("json").encode { version = version } .. "\n" end
    return ("qnap-docker compose version %s\n"):format(version)
  end,
}
