-- stop: stop running containers. POST /containers/{id}/stop.
local selection = require "listing.selection"

-- A person sees what docker keeps to itself: that nothing was to be done, or that it had to be killed.
local function tell(ctx, nas, name, stopped)
  if not require("ui").is_tty "stderr" then return end
  if not stopped then return ctx:note(("%s was not running"):format(name)) end
  local c = try(function() return nas:container(name):inspect() end) -- gone already, where it was started with --rm
  local code = c and c.State.ExitCode or 0
  if code ~= 0 then ctx:note(("%s ended with exit code %d%s"):format(name, code, code == 137 and ": it was killed" or "")) end
end

return {
  summary = "Stop one or more running containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.running", optional = true } },
  flags = selection.stop_flags "stopped",
  uses = { "targets", "confirm" },
  examples = {
    { "stop web", "One container" },
    { "stop -t 30 db", "With half a minute to finish" },
    { "stop --project shop", "Those of a compose project" },
  },
  run = function(ctx)
    selection.each(ctx, { verb = "stop", states = { "running", "paused", "restarting" } }, function(nas, name)
      local stopped = nas:container(name):stop { timeout = ctx.flags.timeout, signal = selection.signal(ctx, nas) }
      tell(ctx, nas, name, stopped)
      if ctx.flags.wait then require("listing.wait").stopped(nas, name) end
      return name
    end)
  end,
}
