-- deploy FILE: as in v0.2, now by way of `compose up`.
return {
  summary = "Deploy a compose file (compose up -f FILE)",
  group = "compose",
  writes = true,
  description = "The same as 'compose up -d --wait -f FILE'. On several NASes one after the other, after a question; it stops at the first "
    .. "that fails.",
  args = { { "file", complete = "files", help = "Compose file" } },
  uses = { "targets", "plan", "confirm" },
  flags = {
    { "project", short = "p", type = "string", value = "NAME", alias = { "project-name" }, help = "Name of the project" },
    { "env-file", type = "list", value = "FILE", complete = "files",
      help = "Environment file instead of .env (repeatable, later ones count)" },
    { "compose-profile", type = "list", value = "NAME", help = "Service profile to enable (repeatable; also COMPOSE_PROFILES)" },
    { "wait-timeout", type = "duration", value = "DURATION", default = "120s", plain_seconds = true,
      help = "How long to wait for a service" },
    { "pull", type = "enum", values = { "always", "missing", "never", "policy" }, value = "POLICY", default = "policy",
      help = "Pull images first" },
    { "remove-orphans", help = "Remove containers of services that the file does not have" },
  },
  examples = {
    { "--profile production deploy app.yml" },
    { "deploy app.yml --project shop --env-file prod.env", "Under another name, with other variables" },
    { "deploy app.yml --dry-run", "Only the plan" },
  },
  run = function(ctx)
    local up, f = require "compose.up", ctx.flags
    f.file, f.project_name = { ctx.args.file }, f.project
    if require("ui").is_tty "stderr" then ctx:note "deploy is short for 'compose up -d --wait -f FILE'" end
    local project = require("compose.cli").expanded(ctx)
    ctx:each_target(function(nas)
      up.run(ctx, nas, project, require("compose.up_flags").options(ctx))
    end)
  end,
}
