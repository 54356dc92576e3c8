---@type cli.Command
return {
  summary = "Show the Lua of a recipe",
  group = "automation",
  args = { { "recipe", complete = "recipes", help = "Its name, or a file" } },
  pager = true,
  examples = { { "recipe show port-map" }, { "recipe show port-map > my-ports.lua", "A copy to change" } },
  run = function(ctx)
    local recipe = require("recipe").find(ctx.args.recipe)
    local clean = require("ui").is_tty "stdout" and require("ui.text").clean or function(text) return text end
    ctx:out(clean(recipe.text, true))
  end,
}
