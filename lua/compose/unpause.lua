-- compose unpause: let services go on, those first that others depend on. POST /containers/{id}/unpause.
return {
  summary = "Unpause services",
  group = "compose",
  docker = true,
  writes = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  uses = { "targets", "compose", "dry_run" },
  examples = { { "compose unpause", "The whole project goes on where it stood" }, { "compose unpause web" } },
  run = function(ctx)
    require("compose.work").run(ctx, { known = true }, function(work)
      local list = work:chosen { states = { running = true, paused = true } }
      if #list == 0 then work:idle "nothing is paused" end
      work:each({
        verb = "unpause", doing = "unpausing", done = "unpaused", idle = "not paused",
        run = function(c)
          if c.state ~= "paused" then return false end
          work.nas:container(c.name):unpause()
        end,
      }, work:levels(list), list)
    end)
  end,
}
