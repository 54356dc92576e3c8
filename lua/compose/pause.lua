-- compose pause: freeze all processes of services, those first that depend on others. POST /containers/{id}/pause.
return {
  summary = "Pause services",
  group = "compose",
  docker = true,
  writes = true,
  description = "What depends on others is paused before these. What is paused already stays so.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  uses = { "targets", "compose", "dry_run" },
  examples = { { "compose pause", "The whole project stands still and keeps its memory" }, { "compose pause web" } },
  run = function(ctx)
    require("compose.work").run(ctx, { known = true }, function(work)
      local list = work:chosen { states = { running = true, paused = true } }
      if #list == 0 then work:idle "nothing runs" end
      work:each({
        verb = "pause", doing = "pausing", done = "paused", idle = "already paused",
        run = function(c)
          if c.state == "paused" then return false end
          local _, err = try(function() work.nas:container(c.name):pause() end)
          if err then error(require "nas.freezer"(err, work.nas, c.name), 0) end
        end,
      }, work:levels(list, true), list)
    end)
  end,
}
