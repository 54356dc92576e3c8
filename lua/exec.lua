-- exec: run a command in a running container. POST /containers/{id}/exec, /exec/{id}/start.
local pump = require "attach.pump"
local execs = require "attach.exec"

local PARTIAL = 7 -- several NASes, and not the same exit code on all

local function prepare(ctx)
  local f = ctx.flags
  local command, shell = execs.command(ctx.args.command, "exec CONTAINER COMMAND [ARG...]")
  if shell then f.interactive, f.tty = true, true end
  if not f.detach then pump.check_tty(f) end
  return command
end

-- What to do about a container that does not run.
local function begin(nas, name, options)
  local exec, err = try(function() return nas:container(name):exec(options) end)
  if err and err.code == "not_running" then
    err.hint = ("qnap-docker start %s\nor look into its volumes: run --rm -it --volumes-from %s IMAGE"):format(name, name)
  end
  return exec or error(err, 0)
end

local function one(ctx, nas, command)
  local f = ctx.flags
  f.detach_keys = require("attach.keys").chosen(f.detach_keys)
  local exec = begin(nas, ctx.args.container, execs.options(f, command))
  if f.detach then return exec:start { detach = true } end
  ctx:heading(nas)
  local code = execs.run(exec, f)
  ctx:exit(code and ctx.code and ctx.code ~= code and PARTIAL or code or 0)
end

return {
  summary = "Execute a command in a running container",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers.running" }, { "command", variadic = true, optional = true, label = "COMMAND" } },
  flags = {
    { "detach", short = "d", help = "Run in the background" },
    { "interactive", short = "i", help = "Keep stdin open" },
    { "tty", short = "t", help = "Allocate a pseudo-TTY" },
    { "env", short = "e", type = "list", value = "K=V", help = "Set environment variables" },
    { "env-file", type = "list", value = "FILE", complete = "files", help = "Read environment variables from a file" },
    { "user", short = "u", type = "string", value = "USER", help = "User name or uid, with group: USER[:GROUP]" },
    { "workdir", short = "w", type = "string", value = "DIR", help = "Working directory" },
    { "privileged", help = "Give extended privileges to the command" },
    { "detach-keys", type = "string", value = "KEYS", help = "Key sequence that detaches (ctrl-p,ctrl-q)" },
  },
  uses = { "targets" },
  stop_at_first_arg = true,
  examples = {
    { "exec web", "The best shell the container has, on a terminal" },
    { "exec -it web sh", "A given one" },
    { "exec -i db psql -U app < dump.sql", "With our stdin" },
  },
  run = function(ctx)
    local command = prepare(ctx)
    require("create.start").with_exit_code(1, function()
      if not ctx.flags.interactive and not ctx.flags.tty then
        ctx:each_target(function(nas) one(ctx, nas, command) end)
      else
        one(ctx, ctx:target(), command)
      end
    end)
  end,
}
