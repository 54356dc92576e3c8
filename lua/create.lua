-- create: create a container without starting it. POST /containers/create.
local starter = require "create.start"
local flags = require "create.flags"

return {
  summary = "Create a new container",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", complete = "images" }, { "command", variadic = true, optional = true, label = "COMMAND" } },
  flags = flags.create(),
  uses = { "targets", "dry_run" },
  stop_at_first_arg = true,
  examples = { { "create --name web -p 8080:80 nginx", "Prepared; 'qnap-docker start web' runs it" } },
  run = function(ctx)
    ctx:each_target(function(nas)
      local request = starter.request(ctx, nas, ctx.args.command)
      if ctx.flags.dry_run then
        ctx:heading(nas)
        return starter.show(ctx, nas, request, false)
      end
      local guard <close> = starter.guard(ctx, nas, request)
      local id = starter.create(ctx, guard, { start = false })
      guard:done()
      ctx:out(ctx:named(nas, id) .. "\n")
    end)
  end,
}
