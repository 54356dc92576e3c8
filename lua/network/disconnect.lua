-- network disconnect: POST /networks/{id}/disconnect.
return {
  summary = "Take a container out of a network",
  group = "networks",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "network", complete = "networks" }, { "container", complete = "containers" } },
  flags = { { "force", short = "f", help = "Also one that does not run any more, or is gone" } },
  uses = { "targets" },
  examples = { { "network disconnect backend web" } },
  run = function(ctx)
    ctx:each_target(function(nas)
      nas:network(ctx.args.network):disconnect(ctx.args.container, { force = ctx.flags.force })
    end)
  end,
}
