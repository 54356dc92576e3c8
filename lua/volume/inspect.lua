-- volume inspect: GET /volumes/{name}.
return {
  summary = "Show everything about volumes",
  group = "volumes",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "volume", variadic = true, complete = "volumes" } },
  uses = { "targets", "format" },
  pager = true,
  examples = { { "volume inspect data" }, { "volume inspect -f '{{.Mountpoint}}' data", "Where its files are on the NAS" } },
  run = function(ctx)
    require("cli.inspecting").run(ctx, "volume", ctx.args.volume, function(nas, name)
      return nas:volume(name):inspect { raw = true }
    end)
  end,
}
