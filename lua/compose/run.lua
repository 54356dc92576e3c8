-- compose run: a one-off container of a service, with another command. POST /containers/create and what run does.
local oneoff = require "compose.oneoff"
local tables = require "compose.tables"

-- What it depends on runs, and is as its conditions want it.
local function start_dependencies(ctx, nas, project, name)
  local depends = project.model.services[name].depends_on or {}
  local names = tables.sorted(depends)
  if ctx.flags.no_deps or #names == 0 then return end
  require("compose.up").services(ctx, nas, project, names)
  require("compose.conditions").wait(ctx, nas, project.name, name, depends)
end

local function build(ctx, nas, project, name)
  local service = project.model.services[name]
  if not service.build then return end
  local there = nas:image(require("compose.body").image(project, name)):exists()
  if there and not ctx.flags.build and service.pull_policy ~= "build" then return end
  ctx:step("build " .. name, function(item)
    require("compose.build").service(ctx, nas, project, name, { log = function(line) item:update { msg = line } end })
  end)
  if ctx.display then ctx.display:close() end
  ctx.display = nil
end

local function remove_orphans(nas, project)
  for _, c in ipairs(require("compose.observe").list(nas, project.name)) do
    if not project.model.services[c.service] and not (project.disabled or {})[c.service] then
      nas:container(c.id):remove { force = true }
    end
  end
end

-- Files, image, networks and volumes reach the NAS.
local function ensure(ctx, nas, p)
  for _, line in ipairs(p.notes) do ctx:warn(line) end
  if #p.plan.steps == 0 then return end
  local lock <close> = require("compose.store").lock(nas, p.project.name, { wait = ctx.global.lock_wait, what = p.plan.command })
  local run = lock and ctx:apply(p.plan, { asked = true, quiet = ctx.flags.quiet_pull })
  if run and #run.failed > 0 then error(run.failed[1].err, 0) end
end

local function show(ctx, nas, p, name)
  local body = require("plan.secrets").copy((oneoff.body(p, name, ctx.flags, nas)))
  body.Env = require("create.env").shown(body.Env)
  local depends = tables.sorted(p.project.model.services[name].depends_on or {})
  if #depends > 0 and not ctx.flags.no_deps then ctx:note("started before it, where needed: " .. table.concat(depends, ", ")) end
  if #p.plan.steps > 0 then ctx:note(require("plan.show").text(p.plan)) end
  ctx:out(require("json").encode(body, { indent = 2 }) .. "\n")
end

local function start(ctx, nas, p, name)
  local f = ctx.flags
  local guard <close> = require("create.start").guard(ctx, nas, {})
  guard.id = oneoff.create(nas, p, name, f)
  if ctx.display then ctx.display:close() end
  if f.detach then
    require("create.start").start(guard)
    return ctx:out(guard.id .. "\n")
  end
  ctx:exit(require("attach.foreground").run(nas, guard.id, {
    tty = f.tty, stdin = f.interactive, stdout = true, stderr = true, stdin_once = f.interactive, auto_remove = f.rm, sig_proxy = true,
    start = function() require("create.start").start(guard) end,
  }) or 0)
end

-- What follows from the flags, and from where the command runs.
local function prepare(ctx, project, name)
  local f, pump = ctx.flags, require "attach.pump"
  f.command = ctx.args.command
  f.tty = not f.no_tty and not f.detach and pump.is_terminal()
  local made, slug = oneoff.name(project, name)
  f.name, f.slug = f.name or made, slug
  return oneoff.project(project, name, f)
end

local function list(name, short, value, help) return { name, short = short, type = "list", value = value, help = help } end

return {
  summary = "Run a command in a container of its own of a service",
  group = "compose",
  docker = true,
  writes = true,
  description = "The container has the service's settings, networks and volumes, but neither its published ports (--service-ports) nor\n"
    .. "its names in the networks (--use-aliases). What the service depends on is started first. On a terminal the command has\n"
    .. "one, too, unless -T says otherwise; the exit code is the command's.",
  args = {
    { "service", complete = "compose.services" }, { "command", variadic = true, optional = true, label = "COMMAND" },
  },
  flags = {
    { "detach", short = "d", help = "Run in the background, and print the container's id" },
    { "rm", help = "Remove the container when it ends" },
    list("env", "e", "K=V", "Set environment variables"),
    list("label", "l", "K=V", "Add or replace labels"),
    { "entrypoint", type = "string", value = "WORDS", help = "Another entrypoint" },
    { "name", type = "string", value = "NAME", help = "Name of the container" },
    { "user", short = "u", type = "string", value = "USER", help = "User name or uid, with group: USER[:GROUP]" },
    { "workdir", short = "w", type = "string", value = "DIR", help = "Working directory" },
    list("volume", "v", "SOURCE:TARGET", "Mount a volume, or a directory of the NAS"),
    list("publish", "p", "PORT:PORT", "Publish a port"),
    { "service-ports", short = "P", help = "Publish the service's ports" },
    { "use-aliases", help = "The service's names in its networks, too" },
    { "no-deps", help = "Do not start what the service depends on" },
    { "no-tty", short = "T", alias = { "no-TTY" }, help = "No terminal for the command" },
    { "interactive", short = "i", default = true, help = "Keep stdin open" },
    { "tty", short = "t", hidden = true, help = "As without -T" },
    { "build", help = "Build the image first" },
    { "quiet-pull", help = "No pull output" },
    list("cap-add", nil, "CAP", "Add Linux capabilities"),
    list("cap-drop", nil, "CAP", "Drop Linux capabilities"),
    { "remove-orphans", help = "Remove containers of services that the files do not have" },
  },
  uses = { "compose", "target", "dry_run" },
  stop_at_first_arg = true,
  examples = {
    { "compose run --rm web sh", "A shell with the service's settings" },
    { "compose run --rm -T db pg_dump -h db app > dump.sql", "Output as it is" },
    { "compose run -d --service-ports web", "In the background, with the service's ports" },
  },
  run = function(ctx)
    require("create.start").with_exit_code(1, function()
      local name = ctx.args.service
      local project = require("compose.up").load(ctx, { name })
      require("compose.chosen").services(project, { name })
      local own = prepare(ctx, project, name)
      local nas = ctx:target()
      if ctx.flags.dry_run then return show(ctx, nas, oneoff.plan(nas, own, name, ctx.spec.name), name) end
      build(ctx, nas, project, name)
      start_dependencies(ctx, nas, project, name)
      if ctx.flags.remove_orphans then remove_orphans(nas, project) end
      local p = oneoff.plan(nas, own, name, ctx.spec.name)
      ensure(ctx, nas, p)
      start(ctx, nas, p, name)
    end)
  end,
}
