-- compose use: the project that commands mean where there is no compose file. Kept in our own state; no NAS is asked.
return {
  summary = "Choose the project that is meant where there is no compose file",
  group = "compose",
  description = "A file in the current directory, -p and COMPOSE_PROJECT_NAME come before it.",
  args = { { "project", optional = true, complete = "compose.projects", help = "Name; without one the chosen project is shown" } },
  flags = { { "none", help = "Choose none any more" } },
  uses = { "dry_run" },
  examples = {
    { "compose use shop", "From now on 'compose ps' shows it in every directory without a compose file" },
    { "compose use --none" },
  },
  run = function(ctx)
    local default, name = require "compose.default", ctx.args.project
    local was = default.get()
    if ctx.flags.none and name then
      Error {
        category = "usage", code = "conflicting_flags", message = "--none takes no name", hint = "qnap-docker compose use " .. name,
      }
    elseif not name and not ctx.flags.none then
      if was then return ctx:out(was .. "\n") end
      Error {
        category = "not_found", code = "no_project", message = "no project is chosen",
        hint = "qnap-docker compose use NAME\nqnap-docker compose ls shows them",
      }
    end
    if name and require("compose").project_name(name) ~= name then
      Error {
        category = "usage", code = "bad_project_name", message = ("'%s' is no name of a project"):format(name),
        why = "it has lower case letters, digits, '-' and '_', and begins with a letter or digit",
      }
    end
    if not ctx.flags.dry_run then default.set(name) end
    ctx:note(("%s -> %s"):format(was or "none", name or "none"))
  end,
}
