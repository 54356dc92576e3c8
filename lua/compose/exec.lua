-- compose exec: run a command in a running container of a service. POST /containers/{id}/exec, /exec/{id}/start.
local execs = require "attach.exec"
local replica = require "compose.replica"

local function not_running_hint(ctx)
  local words = { "run --rm " .. ctx.args.service }
  for _, word in ipairs(ctx.args.command) do words[#words + 1] = require("ssh").quote(word) end
  return ("qnap-docker compose %s\nor start it: qnap-docker compose up -d %s"):format(table.concat(words, " "), ctx.args.service)
end

-- A terminal, where there is one and none of -T, -d and --all is given.
local function prepare(ctx)
  local f = ctx.flags
  if f.all and (f.detach or f.index) then
    Error {
      category = "usage", code = "conflicting_flags", exit_code = 1,
      message = "--all does not go with " .. (f.detach and "-d" or "--index"),
      why = "every container of the service is meant, and their outputs are shown", hint = "qnap-docker compose exec --help",
    }
  end
  f.tty = not f.no_tty and not f.detach and not f.all and require("attach.pump").is_terminal()
  return execs.command(ctx.args.command, "compose exec SERVICE COMMAND [ARG...]")
end

-- In all at once; each line bears its container's name. One exit code where all have the same.
local function in_all(ctx, nas, containers, command)
  local f = ctx.flags
  f.interactive = false
  local runs = {}
  for i, c in ipairs(containers) do runs[i] = { nas = nas, name = c.name, label = require("compose.logs").label(c) } end
  local write = require("logs.show").prefixed(runs)
  local codes = require("task").map(runs, function(run)
    local exec = nas:container(run.name):exec(execs.options(f, command))
    local session <close> = exec:start()
    write(run, function() return session:read() end)
    return exec:exit_code()
  end, { limit = #runs })
  local same = codes[1]
  for _, code in ipairs(codes) do same = code == same and same or 7 end
  ctx:exit(same)
end

local function in_one(ctx, nas, container, command)
  local f = ctx.flags
  f.detach_keys = require("attach.keys").chosen(nil)
  local exec = nas:container(container.id):exec(execs.options(f, command))
  if f.detach then return exec:start { detach = true } end
  ctx:exit(execs.run(exec, f) or 0)
end

return {
  summary = "Execute a command in a running container of a service",
  group = "compose",
  docker = true,
  writes = true,
  description = "In the service's first container that runs, or in all of them (--all). On a terminal the command has one, too,\n"
    .. "unless -T says otherwise; without a command the best shell is opened. The exit code is the command's.",
  args = {
    { "service", complete = "compose.services" }, { "command", variadic = true, optional = true, label = "COMMAND" },
  },
  flags = {
    { "index", type = "int", value = "N", min = 1, help = "The service's container of this number" },
    { "all", help = "In every container of the service that runs, their names in front of lines" },
    { "detach", short = "d", help = "Run in the background" },
    { "no-tty", short = "T", alias = { "no-TTY" }, help = "No terminal for the command" },
    { "interactive", short = "i", default = true, hidden = true, help = "Keep stdin open" },
    { "tty", short = "t", hidden = true, help = "As without -T" },
    { "env", short = "e", type = "list", value = "K=V", help = "Set environment variables" },
    { "user", short = "u", type = "string", value = "USER", help = "User name or uid, with group: USER[:GROUP]" },
    { "workdir", short = "w", type = "string", value = "DIR", help = "Working directory" },
    { "privileged", help = "Give extended privileges to the command" },
  },
  uses = { "compose", "target" },
  stop_at_first_arg = true,
  examples = {
    { "compose exec web", "The best shell the container has, on a terminal" },
    { "compose exec -T db pg_dump -U app > dump.sql", "Output as it is" },
    { "compose exec --all web nginx -s reload", "In every container of a service" },
  },
  run = function(ctx)
    require("create.start").with_exit_code(1, function()
      local f, service = ctx.flags, ctx.args.service
      local command = prepare(ctx)
      local scope = require("compose.cli").scope(ctx, { service })
      local nas = ctx:target()
      local containers = replica.running(scope, require("compose.observe").list(nas, scope.name), service, f.index, not_running_hint(ctx))
      if f.all then return in_all(ctx, nas, containers, command) end
      in_one(ctx, nas, containers[1], command)
    end)
  end,
}
