-- compose build: the images of services with a build section. POST /build, or the NAS's own docker where BuildKit is needed.
return {
  summary = "Build the images of services",
  group = "compose",
  docker = true,
  writes = true,
  description = "Contexts are sent to the engine of the NAS, without what .dockerignore names; services are built beside each other,\n"
    .. "those that others depend on first. What needs BuildKit is built by the docker program of the NAS. --on builds on another NAS, or\n"
    .. "on this machine ('local'), and sends only the image.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services", help = "Only these services" } },
  flags = {
    { "build-arg", type = "list", value = "KEY=VALUE", help = "Value of an ARG, for all services" },
    { "no-cache", help = "Do not use layers of earlier builds" },
    { "pull", help = "Look for newer versions of base images" },
    { "push", help = "Push the images afterwards" },
    { "quiet", short = "q", help = "Print nothing" },
    { "memory", short = "m", type = "string", value = "SIZE", help = "Memory limit of the classic builder" },
    { "with-dependencies", help = "The services that they depend on, too" },
    { "builder", type = "string", value = "MODE", complete = { "auto", "classic", "cli" },
      help = "auto; classic: the engine's builder; cli: the NAS's docker with BuildKit" },
    { "ssh", type = "string", value = "SPEC", help = "Not possible over SSH to a NAS: says so", hidden = true },
    { "on", type = "string", value = "PROFILE|local", complete = "profiles", help = "Build there, and send the image to the NAS" },
  },
  uses = { "compose", "target", "dry_run" },
  examples = {
    { "compose build", "All services that have something to build" },
    { "compose build --pull --no-cache web", "One, from the start" },
    { "compose build --on local", "Here, where processors are faster" },
  },
  run = function(ctx)
    local f = ctx.flags
    local project = require("compose.up").load(ctx, ctx.args.service)
    local names = {}
    for _, name in ipairs(require("compose.chosen").services(project, ctx.args.service, f.with_dependencies)) do
      if require("compose.build").has(project, name) then names[#names + 1] = name end
    end
    if #names == 0 then return ctx:note "no service has something to build" end
    local nas = ctx:target()
    if f.dry_run then
      for _, name in ipairs(names) do
        local build = project.model.services[name].build
        ctx:out(("build %s as %s of %s\n"):format(name, require("compose.body").image(project, name), build.context))
      end
      return
    end
    local built = require("compose.build_all").run(ctx, nas, project, names)
    if built and f.push then require("compose.push").services(ctx, nas, project, names, { quiet = f.quiet }) end
  end,
}
