-- start: start stopped containers; -a shows their output and gives their exit code.
local starter = require "create.container"
local selection = require "listing.selection"

local function several(verb)
  Error { category = "usage", code = "one_only", message = ("you cannot %s multiple containers at once"):format(verb), exit_code = 1 }
end

-- Where it goes on from; docker asks for an experimental engine, as the engine itself does.
local function checkpoint(ctx, nas)
  local f = ctx.flags
  local flag = f.checkpoint and "--checkpoint" or f.checkpoint_dir and "--checkpoint-dir"
  if not flag then return nil end
  if not nas:ping().experimental then
    Error {
      category = "unsupported", code = "experimental_only", message = ("%s needs an engine with experimental features"):format(flag),
      why = ("those of the engine of %s are off"):format(nas.name), hint = '"experimental": true in the engine\'s configuration, and CRIU',
      exit_code = 1,
    }
  end
  return { checkpoint = f.checkpoint, checkpoint_dir = f.checkpoint_dir }
end

local function one(ctx, nas, name)
  local started, err = try(function() return nas:container(name):start(checkpoint(ctx, nas)) end)
  if err then error(starter.explain(nas, err), 0) end
  if not started and require("ui").is_tty "stderr" then ctx:note(("%s was running already"):format(name)) end
  if ctx.flags.wait then require("listing.wait").running(nas, name) end
  return name
end

local function attached(ctx, nas, name)
  local f = ctx.flags
  local from = checkpoint(ctx, nas)
  local c = nas:container(name):inspect()
  local running = c.State.Running
  if f.interactive and c.Config.Tty then require("attach.pump").check_tty { tty = true, interactive = true } end
  local code = require("attach.foreground").run(nas, c.Id, {
    tty = c.Config.Tty, stdin = f.interactive and c.Config.OpenStdin, stdout = true, stderr = true, stdin_once = c.Config.StdinOnce,
    auto_remove = c.HostConfig.AutoRemove, detach_keys = f.detach_keys, sig_proxy = f.attach,
    start = function()
      if not running then nas:container(c.Id):start(from) end
    end,
  })
  return ctx:exit(code or 0)
end

return {
  summary = "Start one or more stopped containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.stopped", optional = true } },
  flags = {
    { "attach", short = "a", help = "Show output, pass signals on, give the exit code" },
    { "interactive", short = "i", help = "Attach our stdin" },
    { "detach-keys", type = "string", value = "KEYS", help = "Key sequence that detaches (ctrl-p,ctrl-q)" },
    { "checkpoint", type = "string", value = "NAME", help = "Go on from this checkpoint (experimental engines)" },
    { "checkpoint-dir", type = "string", value = "DIR", help = "Where checkpoints are kept (experimental engines)" },
    { "all", help = "All stopped containers" },
    { "wait", help = "Wait until they are healthy, or running" },
    table.unpack(selection.flags(), 2),
  },
  uses = { "targets", "confirm" },
  examples = { { "start web db", "Two containers" }, { "start -ai shell", "With our terminal" } },
  run = function(ctx)
    local options = { verb = "start", states = { "exited", "created" } }
    local f = ctx.flags
    if f.checkpoint and (#ctx.args.container > 1 or f.all or f.project) then several "restore" end
    if not f.attach and not f.interactive then
      return selection.each(ctx, options, function(nas, name) return one(ctx, nas, name) end)
    end
    local nas = ctx:target()
    local names = selection.names(ctx, nas, options)
    if #names > 1 then several "start and attach" end
    return require("create.start").with_exit_code(1, attached, ctx, nas, names[1])
  end,
}
