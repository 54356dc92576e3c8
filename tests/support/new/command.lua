-- @WORDS@: what it does to which objects, and the Engine API calls it makes.
---@type cli.Command
return {
  summary = "Say in one line what @WORDS@ does",
  group = "containers",
  args = { { "container", variadic = true, complete = "containers" } },
  flags = {
    { "force", short = "f", help = "Do it although it runs" },
  },
  uses = { "targets" },
  examples = { { "@WORDS@ web", "What this example does" } },
  run = function(ctx)
    local nas = ctx:target()
    ctx:each_item(ctx.args.container, function(name)
      return nas:container(name):inspect().Name:gsub("^/", "")
    end)
  end,
}
