---@type cli.Command
return {
  summary = "Run a recipe",
  group = "automation",
  description = "The same as qnap-docker NAME; also of a file anywhere.",
  stop_at_first_arg = true,
  args = { { "recipe", complete = "recipes", help = "Its name, or a file" }, { "argument", variadic = true, optional = true } },
  examples = { { "recipe run port-map --profile '*'" }, { "recipe run ./mine.lua" } },
  run = function(ctx)
    local recipe = require("recipe").find(ctx.args.recipe)
    local words = ctx.args.recipe:find "[/.]" and { "recipe", "run", ctx.args.recipe } or { recipe.name }
    local spec = require("cli.command").build(require("recipe").load(recipe), words)
    local parsed = require("cli.parse").parse(spec, ctx.rest, ctx.base)
    if parsed.flags.help then return require("cli.help").command(spec, require("ui").width()) end
    ctx:exit(require("cli.context").run(spec, parsed, ctx.base))
  end,
}
