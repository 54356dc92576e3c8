-- compose push: send the images of services to their registries. POST /images/{name}/push.
return {
  summary = "Push the images that services build",
  group = "compose",
  docker = true,
  writes = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services", help = "Only these services" } },
  flags = {
    { "ignore-push-failures", help = "Push what can be pushed, and warn of the others" },
    { "include-deps", help = "The services that they depend on, too" },
    { "quiet", short = "q", help = "No progress" },
  },
  uses = { "compose", "target", "dry_run" },
  examples = { { "compose push", "All images that are built" }, { "compose push web", "One" } },
  run = function(ctx)
    local f = ctx.flags
    local project = require("compose.up").load(ctx, ctx.args.service)
    local names = require("compose.chosen").services(project, ctx.args.service, f.include_deps)
    local push, nas = require "compose.push", ctx:target()
    if f.dry_run then
      for _, name in ipairs(names) do
        for _, ref in ipairs(push.references(project, name)) do ctx:out(("push %s of %s\n"):format(ref, name)) end
      end
      return
    end
    push.services(ctx, nas, project, names, { quiet = f.quiet, ignore_failures = f.ignore_push_failures })
  end,
}
