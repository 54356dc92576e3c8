-- compose down: take a project off a NAS.
local function show_volumes(ctx, nas, state)
  local sizes = {}
  for _, v in ipairs((try(function() return nas:df { types = { "volume" } } end) or {}).Volumes or {}) do
    sizes[v.Name] = (v.UsageData or {}).Size
  end
  for _, name in ipairs(require("compose.tables").sorted(state.volumes)) do
    local size = sizes[name]
    ctx:note(("volume %s (%s) and all that is in it"):format(name, size and size >= 0 and require("units").human_size(size)
      or "size unknown"))
  end
end

-- What is typed behind `down` is a project (SPEC: a service is named by --service).
local function scope_of(ctx)
  local cli, name = require "compose.cli", ctx.args.project
  if not name then return cli.scope(ctx) end
  local here = try(cli.scope, ctx)
  if here and here.name == name then return here end
  if here and here.project and here.project.model.services[name] then
    Error {
      category = "usage", code = "service_not_project", message = ("'%s' is a service of project '%s', not a project"):format(name,
        here.name),
      hint = ("qnap-docker compose down --service %s"):format(name),
    }
  end
  return { name = require("compose").project_name(name), services = {} }
end

return {
  summary = "Stop and remove the containers and networks of a project",
  group = "compose",
  docker = true,
  writes = true,
  asks = true,
  description = "Works without the project's files, too: by labels. Named volumes stay unless --volumes is given, and then the project's "
    .. "name has to be typed (or given with --confirm). External networks and volumes always stay.",
  args = { { "project", optional = true, complete = "compose.projects", help = "Name of the project (default: that of the files here)" } },
  uses = { "compose", "plan", "target", "confirm" },
  flags = {
    { "volumes", short = "v", help = "Remove the project's named volumes, too, with all that is in them" },
    { "rmi", type = "enum", values = { "local", "all" }, value = "WHICH", help = "Remove images: those built here (local), or all" },
    { "timeout", short = "t", type = "int", value = "SECONDS", help = "Seconds to wait before a container is killed" },
    { "remove-orphans", help = "Also containers of services that the files do not have" },
    { "service", type = "list", value = "NAME", complete = "compose.services", help = "Only the containers of this service" },
  },
  examples = {
    { "compose down", "The project of the files here" },
    { "compose down shop", "A project by its name; no file is needed" },
    { "compose down --service web", "Only one service" },
    { "compose down -v --confirm shop", "With its data" },
  },
  run = function(ctx)
    local f = ctx.flags
    local scope = scope_of(ctx)
    local nas = ctx:target()
    local options = {
      services = f.service, volumes = f.volumes, rmi = f.rmi, timeout = f.timeout, remove_orphans = f.remove_orphans,
    }
    local plan, state = require("compose.down").plan(nas, scope, options, ctx.spec.name)
    if f.volumes and next(state.volumes) then
      show_volumes(ctx, nas, state)
      plan.confirm = { level = 3, question = ("Remove project '%s' with its volumes?"):format(scope.name), name = scope.name,
        force = false }
    end
    local run = ctx:apply(plan)
    if not run then return end
    local errors = {}
    for i, failure in ipairs(run.failed) do errors[i] = failure.err end
    require("cli.items").report(ctx, errors)
    if #errors == 0 then ctx:note(("%s on %s is down"):format(scope.name, nas.name)) end
  end,
}
