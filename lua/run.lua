-- run: create and start a container. In the foreground with a command or -i/-t/-a/--rm, else in the background.
local starter = require "create.start"
local flags = require "create.flags"

local function wants_foreground(ctx, command)
  if ctx.flags.detach then return false end
  return #command > 0 or ctx.flags.interactive or ctx.flags.tty or ctx.flags.rm or #ctx.flags.attach > 0 or ctx.given.entrypoint
end

-- v0.2 gave the command as --command.
local function command_of(ctx)
  if #ctx.args.command > 0 then return ctx.args.command end
  return ctx.flags.command
end

local function published(nas, id)
  local c = nas:container(id):inspect()
  local host = nas.profile.host
  if not host or host == "local" or host:find "^unix://" then host = "localhost" end
  local seen, out = {}, {}
  for port, bindings in pairs(c.NetworkSettings.Ports or {}) do
    for _, b in ipairs(type(bindings) == "table" and bindings or {}) do
      local url = port:find "/tcp$" and ("http://%s:%s"):format(host, b.HostPort)
      if url and not seen[url] then
        seen[url] = true
        out[#out + 1] = url
      end
    end
  end
  table.sort(out)
  return c.Name:gsub("^/", ""), out
end

local function background(ctx, nas, request)
  local guard <close> = starter.guard(ctx, nas, request)
  local id = starter.create(ctx, guard, { prove = true })
  local _, err = try(starter.start, guard)
  if not err or err.container_kept then ctx:out(ctx:named(nas, id) .. "\n") end
  if err then error(err, 0) end
  if require("ui").is_tty "stderr" then
    local name, urls = published(nas, id)
    local next_step = "; follow it with 'qnap-docker logs -f " .. name .. "'"
    ctx:note(name .. " runs" .. (#urls > 0 and ": " .. table.concat(urls, " ") or next_step))
  end
end

local function foreground(ctx, nas, request)
  local f = ctx.flags
  local pump = require "attach.pump"
  pump.check_tty(f)
  if f.tty then request.body.HostConfig.ConsoleSize = pump.console_size() end
  local guard <close> = starter.guard(ctx, nas, request)
  local id = starter.create(ctx, guard)
  ctx:exit(require("attach.foreground").run(nas, id, {
    tty = f.tty, stdin = request.body.AttachStdin, stdout = request.body.AttachStdout, stderr = request.body.AttachStderr,
    stdin_once = request.body.StdinOnce, auto_remove = f.rm, detach_keys = f.detach_keys, sig_proxy = f.sig_proxy,
    start = function() starter.start(guard) end,
  }) or 0)
end

return {
  summary = "Create and run a new container",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", complete = "images" }, { "command", variadic = true, optional = true, label = "COMMAND" } },
  flags = flags.run(),
  uses = { "targets", "dry_run" },
  stop_at_first_arg = true,
  after_args = {
    "name", "port", "volume", "env", "restart", "network", "workdir", "user", "command", "memory", "cpus", "swap",
    unless = "entrypoint",
  },
  examples = {
    { "run nginx --port 8080:80", "In the background, published on port 8080 of the NAS" },
    { "run -d --name web -p 8080:80 -v ./site:/usr/share/nginx/html nginx", "With a directory under the NAS's data_root" },
    { "run --rm -it alpine sh", "A shell in a fresh container that goes away afterwards" },
    { "run -d --name db --memory 512m --cpus 0.5 --swap 1g postgres:16", "With limits" },
  },
  run = function(ctx)
    local command = command_of(ctx)
    return starter.with_exit_code(125, function()
      if not ctx.flags.dry_run and wants_foreground(ctx, command) then
        local nas = ctx:target()
        return foreground(ctx, nas, starter.request(ctx, nas, command))
      end
      ctx:each_target(function(nas)
        local request = starter.request(ctx, nas, command)
        if ctx.flags.dry_run then
          ctx:heading(nas)
          return starter.show(ctx, nas, request, true)
        end
        -- Nobody watches: the streams are not attached.
        request.body.AttachStdin, request.body.AttachStdout, request.body.AttachStderr = false, false, false
        request.body.StdinOnce = false
        background(ctx, nas, request)
      end)
    end)
  end,
}
