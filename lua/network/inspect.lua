-- network inspect: GET /networks/{id}.
return {
  summary = "Show everything about networks",
  group = "networks",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "network", variadic = true, complete = "networks" } },
  flags = { { "verbose", short = "v", help = "Diagnostics of swarm networks" } },
  uses = { "targets", "format" },
  pager = true,
  examples = {
    { "network inspect bridge" },
    { "network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{println}}{{end}}' web", "Who is in it, with addresses" },
  },
  run = function(ctx)
    require("cli.inspecting").run(ctx, "network", ctx.args.network, function(nas, name)
      return nas:network(name):inspect { raw = true, verbose = ctx.flags.verbose }
    end)
  end,
}
