-- compose rm: remove stopped containers of services. DELETE /containers/{id}.
local verbs = require "compose.verbs"

local function names(containers)
  local out = {}
  for i, c in ipairs(containers) do out[i] = c.name end
  table.sort(out)
  return out
end

-- Those that will be stopped by then; with --stop the running ones, too.
local function candidates(work)
  local f, states = work.ctx.flags, {}
  for state in pairs(verbs.STOPPED) do states[state] = true end
  for state in pairs(f.stop and verbs.RUNNING or {}) do states[state] = true end
  return work:chosen { states = states, kept = true }
end

local function stopped(work, list)
  local running, out = {}, {}
  for _, c in ipairs(list) do
    local into = verbs.RUNNING[c.state] and running or out
    into[#into + 1] = c
  end
  local done = work:each(work:stopping(), work:levels(running, true), running)
  return table.move(done, 1, #done, #out + 1, out)
end

return {
  summary = "Remove stopped containers of services",
  group = "compose",
  docker = true,
  writes = true,
  description = "Named volumes stay, and without -v anonymous ones, too. What is in no volume is lost.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = {
    { "force", short = "f", help = "Do not ask" },
    { "stop", short = "s", help = "Stop the containers first, where they run" },
    { "volumes", short = "v", help = "Remove their anonymous volumes, too" },
  },
  uses = { "targets", "compose", "dry_run", "confirm" },
  examples = { { "compose rm", "Stopped ones, after a question" }, { "compose rm -sf web", "Also when it runs, without one" } },
  run = function(ctx)
    local f = ctx.flags
    require("compose.work").run(ctx, { known = true, kept = true }, function(work)
      local list = candidates(work)
      if #list == 0 then return ctx:note "No stopped containers" end
      local all = names(list)
      if not f.dry_run then
        ctx:confirm {
          level = 2, items = all, force = f.force,
          question = ("Remove %d container%s of %s?"):format(#all, #all == 1 and "" or "s", work.scope.name),
        }
      end
      list = stopped(work, list)
      if f.force and not f.dry_run and #list > 0 then ctx:out(("Going to remove %s\n"):format(table.concat(names(list), ", "))) end
      work:at_once({
        verb = "remove", doing = "removing", done = "removed",
        run = function(c)
          local _, err = try(function() work.nas:container(c.name):remove { force = f.force, volumes = f.volumes } end)
          if err and err.category ~= "not_found" then error(err, 0) end -- it was started with --rm
        end,
      }, list)
    end)
  end,
}
